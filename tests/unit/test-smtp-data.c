// SPDX-License-Identifier: GPL-2.0-or-later
/* The two codecs of message data, alone and against each other. */
#include "common/smtp.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define PROPERTY_ROUNDS 20000
#define BODY_MAX 200

typedef struct {
	const char *bytes;
	gsize size;
} Bytes;

#define BYTES(literal) { literal, sizeof(literal) - 1 }

/* Everything servers have taken for the end of data, and is not. */
static const Bytes wrong_ends[] = {
	BYTES("\n.\n"),       BYTES("\n.\r\n"),      BYTES("\r\n.\n"),
	BYTES("\r.\r"),       BYTES("\r.\r\n"),      BYTES("\r\n.\r"),
	BYTES("\n.\r"),       BYTES("\r.\n"),        BYTES("\r\n.\r\r\n"),
	BYTES("\r\r\n.\r\r\n"), BYTES("\r\n\0.\r\n"), BYTES("\r\n.\0\r\n"),
	BYTES("\r\n\n.\r\n"), BYTES("\n\r\n.\n\r\n"),
};

static const char smuggled[] = "MAIL FROM:<evil@x>\r\nRCPT TO:<v@y>\r\n";
static const char true_end[] = "\r\n.\r\n";

/* Feeds @first, then the rest; returns whether the end was met. */
static gboolean
read_split(SmtpDotReader *reader, const GByteArray *wire, gsize first,
	   GByteArray *output, gsize *ret_used)
{
	gsize used;

	if (smtp_dot_reader_feed(reader, wire->data, first, output, &used)) {
		*ret_used = used;
		return TRUE;
	}
	ck_assert_uint_eq(used, first);
	if (!smtp_dot_reader_feed(reader, wire->data + first,
				  wire->len - first, output, &used))
		return FALSE;
	*ret_used = first + used;
	return TRUE;
}

static void
assert_bytes(const GByteArray *array, const char *bytes, gsize size)
{
	ck_assert_uint_eq(array->len, size);
	if (size > 0)
		ck_assert_mem_eq(array->data, bytes, size);
}

static void
append(GByteArray *array, const void *bytes, gsize size)
{
	g_byte_array_append(array, bytes, size);
}

START_TEST(a_wrong_end_is_refused_at_every_split)
{
	const Bytes *end = &wrong_ends[_i];
	g_autoptr(GByteArray) wire = g_byte_array_new();

	append(wire, "Subject: x\r\n\r\nbody", 18);
	append(wire, end->bytes, end->size);
	append(wire, smuggled, sizeof(smuggled) - 1);
	append(wire, true_end, sizeof(true_end) - 1);
	for (gsize split = 0; split <= wire->len; split++) {
		g_autoptr(GByteArray) output = g_byte_array_new();
		SmtpDotReader reader = { 0 };
		gsize used = 0;

		ck_assert(read_split(&reader, wire, split, output, &used));
		ck_assert_uint_eq(used, wire->len);
		ck_assert(reader.flags & SMTP_DATA_REFUSED);
		ck_assert_ptr_nonnull(smtp_data_fault(reader.flags));
		ck_assert_uint_lt(output->len, wire->len);
	}
}
END_TEST

/* None of them, alone at the end, ends anything. */
START_TEST(a_wrong_end_leaves_the_reader_waiting)
{
	g_autoptr(GByteArray) output = g_byte_array_new();
	SmtpDotReader reader = { 0 };
	gsize used;

	ck_assert(!smtp_dot_reader_feed(&reader, "x", 1, output, &used));
	ck_assert(!smtp_dot_reader_feed(&reader, wrong_ends[_i].bytes,
					wrong_ends[_i].size, output, &used));
}
END_TEST

static const struct {
	const char *wire; /* behind 354 */
	gsize used;       /* 0: no end yet */
	const char *body;
	SmtpDataFlags flags;
} reader_rows[] = {
	{ ".\r\n", 3, "", 0 },
	{ "a\r\n.\r\nQUIT\r\n", 6, "a\r\n", 0 },
	{ "a\r\n..\r\n.\r\n", 10, "a\r\n.\r\n", 0 },
	{ "..a\r\n.\r\n", 8, ".a\r\n", 0 },
	{ ".a\r\n.\r\n", 7, "a\r\n", 0 },
	{ "\r\n\r\n.\r\n", 7, "\r\n\r\n", 0 },
	{ "a.\r\n.\r\n", 7, "a.\r\n", 0 },
	{ "\xc3\xa4\r\n.\r\n", 7, "\xc3\xa4\r\n", SMTP_DATA_8BIT },
	{ "a\r\n.", 0, "a\r\n", 0 },
	{ "a\r\n.\r", 0, "a\r\n", 0 },
	{ "a\r\n. \r\n", 0, "a\r\n \r\n", 0 },
	{ "a\rb\r\n.\r\n", 8, "a", SMTP_DATA_BARE_CR },
};

START_TEST(data_ends_at_crlf_dot_crlf)
{
	g_autoptr(GByteArray) output = g_byte_array_new();
	SmtpDotReader reader = { 0 };
	gsize used = 0, size = strlen(reader_rows[_i].wire);

	ck_assert_int_eq(smtp_dot_reader_feed(&reader, reader_rows[_i].wire,
					      size, output, &used),
			 reader_rows[_i].used > 0);
	ck_assert_uint_eq(used, reader_rows[_i].used ? reader_rows[_i].used :
						       size);
	assert_bytes(output, reader_rows[_i].body,
		     strlen(reader_rows[_i].body));
	ck_assert_uint_eq(reader.flags, reader_rows[_i].flags);
	ck_assert_uint_eq(reader.size, output->len);
}
END_TEST

START_TEST(a_long_line_is_noted_and_kept)
{
	for (gsize over = 0; over < 2; over++) {
		g_autoptr(GByteArray) output = g_byte_array_new();
		g_autofree char *line =
			g_strnfill(SMTP_TEXT_LINE_MAX + over, 'x');
		SmtpDotReader reader = { 0 };
		gsize used;

		smtp_dot_reader_feed(&reader, line, strlen(line), output,
				     &used);
		smtp_dot_reader_feed(&reader, "\r\ny\r\n", 5, output, &used);
		ck_assert_uint_eq(reader.flags,
				  over ? SMTP_DATA_LONG_LINE : 0);
		ck_assert_uint_eq(output->len, strlen(line) + 5);
	}
}
END_TEST

/* --- output --- */

static const struct {
	SmtpOutputKind kind;
	const char *message;
	const char *out; /* NULL: refused */
} output_rows[] = {
	{ SMTP_OUTPUT_DOTTED, "", ".\r\n" },
	{ SMTP_OUTPUT_DOTTED, "a: b\r\n\r\nx\r\n", "a: b\r\n\r\nx\r\n.\r\n" },
	{ SMTP_OUTPUT_DOTTED, "a: b\r\n\r\n.\r\n", "a: b\r\n\r\n..\r\n.\r\n" },
	{ SMTP_OUTPUT_DOTTED, ".a: b\r\n", "..a: b\r\n.\r\n" },
	{ SMTP_OUTPUT_DOTTED, "\r\n.\r\n..\r\n", "\r\n..\r\n...\r\n.\r\n" },
	{ SMTP_OUTPUT_DOTTED, "\r\nno end", "\r\nno end\r\n.\r\n" },
	{ SMTP_OUTPUT_DOTTED, "\r\n.", "\r\n..\r\n.\r\n" },
	{ SMTP_OUTPUT_CRLF, "a\r\n\r\n.\r\nx", "a\r\n\r\n.\r\nx\r\n" },
	{ SMTP_OUTPUT_LF, "a\r\n\r\n.\r\nx", "a\n\n.\nx\n" },
	{ SMTP_OUTPUT_LF, "", "" },
	{ SMTP_OUTPUT_DOTTED, "a\nb", NULL },
	{ SMTP_OUTPUT_DOTTED, "a\rb", NULL },
	{ SMTP_OUTPUT_DOTTED, "a\r\r\n", NULL },
	{ SMTP_OUTPUT_DOTTED, "a\r", NULL },
	{ SMTP_OUTPUT_LF, "\n", NULL },
	{ SMTP_OUTPUT_CRLF, "\r\n\r", NULL },
};

/* (transfer full) (nullable) What comes out when fed @step bytes a time. */
static GByteArray *
run_output(SmtpOutputKind kind, const char *message, gsize size, gsize step)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	SmtpOutput output;

	smtp_output_init(&output, kind);
	for (gsize at = 0; at < size; at += step)
		if (!smtp_output_feed(&output, message + at,
				      MIN(step, size - at), out, &error))
			return NULL;
	if (!smtp_output_finish(&output, out, &error))
		return NULL;
	return g_steal_pointer(&out);
}

START_TEST(output_is_stuffed_or_refused_at_any_split)
{
	const char *message = output_rows[_i].message;

	for (gsize step = 1; step <= strlen(message) + 1; step++) {
		g_autoptr(GByteArray) out = run_output(
			output_rows[_i].kind, message, strlen(message), step);

		if (!output_rows[_i].out) {
			ck_assert_ptr_null(out);
			continue;
		}
		ck_assert_ptr_nonnull(out);
		assert_bytes(out, output_rows[_i].out,
			     strlen(output_rows[_i].out));
	}
}
END_TEST

START_TEST(a_nul_never_leaves)
{
	ck_assert_ptr_null(run_output(SMTP_OUTPUT_DOTTED, "a\0b\r\n", 5, 5));
	ck_assert_ptr_null(
		run_output(SMTP_OUTPUT_LF, "a: b\r\n\r\n12\0", 11, 3));
}
END_TEST

START_TEST(a_loop_is_cut)
{
	for (guint over = 0; over < 2; over++) {
		g_autoptr(GString) message = g_string_new(NULL);
		g_autoptr(GByteArray) out = NULL;

		for (guint i = 0; i < SMTP_HOPS_MAX + over; i++)
			g_string_append(message, i % 2 ? "Received: by x\r\n"
						       : "RECEIVED:\r\n y\r\n");
		g_string_append(message, "X-Received: by x\r\n"
					 " Received: by x\r\n\r\n"
					 "Received: by x\r\n");
		out = run_output(SMTP_OUTPUT_DOTTED, message->str,
				 message->len, 7);
		ck_assert_int_eq(out != NULL, over == 0);
	}
}
END_TEST

/* --- both --- */

/* Bytes that are mostly what codecs stumble over. */
static gsize
random_message(GRand *random, char *message, const char *alphabet,
	       gsize letters)
{
	gsize size = g_rand_int_range(random, 0, BODY_MAX);

	for (gsize i = 0; i < size; i++)
		message[i] = alphabet[g_rand_int_range(random, 0, letters)];
	return size;
}

static gboolean
is_canonical(const char *bytes, gsize size)
{
	for (gsize i = 0; i < size; i++) {
		if (bytes[i] == '\0' ||
		    (bytes[i] == '\r' &&
		     (i + 1 == size || bytes[i + 1] != '\n')) ||
		    (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')))
			return FALSE;
	}
	return TRUE;
}

/* Every CR or LF becomes CRLF, over what stood behind it. */
static gsize
make_canonical(char *message, gsize size)
{
	for (gsize i = 0; i < size; i++) {
		if (message[i] != '\r' && message[i] != '\n')
			continue;
		if (i + 1 == size)
			return i;
		message[i++] = '\r';
		message[i] = '\n';
	}
	return size;
}

/* One message in is one message out, whatever it holds. */
START_TEST(what_is_sent_is_what_is_read)
{
	static const char alphabet[] = "\r\n\r\n.\r\n..a\xe4 \n\r";
	GRand *random = g_rand_new_with_seed(20240229);
	guint accepted = 0;

	for (guint round = 0; round < PROPERTY_ROUNDS; round++) {
		char message[BODY_MAX];
		gsize size = random_message(
			random, message, alphabet,
			round % 4 ? sizeof(alphabet) - 3 : sizeof(alphabet));
		gsize step = g_rand_int_range(random, 1, 20), used;
		g_autoptr(GByteArray) wire = NULL, back = NULL;
		SmtpDotReader reader = { 0 };

		if (round % 4)
			size = make_canonical(message, size);
		wire = run_output(SMTP_OUTPUT_DOTTED, message, size, step);
		ck_assert_int_eq(wire != NULL, is_canonical(message, size));
		if (!wire)
			continue;
		accepted++;
		back = g_byte_array_new();
		ck_assert(read_split(&reader, wire,
				     g_rand_int_range(random, 0,
						      wire->len + 1),
				     back, &used));
		ck_assert_uint_eq(used, wire->len);
		ck_assert(!(reader.flags & SMTP_DATA_REFUSED));
		if (size > 0 && message[size - 1] != '\n')
			g_byte_array_set_size(back, back->len - 2);
		assert_bytes(back, message, size);
	}
	ck_assert_uint_gt(accepted, PROPERTY_ROUNDS / 4);
	g_rand_free(random);
}
END_TEST

/* Any bytes at all: same verdict and same body however they are cut. */
START_TEST(chunks_do_not_matter)
{
	static const char alphabet[] = "\r\n.\r\n.a\0\xe4";
	GRand *random = g_rand_new_with_seed(19820801);

	for (guint round = 0; round < PROPERTY_ROUNDS; round++) {
		char wire[BODY_MAX];
		gsize size = random_message(random, wire, alphabet,
					    sizeof(alphabet) - 1);
		g_autoptr(GByteArray) whole = g_byte_array_new();
		g_autoptr(GByteArray) parts = g_byte_array_new();
		SmtpDotReader one = { 0 }, many = { 0 };
		gsize used_one, at = 0, used;
		gboolean end_one, end_many = FALSE;

		end_one = smtp_dot_reader_feed(&one, wire, size, whole,
					       &used_one);
		while (at < size && !end_many) {
			gsize step = g_rand_int_range(random, 1, 9);

			step = MIN(step, size - at);
			end_many = smtp_dot_reader_feed(&many, wire + at,
							step, parts, &used);
			at += used;
		}
		ck_assert_int_eq(end_one, end_many);
		ck_assert_uint_eq(used_one, at);
		ck_assert_uint_eq(one.flags, many.flags);
		assert_bytes(whole, (const char *)parts->data, parts->len);
	}
	g_rand_free(random);
}
END_TEST

static Suite *
make_smtp_data_suite(void)
{
	Suite *suite = suite_create("smtp-data");
	TCase *tc = tcase_create("smtp-data");

	tcase_add_loop_test(tc, a_wrong_end_is_refused_at_every_split, 0,
			    G_N_ELEMENTS(wrong_ends));
	tcase_add_loop_test(tc, a_wrong_end_leaves_the_reader_waiting, 0,
			    G_N_ELEMENTS(wrong_ends));
	tcase_add_loop_test(tc, data_ends_at_crlf_dot_crlf, 0,
			    G_N_ELEMENTS(reader_rows));
	tcase_add_test(tc, a_long_line_is_noted_and_kept);
	tcase_add_loop_test(tc, output_is_stuffed_or_refused_at_any_split, 0,
			    G_N_ELEMENTS(output_rows));
	tcase_add_test(tc, a_nul_never_leaves);
	tcase_add_test(tc, a_loop_is_cut);
	tcase_add_test(tc, what_is_sent_is_what_is_read);
	tcase_add_test(tc, chunks_do_not_matter);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_smtp_data_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
