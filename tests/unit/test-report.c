// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report worker with the engine played to it: its notification is read
 * back by python's email package.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/status.h"
#include "daemon/worker/report-original.h"
#include "daemon/worker/report-text.h"
#include "tests/unit/worker-peer.h"

#define LARGE (25 * 1024 * 1024)
#define MAX_RSS_KIB (12 * 1024)

#define ORIGINAL                                                   \
	"From: ada@x.example\r\nMessage-ID: <1@x.example>\r\n"     \
	"Subject: Offer\r\n\r\nfirst line\r\n.dot\r\nlast line\r\n"

static char *
from_top(const char *variable, const char *name)
{
	const char *top = g_getenv(variable);

	return g_build_filename(top ? top : ".", name, NULL);
}

typedef struct {
	guint number;
	const char *address, *original;
	guint code;
	const char *enhanced, *text, *why, *host;
} Row;

static GVariant *
make_row(const Row *row)
{
	g_autoptr(Status) status =
		status_new(OUTCOME_FAILED, FAULT_RECIPIENT, row->code,
			   row->enhanced, row->text, row->why);
	GVariantDict dict;

	g_free(status->host);
	status->host = g_strdup(row->host);
	g_variant_dict_init(&dict, status_to_variant(status));
	g_variant_dict_insert(&dict, "number", "u", row->number);
	g_variant_dict_insert(&dict, "address", "s", row->address);
	g_variant_dict_insert(&dict, "orcpt", "s",
			      row->original ? row->original : "");
	g_variant_dict_insert(&dict, "last-try", "x", (gint64)1700000000);
	return g_variant_dict_end(&dict);
}

static GVariant *
make_job(const Row *table, guint n, const char *const *option_pairs)
{
	GVariantBuilder rows, options;
	GVariantDict job;

	g_variant_builder_init(&rows, G_VARIANT_TYPE("aa{sv}"));
	g_variant_builder_init(&options, G_VARIANT_TYPE("a{ss}"));
	for (guint i = 0; i < n; i++)
		g_variant_builder_add_value(&rows, make_row(&table[i]));
	for (; option_pairs && *option_pairs; option_pairs += 2)
		g_variant_builder_add(&options, "{ss}", option_pairs[0],
				      option_pairs[1]);
	g_variant_dict_init(&job, NULL);
	g_variant_dict_insert(&job, "kind", "s", "bounce");
	g_variant_dict_insert(&job, "id", "s", "1-0000");
	g_variant_dict_insert(&job, "sender", "s", "ada@x.example");
	g_variant_dict_insert(&job, "to", "s", "ada@x.example");
	g_variant_dict_insert(&job, "arrived", "x", (gint64)1700000000);
	g_variant_dict_insert_value(&job, "statuses",
				    g_variant_builder_end(&rows));
	g_variant_dict_insert_value(&job, "options",
				    g_variant_builder_end(&options));
	return g_variant_ref_sink(g_variant_dict_end(&job));
}

static WorkerPeer *
make_peer(GVariant *job, const char *bytes, gsize size)
{
	WorkerPeer *peer = worker_peer_new(
		from_top("top_builddir", "daemon/worker/report"));

	peer->name = "1-0000";
	peer->config = "[General]\nHostName=laptop.example\n";
	peer->job = job;
	peer->bytes = bytes;
	peer->size = size;
	return peer;
}

/* What python read, its dates left out. */
static char *
parse(const GByteArray *data)
{
	g_autofree char *script =
		from_top("top_srcdir", "tests/unit/parse-report.py");
	const char *python = g_getenv("PYTHON3");
	char *argv[] = { g_strdup(python ? python : "python3"), script, NULL,
			 NULL };
	char *out = NULL, *err = NULL;
	int fd = g_file_open_tmp("report-XXXXXX", &argv[2], NULL), status = -1;

	ck_assert_int_eq(write(fd, data->data, data->len), data->len);
	close(fd);
	ck_assert(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
			       NULL, &out, &err, &status, NULL));
	ck_assert_msg(status == 0, "%s\n%.*s", err, (int)data->len,
		      (char *)data->data);
	unlink(argv[2]);
	g_free(argv[0]);
	g_free(argv[2]);
	g_free(err);
	return out;
}

static void
assert_says(const char *parsed, const char *line)
{
	g_autofree char *whole = g_strconcat("\n", line, "\n", NULL);
	g_autofree char *text = g_strconcat("\n", parsed, NULL);

	ck_assert_msg(strstr(text, whole), "no “%s” in\n%s", line, parsed);
}

static const Row two[] = {
	{ 0, "bob@y.example", "rfc822;bobby@y.example", 550, "5.1.1",
	  "550 5.1.1 no such user", "The address does not exist.",
	  "mx.y.example:25" },
	{ 3, "eve@z.example", NULL, 0, "4.4.1", "connect: timed out",
	  "No server of z.example answered for 5 days.", "" },
};

START_TEST(a_report_is_understood_by_strangers)
{
	static const char *const options[] = { "subject", "Offer", "envid",
					       "env=1", NULL };
	WorkerPeer *peer = make_peer(make_job(two, 2, options), ORIGINAL,
				     strlen(ORIGINAL));
	g_autofree char *parsed = NULL;

	worker_peer_run(peer);
	ck_assert_int_eq(peer->exit_code, 0);
	parsed = parse(peer->data);
	assert_says(parsed, "From=Mail Delivery System "
			    "<MAILER-DAEMON@laptop.example>");
	assert_says(parsed, "To=ada@x.example");
	assert_says(parsed, "Subject=Not delivered: Offer");
	assert_says(parsed, "Auto-Submitted=auto-replied");
	assert_says(parsed, "In-Reply-To=<1@x.example>");
	assert_says(parsed, "report-type=delivery-status");
	assert_says(parsed, "text:  bob@y.example");
	assert_says(parsed, "text:    The address does not exist.");
	assert_says(parsed, "text:    The server mx.y.example:25 said: 550 "
			    "5.1.1 no such user");
	assert_says(parsed, "status-type=message/delivery-status");
	assert_says(parsed,
		    "Reporting-MTA=dns; laptop.example\n"
		    "Original-Envelope-Id=env=1\n--\n"
		    "Original-Recipient=rfc822;bobby@y.example\n"
		    "Final-Recipient=rfc822; bob@y.example\nAction=failed\n"
		    "Status=5.1.1\nRemote-MTA=dns; mx.y.example\n"
		    "Diagnostic-Code=smtp; 550 5.1.1 no such user\n--\n"
		    "Final-Recipient=rfc822; eve@z.example\nAction=failed\n"
		    "Status=5.4.7\n"
		    "Diagnostic-Code=x-masqmail; connect: timed out\n--");
	assert_says(parsed, "original-type=text/rfc822-headers");
	assert_says(parsed,
		    "original-bytes=From: ada@x.example\\r\\nMessage-ID: "
		    "<1@x.example>\\r\\nSubject: Offer\\r\\n\\r\\n");
	assert_says(parsed, "encoding=None");
	worker_peer_free(peer);
}
END_TEST

START_TEST(a_report_is_submitted_from_nobody)
{
	WorkerPeer *peer =
		make_peer(make_job(two, 2, NULL), ORIGINAL, strlen(ORIGINAL));
	const Status *status;

	worker_peer_run(peer);
	ck_assert_uint_eq(worker_peer_count(peer, "Submit ('', {"), 1);
	ck_assert_uint_eq(worker_peer_count(
				  peer, "Recipient ('ada@x.example', "),
			  1);
	ck_assert_uint_eq(worker_peer_count(peer, "Commit "), 1);
	ck_assert_uint_eq(g_hash_table_size(peer->verdicts), 2);
	status = g_hash_table_lookup(peer->verdicts, GUINT_TO_POINTER(3));
	ck_assert_int_eq(status->outcome, OUTCOME_DELIVERED);
	worker_peer_free(peer);
}
END_TEST

START_TEST(the_whole_message_comes_back_when_asked)
{
	static const char *const options[] = { "ret", "full", NULL };
	WorkerPeer *peer = make_peer(make_job(two, 1, options), ORIGINAL,
				     strlen(ORIGINAL));
	g_autofree char *parsed = NULL;

	worker_peer_run(peer);
	parsed = parse(peer->data);
	assert_says(parsed, "Subject=Not delivered");
	assert_says(parsed, "original-type=message/rfc822");
	assert_says(parsed, "original-bytes=From: ada@x.example\\r\\n"
			    "Message-ID: <1@x.example>\\r\\nSubject: Offer"
			    "\\r\\n\\r\\nfirst line\\r\\n.dot\\r\\n"
			    "last line\\r\\n");
	worker_peer_free(peer);
}
END_TEST

/* Why the message failed must not make its report fail. */
static const struct {
	const char *what;
	const char *bytes;
	gsize size;
	const char *original;
	const char *encoding;
} originals[] = {
	{ "empty", "", 0, "", "None" },
	{ "bare LF", "A: b\nC: d\n\ntext\n", 16,
	  "A: b\\r\\nC: d\\r\\n\\r\\ntext\\r\\n", "None" },
	{ "bare CR", "A: b\rC: d\r\r", 12, "A: b\\r\\nC: d\\r\\n\\r\\n",
	  "None" },
	{ "NUL", "A: b\0c\r\n\r\n", 10, "A: bc\\r\\n\\r\\n", "None" },
	{ "no end", "A: b", 4, "A: b", "None" },
	{ "8 bit", "A: \xc3\xbc\r\n\r\n", 9,
	  "A: \\xc3\\xbc\\r\\n\\r\\n", "8bit" },
	{ "8 bit body", "A: b\r\n\r\n\xff\r\n", 11,
	  "A: b\\r\\n\\r\\n\\xff\\r\\n", "8bit" },
	{ "boundary", "A: b\r\n\r\n--=_\r\n--\r\n", 18,
	  "A: b\\r\\n\\r\\n--=_\\r\\n--\\r\\n", "None" },
};

START_TEST(a_bad_original_is_made_fit)
{
	static const char *const options[] = { "ret", "full", NULL };
	WorkerPeer *peer =
		make_peer(make_job(two, 1, options), originals[_i].bytes,
			  originals[_i].size);
	g_autofree char *parsed = NULL, *line = NULL, *encoding = NULL;

	worker_peer_run(peer);
	ck_assert_int_eq(peer->exit_code, 0);
	parsed = parse(peer->data);
	line = g_strconcat("original-bytes=", originals[_i].original, NULL);
	encoding = g_strconcat("encoding=", originals[_i].encoding, NULL);
	assert_says(parsed, line);
	assert_says(parsed, encoding);
	worker_peer_free(peer);
}
END_TEST

START_TEST(hostile_words_stay_inside_their_field)
{
	static const Row hostile[] = {
		{ 0, "bob@y.example", "rfc822;a\r\nAction: delivered", 550,
		  "5.x",
		  "550 no\r\n\r\n--=_\r\nTo: x \033[2J \xc3\xbc \xe2\x80\xae",
		  "Über.\n\n.\n", "mx\r\nX: y:25" },
	};
	static const char *const options[] = {
		"subject", "a\r\nBcc: eve@z.example\r\n\r\nx \xc3\xbc",
		"envid", "e\r\nAction: x", NULL
	};
	WorkerPeer *peer = make_peer(make_job(hostile, 1, options), ORIGINAL,
				     strlen(ORIGINAL));
	g_autofree char *parsed = NULL;

	worker_peer_run(peer);
	parsed = parse(peer->data);
	ck_assert_ptr_null(strstr(parsed, "Action=delivered"));
	ck_assert_ptr_null(strstr(parsed, "Bcc="));
	ck_assert_ptr_null(strchr(parsed, '\033'));
	assert_says(parsed, "Status=5.0.0");
	assert_says(parsed, "text:    Über. .");
	ck_assert_ptr_null(memmem(peer->data->data, peer->data->len,
				  "\r\nBcc:", 6));
	worker_peer_free(peer);
}
END_TEST

START_TEST(an_international_report_says_so)
{
	static const Row rows[] = {
		{ 0, "b\xc3\xb6" "b@y.example", NULL, 550, "5.1.1",
		  "550 5.1.1 gibt es nicht: \xc3\xb6", "Nein.",
		  "mx.y.example:25" },
	};
	static const char *const options[] = { "smtputf8", "true", NULL };
	WorkerPeer *peer = make_peer(make_job(rows, 1, options), ORIGINAL,
				     strlen(ORIGINAL));
	g_autofree char *parsed = NULL;

	worker_peer_run(peer);
	parsed = parse(peer->data);
	assert_says(parsed, "status-type=message/global-delivery-status");
	assert_says(parsed, "Final-Recipient=utf-8; b\xc3\xb6" "b@y.example");
	assert_says(parsed, "original-type=message/global-headers");
	assert_says(parsed, "encoding=8bit");
	worker_peer_free(peer);
}
END_TEST

START_TEST(a_large_message_takes_little_memory)
{
	static const char *const options[] = { "ret", "full", NULL };
	g_autofree char *large = g_malloc(LARGE);
	WorkerPeer *peer;

	memset(large, 'x', LARGE);
	for (gsize i = 76; i + 1 < LARGE; i += 78)
		memcpy(large + i, "\r\n", 2);
	peer = make_peer(make_job(two, 1, options), large, LARGE);
	worker_peer_run(peer);
	ck_assert_int_eq(peer->exit_code, 0);
	ck_assert_uint_gt(peer->data->len, LARGE);
	ck_assert_int_gt(peer->peak_kib, 0);
	/* Sanitizers take memory of their own. */
	if (g_strcmp0(g_getenv("SANITIZED"), "yes") != 0)
		ck_assert(worker_peer_was_small(peer, MAX_RSS_KIB));
	worker_peer_free(peer);
}
END_TEST

START_TEST(a_refusal_is_the_verdict)
{
	WorkerPeer *peer =
		make_peer(make_job(two, 2, NULL), ORIGINAL, strlen(ORIGINAL));
	const Status *status;

	peer->refuse = _i < 2 ? "Recipient" : "Commit";
	peer->refusal[0] = _i == 1 ? "5.1.1" : "4.3.1";
	worker_peer_run(peer);
	ck_assert_uint_eq(peer->data->len, 0);
	ck_assert_uint_eq(g_hash_table_size(peer->verdicts), 2);
	status = g_hash_table_lookup(peer->verdicts, GUINT_TO_POINTER(0));
	ck_assert_int_eq(status->outcome,
			 _i == 1 ? OUTCOME_FAILED : OUTCOME_DEFERRED);
	ck_assert_int_eq(peer->exit_code, 0);
	worker_peer_free(peer);
}
END_TEST

START_TEST(a_dead_engine_ends_it)
{
	WorkerPeer *peer =
		make_peer(make_job(two, 2, NULL), ORIGINAL, strlen(ORIGINAL));

	peer->dies_after = _i;
	worker_peer_run(peer);
	ck_assert_uint_eq(g_hash_table_size(peer->verdicts), 0);
	ck_assert_int_ne(peer->exit_code, -1);
	worker_peer_free(peer);
}
END_TEST

START_TEST(nobody_is_told_of_nothing)
{
	GVariantDict job;
	g_autoptr(GVariant) full = make_job(two, 2, NULL);
	WorkerPeer *peer;

	g_variant_dict_init(&job, full);
	g_variant_dict_insert(&job, "to", "s", "");
	peer = make_peer(g_variant_ref_sink(g_variant_dict_end(&job)),
			 ORIGINAL, strlen(ORIGINAL));
	worker_peer_run(peer);
	ck_assert_uint_eq(worker_peer_count(peer, "Submit"), 0);
	ck_assert_uint_eq(peer->data->len, 0);
	worker_peer_free(peer);
}
END_TEST

/* What the engine says besides, and what people then read. */
static const struct {
	const char *kind;
	gboolean doubled;
	const char *language, *subject, *line, *reason, *action;
} kinds[] = {
	{ "bounce", FALSE, "", "Not delivered: Offer",
	  "delivered to bob@y.example.", "The address does not exist.",
	  "Action=failed\nStatus=5.1.1" },
	{ "bounce", FALSE, "de", "Nicht zugestellt: Offer",
	  "bob@y.example zugestellt werden.", "Diese Adresse gibt es nicht.",
	  "Action=failed\nStatus=5.1.1" },
	{ "bounce", FALSE, "xx", "Not delivered: Offer",
	  "delivered to bob@y.example.", "The address does not exist.",
	  "Action=failed\nStatus=5.1.1" },
	{ "bounce", TRUE, "de", "Nobody could be told: Offer",
	  "This is for the postmaster of laptop.example. The message “Offer” "
	  "of",
	  "The address does not exist.", "Action=failed\nStatus=5.1.1" },
	{ "delay", FALSE, "", "Not delivered yet: Offer",
	  "It is returned to you if it cannot be delivered in another 3 days "
	  "of",
	  "The address does not exist.", "Action=delayed\nStatus=4.4.0" },
	{ "delay", FALSE, "de", "Noch nicht zugestellt: Offer",
	  "Gelingt es in weiteren 3 Tagen mit Netz nicht, so kommt sie an Sie",
	  "Diese Adresse gibt es nicht.", "Action=delayed\nStatus=4.4.0" },
	{ "stale", FALSE, "de", "Immer noch nicht zugestellt: Offer",
	  "    masqctl release 1-0000", "Diese Adresse gibt es nicht.",
	  "Action=delayed\nStatus=4.4.0" },
};

START_TEST(each_kind_speaks_its_language)
{
	static const char *const options[] = { "subject", "Offer", "ret",
					       "full", "language", "", NULL };
	const char *pairs[G_N_ELEMENTS(options)];
	g_autoptr(GVariant) full = NULL;
	g_autofree char *parsed = NULL, *line = NULL, *reason = NULL;
	g_autofree char *subject = NULL;
	WorkerPeer *peer;
	GVariantDict job;

	memcpy(pairs, options, sizeof(pairs));
	pairs[5] = kinds[_i].language;
	full = make_job(two, 1, pairs);
	g_variant_dict_init(&job, full);
	g_variant_dict_insert(&job, "kind", "s", kinds[_i].kind);
	g_variant_dict_insert(&job, "double", "b", kinds[_i].doubled);
	g_variant_dict_insert(&job, "left", "x", (gint64)3 * 86400);
	peer = make_peer(g_variant_ref_sink(g_variant_dict_end(&job)),
			 ORIGINAL, strlen(ORIGINAL));
	peer->config = "[General]\nHostName=laptop.example\nLanguage=en\n";
	worker_peer_run(peer);
	parsed = parse(peer->data);
	subject = g_strconcat("Subject=", kinds[_i].subject, NULL);
	line = g_strconcat("text:", kinds[_i].line, NULL);
	reason = g_strconcat("text:    ", kinds[_i].reason, NULL);
	assert_says(parsed, subject);
	assert_says(parsed, line);
	assert_says(parsed, reason);
	assert_says(parsed, kinds[_i].action);
	/* RET is for what has failed, and the postmaster gets no letters. */
	assert_says(parsed, g_str_equal(kinds[_i].kind, "bounce") &&
					    !kinds[_i].doubled ?
				    "original-type=message/rfc822" :
				    "original-type=text/rfc822-headers");
	worker_peer_free(peer);
}
END_TEST

START_TEST(a_mailbox_here_gets_it_too)
{
	g_autoptr(GVariant) full = make_job(two, 1, NULL);
	WorkerPeer *peer;
	GVariantDict job;

	g_variant_dict_init(&job, full);
	g_variant_dict_insert(&job, "also", "s", "ada@laptop.example");
	peer = make_peer(g_variant_ref_sink(g_variant_dict_end(&job)),
			 ORIGINAL, strlen(ORIGINAL));
	worker_peer_run(peer);
	ck_assert_uint_eq(worker_peer_count(
				  peer, "Recipient ('ada@laptop.example', "),
			  1);
	ck_assert_uint_eq(worker_peer_count(peer,
					    "Recipient ('ada@x.example', "),
			  1);
	worker_peer_free(peer);
}
END_TEST

START_TEST(a_boundary_in_the_text_is_seen)
{
	g_autofree char *boundary = report_boundary(1, 2);
	g_autofree char *text = g_strdup_printf(
		"A: b\r\n\r\n%s--%s tail\r\n", _i ? "" : "x", boundary);
	Original *original = original_new(boundary);

	for (const char *at = text; *at; at++)
		original_look(original, at, 1);
	ck_assert_int_eq(original->has_boundary, _i);
	ck_assert(original->header_ended);
	original_free(original);
}
END_TEST

START_TEST(a_header_without_end_is_cut)
{
	g_autofree char *boundary = report_boundary(1, 2);
	Original *original = original_new(boundary);
	const char *tail;

	for (guint i = 0; i < ORIGINAL_MAX_HEADER; i++)
		original_look(original, "X: yz\r\n", 7);
	tail = (const char *)original->header->data + original->header->len;
	ck_assert_uint_le(original->header->len, ORIGINAL_MAX_HEADER + 1);
	ck_assert_uint_ge(original->header->len, ORIGINAL_MAX_HEADER);
	ck_assert_int_ne(tail[-1], '\r');
	original_free(original);
}
END_TEST

static Suite *
make_report_suite(void)
{
	Suite *suite = suite_create("report");
	TCase *tc = tcase_create("report");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_report_is_understood_by_strangers);
	tcase_add_test(tc, a_report_is_submitted_from_nobody);
	tcase_add_test(tc, the_whole_message_comes_back_when_asked);
	tcase_add_loop_test(tc, a_bad_original_is_made_fit, 0,
			    G_N_ELEMENTS(originals));
	tcase_add_test(tc, hostile_words_stay_inside_their_field);
	tcase_add_test(tc, an_international_report_says_so);
	tcase_add_test(tc, a_large_message_takes_little_memory);
	tcase_add_loop_test(tc, a_refusal_is_the_verdict, 0, 3);
	tcase_add_loop_test(tc, a_dead_engine_ends_it, 1, 6);
	tcase_add_test(tc, nobody_is_told_of_nothing);
	tcase_add_loop_test(tc, each_kind_speaks_its_language, 0,
			    G_N_ELEMENTS(kinds));
	tcase_add_test(tc, a_mailbox_here_gets_it_too);
	tcase_add_loop_test(tc, a_boundary_in_the_text_is_seen, 0, 2);
	tcase_add_test(tc, a_header_without_end_is_cut);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_report_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
