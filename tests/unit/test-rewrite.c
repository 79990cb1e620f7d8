// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * [Rewrite] of a route: its rules, and the corpus of headers in
 * tests/corpus/rewrite (see README.md there), compared byte for byte.
 */
#include "common/rewrite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define CASES_LEAST 150

/* --- the corpus ----------------------------------------------------------- */

typedef struct {
	GPtrArray *own, *also, *except; /* of char *, NULL at the end */
	GString *rules;                 /* [Rewrite] */
} Rules;

typedef struct {
	char *name;
	Rules *rules;
	GByteArray *before;
	GByteArray *after;
} Case;

static const char *const files[] = {
	"plain.txt",  "folded.txt", "names.txt",  "comments.txt",
	"groups.txt", "broken.txt", "fields.txt", "rules.txt",
};

static GPtrArray *cases[G_N_ELEMENTS(files)]; /* of Case; for ever */

static GPtrArray *
words_new(void)
{
	return g_ptr_array_new_null_terminated(0, g_free, TRUE);
}

static Rules *
rules_new(void)
{
	Rules *rules = g_new0(Rules, 1);

	rules->own = words_new();
	rules->also = words_new();
	rules->except = words_new();
	rules->rules = g_string_new("[Rewrite]\n");
	return rules;
}

static void
add_words(GPtrArray *to, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (char **word = words; *word; word++)
		g_ptr_array_add(to, g_strdup(*word));
}

static gboolean
take_setting(Rules *rules, const char *line)
{
	if (g_str_has_prefix(line, "own: "))
		add_words(rules->own, line + strlen("own: "));
	else if (g_str_has_prefix(line, "also: "))
		add_words(rules->also, line + strlen("also: "));
	else if (g_str_has_prefix(line, "except: "))
		add_words(rules->except, line + strlen("except: "));
	else if (g_str_has_prefix(line, "rule: "))
		g_string_append_printf(rules->rules, "%s\n",
				       line + strlen("rule: "));
	else
		return FALSE;
	return TRUE;
}

/* One byte, escaped or not, to @to (nullable); behind it. */
static const char *
take_byte(const char *at, GByteArray *one, GByteArray *other)
{
	guint8 byte = *at;

	if (at[0] == '\\' && at[1] == 'x') {
		byte = g_ascii_xdigit_value(at[2]) << 4 |
		       g_ascii_xdigit_value(at[3]);
		at += 3;
	} else if (at[0] == '\\' && at[1]) {
		byte = at[1] == 'n' ? '\n' : at[1];
		at++;
	}
	if (one)
		g_byte_array_append(one, &byte, 1);
	if (other)
		g_byte_array_append(other, &byte, 1);
	return at + 1;
}

static void
take_line(Case *one, const char *at)
{
	GByteArray *before = one->before, *after = one->after;

	while (*at && !g_str_equal(at, "\\-")) {
		if (*at == '{') {
			after = NULL;
			at++;
		} else if (!after && at[0] == '=' && at[1] == '>') {
			before = NULL;
			after = one->after;
			at += 2;
		} else if (!before && *at == '}') {
			before = one->before;
			at++;
		} else {
			at = take_byte(at, before, after);
		}
	}
	ck_assert_msg(before && after, "%s: a brace is open", one->name);
	if (*at)
		return;
	g_byte_array_append(before, (const guint8 *)"\r\n", 2);
	g_byte_array_append(after, (const guint8 *)"\r\n", 2);
}

static Case *
case_new(const char *file, const char *name, Rules *rules)
{
	Case *one = g_new0(Case, 1);

	one->name = g_strdup_printf("%s: %s", file, name);
	one->rules = rules;
	one->before = g_byte_array_new();
	one->after = g_byte_array_new();
	return one;
}

/* An empty line before a case or new rules parts them, and is no header. */
static gboolean
parts_cases(char *const *line)
{
	return !**line && (!line[1] || g_str_equal(line[1], "rules:"));
}

static GPtrArray *
read_cases(const char *file)
{
	const char *top = g_getenv("top_srcdir");
	g_autofree char *path = g_build_filename(top ? top : ".", "tests",
						 "corpus", "rewrite", file,
						 NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	GPtrArray *list = g_ptr_array_new();
	Rules *rules = rules_new();
	Case *one = NULL;

	ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "%s",
		      path);
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		if (parts_cases(line))
			continue;
		if (g_str_equal(*line, "rules:")) {
			rules = rules_new();
			one = NULL;
		} else if (g_str_has_prefix(*line, "== ")) {
			one = case_new(file, *line + 3, rules);
			g_ptr_array_add(list, one);
		} else if (one) {
			take_line(one, *line);
		} else if (!take_setting(rules, *line)) {
			ck_assert_msg(!**line || **line == '#', "%s: %s",
				      file, *line);
		}
	}
	return list;
}

static void
read_all(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(files); i++)
		cases[i] = read_cases(files[i]);
}

static Rewrite *
rewrite_of(const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config =
		config_parse(CONFIG_ROUTE, text, "test", &error);
	Rewrite *rewrite = NULL;

	ck_assert_msg(config != NULL, "%s", error ? error->message : "");
	rewrite = rewrite_from_config(config, &error);
	ck_assert_msg(rewrite != NULL, "%s",
		      error ? error->message : "no rules");
	return rewrite;
}

static OwnAddresses
own_of(const Rules *rules)
{
	return (OwnAddresses){
		(const char *const *)rules->own->pdata,
		(const char *const *)rules->also->pdata,
		(const char *const *)rules->except->pdata,
	};
}

/* (transfer full). For people, when it failed. */
static char *
shown(const GByteArray *bytes)
{
	g_autoptr(GString) text = g_string_new_len((const char *)bytes->data,
						   bytes->len);

	return g_strescape(text->str, NULL);
}

static void
check_case(const Case *one)
{
	g_autoptr(Rewrite) rewrite = rewrite_of(one->rules->rules->str);
	g_autoptr(GByteArray) out = g_byte_array_new();
	const OwnAddresses own = own_of(one->rules);
	gboolean same = one->before->len == one->after->len &&
			(!one->before->len ||
			 !memcmp(one->before->data, one->after->data,
				 one->before->len));
	gboolean changed = rewrite_header(rewrite, &own,
					  (const char *)one->before->data,
					  one->before->len, out);
	g_autofree char *got = shown(out);
	g_autofree char *wanted = shown(one->after);

	ck_assert_msg(out->len == one->after->len &&
		      (!out->len || !memcmp(out->data, one->after->data,
					    out->len)),
		      "%s\n  came out as %s\n  instead of  %s", one->name,
		      got, wanted);
	ck_assert_msg(changed == !same, "%s", one->name);
}

START_TEST(the_corpus_comes_out_byte_for_byte)
{
	for (guint i = 0; i < cases[_i]->len; i++)
		check_case(cases[_i]->pdata[i]);
}
END_TEST

/* What was rewritten once is nobody's of ours any more. */
START_TEST(a_second_time_changes_nothing)
{
	for (guint i = 0; i < cases[_i]->len; i++) {
		const Case *one = cases[_i]->pdata[i];
		g_autoptr(Rewrite) rewrite =
			rewrite_of(one->rules->rules->str);
		g_autoptr(GByteArray) out = g_byte_array_new();
		const OwnAddresses own = own_of(one->rules);

		ck_assert_msg(!rewrite_header(rewrite, &own,
					      (const char *)one->after->data,
					      one->after->len, out),
			      "%s", one->name);
		ck_assert_uint_eq(out->len, one->after->len);
	}
}
END_TEST

START_TEST(the_corpus_is_large)
{
	guint all = 0, changed = 0;

	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		all += cases[i]->len;
		for (guint n = 0; n < cases[i]->len; n++) {
			const Case *one = cases[i]->pdata[n];

			changed += one->before->len != one->after->len;
		}
	}
	ck_assert_uint_ge(all, CASES_LEAST);
	ck_assert_uint_ge(changed, CASES_LEAST / 2);
	ck_assert_uint_ge(all - changed, CASES_LEAST / 4);
}
END_TEST

/* --- the rules ------------------------------------------------------------ */

static const char *const own_names[] = { "laptop", "localhost", NULL };

static const struct {
	const char *rules;
	const char *sender;
	const char *becomes; /* NULL: it stays */
} sender_rows[] = {
	{ "ReturnPath=ada@laptop:ada@uni.example", "ada@laptop",
	  "ada@uni.example" },
	{ "ReturnPath=ada@laptop:ada@uni.example", "bob@laptop", NULL },
	{ "From=ada@laptop:ada@uni.example", "ada@laptop", NULL },
	{ "Domain=uni.example", "ada@localhost", "ada@uni.example" },
	{ "Addresses=ada:ada@uni.example", "ada@laptop", "ada@uni.example" },
	{ "ReturnPath=*:x@uni.example\nDomain=y.example", "ada@laptop",
	  "x@uni.example" },
	{ "Domain=uni.example", "\"a b\"@laptop", "\"a b\"@uni.example" },
	{ "Domain=uni.example", "ada@far.example", NULL },
	/* The null sender is nobody's. */
	{ "Domain=uni.example", "", NULL },
	{ "ReturnPath=*:x@uni.example", "", NULL },
};

START_TEST(a_sender_is_rewritten)
{
	g_autofree char *text =
		g_strconcat("[Rewrite]\n", sender_rows[_i].rules, "\n", NULL);
	g_autoptr(Rewrite) rewrite = rewrite_of(text);
	const OwnAddresses own = { own_names, NULL, NULL };
	g_autofree char *becomes =
		rewrite_address(rewrite, &own, REWRITE_RETURN_PATH,
				sender_rows[_i].sender);

	ck_assert_pstr_eq(becomes, sender_rows[_i].becomes);
}
END_TEST

static const char *const wrong_rows[] = {
	"From=ada@laptop",
	"From=ada@laptop:",
	"From=:ada@uni.example",
	"From=ada@laptop:ada",
	"From=ada@laptop:Ada <ada@uni.example>",
	"From=ada@laptop:ada@uni.example;bob",
	"Sender=ada@laptop:@uni.example",
	"ReplyTo=x:y",
	"MailFollowupTo=x:y",
	"ReturnPath=x:<>",
	"Addresses=x:y",
	"Domain=uni..example",
	"Domain=ada@uni.example",
};

START_TEST(a_wrong_rule_is_named)
{
	g_autofree char *text =
		g_strconcat("[Rewrite]\n", wrong_rows[_i], "\n", NULL);
	g_autofree char *key =
		g_strndup(wrong_rows[_i], strcspn(wrong_rows[_i], "="));
	g_autoptr(Config) config =
		config_parse(CONFIG_ROUTE, text, "test", NULL);
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_nonnull(config);
	ck_assert_ptr_null(rewrite_from_config(config, &error));
	ck_assert_ptr_nonnull(error);
	ck_assert_ptr_nonnull(strstr(error->message, key));
}
END_TEST

START_TEST(no_rules_are_nothing)
{
	g_autoptr(Config) config = config_parse(
		CONFIG_ROUTE, "[Relay]\nHost=h\n[Rewrite]\nDomain=\n", "test",
		NULL);
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(rewrite_from_config(config, &error));
	ck_assert_ptr_null(error);
}
END_TEST

START_TEST(rules_have_a_bound)
{
	g_autoptr(GString) text = g_string_new("[Rewrite]\nFrom=");
	g_autoptr(Config) config = NULL;
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i <= REWRITE_MAX_RULES; i++)
		g_string_append(text, "a@laptop:a@b.example;");
	config = config_parse(CONFIG_ROUTE, text->str, "test", NULL);
	ck_assert_ptr_null(rewrite_from_config(config, &error));
	ck_assert_ptr_nonnull(error);
}
END_TEST

#define ADD_TABLE(test, rows) \
	tcase_add_loop_test(core, test, 0, G_N_ELEMENTS(rows))

static Suite *
make_rewrite_suite(void)
{
	Suite *suite = suite_create("rewrite");
	TCase *core = tcase_create("core");

	tcase_add_unchecked_fixture(core, read_all, NULL);
	ADD_TABLE(the_corpus_comes_out_byte_for_byte, files);
	ADD_TABLE(a_second_time_changes_nothing, files);
	ADD_TABLE(a_sender_is_rewritten, sender_rows);
	ADD_TABLE(a_wrong_rule_is_named, wrong_rows);
	tcase_add_test(core, the_corpus_is_large);
	tcase_add_test(core, no_rules_are_nothing);
	tcase_add_test(core, rules_have_a_bound);
	suite_add_tcase(suite, core);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_rewrite_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
