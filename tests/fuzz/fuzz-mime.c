// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The walker of MIME parts: its pieces are the input, however it was split;
 * what is converted has 7 bits, and a second conversion changes nothing.
 */
#include <string.h>

#include "common/mime.h"
#include "tests/fuzz/fuzz.h"

static void
collect(gpointer user, const MimePart *part, MimePieceKind kind,
	const char *bytes, gsize size)
{
	g_assert_cmpint(kind, <=, MIME_PIECE_GAP);
	g_assert_cmpint(part->kind, <=, MIME_MESSAGE);
	g_byte_array_append(user, (const guint8 *)bytes, size);
}

static void
try_walker(const char *bytes, gsize size, gsize step)
{
	g_autoptr(GByteArray) got = g_byte_array_new();
	g_autoptr(MimeWalker) walker = mime_walker_new(collect, got);

	for (gsize at = 0; at < size; at += step)
		mime_walker_feed(walker, bytes + at, MIN(step, size - at));
	mime_walker_finish(walker);
	g_assert_cmpuint(got->len, ==, size);
	g_assert_true(size == 0 || !memcmp(got->data, bytes, size));
}

static GByteArray *
convert(const char *bytes, gsize size, MimeFault *ret_fault)
{
	g_autoptr(MimePlan) plan = mime_plan_new();
	g_autoptr(MimeConverter) converter = mime_converter_new(plan);
	GByteArray *out = g_byte_array_new();

	mime_plan_feed(plan, bytes, size);
	mime_plan_finish(plan);
	*ret_fault = mime_plan_fault(plan);
	mime_converter_feed(converter, bytes, size, out);
	mime_converter_finish(converter, out);
	return out;
}

static void
try_conversion(const char *bytes, gsize size)
{
	MimeFault fault, second;
	g_autoptr(GByteArray) once = convert(bytes, size, &fault);
	g_autoptr(GByteArray) twice = NULL;

	if (fault)
		return;
	for (guint i = 0; i < once->len; i++)
		g_assert_cmpuint(once->data[i], <, 0x80);
	twice = convert((const char *)once->data, once->len, &second);
	g_assert_cmpint(second, ==, MIME_FAULT_NONE);
	g_assert_cmpuint(twice->len, ==, once->len);
	g_assert_true(!once->len ||
		      !memcmp(once->data, twice->data, once->len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;

	try_walker(bytes, size, MAX(size, 1));
	try_walker(bytes, size, 1 + size % 5);
	try_conversion(bytes, size);
	return 0;
}

GBytes *
fuzz_seed(guint number)
{
	static const char *const seeds[] = {
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
		"boundary=\"a\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\nx"
		"\r\n--a\r\nContent-Type: text/plain\r\n\r\n\xc3\xbc \r\n"
		"--a\r\nContent-Type: multipart/signed; boundary=ab\r\n\r\n"
		"--ab\r\n\r\nx\r\n--ab--\r\n--a--\r\n",
		"Subject: x\r\n\r\n\xc3\xbc = \r\n.\r\n",
		"Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n"
		"\r\nSubject: in\r\n\r\n\xc3\xbc\r\n--d\r\nContent-Type: "
		"message/rfc822\r\n\r\nContent-Type: a/b\r\n\r\n\xff\r\n"
		"--d--\r\n",
	};

	return number < G_N_ELEMENTS(seeds)
		       ? g_bytes_new(seeds[number], strlen(seeds[number]))
		       : NULL;
}
