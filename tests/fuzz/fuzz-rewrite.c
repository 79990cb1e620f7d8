// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Headers of any bytes through the rules of a route. Nothing but our own
 * addresses changes, so a second time changes nothing; and what the list
 * parser says of a field it says of the new one, too.
 */
#include <string.h>

#include "common/rewrite.h"
#include "tests/fuzz/fuzz.h"

static const char *const names[] = { "laptop", NULL };

static Rewrite *
rules(void)
{
	g_autoptr(Config) config = config_parse(
		CONFIG_ROUTE,
		"[Rewrite]\nFrom=ada@laptop:\"a b\"@uni.example\n"
		"Domain=home.example\n", "fuzz", NULL);

	g_assert_nonnull(config);
	return rewrite_from_config(config, NULL);
}

/* How many fields there are, and lines that end a header. */
static guint
count_lines(const guint8 *bytes, gsize size)
{
	guint lines = 0;

	for (gsize i = 0; i < size; i++)
		lines += bytes[i] == '\n' &&
			 (i + 1 == size || (bytes[i + 1] != ' ' &&
					    bytes[i + 1] != '\t'));
	return lines;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(Rewrite) rewrite = rules();
	g_autoptr(GByteArray) once = g_byte_array_new();
	g_autoptr(GByteArray) twice = g_byte_array_new();
	const OwnAddresses own = { names, NULL, NULL };
	gboolean changed = rewrite_header(rewrite, &own, (const char *)data,
					  size, once);

	g_assert_true(changed ||
		      (once->len == size &&
		       (!size || !memcmp(once->data, data, size))));
	g_assert_cmpuint(count_lines(once->data, once->len), ==,
			 count_lines(data, size));
	g_assert_false(rewrite_header(rewrite, &own,
				      (const char *)once->data, once->len,
				      twice));
	g_assert_cmpuint(once->len, ==, twice->len);
	return 0;
}

GBytes *
fuzz_seed(guint number)
{
	static const char *const seeds[] = {
		"From: Ada <ada@laptop>\r\nSender: bob@laptop\r\n\r\n",
		"Reply-To: Friends: ada@laptop, \"x, y\" <bob@laptop>;\r\n",
		"From: (a (b) c) ada (x) @ (y) laptop (z)\r\n\tq\r\n",
		"From: \"ada\"@laptop, <@far:ada@laptop>,\r\n eve@far\r\n",
		"Resent-From: =?UTF-8?Q?=C3=A4?= <ada>\nMail-Followup-To: x\n",
		"From: \xc3\xa4 <\xc3\xa4@laptop>\r\nFrom : ada@[::1]\r\n",
	};

	return number < G_N_ELEMENTS(seeds)
		       ? g_bytes_new_static(seeds[number],
					    strlen(seeds[number]))
		       : NULL;
}
