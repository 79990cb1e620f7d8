// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What masqctl prints: JSON, tables of any width, and what it says to a
 * slip on the command line (the program itself is run for that).
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

#include "client/ctl-table.h"
#include "client/json.h"
#include "common/api.h"
#include "common/config.h"

static const struct {
	const char *variant; /* our own text, as GVariant spells it */
	const char *json;
} json_rows[] = {
	{ "'plain'", "\"plain\"" },
	{ "'quo\"te \\\\ back'", "\"quo\\\"te \\\\ back\"" },
	{ "'\\u001b[2J\\n\\t'", "\"\\u001b[2J\\u000a\\u0009\"" },
	{ "'\\u009b\\u007f\\u202e\\u2066'",
	  "\"\\u009b\\u007f\\u202e\\u2066\"" },
	{ "'\\u2028\\u2029'", "\"\\u2028\\u2029\"" },
	{ "'äö漢😀'", "\"äö漢😀\"" },
	{ "true", "true" },
	{ "int32 -5", "-5" },
	{ "uint64 18446744073709551615", "18446744073709551615" },
	{ "int64 -9223372036854775808", "-9223372036854775808" },
	{ "0.5", "0.5" },
	{ "@as []", "[]" },
	{ "['a', 'b']", "[\"a\",\"b\"]" },
	{ "('a', 1, true)", "[\"a\",1,true]" },
	{ "@a{sv} {}", "{}" },
	{ "{'k': <'v'>, 'n': <uint32 7>}", "{\"k\":\"v\",\"n\":7}" },
	{ "{'a\"b': {'c': 'd'}}", "{\"a\\\"b\":{\"c\":\"d\"}}" },
	{ "[{'a': <[1, 2]>}, {'b': <@aa{sv} []>}]",
	  "[{\"a\":[1,2]},{\"b\":[]}]" },
	{ "<<'deep'>>", "\"deep\"" },
};

START_TEST(a_variant_becomes_json)
{
	g_autoptr(GVariant) value = g_variant_ref_sink(g_variant_new_parsed(
		json_rows[_i].variant));
	g_autoptr(GString) json = g_string_new(NULL);

	json_append(json, value);
	ck_assert_str_eq(json->str, json_rows[_i].json);
}
END_TEST

START_TEST(what_is_no_number_is_null)
{
	const double numbers[] = { 1e308 * 10, -1e308 * 10, 0.0 / 0.0 };
	g_autoptr(GVariant) value =
		g_variant_ref_sink(g_variant_new_double(numbers[_i]));
	g_autoptr(GString) json = g_string_new(NULL);

	json_append(json, value);
	ck_assert_str_eq(json->str, "null");
}
END_TEST

static const struct {
	const char *text;
	guint width;
} widths[] = {
	{ "", 0 },      { "abc", 3 },        { "äöü", 3 },
	{ "漢字", 4 },  { "e\xcc\x81", 1 },  { "a\xe2\x80\x8b" "b", 2 },
	{ "…", 1 },     { "😀", 2 },
};

START_TEST(text_takes_its_columns)
{
	ck_assert_uint_eq(table_width(widths[_i].text), widths[_i].width);
}
END_TEST

static const TableColumn columns[] = {
	{ "ID", FALSE, FALSE },
	{ "SIZE", TRUE, FALSE },
	{ "TO", FALSE, TRUE },
	{ "SUBJECT", FALSE, TRUE },
	{ NULL },
};

static Table *
make_table(void)
{
	static const char *const cells[] = {
		"1-0000", "4K", "short@x.example", "tea at five o'clock",
		"2-0000", "640", "a.long.address@some.where.example",
		"会議の資料とスライド", "3-0000", "1M", "\033[2J@x", "",
	};
	Table *table = table_new(columns);

	for (guint i = 0; i < G_N_ELEMENTS(cells); i++) {
		table_add(table, cells[i]);
		if (i == 3)
			table_note(table, "It waits for a network that is "
					  "known to be worth waiting for.");
	}
	return table;
}

START_TEST(a_table_fits_its_terminal)
{
	g_autoptr(Table) table = make_table();
	g_autofree char *text = table_format(table, _i);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++)
		ck_assert_msg(table_width(*line) <= (guint)_i, "%s", *line);
	ck_assert_ptr_null(strchr(text, '\033'));
	ck_assert_ptr_nonnull(strstr(text, "2-0000"));
}
END_TEST

START_TEST(without_a_terminal_nothing_is_cut)
{
	g_autoptr(Table) table = make_table();
	g_autofree char *text = table_format(table, 0);

	ck_assert_str_eq(
		text,
		"ID      SIZE  TO                                 SUBJECT\n"
		"1-0000    4K  short@x.example                    "
		"tea at five o'clock\n"
		"    It waits for a network that is known to be worth waiting "
		"for.\n"
		"2-0000   640  a.long.address@some.where.example  "
		"会議の資料とスライド\n"
		"3-0000    1M  \xef\xbf\xbd[2J@x\n");
}
END_TEST

START_TEST(cut_cells_say_so)
{
	g_autoptr(Table) table = make_table();
	g_autofree char *text = table_format(table, 50);

	ck_assert_ptr_nonnull(strstr(text, "…"));
	ck_assert_ptr_nonnull(strstr(text, "\n    It waits for a network that "
					   "is known to be\n    worth"));
}
END_TEST

START_TEST(a_table_without_rows_is_its_titles)
{
	g_autoptr(Table) table = table_new(columns);
	g_autofree char *text = table_format(table, 80);

	ck_assert_str_eq(text, "ID  SIZE  TO  SUBJECT\n");
}
END_TEST

/* --- the command line, with no daemon anywhere --- */

static const struct {
	const char *line;
	int code;
	const char *says; /* on standard error; "": nothing */
} lines[] = {
	{ "status", 69, "Start it with" },
	{ "queue", 69, "does not answer" },
	{ "", 69, "does not answer" },
	{ "qeue", 64, "“queue” perhaps" },
	{ "something", 64, "masqctl --help" },
	{ "hold", 64, "--all" },
	{ "hold 1-0000 --all", 64, "not both" },
	{ "hold --al", 64, "--all perhaps" },
	{ "hold -x", 64, "there is no option" },
	{ "status --since 1h", 64, "takes no --since" },
	{ "status more", 64, "“more” is too much" },
	{ "show", 64, "needs more: masqctl show ID" },
	{ "log --since", 64, "--since needs DURATION" },
	{ "queue --json=yes", 64, "takes no value" },
	{ "help nothing", 64, "no help about" },
	{ "--help", 0, "" },
	{ "--version", 0, "" },
	{ "help", 0, "" },
	{ "help protocol", 0, "" },
	{ "help queue", 0, "" },
	{ "queue --help", 0, "" },
	{ "hold --help", 0, "" },
	{ "config", 0, "" },
	{ "config --help", 0, "" },
};

static int
run(const char *line, char **ret_out, char **ret_err)
{
	const char *top = g_getenv("top_builddir");
	g_autofree char *program =
		g_build_filename(top ? top : ".", "masqctl", NULL);
	g_autofree char *whole = g_strdup_printf("%s %s", program, line);
	g_auto(GStrv) argv = NULL;
	int status = -1;

	ck_assert(g_shell_parse_argv(whole, NULL, &argv, NULL));
	ck_assert(g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, ret_out,
			       ret_err, &status, NULL));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* An own agent's configuration, so that no system service is asked. */
static char *config_home;

static void
make_nowhere(void)
{
	g_autofree char *own = NULL;

	config_home = g_dir_make_tmp("ctl-XXXXXX", NULL);
	own = g_build_filename(config_home, "masqmail", NULL);
	ck_assert_int_eq(g_mkdir(own, 0700), 0);
	g_setenv("XDG_CONFIG_HOME", config_home, TRUE);
	g_setenv("XDG_RUNTIME_DIR", "/nonexistent", TRUE);
	g_setenv("HOME", "/nonexistent", TRUE);
	g_setenv("LC_ALL", "C.UTF-8", TRUE);
	g_setenv("LANGUAGE", "", TRUE);
}

static void
remove_nowhere(void)
{
	g_autofree char *own =
		g_build_filename(config_home, "masqmail", NULL);

	g_rmdir(own);
	g_rmdir(config_home);
	g_free(config_home);
}

START_TEST(a_command_line_is_answered)
{
	g_autofree char *out = NULL, *err = NULL;
	int code;

	code = run(lines[_i].line, &out, &err);
	ck_assert_msg(code == lines[_i].code, "%s: %d %s", lines[_i].line,
		      code, err);
	ck_assert_msg(strstr(err, lines[_i].says) &&
			      (*lines[_i].says || !*err),
		      "%s: %s", lines[_i].line, err);
	ck_assert_int_eq(*out == '\0', code != 0);
}
END_TEST

/* --- the manual pages --- */

static char *
read_page(const char *name)
{
	const char *top = g_getenv("top_srcdir");
	g_autofree char *path =
		g_build_filename(top ? top : ".", "man", name, NULL);
	char *text = NULL;

	ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "%s",
		      path);
	return text;
}

static guint
count(const char *text, const char *what)
{
	guint n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* Whether a line of @page is @format's, or goes on behind it. */
static void
assert_item(const char *page, const char *item)
{
	g_autofree char *alone = g_strconcat("\n", item, "\n", NULL);
	g_autofree char *more = g_strconcat("\n", item, " ", NULL);

	ck_assert_msg(strstr(page, alone) || strstr(page, more),
		      "the page has no %s", item);
}

START_TEST(every_command_and_option_stands_in_the_page)
{
	g_autofree char *page = read_page("masqctl.1");
	g_autofree char *out = NULL, *err = NULL;
	g_auto(GStrv) help = NULL;
	guint commands = 0, options = 0;

	run("help", &out, &err);
	help = g_strsplit(out, "\n", -1);
	for (char **line = help; *line; line++) {
		g_autofree char *word = NULL, *item = NULL;

		if (!g_str_has_prefix(*line, "  "))
			continue;
		word = g_strndup(*line + 2, strcspn(*line + 2, " "));
		if (*word == '-') {
			item = g_strdup_printf(".It Fl %s", word + 1);
			options++;
		} else {
			item = g_strdup_printf(".It Cm %s", word);
			commands++;
		}
		assert_item(page, item);
	}
	ck_assert_uint_gt(commands, 10);
	ck_assert_uint_eq(count(page, "\n.It Cm "), commands);
	ck_assert_uint_eq(count(page, "\n.It Fl "), options);
}
END_TEST

START_TEST(the_protocols_page_is_its_table)
{
	g_autofree char *page = read_page("masqmail-protocol.7");
	guint items = 0, n_columns = 0;

	for (const ApiMethod *row = api_methods; row->name; row++, items++) {
		g_autofree char *roles =
			row->roles == ROLE_ANY ? g_strdup("any")
					       : api_roles_text(row->roles);
		g_autofree char *item =
			g_strdup_printf(".It Ic %s Li %s Li %s Em %s",
					row->name, row->in, row->out, roles);

		assert_item(page, item);
	}
	for (const ApiNotice *row = api_notices; row->name; row++, items++) {
		g_autofree char *item = g_strdup_printf(
			".It Ic %s Li %s", row->name, row->body);

		assert_item(page, item);
	}
	for (const ApiColumn *row = api_columns; row->name; row++) {
		g_autofree char *item = g_strdup_printf(
			".It Li %s Pq Li %s", row->name, row->type);

		assert_item(page, item);
		n_columns++;
	}
	ck_assert_uint_eq(count(page, "\n.It Ic "), items);
	ck_assert_uint_eq(count(page, " Pq Li "), n_columns);
}
END_TEST

START_TEST(help_prints_the_protocols_tables)
{
	g_autofree char *out = NULL, *err = NULL;

	run("help protocol", &out, &err);
	for (const ApiMethod *row = api_methods; row->name; row++) {
		ck_assert_ptr_nonnull(strstr(out, row->name));
		ck_assert_ptr_nonnull(strstr(out, row->help));
	}
	for (const ApiColumn *row = api_columns; row->name; row++)
		ck_assert_ptr_nonnull(strstr(out, row->help));
}
END_TEST

START_TEST(help_prints_every_key)
{
	g_autofree char *out = NULL, *err = NULL;

	run("config --help", &out, &err);
	for (const ConfigKey *row = config_keys; row->key; row++) {
		g_autofree char *key = g_strdup_printf("\n  %s= (", row->key);

		ck_assert_ptr_nonnull(strstr(out, key));
		ck_assert_ptr_nonnull(strstr(out, row->help));
	}
}
END_TEST

static Suite *
make_ctl_suite(void)
{
	Suite *suite = suite_create("ctl");
	TCase *tc = tcase_create("output");
	TCase *line = tcase_create("command line");
	TCase *page = tcase_create("manual");

	tcase_add_checked_fixture(line, make_nowhere, remove_nowhere);
	tcase_add_checked_fixture(page, make_nowhere, remove_nowhere);

	tcase_add_loop_test(tc, a_variant_becomes_json, 0,
			    G_N_ELEMENTS(json_rows));
	tcase_add_loop_test(tc, what_is_no_number_is_null, 0, 3);
	tcase_add_loop_test(tc, text_takes_its_columns, 0,
			    G_N_ELEMENTS(widths));
	tcase_add_loop_test(tc, a_table_fits_its_terminal, 40, 120);
	tcase_add_test(tc, without_a_terminal_nothing_is_cut);
	tcase_add_test(tc, cut_cells_say_so);
	tcase_add_test(tc, a_table_without_rows_is_its_titles);
	tcase_add_loop_test(line, a_command_line_is_answered, 0,
			    G_N_ELEMENTS(lines));
	tcase_add_test(page, every_command_and_option_stands_in_the_page);
	tcase_add_test(page, the_protocols_page_is_its_table);
	tcase_add_test(page, help_prints_the_protocols_tables);
	tcase_add_test(page, help_prints_every_key);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, line);
	suite_add_tcase(suite, page);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_ctl_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
