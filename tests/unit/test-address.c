// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/address.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *address;
	gboolean valid;
	const char *local;
	const char *domain;
	const char *simplest;
} address_rows[] = {
	{ "a@b", TRUE, "a", "b", "a@b" },
	{ "a.b+c=d@e-f.example", TRUE, "a.b+c=d", "e-f.example",
	  "a.b+c=d@e-f.example" },
	{ "\"a\"@b", TRUE, "a", "b", "a@b" },
	{ "\"a b\"@c", TRUE, "a b", "c", "\"a b\"@c" },
	{ "\"a\\\"b\\\\\"@c", TRUE, "a\"b\\", "c", "\"a\\\"b\\\\\"@c" },
	{ "\"\\a\"@c", TRUE, "a", "c", "a@c" },
	{ "\"a@b\"@c", TRUE, "a@b", "c", "\"a@b\"@c" },
	{ "\"\"@c", TRUE, "", "c", "\"\"@c" },
	{ "a@[192.0.2.1]", TRUE, "a", "[192.0.2.1]", "a@[192.0.2.1]" },
	{ "a@[IPv6:2001:db8::1]", TRUE, "a", "[IPv6:2001:db8::1]",
	  "a@[IPv6:2001:db8::1]" },
	{ "ä@ö.example", TRUE, "ä", "ö.example", "ä@ö.example" },
	{ "-f@b", TRUE, "-f", "b", "-f@b" },
	{ "/etc/passwd@b", TRUE, "/etc/passwd", "b", "/etc/passwd@b" },
	{ "a!b%c@d", TRUE, "a!b%c", "d", "a!b%c@d" },
	{ "a@my_laptop", TRUE, "a", "my_laptop", "a@my_laptop" },
	{ "", FALSE, NULL, NULL, NULL },
	{ "@b", FALSE, NULL, NULL, NULL },
	{ "a@", FALSE, NULL, NULL, NULL },
	{ "a@b@c", FALSE, NULL, NULL, NULL },
	{ "a b@c", FALSE, NULL, NULL, NULL },
	{ "a@b c", FALSE, NULL, NULL, NULL },
	{ ".a@c", FALSE, NULL, NULL, NULL },
	{ "a.@c", FALSE, NULL, NULL, NULL },
	{ "a@b.", FALSE, NULL, NULL, NULL },
	{ "a@.b", FALSE, NULL, NULL, NULL },
	{ "a@-b", FALSE, NULL, NULL, NULL },
	{ "a@b-", FALSE, NULL, NULL, NULL },
	{ "a@b\n", FALSE, NULL, NULL, NULL },
	{ "a\r\nRCPT@b", FALSE, NULL, NULL, NULL },
	{ "\"a\r\nb\"@c", FALSE, NULL, NULL, NULL },
	{ "\"a\\\nb\"@c", FALSE, NULL, NULL, NULL },
	{ "\"a@c", FALSE, NULL, NULL, NULL },
	{ "\"a\"b@c", FALSE, NULL, NULL, NULL },
	{ "a@[1.2.3.4", FALSE, NULL, NULL, NULL },
	{ "a@[1.2.3.400]", FALSE, NULL, NULL, NULL },
	{ "a@[::1]", FALSE, NULL, NULL, NULL },
	{ "a\xe4@b", FALSE, NULL, NULL, NULL },
	{ "a\xc2\x9b@b", FALSE, NULL, NULL, NULL },
	{ "a@b\x7f", FALSE, NULL, NULL, NULL },
	{ "<a@b>", FALSE, NULL, NULL, NULL },
};

START_TEST(an_address_follows_the_grammar)
{
	const char *address = address_rows[_i].address;
	g_autofree char *local = NULL, *simplest = NULL;

	ck_assert_int_eq(address_is_valid(address), address_rows[_i].valid);
	ck_assert_int_eq(address_is_valid_or_local(address),
			 address_rows[_i].valid);
	if (!address_rows[_i].valid)
		return;
	local = address_local(address);
	simplest = address_simplest(address);
	ck_assert_str_eq(local, address_rows[_i].local);
	ck_assert_str_eq(address_domain(address), address_rows[_i].domain);
	ck_assert_str_eq(simplest, address_rows[_i].simplest);
}
END_TEST

START_TEST(an_address_is_bounded)
{
	static const struct {
		guint local, label, labels;
		gboolean valid;
	} rows[] = {
		{ ADDRESS_LOCAL_MAX, 1, 1, TRUE },
		{ ADDRESS_LOCAL_MAX + 1, 1, 1, FALSE },
		{ 1, ADDRESS_LABEL_MAX, 3, TRUE },
		{ 1, ADDRESS_LABEL_MAX + 1, 1, FALSE },
		{ 1, ADDRESS_LABEL_MAX, 4, TRUE }, /* 255 */
		{ 1, 50, 6, FALSE },
		{ 1000000, 1, 1, FALSE },
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) address = g_string_new(NULL);

		for (guint n = 0; n < rows[i].local; n++)
			g_string_append_c(address, 'l');
		for (guint l = 0; l < rows[i].labels; l++) {
			g_string_append_c(address, l ? '.' : '@');
			for (guint n = 0; n < rows[i].label; n++)
				g_string_append_c(address, 'd');
		}
		ck_assert_int_eq(address_is_valid(address->str),
				 rows[i].valid);
	}
}
END_TEST

static const struct {
	const char *a, *b;
	gboolean equal, equal_locally;
} equal_rows[] = {
	{ "a@B.example", "a@b.EXAMPLE", TRUE, TRUE },
	{ "A@b", "a@b", FALSE, TRUE },
	{ "\"a\"@b", "a@b", TRUE, TRUE },
	{ "a@b", "a@c", FALSE, FALSE },
	{ "a", "a@b", FALSE, FALSE },
	{ "a", "A", FALSE, TRUE },
	{ "", "", TRUE, TRUE },
};

START_TEST(addresses_compare)
{
	ck_assert_int_eq(address_equal(equal_rows[_i].a, equal_rows[_i].b),
			 equal_rows[_i].equal);
	ck_assert_int_eq(address_equal_locally(equal_rows[_i].b,
					       equal_rows[_i].a),
			 equal_rows[_i].equal_locally);
}
END_TEST

static const struct {
	const char *address, *domain, *qualified;
} qualify_rows[] = {
	{ "a", "b.example", "a@b.example" },
	{ "a@c", "b", "a@c" },
	{ "", "b", "" },
	{ "a", "", "a" },
	{ "\"a@x\"", "b", "\"a@x\"@b" },
};

START_TEST(an_address_is_qualified)
{
	g_autofree char *qualified = address_qualify(
		qualify_rows[_i].address, qualify_rows[_i].domain);

	ck_assert_str_eq(qualified, qualify_rows[_i].qualified);
}
END_TEST

static const struct {
	const char *pattern, *address;
	gboolean fits;
} match_rows[] = {
	{ "*@corp.example", "ada@corp.example", TRUE },
	{ "*@corp.example", "Ada@CORP.example", TRUE },
	{ "*@corp.example", "ada@corp.example.evil", FALSE },
	{ "*@corp.example", "ada@xcorp.example", FALSE },
	{ "*.corp.example", "a@b.corp.example", TRUE },
	{ "ada@*", "ada@x", TRUE },
	{ "*", "", TRUE },
	{ "*", "a@b", TRUE },
	{ "", "", TRUE },
	{ "", "a", FALSE },
	{ "a?c", "abc", TRUE },
	{ "a?c", "aäc", TRUE },
	{ "a?c", "ac", FALSE },
	{ "a**c", "axxc", TRUE },
	{ "*a*b", "xaxaxb", TRUE },
	{ "*ab", "aab", TRUE },
	{ "a[bc]", "ab", FALSE },
};

START_TEST(a_pattern_fits)
{
	ck_assert_int_eq(address_matches(match_rows[_i].address,
					 match_rows[_i].pattern),
			 match_rows[_i].fits);
}
END_TEST

START_TEST(a_cruel_pattern_is_quick)
{
	g_autofree char *address = g_strnfill(20000, 'a');

	ck_assert(!address_matches(address, "*a*a*a*a*a*a*a*a*a*a*a*a*b"));
}
END_TEST

START_TEST(a_domain_is_among_ours)
{
	static const char *const ours[] = { "a.example", "b", NULL };

	ck_assert(address_domain_in("A.Example", ours));
	ck_assert(!address_domain_in("x.a.example", ours));
	ck_assert(!address_domain_in("", ours));
	ck_assert(!address_domain_in("b", NULL));
}
END_TEST

static const struct {
	const char *text;
	const char *addresses; /* joined by '|'; NULL: malformed */
	const char *names;     /* joined by '|' */
} list_rows[] = {
	{ "", "", "" },
	{ "a@b", "a@b", "" },
	{ "ada", "ada", "" },
	{ "-oQ", "-oQ", "" },
	{ "a@b, c@d", "a@b|c@d", "|" },
	{ ", a@b,, c@d ,", "a@b|c@d", "|" },
	{ "Ada <a@b>", "a@b", "Ada" },
	{ "\"Lovelace, Ada\" <a@b>, c", "a@b|c", "Lovelace, Ada|" },
	{ "\"a \\\"q\\\" b\" <a@b>", "a@b", "a \"q\" b" },
	{ "a@b (Ada (née Byron), x), c@d (\\))", "a@b|c@d",
	  "Ada (née Byron), x|)" },
	{ "John Q. Public <j@p>", "j@p", "John Q. Public" },
	{ "a@b <c@d>", "c@d", "a@b" },
	{ "Team: a@b, Ada <c@d>;, e@f", "a@b|c@d|e@f", "|Ada|" },
	{ "undisclosed-recipients:;", "", "" },
	{ "Team: a@b", "a@b", "" },
	{ "<@x,@y:a@b>", "a@b", "" },
	{ "<a@b>", "a@b", "" },
	{ "<>", "", "" },
	{ "a . b @ c . d", "a.b@c.d", "" },
	{ "a(x)@(y)b", "a@b", "" },
	{ "\"a b\"@c", "\"a b\"@c", "" },
	{ "\"ab\"@c", "ab@c", "" },
	{ "\"a@b, c\"@d", "\"a@b, c\"@d", "" },
	{ "a@[127.0.0.1] (x)", "a@[127.0.0.1]", "x" },
	{ "=?utf-8?q?J=C3=B6rg=2C_=3Ca=40b=3E?= <c@d>", "c@d",
	  "=?utf-8?q?J=C3=B6rg=2C_=3Ca=40b=3E?=" },
	{ "=?utf-8?q?x=40y=2C?=", "=?utf-8?q?x=40y=2C?=", "" },
	{ " Ada\r\n\t<a@b>,\r\n c@d\r\n", "a@b|c@d", "Ada|" },
	{ "Jörg <j@ö.example>", "j@ö.example", "Jörg" },
	{ "J\xf6rg <j@x>", "j@x", "J\xef\xbf\xbdrg" },
	{ "Name [work] <a@b>", "a@b", "Name [work]" },
	{ "|cat@b", "|cat@b", "" },
	{ "two words", NULL, NULL },
	{ "a@b c@d", NULL, NULL },
	{ "a@b <c@d> e", NULL, NULL },
	{ "<a@b", NULL, NULL },
	{ "a@b>", NULL, NULL },
	{ "<a b>", NULL, NULL },
	{ "<a@b,c@d>", NULL, NULL },
	{ "<a@b><c@d>", NULL, NULL },
	{ "\"a@b", NULL, NULL },
	{ "a@b (x", NULL, NULL },
	{ "a@b;", NULL, NULL },
	{ "g: h: a@b;;", NULL, NULL },
	{ "a@", NULL, NULL },
	{ "@b", NULL, NULL },
	{ "a..b@c", NULL, NULL },
	{ "a@b..c", NULL, NULL },
	{ "a@b.", NULL, NULL },
	{ "a@@b", NULL, NULL },
	{ "a\001b@c", NULL, NULL },
	{ "a\x7f@c", NULL, NULL },
	{ "a\xe4@c", NULL, NULL },
	{ "\"a\001\"@c", NULL, NULL },
	{ "a@b\xff", NULL, NULL },
	{ "a,b c,d", NULL, NULL },
	{ "<:a@b>", NULL, NULL },
	{ "a]b@c", NULL, NULL },
	{ "a\\b@c", NULL, NULL },
	{ "a)b@c", NULL, NULL },
	{ "a@b]c", NULL, NULL },
};

static void
assert_spans(const Mailbox *mailbox, gsize size)
{
	ck_assert_uint_le(mailbox->start + mailbox->size, size);
	ck_assert_uint_ge(mailbox->addr_start, mailbox->start);
	ck_assert_uint_le(mailbox->addr_start + mailbox->addr_size,
			  mailbox->start + mailbox->size);
	ck_assert_uint_le(mailbox->name_start + mailbox->name_size, size);
	ck_assert(*mailbox->address == '\0' ||
		  address_is_valid_or_local(mailbox->address));
}

START_TEST(a_list_is_taken_apart)
{
	const char *text = list_rows[_i].text;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) list =
		address_list_parse(text, strlen(text), &error);
	g_autoptr(GString) addresses = g_string_new(NULL);
	g_autoptr(GString) names = g_string_new(NULL);

	if (!list_rows[_i].addresses) {
		ck_assert_ptr_null(list);
		ck_assert(g_error_matches(error, ADDRESS_ERROR,
					  ADDRESS_ERROR_MALFORMED));
		ck_assert(g_utf8_validate(error->message, -1, NULL));
		return;
	}
	ck_assert_msg(list != NULL, "%s", error ? error->message : "");
	for (guint i = 0; i < list->len; i++) {
		Mailbox *mailbox = g_ptr_array_index(list, i);
		g_autofree char *name = mailbox_name(mailbox, text);

		assert_spans(mailbox, strlen(text));
		g_string_append_printf(addresses, "%s%s", i ? "|" : "",
				       mailbox->address);
		g_string_append_printf(names, "%s%s", i ? "|" : "", name);
	}
	ck_assert_str_eq(addresses->str, list_rows[_i].addresses);
	ck_assert_str_eq(names->str, list_rows[_i].names);
}
END_TEST

START_TEST(spans_point_at_the_source)
{
	static const char text[] = "x@y, \"A B\" <@r:c@d> (w), e";
	g_autoptr(GPtrArray) list =
		address_list_parse(text, strlen(text), NULL);
	Mailbox *second = g_ptr_array_index(list, 1);

	ck_assert_mem_eq(text + second->start, "\"A B\" <@r:c@d> (w)",
			 second->size);
	ck_assert_uint_eq(second->size, 18);
	ck_assert_mem_eq(text + second->addr_start, "c@d", 3);
	ck_assert_uint_eq(second->addr_size, 3);
	ck_assert_mem_eq(text + second->name_start, "\"A B\"", 5);
}
END_TEST

START_TEST(a_list_is_bounded)
{
	for (guint over = 0; over < 2; over++) {
		g_autoptr(GString) text = g_string_new("a@b");
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) list = NULL;

		for (guint i = 1; i < ADDRESS_LIST_MAX + over; i++)
			g_string_append(text, ",a@b");
		list = address_list_parse(text->str, text->len, &error);
		ck_assert_int_eq(list != NULL, over == 0);
		ck_assert_int_eq(g_error_matches(error, ADDRESS_ERROR,
						 ADDRESS_ERROR_TOO_MANY),
				 over == 1);
	}
}
END_TEST

START_TEST(deep_comments_need_no_stack)
{
	g_autoptr(GString) text = g_string_new("a@b ");

	for (guint i = 0; i < 1000000; i++)
		g_string_append_c(text, '(');
	ck_assert_ptr_null(address_list_parse(text->str, text->len, NULL));
}
END_TEST

/* Whatever the bytes: no crash, sound spans, only valid addresses. */
START_TEST(random_lists_are_safe)
{
	static const char alphabet[] = "ab@.,;:<>()[]\"\\ \r\n\0\xc3\xa4";
	GRand *random = g_rand_new_with_seed(5322);
	guint parsed = 0;

	for (guint round = 0; round < 200000; round++) {
		char text[24];
		gsize size = g_rand_int_range(random, 0, sizeof(text));
		g_autoptr(GPtrArray) list = NULL;

		for (gsize i = 0; i < size; i++)
			text[i] = alphabet[g_rand_int_range(
				random, 0, sizeof(alphabet) - 1)];
		list = address_list_parse(text, size, NULL);
		for (guint i = 0; list && i < list->len; i++)
			assert_spans(g_ptr_array_index(list, i), size);
		parsed += list && list->len > 0;
	}
	ck_assert_uint_gt(parsed, 1000);
	g_rand_free(random);
}
END_TEST

static Suite *
make_address_suite(void)
{
	Suite *suite = suite_create("address");
	TCase *tc = tcase_create("address");

	tcase_add_loop_test(tc, an_address_follows_the_grammar, 0,
			    G_N_ELEMENTS(address_rows));
	tcase_add_test(tc, an_address_is_bounded);
	tcase_add_loop_test(tc, addresses_compare, 0,
			    G_N_ELEMENTS(equal_rows));
	tcase_add_loop_test(tc, an_address_is_qualified, 0,
			    G_N_ELEMENTS(qualify_rows));
	tcase_add_loop_test(tc, a_pattern_fits, 0, G_N_ELEMENTS(match_rows));
	tcase_add_test(tc, a_cruel_pattern_is_quick);
	tcase_add_test(tc, a_domain_is_among_ours);
	tcase_add_loop_test(tc, a_list_is_taken_apart, 0,
			    G_N_ELEMENTS(list_rows));
	tcase_add_test(tc, spans_point_at_the_source);
	tcase_add_test(tc, a_list_is_bounded);
	tcase_add_test(tc, deep_comments_need_no_stack);
	tcase_add_test(tc, random_lists_are_safe);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_address_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
