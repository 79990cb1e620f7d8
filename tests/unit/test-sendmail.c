// SPDX-License-Identifier: GPL-2.0-or-later
/* The pure parts of the sendmail command. */
#include "client/sendmail-aliases-check.h"
#include "client/sendmail-aliases.h"
#include "client/sendmail-input.h"
#include "client/sendmail-options.h"
#include "client/sendmail-queue.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* --- the command line --- */

/*
 * What a caller's words come to, as "mode flags key=value... : arguments".
 */
static char *
describe(const SendmailOptions *o)
{
	static const char *const modes[] = { "submit",  "rmail",   "smtp",
					     "queue",   "act",     "explain",
					     "aliases", "hosts",   "purge",
					     "help",    "version" };
	const struct {
		const char *name;
		const char *value;
	} values[] = {
		{ "f", o->sender },   { "F", o->full_name },
		{ "N", o->notify },   { "R", o->ret },
		{ "V", o->envid },    { "C", o->config },
		{ "verb", o->verb },  { "filter", o->filter },
	};
	GString *text = g_string_new(modes[o->mode]);

	g_string_append_printf(
		text, "%s%s%s%s%s%s%s%s", o->extract ? " t" : "",
		o->dots_are_text ? " i" : "", o->as_it_is ? " G" : "",
		o->queue_only ? " hold" : "", o->verbose ? " v" : "",
		o->silent ? " silent" : "", o->act_on_all ? " all" : "",
		o->warnings->len ? " warned" : "");
	for (guint i = 0; i < G_N_ELEMENTS(values); i++)
		if (values[i].value)
			g_string_append_printf(text, " %s=%s", values[i].name,
					       values[i].value);
	for (guint i = 0; i < o->arguments->len; i++)
		g_string_append_printf(
			text, "%s %s", i ? "" : " :",
			(char *)g_ptr_array_index(o->arguments, i));
	return g_string_free(text, FALSE);
}

static const struct {
	const char *line;  /* words parted by '|' */
	const char *means; /* NULL: refused */
} option_rows[] = {
	/* What the programs of Debian 12 say. */
	{ "sendmail|-oem|-oi|-f|a@b|--|c@d", "submit i f=a@b : c@d" },
	{ "sendmail|-oem|-oi|-B8BITMIME|-N|success,delay|-R|hdrs|--|c",
	  "submit i N=success,delay R=hdrs : c" },
	{ "sendmail|-f|a@b|-i|c@d|e@f", "submit i f=a@b : c@d e@f" },
	{ "/usr/sbin/sendmail|-FCronDaemon|-i|-B8BITMIME|-oem|ada",
	  "submit i F=CronDaemon : ada" },
	{ "sendmail|-FCronDaemon|-i|-odi|-oem|-oi|-t|-f|ada",
	  "submit t i f=ada F=CronDaemon" },
	{ "sendmail|-i|ada", "submit i : ada" },
	{ "sendmail|-i|-t|-f|a@b|-m|-v|c", "submit t i v f=a@b : c" },
	{ "sendmail|-i|-m|-F|Ada L|--|-c", "submit i F=Ada L : -c" },
	{ "sendmail|-oi|-f|a@b|-t", "submit t i f=a@b" },
	{ "sendmail|-oi|-f|a@b|-oem|-odb|c@d", "submit i f=a@b : c@d" },
	{ "sendmail|-oi|-f|a|-oA/etc/x|-oep|-odi|-t", "submit t i f=a" },
	{ "sendmail|-bs|-odb|-oem", "smtp" },
	{ "sendmail|-t|-i|-fa@b", "submit t i f=a@b" },
	{ "sendmail|-t", "submit t" },
	{ "sendmail|-f|sender|dest", "submit f=sender : dest" },
	{ "sendmail|-q", "act all verb=retry" },
	/* The rest of the table. */
	{ "sendmail|-ti", "submit t i" },
	{ "sendmail|-itv|a", "submit t i v : a" },
	{ "sendmail|-oitrue|a", "submit i : a" },
	{ "sendmail|-f||a", "submit f= : a" },
	{ "sendmail|-f|<>|a", "submit f=<> : a" },
	{ "sendmail|-r|b|a", "submit f=b : a" },
	{ "sendmail|-f|-x|a", "submit f=-x : a" },
	{ "sendmail|a|-i|b", "submit i : a b" },
	{ "sendmail|--|-i|--|-oQ/tmp", "submit : -i -- -oQ/tmp" },
	{ "sendmail|-odq|a", "submit hold : a" },
	{ "sendmail|-odd|-oeq|-G|a", "submit G hold silent : a" },
	{ "sendmail|-N|NEVER|a", "submit N=never : a" },
	{ "sendmail|-N|never,delay|a", "submit warned : a" },
	{ "sendmail|-N|often|-R|some|-V||a", "submit warned : a" },
	{ "sendmail|-R|FULL|-V|id 7|a", "submit R=full V=id 7 : a" },
	{ "sendmail|-V|id\nBcc: x|a", "submit warned : a" },
	{ "sendmail|-o|7|-h|3|-L|tag|-p|x|-X|/f|-D|/f|-e|m|-O|a=b|a",
	  "submit : a" },
	{ "sendmail|-o7|-om|-h3|-d0.1|-d|-Ac|-Am|-U|-n|-x|-E|-c|a",
	  "submit : a" },
	{ "sendmail|-C|/f|a", "submit C=/f : a" },
	{ "sendmail|-bp|-bm|a", "submit : a" },
	{ "sendmail|-bp", "queue" },
	{ "sendmail|-bi", "aliases" },
	{ "sendmail|-I", "aliases" },
	{ "sendmail|-bv|a@b", "explain : a@b" },
	{ "sendmail|-bV", "version" },
	{ "sendmail|--version", "version" },
	{ "sendmail|--help", "help" },
	{ "sendmail|-q15m", "act all verb=retry" },
	{ "sendmail|-qf", "act all verb=retry" },
	{ "sendmail|-qI1-0000", "act verb=retry : 1-0000" },
	{ "sendmail|-qR|b.example", "act all verb=retry filter=to:b.example" },
	{ "sendmail|-qSa@b", "act all verb=retry filter=from:a@b" },
	{ "sendmail|-Mrm|1-0|2-0", "act verb=delete : 1-0 2-0" },
	{ "sendmail|-Mf|1", "act verb=hold : 1" },
	{ "sendmail|-Mt|1", "act verb=release : 1" },
	{ "sendmail|-Mg|1", "act verb=bounce : 1" },
	{ "sendmail|-M|1", "act verb=retry : 1" },
	/* By another name. */
	{ "mailq", "queue" },
	{ "/usr/bin/mailq", "queue" },
	{ "runq", "act all verb=retry" },
	{ "mailrm|1-0", "act verb=delete : 1-0" },
	{ "newaliases", "aliases" },
	{ "rmail|a!b", "rmail i : a!b" },
	{ "smtpd", "smtp" },
	{ "in.smtpd", "smtp" },
	{ "hoststat", "hosts" },
	{ "purgestat", "purge" },
	{ "masqmail|a", "submit : a" },
	{ "", "submit" },
	/* Refused, naming the option. */
	{ "sendmail|-Z|a", NULL },
	{ "sendmail|-tZ|a", NULL },
	{ "sendmail|--json", NULL },
	{ "sendmail|-bZ", NULL },
	{ "sendmail|-ba", NULL },
	{ "sendmail|-bd", NULL },
	{ "sendmail|-bd|-q15m", NULL },
	{ "sendmail|-f", NULL },
	{ "sendmail|-B|9BIT|a", NULL },
	{ "sendmail|-qx", NULL },
	{ "sendmail|-Mxx|1", NULL },
};

static int
split_line(const char *line, char ***ret_argv)
{
	*ret_argv = g_strsplit(line, "|", -1);
	return g_strv_length(*ret_argv);
}

START_TEST(a_command_line_is_understood)
{
	g_auto(GStrv) argv = NULL;
	int argc = split_line(option_rows[_i].line, &argv);
	g_autoptr(GError) error = NULL;
	g_autoptr(SendmailOptions) options =
		sendmail_options_parse(argc, argv, &error);
	g_autofree char *means = options ? describe(options) : NULL;

	ck_assert_pstr_eq(means, option_rows[_i].means);
	if (means)
		return;
	ck_assert(g_error_matches(error, SENDMAIL_ERROR, EX_USAGE));
}
END_TEST

START_TEST(a_refusal_names_the_option)
{
	char program[] = "sendmail", word[] = "-Zebra\033[2J";
	char *argv[] = { program, word, NULL };
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(sendmail_options_parse(2, argv, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "-Zebra"));
	ck_assert_ptr_null(strchr(error->message, '\033'));
}
END_TEST

START_TEST(help_knows_every_option)
{
	g_autofree char *help = sendmail_options_help();

	for (const SendmailOption *row = sendmail_options; row->name; row++) {
		g_autofree char *word = g_strdup_printf("\n  -%s", row->name);

		ck_assert_msg(strstr(help, word) != NULL, "%s", row->name);
		ck_assert_msg(*row->help != '\0', "%s", row->name);
	}
}
END_TEST

/* Whether @name has its own item in the page's source. */
static gboolean
has_item(const char *page, const char *name)
{
	g_autofree char *item = g_strdup_printf("\n.It Fl %s", name);

	for (const char *at = strstr(page, item); at; at = strstr(at + 1, item))
		if (strchr(" \n", at[strlen(item)]))
			return TRUE;
	return FALSE;
}

START_TEST(the_manual_has_every_option)
{
	g_autofree char *path = g_build_filename(
		g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".", "man",
		"sendmail.8", NULL);
	g_autofree char *page = NULL;
	g_autoptr(GString) plain = NULL;
	guint rows = 0, items = 0;

	ck_assert(g_file_get_contents(path, &page, NULL, NULL));
	/* A name that is a macro's too is hidden from mdoc by this. */
	plain = g_string_new(page);
	g_string_replace(plain, "\\&", "", 0);
	for (; sendmail_options[rows].name; rows++)
		ck_assert_msg(has_item(plain->str,
				       sendmail_options[rows].name),
			      "-%s", sendmail_options[rows].name);
	for (const char *at = plain->str; (at = strstr(at, "\n.It Fl "));
	     at++)
		items++;
	ck_assert_uint_eq(items, rows);
}
END_TEST

/* --- the message --- */

static const struct {
	const char *bytes;
	gsize size;
	const char *canonical;
} input_rows[] = {
	{ "", 0, "" },
	{ "a\n", 2, "a\r\n" },
	{ "a\r\n", 3, "a\r\n" },
	{ "a", 1, "a\r\n" },
	{ "a\r", 2, "a\r\n" },
	{ "a\r\r\nb\n", 6, "a\r\nb\r\n" },
	{ "a\rb\n", 4, "a b\r\n" },
	{ "a\r\rb", 4, "a  b\r\n" },
	{ "\n\n", 2, "\r\n\r\n" },
	{ "\r\n\n\r\n", 5, "\r\n\r\n\r\n" },
	{ "a\nb\r\nc", 6, "a\r\nb\r\nc\r\n" },
	{ "..\n.a\n", 6, "..\r\n.a\r\n" },
	{ "a.\n", 3, "a.\r\n" },
	{ "\xc3\xa4\n", 3, "\xc3\xa4\r\n" },
};

START_TEST(input_becomes_canonical_at_any_split)
{
	const char *bytes = input_rows[_i].bytes;
	gsize size = input_rows[_i].size;

	for (gsize split = 0; split <= size; split++) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		Input input = { 0 };

		input_convert(&input, bytes, split, out);
		input_convert(&input, bytes + split, size - split, out);
		input_finish(&input, out);
		ck_assert_uint_eq(out->len, strlen(input_rows[_i].canonical));
		ck_assert_uint_eq(input.size, out->len);
		if (out->len > 0)
			ck_assert_mem_eq(out->data, input_rows[_i].canonical,
					 out->len);
	}
}
END_TEST

static const struct {
	const char *text;
	const char *dots_end;  /* without -i */
	const char *dots_stay; /* with -i */
} dot_rows[] = {
	{ "a\n.\nb\n", "a\r\n", "a\r\n.\r\nb\r\n" },
	{ "a\r\n.\r\nb\r\n", "a\r\n", "a\r\n.\r\nb\r\n" },
	{ ".\n", "", ".\r\n" },
	{ "a\n.", "a\r\n", "a\r\n.\r\n" },
	{ "a\n.b\n", "a\r\n.b\r\n", "a\r\n.b\r\n" },
	{ "a\n. \n", "a\r\n. \r\n", "a\r\n. \r\n" },
};

START_TEST(a_lone_dot_ends_or_stays)
{
	for (int stay = 0; stay < 2; stay++) {
		const char *text = dot_rows[_i].text;
		const char *want = stay ? dot_rows[_i].dots_stay :
					  dot_rows[_i].dots_end;
		g_autoptr(GByteArray) out = g_byte_array_new();
		Input input = { .dots_are_text = stay };

		for (gsize at = 0; text[at]; at++)
			input_convert(&input, text + at, 1, out);
		input_finish(&input, out);
		g_byte_array_append(out, (const guint8 *)"", 1);
		ck_assert_str_eq((char *)out->data, want);
		ck_assert_int_eq(input.ended, !stay && strstr(text, ".b") ==
							       NULL &&
						      strstr(text, ". ") ==
							      NULL);
	}
}
END_TEST

START_TEST(input_notes_what_it_saw)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	Input input = { 0 };

	input_convert(&input, "plain\n", 6, out);
	ck_assert(!input.is_8bit && !input.has_nul && !input.bare_return);
	input_convert(&input, "x\ry\xe4\0", 5, out);
	ck_assert(input.is_8bit && input.has_nul);
	ck_assert_uint_eq(input.bare_return, 9);
	ck_assert(!input.unfinished);
	input_finish(&input, out);
	ck_assert(input.unfinished);
}
END_TEST

/* --- newaliases --- */

static const struct {
	const char *text;
	const char *fault; /* part of the error; NULL: fine */
} alias_rows[] = {
	{ "", NULL },
	{ "# comment\n\nroot: ada\nall: a,\n b, c\n", NULL },
	{ "\"a b\": c\nx:\"|cmd a:b\"\n", NULL },
	{ "root ada\n", "line 1 has no" },
	{ "a: b\n: c\n", "line 2 has an empty name" },
	{ " a: b\n", "line 1 continues" },
	{ "a: \"b\n", "line 1 a quote" },
	{ "x\ny\n", "line 1 has no \"name:\"; line 2" },
};

START_TEST(aliases_are_checked)
{
	g_autoptr(GError) error = NULL;
	gboolean good = aliases_check_text(alias_rows[_i].text, "f", &error);

	ck_assert_int_eq(good, alias_rows[_i].fault == NULL);
	if (good)
		return;
	ck_assert_int_eq(error->code, EX_DATAERR);
	ck_assert_msg(strstr(error->message, alias_rows[_i].fault) != NULL,
		      "%s", error->message);
}
END_TEST

static const struct {
	const char *text;
	const char *faults; /* all of them; "" : fine */
} meaning_rows[] = {
	{ "", "" },
	{ "x: ada, ADA, ada@far.example, \\nobody", "" },
	{ "x: ada+lists, ada@localhost, ada@laptop", "" },
	{ "x: bob", "line 1: \"x\" leads to bob, whom nobody knows here" },
	{ "x: bob@laptop",
	  "line 1: \"x\" leads to bob, whom nobody knows here" },
	{ "b*: ada\nx: bob", "" },
	{ "x: y\ny: ada", "" },
	{ "x: x, ada", "" },
	{ "root: postmaster\nx: root", "" },
	{ "x: y\ny: x",
	  "line 1: \"x\" goes round in a circle: x -> y -> x|"
	  "line 2: \"y\" goes round in a circle: y -> x -> y" },
	{ "z: x\nx: y\ny: x+z",
	  "line 2: \"x\" goes round in a circle: x -> y -> x|"
	  "line 3: \"y\" goes round in a circle: y -> x -> y" },
	{ "x: |/nonexistent/program a",
	  "line 1: \"x\" runs /nonexistent/program, which is not there" },
	{ "x: |sh -c a", "" },
	{ "x: /tmp/file, /tmp/dir/", "" },
	{ "x: /none/such/file", "line 1: \"x\" writes to "
	  "/none/such/file, but there is no /none/such" },
	{ "x: :include:/nonexistent/list",
	  "line 1: \"x\" includes what cannot be read: Failed to open file "
	  "\342\200\234/nonexistent/list\342\200\235: No such file or "
	  "directory" },
	{ "a@laptop: ada\n\na@other: ada",
	  "line 3: \"a@other\" is for other, of which no mail comes here; "
	  "LocalHosts= would change that" },
	{ "a: b\nb: c\nc: d\nd: e\ne: f\nf: g\ng: h\nh: i\ni: j\nj: k\nk: ada",
	  "line 1: \"a\" leads through more than 10 aliases" },
	/* What is no line was told already. */
	{ "x: b c", "" },
};

static gboolean
is_ada(const char *name)
{
	return g_str_equal(name, "ada") || g_str_equal(name, "root");
}

START_TEST(aliases_mean_something)
{
	static char *domains[] = { (char *)"laptop", (char *)"localhost",
				   NULL };
	static char separators[] = "+";
	const AliasesPlace place = { is_ada, domains, separators };
	g_autoptr(Aliases) aliases = aliases_parse(meaning_rows[_i].text);
	g_autoptr(GPtrArray) faults = aliases_check_meaning(aliases, &place);
	g_autofree char *text = NULL;

	g_ptr_array_add(faults, NULL);
	text = g_strjoinv("|", (char **)faults->pdata);
	ck_assert_str_eq(text, meaning_rows[_i].faults);
}
END_TEST

/* --- mailq --- */

static const struct {
	const char *row;
	const char *text;
} queue_rows[] = {
	{ "('1GA4GC1-WG00', uint64 2345, int64 1709210220, 'ada@b.example', "
	  "'waits', 'Waiting for home.', 'bob@example.net', uint32 1)",
	  "1GA4GC1-WG00      2345 Thu Feb 29 13:37:00  ada@b.example\n"
	  "    (Waiting for home.)\n"
	  "                                            bob@example.net\n\n" },
	{ "('1GA4GC1-WG00', uint64 1, int64 0, '', 'held', '', 'x', "
	  "uint32 1)",
	  "1GA4GC1-WG00!        1 Thu Jan  1 01:00:00  MAILER-DAEMON\n"
	  "                                            x\n\n" },
};

START_TEST(mailq_looks_as_ever)
{
	g_autoptr(GVariant) row = g_variant_ref_sink(
		g_variant_new_parsed(queue_rows[_i].row));
	g_autofree char *text = queue_format(row, NULL, 3600);

	ck_assert_str_eq(text, queue_rows[_i].text);
}
END_TEST

static Suite *
make_sendmail_suite(void)
{
	Suite *suite = suite_create("sendmail");
	TCase *tc = tcase_create("sendmail");

	tcase_add_loop_test(tc, a_command_line_is_understood, 0,
			    G_N_ELEMENTS(option_rows));
	tcase_add_test(tc, a_refusal_names_the_option);
	tcase_add_test(tc, help_knows_every_option);
	tcase_add_test(tc, the_manual_has_every_option);
	tcase_add_loop_test(tc, input_becomes_canonical_at_any_split, 0,
			    G_N_ELEMENTS(input_rows));
	tcase_add_loop_test(tc, a_lone_dot_ends_or_stays, 0,
			    G_N_ELEMENTS(dot_rows));
	tcase_add_test(tc, input_notes_what_it_saw);
	tcase_add_loop_test(tc, aliases_are_checked, 0,
			    G_N_ELEMENTS(alias_rows));
	tcase_add_loop_test(tc, aliases_mean_something, 0,
			    G_N_ELEMENTS(meaning_rows));
	tcase_add_loop_test(tc, mailq_looks_as_ever, 0,
			    G_N_ELEMENTS(queue_rows));
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_sendmail_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
