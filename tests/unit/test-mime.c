// SPDX-License-Identifier: GPL-2.0-or-later
/* Parts of messages, as nested as mail gets, and their way to 7 bits. */
#include "common/mime.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define U "gr\xc3\xbc\xc3\x9f"     /* five letters, two beyond ASCII */
#define Q "gr=C3=BC=C3=9F"
#define MIME "MIME-Version: 1.0\r\n"
#define CTE "Content-Transfer-Encoding: "
#define MIXED "Content-Type: multipart/mixed; boundary="
#define TEXT "Content-Type: text/plain; charset=utf-8\r\n"
#define DATA "Content-Type: application/x\r\n"

typedef struct {
	const char *input;
	const char *output; /* NULL: as the input */
} Row;

static const Row converted[] = {
	/* Nothing beyond ASCII: not a byte changes. */
	{ "", NULL },
	{ "Subject: x\r\n\r\nbody\r\n", NULL },
	{ "no header at all\r\n", NULL },
	{ "Subject: x\r\n", NULL },
	{ MIME MIXED "a\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n", NULL },
	{ "a: b\r\n\r\nlast line without end", NULL },
	/* A message that knows nothing of MIME. */
	{ "Subject: x\r\n\r\n" U "\r\n",
	  "Subject: x\r\n" MIME
	  "Content-Type: text/plain; charset=unknown-8bit\r\n" CTE
	  "quoted-printable\r\n\r\n" Q "\r\n" },
	/* One body; the label is put right, wherever it stood. */
	{ MIME CTE "8bit\r\n" TEXT "\r\n" U " \r\n= \t\r\n",
	  MIME TEXT CTE "quoted-printable\r\n\r\n" Q "=20\r\n=3D =09\r\n" },
	{ MIME DATA CTE " 8BIT (sic)\r\n\r\n" U "\r\n",
	  MIME DATA CTE "base64\r\n\r\nZ3LDvMOfDQo=" },
	{ MIME DATA CTE "binary\r\n\r\nplain\r\n",
	  MIME DATA CTE "7bit\r\n\r\nplain\r\n" },
	/* A label that lies, and one that is missing. */
	{ MIME TEXT CTE "7bit\r\n\r\n" U,
	  MIME TEXT CTE "quoted-printable\r\n\r\n" Q },
	{ MIME TEXT "\r\n" U "\r\n",
	  MIME TEXT CTE "quoted-printable\r\n\r\n" Q "\r\n" },
	/* Only the parts that need it; what is between them stays. */
	{ MIME MIXED "\"a b\" ; x=y\r\n" CTE "8bit\r\n\r\nhello " U "\r\n"
	  "--a b\r\n" TEXT CTE "8bit\r\n\r\n" U "\r\n"
	  "--a b  \r\n" TEXT "\r\nplain\r\n\r\n--a b\r\n" DATA "\r\n" U
	  "\r\n--a b--\r\nbye\r\n",
	  MIME MIXED "\"a b\" ; x=y\r\n" CTE "7bit\r\n\r\nhello gr????\r\n"
	  "--a b\r\n" TEXT CTE "quoted-printable\r\n\r\n" Q "\r\n"
	  "--a b  \r\n" TEXT "\r\nplain\r\n\r\n--a b\r\n" DATA CTE
	  "base64\r\n\r\nZ3LDvMOf\r\n--a b--\r\nbye\r\n" },
	/* A part whose body is empty, and one without any header. */
	{ MIME MIXED "a\r\n\r\n--a\r\n\r\n--a\r\n\r\n" U "\r\n--a--",
	  MIME MIXED "a\r\n\r\n--a\r\n\r\n--a\r\n"
	  "Content-Type: text/plain; charset=unknown-8bit\r\n" CTE
	  "quoted-printable\r\n\r\n" Q "\r\n--a--" },
	/* A part within whose boundary begins like the outer one. */
	{ MIME MIXED "a\r\n\r\n--a\r\n" MIXED "ab\r\n\r\n--ab\r\n" TEXT
	  "\r\n" U "\r\n--ab--\r\n\r\n--a\r\n" TEXT "\r\n--abc\r\n" U
	  "\r\n--a--\r\n",
	  MIME MIXED "a\r\n\r\n--a\r\n" MIXED "ab\r\n\r\n--ab\r\n" TEXT CTE
	  "quoted-printable\r\n\r\n" Q "\r\n--ab--\r\n\r\n--a\r\n" TEXT CTE
	  "quoted-printable\r\n\r\n--abc\r\n" Q "\r\n--a--\r\n" },
	/* The outer boundary ends an inner part that never ended itself. */
	{ MIME MIXED "out\r\n\r\n--out\r\n" MIXED "in\r\n\r\n--in\r\n\r\nx\r\n"
	  "--out\r\n" TEXT "\r\n" U "\r\n--in\r\n--out--\r\n",
	  MIME MIXED "out\r\n\r\n--out\r\n" MIXED "in\r\n\r\n--in\r\n\r\nx\r\n"
	  "--out\r\n" TEXT CTE "quoted-printable\r\n\r\n" Q
	  "\r\n--in\r\n--out--\r\n" },
	/* What looks like a boundary behind the last one is none. */
	{ MIME MIXED "a\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n--a\r\n\r\n" U "\r\n",
	  MIME MIXED "a\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n--a\r\n\r\n"
	  "gr????\r\n" },
	/* A message in a message: its header gets what it lacks. */
	{ MIME "Content-Type: message/rfc822\r\n" CTE "8bit\r\n\r\n"
	  "Subject: in\r\n\r\n" U "\r\n",
	  MIME "Content-Type: message/rfc822\r\n" CTE "7bit\r\n\r\n"
	  "Subject: in\r\n" MIME
	  "Content-Type: text/plain; charset=unknown-8bit\r\n" CTE
	  "quoted-printable\r\n\r\n" Q "\r\n" },
	/* In a digest a part without a type is a message. */
	{ MIME "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\n"
	  "Subject: in\r\n" MIME TEXT "\r\n" U "\r\n--d--\r\n",
	  MIME "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\n"
	  "Subject: in\r\n" MIME TEXT CTE "quoted-printable\r\n\r\n" Q
	  "\r\n--d--\r\n" },
	/* A message that ends before its header, then one with a body. */
	{ MIME "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\n"
	  "--d\r\n\r\n" TEXT "\r\n" U "\r\n--d--\r\n",
	  MIME "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\n"
	  "--d\r\n\r\n" TEXT MIME CTE "quoted-printable\r\n\r\n" Q
	  "\r\n--d--\r\n" },
	/* A message with UTF-8 in its header may be encoded as a whole. */
	{ MIME "Content-Type: message/global\r\n\r\nSubject: " U "\r\n\r\nx",
	  MIME "Content-Type: message/global\r\n" CTE
	  "quoted-printable\r\n\r\nSubject: " Q "\r\n\r\nx" },
	/* A signed part among others is passed on as it is. */
	{ MIME MIXED "a\r\n\r\n--a\r\nContent-Type: multipart/signed; "
	  "boundary=s\r\n\r\n--s\r\n" TEXT CTE "8bit\r\n\r\nplain\r\n--s--\r\n"
	  "--a\r\n" TEXT "\r\n" U "\r\n--a--\r\n",
	  MIME MIXED "a\r\n\r\n--a\r\nContent-Type: multipart/signed; "
	  "boundary=s\r\n\r\n--s\r\n" TEXT CTE "8bit\r\n\r\nplain\r\n--s--\r\n"
	  "--a\r\n" TEXT CTE "quoted-printable\r\n\r\n" Q "\r\n--a--\r\n" },
	/* Folded, commented, quoted with backslashes, odd case. */
	{ "mime-version: 1.0\r\nCONTENT-type: (c(c)) Multipart/Mixed;\r\n"
	  "\tcharset=\"x\";\r\n Boundary = \"a\\\"b\"\r\n\r\n--a\"b\r\n" TEXT
	  "\r\n" U "\r\n--a\"b--\r\n",
	  "mime-version: 1.0\r\nCONTENT-type: (c(c)) Multipart/Mixed;\r\n"
	  "\tcharset=\"x\";\r\n Boundary = \"a\\\"b\"\r\n\r\n--a\"b\r\n" TEXT
	  CTE "quoted-printable\r\n\r\n" Q "\r\n--a\"b--\r\n" },
};

static const struct {
	const char *input;
	MimeFault fault;
} faults[] = {
	{ "Subject: " U "\r\n\r\nx\r\n", MIME_FAULT_HEADER },
	{ MIME "Content-Type: message/rfc822\r\n\r\nSubject: " U "\r\n\r\n",
	  MIME_FAULT_HEADER },
	{ MIME MIXED "a\r\n\r\n--a\r\nContent-Type: x/y; name=" U
	  "\r\n\r\n--a--", MIME_FAULT_HEADER },
	{ MIME "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n" TEXT
	  "\r\n" U "\r\n--s--\r\n", MIME_FAULT_SIGNED },
	{ MIME "Content-Type: multipart/signed; boundary=s\r\n\r\n" U
	  "\r\n--s\r\n\r\n--s--\r\n", MIME_FAULT_SIGNED },
	{ MIME "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n"
	  MIXED "a\r\n\r\n--a\r\nContent-Type: message/rfc822\r\n\r\n"
	  "a: b\r\n\r\n" U, MIME_FAULT_SIGNED },
	{ MIME "Content-Type: multipart/encrypted; boundary=s\r\n\r\n--s\r\n"
	  DATA "\r\n" U, MIME_FAULT_SIGNED },
	{ MIME TEXT CTE "quoted-printable\r\n\r\n" U, MIME_FAULT_SEALED },
	{ MIME DATA CTE "base64\r\n\r\n" U, MIME_FAULT_SEALED },
	{ MIME TEXT CTE "x-uuencode\r\n\r\n" U, MIME_FAULT_SEALED },
	{ MIME "Content-Type: message/partial\r\n\r\n" U, MIME_FAULT_SEALED },
	{ MIME "Content-Type: multipart/mixed\r\n\r\n" U, MIME_FAULT_SEALED },
	{ MIME MIXED "a\r\n" CTE "base64\r\n\r\n--a\r\n\r\n" U,
	  MIME_FAULT_SEALED },
	/* What two readers would read in two ways. */
	{ MIME TEXT DATA "\r\n" U, MIME_FAULT_SEALED },
	{ MIME CTE "8bit\r\n" CTE "7bit\r\n\r\n" U, MIME_FAULT_SEALED },
	{ "Subject: x\r\nno field\r\n" TEXT "\r\n" U, MIME_FAULT_SEALED },
};

static MimePlan *
plan_of(const char *input, gsize size, gsize step)
{
	MimePlan *plan = mime_plan_new();

	for (gsize at = 0; at < size; at += step)
		mime_plan_feed(plan, input + at, MIN(step, size - at));
	mime_plan_finish(plan);
	return plan;
}

static GByteArray *
convert(const MimePlan *plan, const char *input, gsize size, gsize step)
{
	g_autoptr(MimeConverter) converter = mime_converter_new(plan);
	GByteArray *out = g_byte_array_new();

	for (gsize at = 0; at < size; at += step)
		mime_converter_feed(converter, input + at,
				    MIN(step, size - at), out);
	mime_converter_finish(converter, out);
	return out;
}

START_TEST(a_message_becomes_7bit_at_any_split)
{
	const Row *row = &converted[_i];
	const char *want = row->output ? row->output : row->input;
	gsize size = strlen(row->input);

	for (gsize step = 1; step <= size + 1; step++) {
		g_autoptr(MimePlan) plan = plan_of(row->input, size, step);
		g_autoptr(GByteArray) got =
			convert(plan, row->input, size, step);

		ck_assert_int_eq(mime_plan_fault(plan), MIME_FAULT_NONE);
		g_byte_array_append(got, (const guint8 *)"", 1);
		ck_assert_str_eq((const char *)got->data, want);
	}
}
END_TEST

START_TEST(what_cannot_be_converted_is_known_before)
{
	const char *input = faults[_i].input;
	g_autoptr(MimePlan) plan = plan_of(input, strlen(input), 7);

	ck_assert(mime_plan_is_8bit(plan));
	ck_assert_int_eq(mime_plan_fault(plan), faults[_i].fault);
	ck_assert_int_eq(mime_plan_header_is_8bit(plan),
			 faults[_i].fault == MIME_FAULT_HEADER);
}
END_TEST

/* --- bounds --- */

static void
collect(gpointer user, const MimePart *part, MimePieceKind kind,
	const char *bytes, gsize size)
{
	ck_assert(kind <= MIME_PIECE_GAP);
	ck_assert_uint_le(part->number, MIME_PARTS_MAX + 2);
	g_string_append_len(user, bytes, size);
}

static void
assert_preserved(const GString *input)
{
	g_autoptr(GString) got = g_string_new(NULL);
	MimeWalker *walker = mime_walker_new(collect, got);

	for (gsize at = 0; at < input->len; at += 4096)
		mime_walker_feed(walker, input->str + at,
				 MIN(4096, input->len - at));
	mime_walker_finish(walker);
	mime_walker_free(walker);
	ck_assert(g_string_equal(got, input));
}

static MimeFault
fault_of(const GString *input)
{
	g_autoptr(MimePlan) plan = plan_of(input->str, input->len, 4096);

	return mime_plan_fault(plan);
}

START_TEST(deep_nesting_stays_closed)
{
	for (guint depth = MIME_DEPTH_MAX - 2; depth <= MIME_DEPTH_MAX + 2;
	     depth++) {
		g_autoptr(GString) input = g_string_new(MIME);

		for (guint i = 1; i < depth; i++)
			g_string_append_printf(
				input, MIXED "b%u\r\n\r\n--b%u\r\n", i, i);
		g_string_append(input, TEXT "\r\n" U "\r\n");
		assert_preserved(input);
		ck_assert_int_eq(fault_of(input), depth <= MIME_DEPTH_MAX
							  ? MIME_FAULT_NONE
							  : MIME_FAULT_SEALED);
	}
}
END_TEST

START_TEST(too_many_parts_are_a_fault)
{
	g_autoptr(GString) input = g_string_new(MIME MIXED "b\r\n\r\n");

	for (guint i = 1; i < MIME_PARTS_MAX; i++)
		g_string_append(input, "--b\r\n\r\n");
	ck_assert_int_eq(fault_of(input), MIME_FAULT_NONE);
	g_string_append(input, "--b\r\n\r\n");
	assert_preserved(input);
	ck_assert_int_eq(fault_of(input), MIME_FAULT_PARTS);
}
END_TEST

START_TEST(a_header_without_end_is_not_gathered_for_ever)
{
	g_autoptr(GString) input = g_string_new(MIME);

	while (input->len <= 2 * MIME_HEADER_MAX)
		g_string_append(input, "X: y\r\n");
	assert_preserved(input);
	g_string_append(input, "\r\n" U);
	ck_assert_int_eq(fault_of(input), MIME_FAULT_SEALED);
}
END_TEST

/* No part of a long line is a boundary, though it looks like one. */
START_TEST(a_long_line_passes_in_pieces)
{
	g_autoptr(GString) input = g_string_new(MIME MIXED "b\r\n\r\n--b\r\n"
						TEXT "\r\n");
	g_autoptr(MimePlan) plan = NULL;
	g_autoptr(GByteArray) got = NULL;
	guint longest = 0, eighth = 0;

	for (guint i = 0; i < 100000; i++)
		g_string_append(input, "--b" U);
	g_string_append(input, "\r\n--b--\r\n");
	assert_preserved(input);
	plan = plan_of(input->str, input->len, 4096);
	got = convert(plan, input->str, input->len, 4096);
	/* One check for all bytes: each by itself would be a message. */
	for (guint i = 0, line = 0; i < got->len; i++) {
		line = got->data[i] == '\n' ? 0 : line + 1;
		longest = MAX(longest, line);
		eighth |= got->data[i] & 0x80;
	}
	ck_assert_uint_le(longest, 77);
	ck_assert_uint_eq(eighth, 0);
	ck_assert(g_str_has_suffix((g_byte_array_append(
					    got, (const guint8 *)"", 1),
				    (char *)got->data),
				   "\r\n--b--\r\n"));
}
END_TEST

/* What would be smuggled is not made to look whole. */
START_TEST(bare_line_ends_stay_bare)
{
	MimeEncoder encoder = { 0 };
	g_autoptr(GByteArray) out = g_byte_array_new();
	const char input[] = "a \rb \nc\r\r\nd \r";
	const char want[] = "a=20\rb=20\nc\r\r\nd=20\r";

	for (gsize i = 0; i < strlen(input); i++)
		mime_quote(&encoder, input + i, 1, out);
	mime_quote_end(&encoder, out);
	ck_assert_uint_eq(out->len, strlen(want));
	ck_assert_mem_eq(out->data, want, out->len);
}
END_TEST

START_TEST(base64_is_read_back)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(1);

	for (gsize size = 0; size < 400; size++) {
		MimeEncoder encoder = { 0 };
		g_autofree char *bytes = g_malloc(size + 1);
		g_autoptr(GByteArray) out = g_byte_array_new();
		g_autofree guchar *back = NULL;
		gsize got, first = size / 3;

		for (gsize i = 0; i < size; i++)
			bytes[i] = g_rand_int(random);
		mime_base64(&encoder, bytes, first, out);
		mime_base64(&encoder, bytes + first, size - first, out);
		mime_base64_end(&encoder, out);
		g_byte_array_append(out, (const guint8 *)"", 1);
		back = g_base64_decode((const char *)out->data, &got);
		ck_assert_uint_eq(got, size);
		if (size > 0)
			ck_assert_mem_eq(back, bytes, size);
	}
}
END_TEST

static Suite *
make_mime_suite(void)
{
	Suite *suite = suite_create("mime");
	TCase *tc = tcase_create("mime");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_message_becomes_7bit_at_any_split, 0,
			    G_N_ELEMENTS(converted));
	tcase_add_loop_test(tc, what_cannot_be_converted_is_known_before, 0,
			    G_N_ELEMENTS(faults));
	tcase_add_test(tc, deep_nesting_stays_closed);
	tcase_add_test(tc, too_many_parts_are_a_fault);
	tcase_add_test(tc, a_header_without_end_is_not_gathered_for_ever);
	tcase_add_test(tc, a_long_line_passes_in_pieces);
	tcase_add_test(tc, bare_line_ends_stay_bare);
	tcase_add_test(tc, base64_is_read_back);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_mime_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
