// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The aliases: the file's grammar, and what a name comes to. Rows say the
 * file, the name and the outcome; targets are joined by blanks.
 */
#include "daemon/engine/alias.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char *const local_names[] = { "laptop.example", "localhost",
					   "shop.example", NULL };

/* The users of this machine; leaked, as the test process ends soon. */
static const MailboxRules *
people(void)
{
	static const char *const names[] = { "root", "ada", "bob",
					     "www+data", "Eve" };
	static MailboxRules rules = { NULL, "+" };

	if (!rules.logins)
		rules.logins = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		g_hash_table_add(rules.logins, (gpointer)names[i]);
	return &rules;
}

static AliasWorld
world_of(const Aliases *aliases)
{
	return (AliasWorld){
		.aliases = aliases,
		.path = "/etc/aliases",
		.human = "ada",
		.host = "laptop.example",
		.local_names = local_names,
		.mailboxes = people(),
	};
}

/* --- the grammar ---------------------------------------------------------- */

/* "ada \bob :include:/l |c /f :blackhole: :fail:no" (transfer full) */
static char *
targets_text(const Alias *alias)
{
	static const char *const words[] = {
		[ALIAS_ADDRESS] = "",	  [ALIAS_EXACT] = "\\",
		[ALIAS_INCLUDE] = ":include:",
		[ALIAS_BLACKHOLE] = ":blackhole:",
		[ALIAS_FAIL] = ":fail:",  [ALIAS_COMMAND] = "",
		[ALIAS_PATH] = "",
	};
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < alias->targets->len; i++) {
		const AliasTarget *target = alias->targets->pdata[i];

		g_string_append_printf(text, "%s%s%s", i ? " " : "",
				       words[target->kind], target->text);
	}
	return g_string_free(text, FALSE);
}

static const struct {
	const char *text;
	const char *name;
	const char *targets; /* NULL: there is no such alias */
} grammar_rows[] = {
	{ "root: ada", "root", "ada" },
	{ "root: ada\r\n", "root", "ada" },
	{ "ROOT: Ada", "root", "Ada" },
	{ "root: ada", "RoOt", "ada" },
	{ "root : ada", "root", "ada" },
	{ "root:ada,bob", "root", "ada bob" },
	{ "root: ada , bob ,", "root", "ada bob" },
	{ "root: ada,\n\tbob", "root", "ada bob" },
	{ "root: ada\n , bob\n# comment\n , eve\n", "root", "ada bob eve" },
	{ "root: ada\n\n , bob\n", "root", "ada bob" },
	{ "# root: ada\n", "root", NULL },
	{ "   # root: ada\nroot: bob", "root", "bob" },
	{ "root: ada # the owner", "root", "ada" },
	{ "root: a#b", "root", "a#b" },
	{ "root: \"a #b\"", "root", "\"a #b\"" },
	{ "root: ada@far.example", "root", "ada@far.example" },
	{ "root: \\root", "root", "\\root" },
	{ "root: \"\\root\"", "root", "\\root" },
	{ "root: \"\\\\root\"", "root", "\\root" },
	{ "root: \"ada\"", "root", "ada" },
	{ "root: \"ada lovelace\"", "root", "\"ada lovelace\"" },
	{ "root: \"ada, bob\"@far.example", "root",
	  "\"ada, bob\"@far.example" },
	{ "\"ada lovelace\": ada", "ada lovelace", "ada" },
	{ "\"a:b\": ada", "a:b", "ada" },
	{ "x: |/bin/cat", "x", "|/bin/cat" },
	{ "x: \"|/bin/cat -n, -u\"", "x", "|/bin/cat -n, -u" },
	{ "x: \"|say \\\"hi\\\"\"", "x", "|say \"hi\"" },
	{ "x: /var/log/mail", "x", "/var/log/mail" },
	{ "x: \"/var/log/my mail\", ada", "x", "/var/log/my mail ada" },
	{ "x: :include:/etc/list", "x", ":include:/etc/list" },
	{ "x: :include: /etc/list", "x", ":include:/etc/list" },
	{ "x: \":include:/etc/my list\"", "x", ":include:/etc/my list" },
	{ "x: :blackhole:", "x", ":blackhole:" },
	{ "x: :BlackHole:", "x", ":blackhole:" },
	{ "x: :fail:", "x", ":fail:" },
	{ "x: :fail: gone, for good: ask ada", "x",
	  ":fail:gone, for good: ask ada" },
	{ "x: \xc3\xa4" "da@far.example", "x",
	  "\xc3\xa4" "da@far.example" },
	{ "\xc3\x84" "DA: ada", "\xc3\xa4" "da", "ada" },
	{ "a: b\nc: d", "c", "d" },
	{ "a: b\nc d\ne: f", "e", "f" },
	{ "a: b\na: c", "a", "b" },
	{ "Ada@Shop.Example: b", "ada@shop.example", "b" },
	{ "*@shop.example: b", "*@shop.example", "b" },
	{ "@shop.example: b", "*@shop.example", "b" },
	{ "info-*: b", "info-*", "b" },
	{ "*: b", "*", "b" },
	{ "*@*.example: b", "*@*.example", "b" },
	{ "x: /dev/null", "x", ":blackhole:" },
	{ "x: /srv/list/", "x", "/srv/list/" },
	{ "x: ~/mail", "x", "~/mail" }, /* a strange address, no path */
};

START_TEST(files_are_read)
{
	g_autoptr(Aliases) aliases = aliases_parse(grammar_rows[_i].text);
	const Alias *alias = aliases_find(aliases, grammar_rows[_i].name);
	g_autofree char *text = NULL;

	if (!grammar_rows[_i].targets) {
		ck_assert_ptr_null(alias);
		return;
	}
	ck_assert_ptr_nonnull(alias);
	ck_assert_ptr_null(alias->fault);
	text = targets_text(alias);
	ck_assert_str_eq(text, grammar_rows[_i].targets);
}
END_TEST

static const struct {
	const char *text;
	const char *faults;
} fault_rows[] = {
	{ "root ada", "line 1 has no \"name:\"" },
	{ "a: b\n: c", "line 2 has an empty name" },
	{ "\"\": c", "line 1 has an empty name" },
	{ " a: b", "line 1 continues an alias that never began" },
	{ "a: \"b", "line 1 a quote is not closed" },
	{ "a:", "line 1 has no target" },
	{ "a: ,,", "line 1 has no target" },
	{ "a: # b", "line 1 has no target" },
	{ "a: b c", "line 1 has the target \"b c\", which is no address" },
	{ "a: b@", "line 1 has the target \"b@\", which is no address" },
	{ "a: @b", "line 1 has the target \"@b\", which is no address" },
	{ "a: Ada <ada@b>",
	  "line 1 has the target \"Ada <ada@b>\", which is no address" },
	{ "a: \\", "line 1 has the target \"\", which is no address" },
	{ "a: b\x01",
	  "line 1 has the target \"b\xef\xbf\xbd\", which is no address" },
	{ "a: \xff", "line 1 is no UTF-8" },
	{ "a: :defer: x",
	  "line 1 has the target \":defer: x\", which nobody knows" },
	{ "a: :blackhole: x",
	  "line 1 has the target \":blackhole: x\", which nobody knows" },
	{ "a: :include:list",
	  "line 1 has an :include: without an absolute path" },
	{ "a: :include:", "line 1 has an :include: without an absolute path" },
	{ "a: b\nA: c", "line 2 defines \"a\" again, after line 1" },
	{ "a@: c", "line 1 has the name \"a@\", behind whose '@' is no "
		   "domain" },
	{ "a@-: c", "line 1 has the name \"a@-\", behind whose '@' is no "
		    "domain" },
	{ "@: c", "line 1 has the name \"*@\", behind whose '@' is no "
		  "domain" },
	{ "a b\nc: d e\n", "line 1 has no \"name:\"; line 2 has the target "
			   "\"d e\", which is no address" },
	{ "\n\na:\n  b c\n", "line 3 has the target \"b c\", which is no "
			     "address" },
};

START_TEST(faults_are_named)
{
	g_autoptr(Aliases) aliases = aliases_parse(fault_rows[_i].text);
	g_autofree char *text = aliases_fault_text(aliases);

	ck_assert_str_eq(text, fault_rows[_i].faults);
}
END_TEST

START_TEST(faults_are_bounded)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(Aliases) aliases = NULL;
	g_autofree char *faults = NULL;

	for (guint i = 0; i < ALIASES_MAX_FAULTS + 5; i++)
		g_string_append(text, "x\n");
	aliases = aliases_parse(text->str);
	faults = aliases_fault_text(aliases);
	ck_assert_uint_eq(aliases->faults->len, ALIASES_MAX_FAULTS);
	ck_assert_uint_eq(aliases->more_faults, 5);
	ck_assert(g_str_has_suffix(faults, "; and more"));
}
END_TEST

START_TEST(names_are_bounded)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(Aliases) aliases = NULL;

	for (guint i = 0; i <= ALIASES_MAX; i++)
		g_string_append_printf(text, "n%u: a\n", i);
	aliases = aliases_parse(text->str);
	ck_assert_uint_eq(g_hash_table_size(aliases->names), ALIASES_MAX);
	ck_assert_uint_eq(aliases->faults->len, 1);
}
END_TEST

START_TEST(targets_are_bounded)
{
	g_autoptr(GString) text = g_string_new("a: x");
	g_autoptr(Aliases) aliases = NULL;
	const Alias *alias;

	for (guint i = 0; i < ALIASES_MAX_TARGETS; i++)
		g_string_append_printf(text, ", n%u", i);
	aliases = aliases_parse(text->str);
	alias = aliases_find(aliases, "a");
	ck_assert_uint_eq(alias->targets->len, ALIASES_MAX_TARGETS);
	ck_assert_ptr_nonnull(alias->fault);
}
END_TEST

static const struct {
	const char *text;
	const char *targets; /* or the fault */
} list_rows[] = {
	{ "", "" },
	{ "# nobody yet\n\n", "" },
	{ "ada\nbob@far.example\n", "ada bob@far.example" },
	{ "  ada, bob # two\n", "ada bob" },
	{ "\\ada\n", "\\ada" },
	{ "ada\nb c\n", "line 2 has the target \"b c\", which is no address" },
	{ "|/bin/sh\n", "line 1 has something else than addresses, which are "
			"all that a list may hold" },
	{ "ada\n/etc/passwd\n", "line 2 has something else than addresses, "
				"which are all that a list may hold" },
	{ ":include:/etc/list\n", "line 1 has something else than addresses, "
				  "which are all that a list may hold" },
	{ ":fail: no\n", "line 1 has something else than addresses, which "
			 "are all that a list may hold" },
	{ "\"ada\n", "line 1 a quote is not closed" },
	{ "\xff\n", "line 1 is no UTF-8" },
};

START_TEST(lists_hold_addresses_only)
{
	g_autoptr(Alias) list = alias_parse_list(list_rows[_i].text);
	g_autofree char *text = targets_text(list);

	ck_assert_str_eq(list->fault ? list->fault : text,
			 list_rows[_i].targets);
}
END_TEST

/* --- what a name comes to ------------------------------------------------- */

#define HERE "@laptop.example"
#define CURE "Nobody is known who reads root's mail. Write a line " \
	     "\"root: NAME\" into /etc/aliases, and it goes."

static const struct {
	const char *text; /* NULL: there is no file */
	const char *address;
	AliasOutcome outcome;
	const char *says; /* the targets, or the sentence */
} resolve_rows[] = {
	/* mailboxes */
	{ NULL, "ada", ALIAS_NONE, "" },
	{ "", "ada@laptop.example", ALIAS_NONE, "" },
	{ "bob: eve", "ada", ALIAS_NONE, "" },
	{ "ada: ada", "ada", ALIAS_NONE, "" },
	{ "ada: \\ada", "ada", ALIAS_BECOMES, "\\ada" HERE },
	{ "ada: ADA@localhost", "ada", ALIAS_NONE, "" },
	/* root and postmaster */
	{ NULL, "root", ALIAS_BECOMES, "ada" HERE },
	{ NULL, "ROOT@LapTop.Example", ALIAS_BECOMES, "ada" HERE },
	{ NULL, "postmaster", ALIAS_BECOMES, "ada" HERE },
	{ NULL, "PostMaster@localhost", ALIAS_BECOMES, "ada" HERE },
	{ "postmaster: root", "postmaster", ALIAS_BECOMES, "ada" HERE },
	{ "root: bob", "postmaster", ALIAS_BECOMES, "bob" HERE },
	{ "Postmaster: bob", "postmaster", ALIAS_BECOMES, "bob" HERE },
	{ "root: root", "root", ALIAS_BECOMES, "ada" HERE },
	{ "root: \\root", "root", ALIAS_BECOMES, "ada" HERE },
	{ "root: root, bob", "root", ALIAS_BECOMES, "ada" HERE " bob" HERE },
	{ "ada: ada@far.example", "root", ALIAS_BECOMES, "ada@far.example" },
	{ "bob: \\root", "bob", ALIAS_BECOMES, "ada" HERE },
	{ "ada: \\root", "ada", ALIAS_NONE, "" },
	/* lists and ways on */
	{ "x: ada", "x", ALIAS_BECOMES, "ada" HERE },
	{ "x: ada", "X" HERE, ALIAS_BECOMES, "ada" HERE },
	{ "X: Ada", "x", ALIAS_BECOMES, "ada" HERE },
	{ "x: ada, bob@far.example", "x", ALIAS_BECOMES,
	  "ada" HERE " bob@far.example" },
	{ "x: ada, ADA, ada@localhost", "x", ALIAS_BECOMES, "ada" HERE },
	{ "x: y, z\ny: ada\nz: ada, bob", "x", ALIAS_BECOMES,
	  "ada" HERE " bob" HERE },
	{ "x: y@localhost\ny: ada", "x", ALIAS_BECOMES, "ada" HERE },
	{ "x: y@elsewhere.example\ny: ada", "x", ALIAS_BECOMES,
	  "y@elsewhere.example" },
	{ "x: \\y\ny: ada", "x", ALIAS_BECOMES, "\\y" HERE },
	{ "x: ada, \\ada", "x", ALIAS_BECOMES, "\\ada" HERE },
	{ "x: x, bob", "x", ALIAS_BECOMES, "x" HERE " bob" HERE },
	{ "x: y\ny: y, bob", "x", ALIAS_BECOMES, "y" HERE " bob" HERE },
	{ "\"a b\": ada", "\"a b\"" HERE, ALIAS_BECOMES, "ada" HERE },
	{ "x: \"a b\"", "x", ALIAS_BECOMES, "\"a b\"" HERE },
	{ "x: :include:/l", "x", ALIAS_BECOMES, "ada" HERE " eve@far.example" },
	{ "x: bob, :include:/l", "x", ALIAS_BECOMES,
	  "bob" HERE " ada" HERE " eve@far.example" },
	{ "x: :include:/empty", "x", ALIAS_BECOMES, "" },
	{ "x: :blackhole:", "x", ALIAS_BECOMES, "" },
	{ "x: :blackhole:, ada", "x", ALIAS_BECOMES, "ada" HERE },
	/* commands and files */
	{ "x: |/bin/cat", "x", ALIAS_BECOMES, "|/bin/cat for x" HERE },
	{ "\nx: ada, /tmp/f", "x", ALIAS_BECOMES,
	  "ada" HERE " /tmp/f for x" HERE },
	{ "x: y, y\ny: |/bin/cat, |/bin/cat", "x", ALIAS_BECOMES,
	  "|/bin/cat for y" HERE },
	{ "x: |/bin/cat, |/bin/more", "x", ALIAS_BECOMES,
	  "|/bin/cat for x" HERE " |/bin/more for x" HERE },
	{ "x: x, |/bin/cat", "x", ALIAS_BECOMES,
	  "x" HERE " |/bin/cat for x" HERE },
	{ "x: /dev/null", "x", ALIAS_BECOMES, "" },
	{ "in-*: |/bin/cat", "in-7", ALIAS_BECOMES, "|/bin/cat for in-7" HERE },
	/* domains, patterns, catch-alls */
	{ "x@shop.example: ada", "x@shop.example", ALIAS_BECOMES, "ada" HERE },
	{ "x@shop.example: ada", "X@SHOP.example", ALIAS_BECOMES, "ada" HERE },
	{ "x@shop.example: ada", "x", ALIAS_NONE, "" },
	{ "x@laptop.example: ada", "x", ALIAS_BECOMES, "ada" HERE },
	{ "x: bob\nx@shop.example: ada", "x@shop.example", ALIAS_BECOMES,
	  "ada" HERE },
	{ "x: bob\nx@shop.example: ada", "x@localhost", ALIAS_BECOMES,
	  "bob" HERE },
	{ "*@shop.example: ada", "any@shop.example", ALIAS_BECOMES,
	  "ada" HERE },
	{ "@shop.example: ada", "any@shop.example", ALIAS_BECOMES, "ada" HERE },
	{ "*@shop.example: ada", "any", ALIAS_NONE, "" },
	{ "*@shop.example: ada", "bob@shop.example", ALIAS_NONE, "" },
	{ "*: ada", "bob", ALIAS_NONE, "" },
	{ "*: ada", "bob+x", ALIAS_NONE, "" },
	{ "*: ada", "eve", ALIAS_BECOMES, "ada" HERE },
	{ "*: ada", "any", ALIAS_BECOMES, "ada" HERE },
	{ "*: bob", "postmaster", ALIAS_BECOMES, "ada" HERE },
	{ "*: bob", "root", ALIAS_BECOMES, "ada" HERE },
	{ "*: bob\ninfo-*: ada", "info-x", ALIAS_BECOMES, "bob" HERE },
	{ "info-*: ada\n*: bob", "info-x", ALIAS_BECOMES, "ada" HERE },
	{ "*: bob\n*@shop.example: ada", "z@shop.example", ALIAS_BECOMES,
	  "ada" HERE },
	{ "*: bob\nx: ada", "x", ALIAS_BECOMES, "ada" HERE },
	{ "*@shop.example: y@shop.example", "z@shop.example", ALIAS_BECOMES,
	  "y" HERE },
	{ "a*: b1\nb*: a1", "a2", ALIAS_FAILS,
	  "The aliases of this machine go round in a circle: "
	  "a* -> b* -> a*." },
	/* sub-addresses */
	{ NULL, "ada+x", ALIAS_NONE, "" },
	{ NULL, "root+x", ALIAS_BECOMES, "ada" HERE },
	{ NULL, "postmaster+x", ALIAS_BECOMES, "ada" HERE },
	{ "team: ada, bob", "team+x", ALIAS_BECOMES, "ada" HERE " bob" HERE },
	{ "ada: bob\nada+x: eve", "ada+x", ALIAS_BECOMES, "eve" HERE },
	{ "ada: bob\nada+x: eve", "ada+y", ALIAS_BECOMES, "bob" HERE },
	{ "ada: bob\nada+x: eve", "ada+x+y", ALIAS_BECOMES, "eve" HERE },
	{ "www: bob", "www+data", ALIAS_NONE, "" },
	{ "ada: ada", "ada+x", ALIAS_NONE, "" },
	{ "ada: ada, bob", "ada+x", ALIAS_BECOMES, "ada+x" HERE " bob" HERE },
	{ "team: bob", "bob+x", ALIAS_NONE, "" },
	{ "+x: bob", "+x", ALIAS_BECOMES, "bob" HERE },
	/* what fails */
	{ "x: :fail: ask ada", "x", ALIAS_FAILS, "ask ada" },
	{ "x: :fail:", "x", ALIAS_FAILS, "This address takes no mail." },
	{ "x: ada, y\ny: :fail: no", "x", ALIAS_FAILS, "no" },
	{ "x: y\ny: x", "x", ALIAS_FAILS,
	  "The aliases of this machine go round in a circle: x -> y -> x." },
	{ "x: ada, y\ny: z\nz: bob, y@localhost, x", "x", ALIAS_FAILS,
	  "The aliases of this machine go round in a circle: "
	  "x -> y -> z -> y." },
	{ "ada: root", "root", ALIAS_FAILS,
	  "The aliases of this machine go round in a circle: "
	  "root -> ada -> root." },
	{ "x: :include:/loop", "x", ALIAS_FAILS,
	  "The aliases of this machine go round in a circle: x -> y -> x." },
	{ "x: a\na: b\nb: c\nc: d\nd: e\ne: f\nf: g\ng: h\nh: i\ni: j\nj: k",
	  "x",
	  ALIAS_FAILS, "More than 10 aliases of this machine lead to one "
	  "another: x -> a -> b -> c -> d -> e -> f -> g -> h -> i -> j." },
	{ "a: b\nb: c\nc: d\nd: e\ne: f\nf: g\ng: h\nh: i\ni: j\nj: k", "a",
	  ALIAS_BECOMES, "k" HERE },
	/* what waits */
	{ "x: b c", "x", ALIAS_WAITS,
	  "/etc/aliases, line 1: \"x\" has the target \"b c\", which is no "
	  "address. The mail goes once that is mended." },
	{ "x: :include:/gone", "x", ALIAS_WAITS,
	  "/etc/aliases, line 1: \"x\" includes /gone, which cannot be read. "
	  "The mail goes once that is mended." },
	{ "x: :include:/wrong", "x", ALIAS_WAITS,
	  "/etc/aliases, line 1: \"x\" includes /wrong, whose line 1 has "
	  "something else than addresses, which are all that a list may "
	  "hold. The mail goes once that is mended." },
};

static GHashTable *
lists_new(void)
{
	static const struct {
		const char *path, *text;
	} rows[] = {
		{ "/l", "ada\neve@far.example\n" },
		{ "/empty", "" },
		{ "/loop", "y\n" },
		{ "/wrong", "|/bin/sh\n" },
	};
	GHashTable *lists = g_hash_table_new_full(
		g_str_hash, g_str_equal, NULL, (GDestroyNotify)alias_free);

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		g_hash_table_insert(lists, (gpointer)rows[i].path,
				    alias_parse_list(rows[i].text));
	return lists;
}

/* "ada@here \bob@here |command for x@here" */
static char *
join(GPtrArray *targets)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < targets->len; i++) {
		const AliasGoal *goal = targets->pdata[i];

		g_string_append_printf(text, "%s%s%s%s%s", i ? " " : "",
				       goal->direct ? "\\" : "",
				       goal->target ? goal->target : "",
				       goal->target ? " for " : "",
				       goal->address);
	}
	return g_string_free(text, FALSE);
}

START_TEST(names_come_to_this)
{
	const char *text = resolve_rows[_i].text;
	const char *address = resolve_rows[_i].address;
	/* Only what is read may lead back by way of a list. */
	g_autofree char *whole =
		text ? g_strconcat(text, strstr(text, "/loop") ? "\ny: x" : "",
				   NULL) : NULL;
	g_autoptr(Aliases) aliases = whole ? aliases_parse(whole) : NULL;
	g_autoptr(GHashTable) lists = lists_new();
	g_autoptr(AliasResult) result = NULL;
	AliasWorld world = world_of(aliases);
	g_autofree char *joined = NULL;

	world.lists = lists;
	result = alias_resolve(&world, address, NULL);
	joined = join(result->targets);
	ck_assert_str_eq(*result->why ? result->why : joined,
			 resolve_rows[_i].says);
	ck_assert_int_eq(result->outcome, resolve_rows[_i].outcome);
	ck_assert_int_eq(alias_outcome(&world, address), result->outcome);
	ck_assert_int_eq(*result->enhanced == '5',
			 result->outcome == ALIAS_FAILS);
}
END_TEST

START_TEST(root_waits_for_somebody)
{
	AliasWorld world = world_of(NULL);
	g_autoptr(AliasResult) result = NULL;

	world.human = NULL;
	result = alias_resolve(&world, "postmaster", NULL);
	ck_assert_int_eq(result->outcome, ALIAS_WAITS);
	ck_assert_str_eq(result->why, CURE);
}
END_TEST

/* Who runs their own agent as root is their own root. */
START_TEST(root_may_be_the_human)
{
	AliasWorld world = world_of(NULL);
	g_autoptr(AliasResult) postmaster = NULL;

	world.human = "root";
	ck_assert_int_eq(alias_outcome(&world, "root"), ALIAS_NONE);
	postmaster = alias_resolve(&world, "postmaster", NULL);
	ck_assert_uint_eq(postmaster->targets->len, 1);
	ck_assert_str_eq(alias_goal_text(postmaster->targets->pdata[0]),
			 "root" HERE);
}
END_TEST

/* RootMail= may be anybody, and an alias for root goes before it. */
START_TEST(root_mail_may_go_elsewhere)
{
	g_autoptr(Aliases) aliases = aliases_parse("bob: eve");
	AliasWorld world = world_of(aliases);
	g_autoptr(AliasResult) far = NULL;
	g_autoptr(AliasResult) near = NULL;

	world.human = "ada@far.example";
	far = alias_resolve(&world, "root", NULL);
	ck_assert_uint_eq(far->targets->len, 1);
	ck_assert_str_eq(alias_goal_text(far->targets->pdata[0]),
			 "ada@far.example");
	world.human = "bob";
	near = alias_resolve(&world, "root", NULL);
	ck_assert_str_eq(alias_goal_text(near->targets->pdata[0]),
			 "eve" HERE);
}
END_TEST

static const struct {
	const char *local, *user;
} user_rows[] = {
	{ "ada", "ada" },
	{ "ADA", "ada" },
	{ "ada+x", "ada" },
	{ "Ada+X", "ada" },
	{ "ada+x+y", "ada" },
	{ "Eve", "Eve" },
	{ "Eve+x", "Eve" },
	{ "www+data", "www+data" },
	{ "www+data+x", "www+data" },
	{ "unknown+x+y", "unknown" },
	{ "Unknown", "unknown" },
	{ "+x", "+x" },
	{ "ada+", "ada" },
	{ "", "" },
};

START_TEST(a_mailbox_is_somebodys)
{
	g_autofree char *user =
		mailbox_user(people(), user_rows[_i].local);
	const MailboxRules nothing = { NULL, "" };
	g_autofree char *whole = mailbox_user(&nothing, "Ada+x");

	ck_assert_str_eq(user, user_rows[_i].user);
	ck_assert_str_eq(whole, "ada+x");
}
END_TEST

static const struct {
	const char *text;
	const char *targets; /* or the fault */
} forward_rows[] = {
	{ "", "" },
	{ "# at home\n\n", "" },
	{ "ada@far.example", "ada@far.example" },
	{ "\\ada, ada@far.example\n", "\\ada ada@far.example" },
	{ "\"|/usr/bin/procmail -t\"\n", "|/usr/bin/procmail -t" },
	{ "|/usr/bin/procmail -t\n", "|/usr/bin/procmail -t" },
	{ "~/Mail/in/\n/home/ada/mbox # both\n",
	  "~/Mail/in/ /home/ada/mbox" },
	{ "/dev/null\n", ":blackhole:" },
	{ ":include:/etc/list\n", "line 1 has what only the aliases file of "
				  "the machine may hold" },
	{ "ada\n:fail: no\n", "line 2 has what only the aliases file of the "
			      "machine may hold" },
	{ "b c\n", "line 1 has the target \"b c\", which is no address" },
};

START_TEST(forwards_hold_more)
{
	g_autoptr(Alias) list = alias_parse_forward(forward_rows[_i].text);
	g_autofree char *text = targets_text(list);

	ck_assert_str_eq(list->fault ? list->fault : text,
			 forward_rows[_i].targets);
}
END_TEST

START_TEST(all_wait_for_a_file_that_cannot_be_read)
{
	AliasWorld world = world_of(NULL);
	g_autoptr(AliasResult) result = NULL;

	world.fault = "It cannot be read.";
	result = alias_resolve(&world, "ada", NULL);
	ck_assert_int_eq(result->outcome, ALIAS_WAITS);
	ck_assert_str_eq(result->why, world.fault);
	ck_assert_int_eq(alias_outcome(&world, "ada"), ALIAS_WAITS);
}
END_TEST

/* "x: t0, t1, ..." with @count targets. */
static AliasResult *
resolve_many(guint count)
{
	g_autoptr(GString) text = g_string_new("x:");
	g_autoptr(Aliases) aliases = NULL;
	AliasWorld world;

	for (guint i = 0; i < count; i++)
		g_string_append_printf(text, " t%u,", i);
	aliases = aliases_parse(text->str);
	world = world_of(aliases);
	return alias_resolve(&world, "x", NULL);
}

START_TEST(a_name_stands_for_so_many)
{
	g_autoptr(AliasResult) most = resolve_many(ALIAS_MAX_TARGETS);
	g_autoptr(AliasResult) more = resolve_many(ALIAS_MAX_TARGETS + 1);

	ck_assert_int_eq(most->outcome, ALIAS_BECOMES);
	ck_assert_uint_eq(most->targets->len, ALIAS_MAX_TARGETS);
	ck_assert_int_eq(more->outcome, ALIAS_FAILS);
	ck_assert_uint_eq(more->targets->len, 0);
	ck_assert_str_eq(more->why, "The alias stands for more than 100 "
				    "addresses: x -> t100.");
}
END_TEST

/* Nine levels of which each names the next a hundred times. */
START_TEST(a_bomb_is_not_unpacked)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(Aliases) aliases = NULL;
	g_autoptr(AliasResult) result = NULL;
	AliasWorld world;

	for (guint level = 0; level < 9; level++) {
		g_string_append_printf(text, "b%u:", level);
		for (guint i = 0; i < 100; i++)
			g_string_append_printf(text, " b%u,", level + 1);
		g_string_append(text, "\n");
	}
	aliases = aliases_parse(text->str);
	world = world_of(aliases);
	result = alias_resolve(&world, "b0", NULL);
	ck_assert_int_eq(result->outcome, ALIAS_FAILS);
}
END_TEST

START_TEST(steps_are_told)
{
	g_autoptr(Aliases) aliases =
		aliases_parse("list: root, \\bob, eve@far.example\n");
	AliasWorld world = world_of(aliases);
	g_autoptr(GPtrArray) steps = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(AliasResult) result =
		alias_resolve(&world, "list", steps);
	g_autofree char *text = NULL;

	ck_assert_uint_eq(result->targets->len, 3);
	g_ptr_array_add(steps, NULL);
	text = g_strjoinv("|", (char **)steps->pdata);
	ck_assert_str_eq(text,
			 "list is an alias (/etc/aliases, line 1): root, "
			 "\\bob, eve@far.example|Root's mail goes to ada.");
}
END_TEST

/* Whatever bytes there are: nothing breaks, and what is shown is harmless. */
START_TEST(noise_is_survived)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(_i);
	static const char bytes[] = "ab:,\\\"#|/@ \t\n\r\x01\xff\xc3:<>.";
	char text[200];
	g_autoptr(Aliases) aliases = NULL;
	g_autofree char *faults = NULL;
	GHashTableIter iter;
	gpointer name;
	AliasWorld world;

	for (guint i = 0; i < sizeof(text) - 1; i++)
		text[i] = bytes[g_rand_int_range(random, 0,
						 sizeof(bytes) - 1)];
	text[sizeof(text) - 1] = '\0';
	aliases = aliases_parse(text);
	world = world_of(aliases);
	faults = aliases_fault_text(aliases);
	ck_assert(!faults || g_utf8_validate(faults, -1, NULL));
	g_hash_table_iter_init(&iter, aliases->names);
	while (g_hash_table_iter_next(&iter, &name, NULL)) {
		g_autofree char *quoted = g_strdup_printf("%s", (char *)name);
		g_autoptr(AliasResult) result =
			alias_resolve(&world, quoted, NULL);

		ck_assert(g_utf8_validate(result->why, -1, NULL));
		ck_assert_ptr_null(strpbrk(result->why, "\n\r\t\x01"));
		ck_assert_uint_le(result->targets->len, ALIAS_MAX_TARGETS);
	}
}
END_TEST

static Suite *
make_alias_suite(void)
{
	Suite *suite = suite_create("alias");
	TCase *tc = tcase_create("alias");

	tcase_add_loop_test(tc, files_are_read, 0,
			    G_N_ELEMENTS(grammar_rows));
	tcase_add_loop_test(tc, faults_are_named, 0,
			    G_N_ELEMENTS(fault_rows));
	tcase_add_loop_test(tc, a_mailbox_is_somebodys, 0,
			    G_N_ELEMENTS(user_rows));
	tcase_add_loop_test(tc, forwards_hold_more, 0,
			    G_N_ELEMENTS(forward_rows));
	tcase_add_test(tc, root_mail_may_go_elsewhere);
	tcase_add_test(tc, faults_are_bounded);
	tcase_add_test(tc, names_are_bounded);
	tcase_add_test(tc, targets_are_bounded);
	tcase_add_loop_test(tc, lists_hold_addresses_only, 0,
			    G_N_ELEMENTS(list_rows));
	tcase_add_loop_test(tc, names_come_to_this, 0,
			    G_N_ELEMENTS(resolve_rows));
	tcase_add_test(tc, root_waits_for_somebody);
	tcase_add_test(tc, root_may_be_the_human);
	tcase_add_test(tc, all_wait_for_a_file_that_cannot_be_read);
	tcase_add_test(tc, a_name_stands_for_so_many);
	tcase_add_test(tc, a_bomb_is_not_unpacked);
	tcase_add_test(tc, steps_are_told);
	tcase_add_loop_test(tc, noise_is_survived, 0, 300);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_alias_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
