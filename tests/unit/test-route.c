// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/route.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define ADA 1000
#define BOB 1001

/* Routes as files; the profile lists them in this order. */
typedef struct {
	const char *name;
	const char *text;
} File;

static GPtrArray *
routes_of(const File *files)
{
	GPtrArray *routes =
		g_ptr_array_new_with_free_func((GDestroyNotify)route_free);

	for (; files->name; files++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(Config) config = config_parse(
			CONFIG_ROUTE, files->text, files->name, &error);
		Route *route = config ?
			route_from_config(config, files->name, &error) : NULL;

		if (!route)
			ck_abort_msg("%s: %s", files->name, error->message);
		g_ptr_array_add(routes, route);
	}
	return routes;
}

static void
forget(gpointer facts)
{
	route_facts_free(facts);
}

/* A world in which everything is well. */
typedef struct {
	RouteWorld world;
	Profile *profile;
} Fixture;

static const char *const local_names[] = {
	"localhost", "laptop", "laptop.home.example", NULL,
};

static void
fixture_init(Fixture *fixture, const File *files)
{
	RouteWorld *world = &fixture->world;
	GPtrArray *names = g_ptr_array_new();

	memset(fixture, 0, sizeof(*fixture));
	world->routes = routes_of(files);
	fixture->profile = profile_new("home");
	g_free(fixture->profile->routes);
	for (; files->name; files++)
		g_ptr_array_add(names, g_strdup(files->name));
	g_ptr_array_add(names, NULL);
	fixture->profile->routes =
		(char **)g_ptr_array_free(names, FALSE);
	world->profile = fixture->profile;
	world->usable = TRUE;
	world->local_names = local_names;
	world->users = g_hash_table_new(NULL, NULL);
	g_hash_table_insert(world->users, GUINT_TO_POINTER(ADA),
			    (gpointer)"ada");
	g_hash_table_insert(world->users, GUINT_TO_POINTER(BOB),
			    (gpointer)"bob");
	world->facts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
					     forget);
	world->now = 1000;
}

static void
fixture_done(Fixture *fixture)
{
	g_ptr_array_unref(fixture->world.routes);
	g_hash_table_unref(fixture->world.users);
	g_hash_table_unref(fixture->world.facts);
	profile_free(fixture->profile);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fixture, fixture_done)

static RouteFacts *
facts_of(Fixture *fixture, const char *route)
{
	RouteFacts *facts = route_facts_new();

	g_hash_table_insert(fixture->world.facts, (gpointer)route, facts);
	return facts;
}

static const struct {
	const char *address;
	gboolean local;
	const char *user;
} local_rows[] = {
	{ "ada", TRUE, "ada" },
	{ "Ada", TRUE, "ada" },
	{ "ada@localhost", TRUE, "ada" },
	{ "ada@LAPTOP.home.example", TRUE, "ada" },
	{ "ada@laptop.home.example.", FALSE, "ada" },
	{ "ada@other.example", FALSE, "ada" },
	{ "\"a@b\"@laptop", TRUE, "a@b" },
	{ "ada+x@laptop", TRUE, "ada" },
	{ "ada@notlaptop", FALSE, "ada" },
};

START_TEST(mail_for_this_machine_is_known)
{
	static const File none[] = { { NULL, NULL } };
	g_auto(Fixture) fixture;
	g_autoptr(Recipient) recipient =
		recipient_new(local_rows[_i].address);
	const MailboxRules rules = { NULL, "+" };
	g_autofree char *user = NULL;

	fixture_init(&fixture, none);
	fixture.world.mailboxes = &rules;
	user = route_local_user(&fixture.world, recipient);
	ck_assert_int_eq(route_is_local(&fixture.world,
					local_rows[_i].address),
			 local_rows[_i].local);
	ck_assert_str_eq(user, local_rows[_i].user);
}
END_TEST

#define ISP { "isp", "[Relay]\nHost=smtp.isp.example\n" }
#define UNI \
	{ "uni", "[Match]\nSenders=*@uni.example\n" \
		 "[Relay]\nHost=smtp.uni.example\nUser=ada\nOwner=ada\n" }
#define LAN \
	{ "lan", "[Relay]\nHost=10.0.0.1\nPort=25\nTls=never\n" \
		 "Insecure=yes\n" }
#define MAYBE \
	{ "maybe", "[Relay]\nHost=relay.example\nTls=if-possible\n" }
#define SHARED \
	{ "shared", "[Match]\nUsers=bob;1234\n[Relay]\n" \
		    "Host=smtp.isp.example\nUser=x\nOwner=ada\n" }
#define ALL \
	{ "all", "[Match]\nUsers=*\n[Relay]\nHost=smtp.isp.example\n" \
		 "User=x\nOwner=ada\n" }
#define SOME \
	{ "some", "[Match]\nRecipients=*@corp.example;boss@x.example\n" \
		  "[Relay]\nHost=smtp.corp.example\n" }
#define SELF \
	{ "self", "[Relay]\nHost=127.0.0.1\nPort=2525\nTls=never\n" }

static const struct {
	File routes[4];
	const char *sender;
	uid_t uid;
	const char *recipient;
	gboolean trusted;
	guint strength;
	const char *taken; /* NULL: it waits */
	WaitReason reason;
} way_rows[] = {
	{ { ISP }, "me@home.example", ADA, "x@far.example", FALSE, 0, "isp",
	  WAIT_NONE },
	{ { UNI, ISP }, "ada@uni.example", ADA, "x@far.example", FALSE, 0,
	  "uni", WAIT_NONE },
	{ { UNI, ISP }, "ADA@UNI.example", ADA, "x@far.example", FALSE, 0,
	  "uni", WAIT_NONE },
	{ { UNI, ISP }, "me@home.example", ADA, "x@far.example", FALSE, 0,
	  "isp", WAIT_NONE },
	/* A login is its owner's. */
	{ { UNI, ISP }, "bob@uni.example", BOB, "x@far.example", FALSE, 0,
	  "isp", WAIT_NONE },
	{ { UNI }, "bob@uni.example", BOB, "x@far.example", FALSE, 0, NULL,
	  WAIT_OWNER },
	{ { UNI }, "me@home.example", ADA, "x@far.example", FALSE, 0, NULL,
	  WAIT_NO_ROUTE },
	{ { SHARED }, "me@home.example", ADA, "x@far.example", FALSE, 0,
	  NULL, WAIT_OWNER },
	{ { SHARED }, "me@home.example", BOB, "x@far.example", FALSE, 0,
	  "shared", WAIT_NONE },
	{ { SHARED }, "me@home.example", 1234, "x@far.example", FALSE, 0,
	  "shared", WAIT_NONE },
	{ { ALL }, "me@home.example", 77, "x@far.example", FALSE, 0, "all",
	  WAIT_NONE },
	/* The null sender has no domain. */
	{ { UNI, ISP }, "", ADA, "x@far.example", FALSE, 0, "isp",
	  WAIT_NONE },
	{ { SOME, ISP }, "a@b", ADA, "x@CORP.example", FALSE, 0, "some",
	  WAIT_NONE },
	{ { SOME, ISP }, "a@b", ADA, "boss@x.example", FALSE, 0, "some",
	  WAIT_NONE },
	{ { SOME, ISP }, "a@b", ADA, "x@far.example", FALSE, 0, "isp",
	  WAIT_NONE },
	{ { SOME }, "a@b", ADA, "x@far.example", FALSE, 0, NULL,
	  WAIT_NO_ROUTE },
	/* A network never makes a route less safe. */
	{ { LAN, ISP }, "a@b", ADA, "x@far.example", FALSE, 0, "isp",
	  WAIT_NONE },
	{ { LAN }, "a@b", ADA, "x@far.example", FALSE, 64, NULL,
	  WAIT_UNSAFE },
	{ { LAN }, "a@b", ADA, "x@far.example", TRUE, 16, NULL,
	  WAIT_UNSAFE },
	{ { LAN }, "a@b", ADA, "x@far.example", TRUE, 32, "lan", WAIT_NONE },
	{ { MAYBE }, "a@b", ADA, "x@far.example", FALSE, 64, NULL,
	  WAIT_UNSAFE },
	{ { MAYBE }, "a@b", ADA, "x@far.example", TRUE, 4, "maybe",
	  WAIT_NONE },
	/* What never leaves the machine is safe. */
	{ { SELF }, "a@b", ADA, "x@far.example", FALSE, 0, "self",
	  WAIT_NONE },
};

START_TEST(a_recipient_has_its_way)
{
	g_auto(Fixture) fixture;
	g_autoptr(Message) message =
		message_new(1, way_rows[_i].sender, way_rows[_i].uid);
	Recipient *recipient =
		message_add_recipient(message, way_rows[_i].recipient);
	g_autofree char *why = NULL;
	Way way;

	fixture_init(&fixture, way_rows[_i].routes);
	fixture.world.trusted = way_rows[_i].trusted;
	fixture.world.strength = way_rows[_i].strength;
	way = route_way(&fixture.world, message, recipient);
	ck_assert_int_eq(way.kind,
			 way_rows[_i].taken ? WAY_ROUTE : WAY_WAIT);
	ck_assert_int_eq(way.reason, way_rows[_i].reason);
	if (way_rows[_i].taken)
		ck_assert_str_eq(way.route->name, way_rows[_i].taken);
	why = route_why(&fixture.world, &way);
	ck_assert_int_eq(*why == '\0', way.reason == WAIT_NONE);
}
END_TEST

/* What happened to the first and the second route. */
static const struct {
	gboolean off;
	gint64 paused_until;
	gint64 host_until;
	gint64 second_until;
	const char *taken;
	WaitReason reason;
	gint64 until;
} facts_rows[] = {
	{ FALSE, 0, 0, 0, "isp", WAIT_NONE, 0 },
	{ FALSE, 1000, 1000, 0, "isp", WAIT_NONE, 0 }, /* just over */
	{ FALSE, 1500, 0, 0, "b", WAIT_NONE, 0 },
	{ TRUE, 0, 0, 0, "b", WAIT_NONE, 0 },
	{ FALSE, 0, 1500, 0, "b", WAIT_NONE, 0 },
	{ FALSE, 1500, 0, 1200, NULL, WAIT_HOST, 1200 },
	{ FALSE, 1100, 0, 1200, NULL, WAIT_HOST, 1100 },
	{ TRUE, 0, 0, 1200, NULL, WAIT_HOST, 1200 },
};

START_TEST(a_faulty_route_is_passed_by)
{
	static const File files[] = { ISP,
				      { "b", "[Relay]\nHost=b.example\n" },
				      { NULL, NULL } };
	g_auto(Fixture) fixture;
	g_autoptr(Message) message = message_new(1, "a@b", ADA);
	Recipient *recipient = message_add_recipient(message, "x@far");
	RouteFacts *facts;
	Way way;

	fixture_init(&fixture, files);
	facts = facts_of(&fixture, "isp");
	facts->off = facts_rows[_i].off;
	facts->paused_until = facts_rows[_i].paused_until;
	facts->host_until = facts_rows[_i].host_until;
	facts_of(&fixture, "b")->host_until = facts_rows[_i].second_until;
	way = route_way(&fixture.world, message, recipient);
	ck_assert_int_eq(way.reason, facts_rows[_i].reason);
	ck_assert_int_eq(way.until, facts_rows[_i].until);
	if (facts_rows[_i].taken)
		ck_assert_str_eq(way.route->name, facts_rows[_i].taken);
}
END_TEST

static const struct {
	gboolean usable;
	gboolean profile;
	gboolean pinned;
	gboolean settling;
	WaitReason reason;
} place_rows[] = {
	{ FALSE, FALSE, FALSE, FALSE, WAIT_OFFLINE },
	{ FALSE, FALSE, FALSE, TRUE, WAIT_OFFLINE },
	{ FALSE, TRUE, TRUE, FALSE, WAIT_OFFLINE },
	{ TRUE, FALSE, FALSE, FALSE, WAIT_NO_PROFILE },
	{ TRUE, FALSE, FALSE, TRUE, WAIT_SETTLING },
	{ TRUE, FALSE, TRUE, FALSE, WAIT_PINNED },
	{ FALSE, FALSE, TRUE, FALSE, WAIT_PINNED },
	{ TRUE, TRUE, FALSE, TRUE, WAIT_SETTLING },
	{ TRUE, TRUE, FALSE, FALSE, WAIT_NONE },
};

START_TEST(far_mail_waits_for_a_place)
{
	static const File files[] = { ISP, { NULL, NULL } };
	g_auto(Fixture) fixture;
	g_autoptr(Message) message = message_new(1, "a@b", ADA);
	g_autofree char *why = NULL;
	Recipient *far = message_add_recipient(message, "x@far.example");
	Recipient *near;
	Way way;

	near = message_add_recipient(message, "ada@laptop");
	fixture_init(&fixture, files);
	fixture.world.usable = place_rows[_i].usable;
	fixture.world.pinned = place_rows[_i].pinned;
	fixture.world.settling = place_rows[_i].settling;
	if (!place_rows[_i].profile)
		fixture.world.profile = NULL;
	way = route_way(&fixture.world, message, far);
	ck_assert_int_eq(way.reason, place_rows[_i].reason);
	why = route_why(&fixture.world, &way);
	ck_assert_int_eq(*why != '\0', way.reason != WAIT_NONE);
	/* Mail for this machine never waits for any of this. */
	ck_assert_int_eq(route_way(&fixture.world, message, near).kind,
			 WAY_LOCAL);
}
END_TEST

/* Somebody says where we are: a relay on this machine needs no network. */
START_TEST(a_relay_here_needs_no_network)
{
	static const File files[] = {
		ISP,
		{ "here", "[Relay]\nHost=127.0.0.1\nPort=2525\n"
			  "Tls=never\nInsecure=yes\n" },
		{ NULL, NULL },
	};
	g_auto(Fixture) fixture;
	g_autoptr(Message) message = message_new(1, "a@b", ADA);
	Recipient *far = message_add_recipient(message, "x@far.example");
	Way way;

	fixture_init(&fixture, files);
	fixture.world.usable = FALSE;
	ck_assert_int_eq(route_way(&fixture.world, message, far).reason,
			 WAIT_OFFLINE);
	fixture.world.pinned = TRUE;
	way = route_way(&fixture.world, message, far);
	ck_assert_int_eq(way.kind, WAY_ROUTE);
	ck_assert_str_eq(way.route->name, "here");
	ck_assert(route_is_usable(&fixture.world, way.route));
}
END_TEST

START_TEST(a_broken_route_says_so)
{
	static const File files[] = { ISP, { NULL, NULL } };
	g_auto(Fixture) fixture;
	g_autoptr(Message) message = message_new(1, "a@b", ADA);
	Recipient *recipient = message_add_recipient(message, "x@far");
	g_autofree char *why = NULL;
	Way way;

	fixture_init(&fixture, files);
	((Route *)fixture.world.routes->pdata[0])->error =
		g_strdup("[Relay] Prot: no such key");
	way = route_way(&fixture.world, message, recipient);
	why = route_why(&fixture.world, &way);
	ck_assert_int_eq(way.reason, WAIT_BROKEN);
	ck_assert_ptr_nonnull(strstr(why, "Prot: no such key"));
	ck_assert(!route_is_usable(&fixture.world, way.route));
}
END_TEST

static char *
steps_text(Fixture *fixture, uid_t uid, const char *address)
{
	g_autoptr(Message) message = message_new(1, "bob@uni.example", uid);
	Recipient *recipient = message_add_recipient(message, address);
	g_autoptr(GPtrArray) steps =
		route_explain(&fixture->world, message, recipient, NULL);

	g_ptr_array_add(steps, NULL);
	return g_strjoinv("\n", (char **)steps->pdata);
}

START_TEST(explain_tells_the_steps)
{
	static const File files[] = { UNI, SOME, ISP, { NULL, NULL } };
	g_auto(Fixture) fixture;
	g_autofree char *far = NULL;
	g_autofree char *near = NULL;
	g_autofree char *offline = NULL;

	fixture_init(&fixture, files);
	far = steps_text(&fixture, BOB, "x@far.example");
	ck_assert_str_eq(
		far,
		"x@far.example is not on this machine.\n"
		"The active profile is \"home\"; its routes: uni, some, isp.\n"
		"Route \"uni\": no. The route \"uni\" would take it, but only "
		"for mail handed in by ada.\n"
		"Route \"some\": not this mail; it is for x@far.example, "
		"and the route takes only mail for *@corp.example, "
		"boss@x.example.\n"
		"Route \"isp\" takes it: smtp.isp.example, port 587, TLS "
		"required.");
	near = steps_text(&fixture, BOB, "ada@laptop");
	ck_assert_str_eq(near,
			 "laptop is one of this machine's mail names.\n"
			 "The mail goes to the mailbox of ada; no network is "
			 "needed.");
	fixture.world.usable = FALSE;
	fixture.world.profile = NULL;
	offline = steps_text(&fixture, BOB, "x@far.example");
	ck_assert_str_eq(offline,
			 "x@far.example is not on this machine.\n"
			 "There is no network; it goes when there is one.");
}
END_TEST

START_TEST(explain_and_way_agree)
{
	g_auto(Fixture) fixture;
	g_autoptr(Message) message =
		message_new(1, way_rows[_i].sender, way_rows[_i].uid);
	Recipient *recipient =
		message_add_recipient(message, way_rows[_i].recipient);
	g_autoptr(GPtrArray) steps = NULL;
	const char *last;
	Way way;

	fixture_init(&fixture, way_rows[_i].routes);
	fixture.world.trusted = way_rows[_i].trusted;
	fixture.world.strength = way_rows[_i].strength;
	steps = route_explain(&fixture.world, message, recipient, &way);
	last = steps->pdata[steps->len - 1];
	ck_assert_int_eq(strstr(last, "takes it:") != NULL,
			 way.kind == WAY_ROUTE);
	ck_assert_int_eq(way.reason, way_rows[_i].reason);
}
END_TEST

#define DIRECT { "direct", "[Relay]\nHost=mx\n" }

/* At a place that is not trusted hosts must prove who they are. */
static const struct {
	const char *text;
	gboolean trusted;
	RouteTls tls;
	gboolean safe;
} direct_rows[] = {
	{ "[Relay]\n", FALSE, ROUTE_TLS_IF_POSSIBLE, FALSE },
	{ "[Relay]\n", TRUE, ROUTE_TLS_IF_POSSIBLE, TRUE },
	{ "[Relay]\nTls=required\n", FALSE, ROUTE_TLS_REQUIRED, TRUE },
	{ "[Relay]\nTls=never\nInsecure=yes\n", TRUE, ROUTE_TLS_NEVER,
	  FALSE },
};

START_TEST(a_direct_route_is_tried_where_it_is_safe)
{
	const File files[] = { { "direct", direct_rows[_i].text },
			       { NULL, NULL } };
	g_auto(Fixture) fixture;
	g_autoptr(Message) message = message_new(1, "a@b", ADA);
	Recipient *recipient = message_add_recipient(message, "x@far.example");
	const Route *route;
	Way way;

	fixture_init(&fixture, files);
	fixture.world.trusted = direct_rows[_i].trusted;
	route = route_find(fixture.world.routes, "direct");
	ck_assert_int_eq(route->kind, ROUTE_DIRECT);
	ck_assert_str_eq(route->host, "");
	ck_assert_int_eq(route->tls, direct_rows[_i].tls);
	way = route_way(&fixture.world, message, recipient);
	ck_assert_int_eq(way.kind, direct_rows[_i].safe ? WAY_ROUTE
							: WAY_WAIT);
	ck_assert_int_eq(way.reason, direct_rows[_i].safe ? WAIT_NONE
							  : WAIT_UNSAFE);
	ck_assert_str_eq(way.domain, "far.example");
}
END_TEST

/* Who wrote the command or the path answers for where it leads. */
static const char *const vouched[] = {
	"[Relay]\nHost=a.example\nWrapper=ssh x\nTls=never\n",
	"[Relay]\nHost=/run/lmtp\nProtocol=lmtp\n",
	"[Pipe]\nCommand=uux - b!rmail\n",
};

START_TEST(a_command_or_a_socket_is_safe_everywhere)
{
	const File files[] = { { "near", vouched[_i] }, { NULL, NULL } };
	g_auto(Fixture) fixture;
	const Route *route;

	fixture_init(&fixture, files);
	fixture.world.trusted = FALSE;
	route = route_find(fixture.world.routes, "near");
	ck_assert_int_eq(route->kind, ROUTE_SMARTHOST);
	ck_assert_int_eq(route->tls, ROUTE_TLS_NEVER);
	ck_assert(route_is_safe(&fixture.world, route));
}
END_TEST

START_TEST(a_dead_domain_delays_no_other)
{
	static const File files[] = { DIRECT, { NULL, NULL } };
	g_auto(Fixture) fixture;
	g_autoptr(Message) message = message_new(1, "a@b", ADA);
	const Hop dead = { "direct", "dead.example" };
	g_autoptr(GHashTable) hops = g_hash_table_new(hop_hash, hop_equal);
	RouteFacts facts = { .host_until = 1500,
			     .host_why = (char *)"It does not answer." };
	g_autofree char *why = NULL;
	Way way;

	fixture_init(&fixture, files);
	fixture.world.trusted = TRUE;
	fixture.world.hops = hops;
	g_hash_table_insert(hops, (gpointer)&dead, &facts);
	way = route_way(&fixture.world, message,
			message_add_recipient(message, "x@Dead.EXAMPLE"));
	why = route_why(&fixture.world, &way);
	ck_assert_int_eq(way.reason, WAIT_HOST);
	ck_assert_int_eq(way.until, 1500);
	ck_assert_str_eq(why, "It does not answer.");
	way = route_way(&fixture.world, message,
			message_add_recipient(message, "x@live.example"));
	ck_assert_int_eq(way.kind, WAY_ROUTE);
	/* Of another route it is another host. */
	ck_assert(!hop_equal(&dead, &(Hop){ "mx", "dead.example" }));
}
END_TEST

START_TEST(explain_tells_of_hosts_that_the_dns_names)
{
	static const File files[] = {
		{ "srv", "[Match]\nRecipients=*@a.example\n"
			 "[Relay]\nHost=srv:isp.example\n" },
		{ "fax", "[Match]\nRecipients=*@fax\n"
			 "[Pipe]\nCommand=/usr/bin/fax\n" },
		{ "direct", "[Relay]\nTls=required\n" }, { NULL, NULL },
	};
	g_auto(Fixture) fixture;
	g_autofree char *srv = NULL;
	g_autofree char *direct = NULL;
	g_autofree char *fax = NULL;

	fixture_init(&fixture, files);
	fax = steps_text(&fixture, BOB, "x@fax");
	ck_assert_ptr_nonnull(strstr(fax, "takes it: a command, TLS"));
	srv = steps_text(&fixture, BOB, "x@a.example");
	direct = steps_text(&fixture, BOB, "x@b.example");
	ck_assert_ptr_nonnull(strstr(srv, "takes it: the server that the DNS "
				     "names for isp.example, TLS required."));
	ck_assert_ptr_nonnull(strstr(direct, "takes it: the mail servers of "
				     "its domain (MX), port 25, TLS "
				     "required."));
}
END_TEST

static const struct {
	const char *name;
	const char *text;
	const char *complaint; /* NULL: good */
	guint port;
} file_rows[] = {
	{ "x", "[Relay]\nHost=h\n", NULL, 587 },
	{ "x", "[Relay]\nHost=h\nTls=implicit\n", NULL, 465 },
	{ "x", "[Relay]\nHost=h\nPort=2525\n", NULL, 2525 },
	{ "x", "[Relay]\nHost=h\nPort=70000\n", "Port", 0 },
	{ "x", "[Relay]\nTls=required\n", NULL, 25 },
	{ "x", "[Relay]\nHost=mx\nPort=2525\n", NULL, 2525 },
	{ "x", "[Relay]\nPort=0\n", "Port", 0 },
	{ "x", "[Relay]\nTls=implicit\n", "Tls=implicit needs a Host", 0 },
	{ "x", "[Relay]\nTls=never\n", "Insecure=yes", 0 },
	{ "x", "[Relay]\nUser=ada\n", "User needs a Host", 0 },
	{ "x", "[Relay]\nProtocol=lmtp\n", "lmtp needs a Host", 0 },
	{ "x", "[Relay]\nProtocol=lmtp\nHost=a.example\n", NULL, 24 },
	{ "x", "[Relay]\nProtocol=lmtp\nHost=/run/lmtp\n", NULL, 0 },
	{ "x", "[Relay]\nWrapper=ssh x\n", "Wrapper needs a Host", 0 },
	{ "x", "[Relay]\nWrapper=ssh x\nHost=a.example\nTls=never\n", NULL,
	  587 },
	{ "x", "[Relay]\nWrapper=ssh x\nHost=a.example\n"
	       "Proxy=socks5://p:1\n", "Proxy does not go", 0 },
	{ "x", "[Pipe]\nCommand=uux - b!rmail\n", NULL, 0 },
	{ "x", "[Pipe]\nCommand=uux\n[Relay]\nHost=a.example\n",
	  "no dialogue", 0 },
	{ "x", "[Relay]\nProxy=socks5://p:1\n", "Proxy needs", 0 },
	{ "x", "[Relay]\nHost=srv:a.example\n", NULL, 0 },
	{ "x", "[Relay]\nHost=srv:a.example\nPort=1\n", "Port does not", 0 },
	{ "x", "[Relay]\nHost=srv:a\nProxy=socks5://p:1\n", "Proxy", 0 },
	{ "x", "[Relay]\nHost=srv:a\nTls=implicit\nUser=u\n", NULL, 0 },
	{ "x", "[Relay]\nHost=h\nProxy=socks5://p:1\n", NULL, 587 },
	{ "x", "[Relay]\nHost=h\nProxy=http://p:1\n", "socks5://", 0 },
	{ "x", "[Relay]\nHost=h\nResolver=dns;hosts;system\n", NULL, 587 },
	{ "x", "[Relay]\nHost=srv:a\nResolver=hosts\n", "needs dns", 0 },
	{ "x", "[Relay]\nHost=srv:a\nResolver=dns\n", NULL, 0 },
	{ "x", "[Relay]\nHost=h\nResolver=dsn\n", "Resolver knows", 0 },
	{ "x", "[Relay]\nHost=h\nSourceAddress=10.0.0.1;fd00::1\n", NULL,
	  587 },
	{ "x", "[Relay]\nHost=h\nSourceAddress=me\n", "SourceAddress", 0 },
	{ "x", "[Relay]\nHost=h\nSourceAddress=10.0.0.0/8\n",
	  "SourceAddress", 0 },
	{ "x", "[Relay]\nHost=localhost\nTls=never\nProxy=socks5://p:1\n",
	  "Insecure=yes", 0 },
	{ "x", "[Match]\nMinSize=2K\nMaxSize=1K\n[Relay]\nHost=h\n",
	  "MinSize is above MaxSize", 0 },
	{ "x", "[Match]\nMinSize=2K\nMaxSize=2K\n[Relay]\nHost=h\n", NULL,
	  587 },
	{ "x", "[Relay]\nHost=h\nTls=never\n", "Insecure=yes", 0 },
	{ "x", "[Relay]\nHost=localhost\nTls=never\n", NULL, 587 },
	{ "x", "[Relay]\nHost=::1\nTls=never\n", NULL, 587 },
	{ "x", "[Relay]\nHost=127.9.9.9\nTls=never\n", NULL, 587 },
	{ "x", "[Relay]\nHost=127.9.9.9.evil\nTls=never\n", "Insecure", 0 },
	{ "local", "[Relay]\nHost=h\n", "choose another", 0 },
};

START_TEST(a_route_is_read_of_its_file)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = config_parse(
		CONFIG_ROUTE, file_rows[_i].text, "x", &error);
	g_autoptr(Route) route = NULL;

	ck_assert_ptr_nonnull(config);
	route = route_from_config(config, file_rows[_i].name, &error);
	ck_assert_int_eq(route == NULL, file_rows[_i].complaint != NULL);
	if (route)
		ck_assert_uint_eq(route->port, file_rows[_i].port);
	else
		ck_assert_ptr_nonnull(strstr(error->message,
					     file_rows[_i].complaint));
}
END_TEST

START_TEST(a_login_makes_a_secret)
{
	static const File files[] = {
		ISP, UNI,
		{ "c", "[Relay]\nHost=h\nUser=x\nAuth=none\n" },
		{ "d", "[Relay]\nHost=h\nConnections=999\n" },
		{ NULL, NULL },
	};
	g_autoptr(GPtrArray) routes = routes_of(files);

	ck_assert(!route_find(routes, "isp")->secret);
	ck_assert(route_find(routes, "uni")->secret);
	ck_assert(!route_find(routes, "c")->secret);
	ck_assert_uint_eq(route_find(routes, "isp")->connections, 2);
	ck_assert_uint_eq(route_find(routes, "d")->connections,
			  ROUTE_MAX_CONNECTIONS);
	ck_assert_ptr_null(route_find(routes, "e"));
}
END_TEST

START_TEST(every_reason_has_its_word)
{
	for (WaitReason a = WAIT_NONE; a <= WAIT_HOST; a++) {
		ck_assert_ptr_nonnull(wait_reason_name(a));
		for (WaitReason b = WAIT_NONE; b < a; b++)
			ck_assert_str_ne(wait_reason_name(a),
					 wait_reason_name(b));
	}
}
END_TEST

#define ADD_TABLE(test, rows) \
	tcase_add_loop_test(core, test, 0, G_N_ELEMENTS(rows))

static Suite *
make_route_suite(void)
{
	Suite *suite = suite_create("route");
	TCase *core = tcase_create("core");

	ADD_TABLE(mail_for_this_machine_is_known, local_rows);
	ADD_TABLE(a_recipient_has_its_way, way_rows);
	ADD_TABLE(explain_and_way_agree, way_rows);
	ADD_TABLE(a_faulty_route_is_passed_by, facts_rows);
	ADD_TABLE(a_direct_route_is_tried_where_it_is_safe, direct_rows);
	tcase_add_loop_test(core,
			    a_command_or_a_socket_is_safe_everywhere, 0,
			    G_N_ELEMENTS(vouched));
	tcase_add_test(core, a_dead_domain_delays_no_other);
	tcase_add_test(core, explain_tells_of_hosts_that_the_dns_names);
	ADD_TABLE(far_mail_waits_for_a_place, place_rows);
	ADD_TABLE(a_route_is_read_of_its_file, file_rows);
	tcase_add_test(core, a_relay_here_needs_no_network);
	tcase_add_test(core, a_broken_route_says_so);
	tcase_add_test(core, explain_tells_the_steps);
	tcase_add_test(core, a_login_makes_a_secret);
	tcase_add_test(core, every_reason_has_its_word);
	suite_add_tcase(suite, core);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_route_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
