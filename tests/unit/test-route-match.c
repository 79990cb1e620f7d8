// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The conditions of routes one by one, mail for the LAN, LastRoute, and the
 * route that an owner asked for.
 */
#include "daemon/engine/route.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define ADA 1000
#define BOB 1001

static Route *
route_of(const char *name, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config =
		config_parse(CONFIG_ROUTE, text, name, &error);
	Route *route =
		config ? route_from_config(config, name, &error) : NULL;

	if (!route)
		ck_abort_msg("%s: %s", name, error->message);
	return route;
}

static const char *const local_names[] = { "laptop", "localhost", NULL };
static const char *const local_nets[] = { "*.lan", "printer",
					  "10.0.0.0/8", "fd00::/8", NULL };
static const char *const permanent[] = { "lan", NULL };

typedef struct {
	RouteWorld world;
	Profile *profile;
	GHashTable *staff;
} Fixture;

/* A usable, trusted place; the profile lists @names. */
static void
fixture_init(Fixture *fixture, const char *names)
{
	RouteWorld *world = &fixture->world;

	memset(fixture, 0, sizeof(*fixture));
	fixture->profile = profile_new("home");
	g_strfreev(fixture->profile->routes);
	fixture->profile->routes = g_strsplit(names, " ", -1);
	world->profile = fixture->profile;
	world->routes = g_ptr_array_new_with_free_func(
		(GDestroyNotify)route_free);
	world->usable = world->linked = world->trusted = TRUE;
	world->local_names = local_names;
	world->now = 1000;
	world->users = g_hash_table_new(NULL, NULL);
	g_hash_table_insert(world->users, GUINT_TO_POINTER(ADA),
			    (gpointer)"ada");
	g_hash_table_insert(world->users, GUINT_TO_POINTER(BOB),
			    (gpointer)"bob");
	fixture->staff = g_hash_table_new(NULL, NULL);
	g_hash_table_add(fixture->staff, GUINT_TO_POINTER(BOB));
	world->groups = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(world->groups, (gpointer)"staff",
			    fixture->staff);
}

static void
fixture_done(Fixture *fixture)
{
	g_ptr_array_unref(fixture->world.routes);
	g_hash_table_unref(fixture->world.users);
	g_hash_table_unref(fixture->world.groups);
	g_hash_table_unref(fixture->staff);
	profile_free(fixture->profile);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fixture, fixture_done)

static void
add_route(Fixture *fixture, const char *name, const char *text)
{
	g_ptr_array_add(fixture->world.routes, route_of(name, text));
}

#define HOST "\n[Relay]\nHost=h\n"

static const struct {
	const char *match; /* lines of [Match] */
	const char *sender;
	const char *authors;
	const char *recipient;
	guint64 size;
	uid_t uid;
	RouteRefusal refusal;
	const char *words; /* some of them */
} rows[] = {
	{ "", "a@b", NULL, "x@y", 0, ADA, REFUSAL_NONE, "" },
	{ "Senders=*@uni.example", "ADA@Uni.Example", NULL, "x@y", 0, ADA,
	  REFUSAL_NONE, "" },
	{ "Senders=*@uni.example", "a@b", NULL, "x@y", 0, ADA,
	  REFUSAL_SENDER, "from a@b, and the route takes only mail from "
	  "*@uni.example" },
	/* The null sender is written <>, and any '*' takes it. */
	{ "Senders=<>", "", NULL, "x@y", 0, ADA, REFUSAL_NONE, "" },
	{ "Senders=*", "", NULL, "x@y", 0, ADA, REFUSAL_NONE, "" },
	{ "Senders=<>", "a@b", NULL, "x@y", 0, ADA, REFUSAL_SENDER, "<>" },
	{ "Senders=*@uni.example;<>", "", NULL, "x@y", 0, ADA, REFUSAL_NONE,
	  "" },
	{ "Senders=*@uni.example", "", NULL, "x@y", 0, ADA, REFUSAL_SENDER,
	  "it is from <>, and" },
	{ "NotSenders=<>", "", NULL, "x@y", 0, ADA, REFUSAL_NOT_SENDER,
	  "no mail from <>" },
	{ "NotSenders=<>", "a@b", NULL, "x@y", 0, ADA, REFUSAL_NONE, "" },
	{ "Senders=*@b\nNotSenders=boss@*", "boss@b", NULL, "x@y", 0, ADA,
	  REFUSAL_NOT_SENDER, "no mail from boss@*" },
	{ "Senders=*@b\nNotSenders=boss@*", "a@b", NULL, "x@y", 0, ADA,
	  REFUSAL_NONE, "" },
	{ "Senders=a?@b", "a1@b", NULL, "x@y", 0, ADA, REFUSAL_NONE, "" },
	{ "Senders=a?@b", "a@b", NULL, "x@y", 0, ADA, REFUSAL_SENDER, "" },
	/* The From header. */
	{ "From=*@work.example", "a@b", "me@work.example", "x@y", 0, ADA,
	  REFUSAL_NONE, "" },
	{ "From=*@work.example", "a@b", "me@home, ME@WORK.example", "x@y", 0,
	  ADA, REFUSAL_NONE, "" },
	{ "From=*@work.example", "a@b", "me@home", "x@y", 0, ADA,
	  REFUSAL_FROM, "written by me@home, and the route takes only mail "
	  "written by *@work.example" },
	{ "From=*@work.example", "me@work.example", NULL, "x@y", 0, ADA,
	  REFUSAL_FROM, "written by nobody" },
	{ "NotFrom=*@work.example", "a@b", "me@work.example", "x@y", 0, ADA,
	  REFUSAL_NOT_FROM, "no mail written by" },
	{ "NotFrom=*@work.example", "a@b", NULL, "x@y", 0, ADA,
	  REFUSAL_NONE, "" },
	{ "From=*@work.example", "a@b", "\"a, b\"@work.example", "x@y", 0,
	  ADA, REFUSAL_NONE, "" },
	/* Recipients. */
	{ "Recipients=*@corp.example;boss@x", "a@b", NULL, "boss@X", 0, ADA,
	  REFUSAL_NONE, "" },
	{ "Recipients=*@corp.example", "a@b", NULL, "x@y", 0, ADA,
	  REFUSAL_RECIPIENT, "for x@y, and the route takes only mail for "
	  "*@corp.example" },
	{ "NotRecipients=*@corp.example", "a@b", NULL, "x@corp.example", 0,
	  ADA, REFUSAL_NOT_RECIPIENT, "no mail for *@corp.example" },
	{ "NotRecipients=*@corp.example", "a@b", NULL, "x@y", 0, ADA,
	  REFUSAL_NONE, "" },
	/* Sizes: both bounds belong to it. */
	{ "MaxSize=1K", "a@b", NULL, "x@y", 1024, ADA, REFUSAL_NONE, "" },
	{ "MaxSize=1K", "a@b", NULL, "x@y", 1025, ADA, REFUSAL_MAX_SIZE,
	  "only mail of at most" },
	{ "MinSize=1K", "a@b", NULL, "x@y", 1024, ADA, REFUSAL_NONE, "" },
	{ "MinSize=1K", "a@b", NULL, "x@y", 1023, ADA, REFUSAL_MIN_SIZE,
	  "only mail of at least" },
	/* Users and groups. */
	{ "Users=ada", "a@b", NULL, "x@y", 0, ADA, REFUSAL_NONE, "" },
	{ "Users=ada", "a@b", NULL, "x@y", 0, BOB, REFUSAL_USER,
	  "somebody else" },
	{ "Users=@staff", "a@b", NULL, "x@y", 0, BOB, REFUSAL_NONE, "" },
	{ "Users=@staff", "a@b", NULL, "x@y", 0, ADA, REFUSAL_USER, "" },
	{ "Users=@nobody", "a@b", NULL, "x@y", 0, BOB, REFUSAL_USER, "" },
	{ "Users=1000", "a@b", NULL, "x@y", 0, ADA, REFUSAL_NONE, "" },
	{ "NotUsers=@staff", "a@b", NULL, "x@y", 0, BOB, REFUSAL_NOT_USER,
	  "NotUsers" },
	{ "NotUsers=@staff", "a@b", NULL, "x@y", 0, ADA, REFUSAL_NONE, "" },
	{ "Users=*\nNotUsers=bob", "a@b", NULL, "x@y", 0, BOB,
	  REFUSAL_NOT_USER, "" },
	/* The message is looked at before its user. */
	{ "Users=ada\nSenders=*@z", "a@b", NULL, "x@y", 0, BOB,
	  REFUSAL_SENDER, "" },
};

static Message *
message_of(const char *sender, uid_t uid, const char *authors,
	   const char *recipient)
{
	Message *message = message_new(1, sender, uid);

	if (authors)
		message_set_option(message, ROUTE_AUTHORS, authors);
	message_add_recipient(message, recipient);
	return message;
}

START_TEST(a_condition_keeps_mail_out)
{
	g_auto(Fixture) fixture;
	g_autofree char *text =
		g_strconcat("[Match]\n", rows[_i].match, HOST, NULL);
	g_autoptr(Message) message =
		message_of(rows[_i].sender, rows[_i].uid, rows[_i].authors,
			   rows[_i].recipient);
	const Recipient *recipient = message->recipients->pdata[0];
	g_autofree char *words = NULL;
	const Route *route;
	RouteRefusal refusal;

	fixture_init(&fixture, "r");
	add_route(&fixture, "r", text);
	message->size = rows[_i].size;
	route = fixture.world.routes->pdata[0];
	refusal = route_refusal(&fixture.world, route, message, recipient);
	ck_assert_int_eq(refusal, rows[_i].refusal);
	words = route_refusal_words(route, refusal, message, recipient);
	ck_assert_msg(strstr(words, rows[_i].words), "%s", words);
	ck_assert_int_eq(*words == '\0', refusal == REFUSAL_NONE);
	ck_assert_int_eq(route_serves(&fixture.world, route, message,
				      recipient),
			 refusal == REFUSAL_NONE);
}
END_TEST

START_TEST(the_one_function_agrees)
{
	g_auto(Fixture) fixture;
	g_autofree char *text =
		g_strconcat("[Match]\n", rows[_i].match, HOST, NULL);
	g_autoptr(Message) message =
		message_of(rows[_i].sender, rows[_i].uid, rows[_i].authors,
			   rows[_i].recipient);
	const Recipient *recipient = message->recipients->pdata[0];
	g_autoptr(GPtrArray) steps = NULL;
	Way way;

	fixture_init(&fixture, "r");
	add_route(&fixture, "r", text);
	message->size = rows[_i].size;
	steps = route_explain(&fixture.world, message, recipient, &way);
	ck_assert_int_eq(way.kind == WAY_ROUTE,
			 rows[_i].refusal == REFUSAL_NONE);
	if (way.kind == WAY_WAIT)
		ck_assert_int_eq(way.reason,
				 rows[_i].refusal >= REFUSAL_USER
					 ? WAIT_OWNER : WAIT_NO_ROUTE);
	ck_assert_int_eq(strstr(steps->pdata[2], "takes it") != NULL,
			 way.kind == WAY_ROUTE);
}
END_TEST

/* --- VPN and profile ------------------------------------------------------ */

static const struct {
	const char *match;
	LinkType type;
	gboolean up;
	const char *profile; /* NULL: none */
	gboolean in_place;
} place_rows[] = {
	{ "Vpn=tun*", LINK_VPN, TRUE, "home", TRUE },
	{ "Vpn=wg0;tun0", LINK_VPN, TRUE, "home", TRUE },
	{ "Vpn=tun*", LINK_VPN, FALSE, "home", FALSE },
	{ "Vpn=tun*", LINK_WIRED, TRUE, "home", FALSE },
	{ "Vpn=wg*", LINK_VPN, TRUE, "home", FALSE },
	{ "Profiles=ho*", LINK_WIRED, TRUE, "home", TRUE },
	{ "Profiles=work;home", LINK_WIRED, TRUE, "home", TRUE },
	{ "Profiles=work", LINK_WIRED, TRUE, "home", FALSE },
	{ "Profiles=*", LINK_WIRED, TRUE, NULL, FALSE },
	{ "Vpn=tun0\nProfiles=work", LINK_VPN, TRUE, "home", FALSE },
	{ "Needs=vpn:tun0", LINK_VPN, TRUE, "home", TRUE },
	{ "Needs=vpn:t*", LINK_TUNNEL, TRUE, "home", TRUE },
	{ "Needs=vpn:tun0", LINK_VPN, FALSE, "home", FALSE },
	{ "Needs=vpn:tun0", LINK_WIRED, TRUE, "home", FALSE },
	{ "Needs=vpn:tun0;vpn:wg0", LINK_VPN, TRUE, "home", FALSE },
	{ "Needs=network:dock", LINK_VPN, TRUE, "home", FALSE },
};

START_TEST(a_route_may_be_for_a_place)
{
	g_auto(Fixture) fixture;
	g_autofree char *text =
		g_strconcat("[Match]\n", place_rows[_i].match, HOST, NULL);
	g_autoptr(NetworkState) network = network_state_new();
	g_autoptr(Message) message = message_of("a@b", ADA, NULL, "x@y");
	NetLink *link = network_state_add_link(network, 2, "tun0",
					       place_rows[_i].type);
	g_autofree char *why = NULL;
	Way way;

	link->up = place_rows[_i].up;
	fixture_init(&fixture, "r");
	fixture.world.network = network;
	add_route(&fixture, "r", text);
	if (!place_rows[_i].profile)
		fixture.world.profile = NULL;
	ck_assert_int_eq(route_is_in_place(&fixture.world,
					   fixture.world.routes->pdata[0]),
			 place_rows[_i].in_place);
	if (!place_rows[_i].profile)
		return;
	way = route_way(&fixture.world, message,
			message->recipients->pdata[0]);
	ck_assert_int_eq(way.reason,
			 place_rows[_i].in_place ? WAIT_NONE : WAIT_PLACE);
	ck_assert_int_eq(route_is_usable(&fixture.world,
					 fixture.world.routes->pdata[0]),
			 place_rows[_i].in_place);
	why = route_why(&fixture.world, &way);
	if (!place_rows[_i].in_place)
		ck_assert_ptr_nonnull(strstr(why, "is used only"));
}
END_TEST

/* --- LastRoute ------------------------------------------------------------ */

static const struct {
	const char *first;
	const char *taken; /* NULL: it waits */
	WaitReason reason;
} last_rows[] = {
	/* It falls through, or it does not. */
	{ "[Match]\nVpn=tun0" HOST, "isp", WAIT_NONE },
	{ "[Match]\nVpn=tun0\nLastRoute=yes" HOST, NULL, WAIT_PLACE },
	{ "[Match]\nUsers=bob\nLastRoute=yes" HOST, "isp", WAIT_NONE },
	{ "[Match]\nSenders=*@z\nLastRoute=yes" HOST, "isp", WAIT_NONE },
	{ "[Match]\nSenders=*@b\nLastRoute=yes" HOST, "first", WAIT_NONE },
	{ "[Match]\nLastRoute=yes\n[Relay]\nHost=h\nTls=never\nInsecure=yes",
	  NULL, WAIT_UNSAFE },
	{ "[Relay]\nHost=h\nTls=never\nInsecure=yes", "isp", WAIT_NONE },
};

START_TEST(the_last_route_is_the_last)
{
	g_auto(Fixture) fixture;
	g_autoptr(Message) message = message_of("a@b", ADA, NULL, "x@y");
	const Recipient *recipient = message->recipients->pdata[0];
	g_autoptr(GPtrArray) steps = NULL;
	Way way;

	fixture_init(&fixture, "first isp");
	add_route(&fixture, "first", last_rows[_i].first);
	add_route(&fixture, "isp", "[Relay]\nHost=isp.example\n");
	steps = route_explain(&fixture.world, message, recipient, &way);
	ck_assert_int_eq(way.reason, last_rows[_i].reason);
	if (last_rows[_i].taken) {
		ck_assert_str_eq(way.route->name, last_rows[_i].taken);
		return;
	}
	ck_assert_str_eq(steps->pdata[steps->len - 2],
			 "It says LastRoute, so no later route is tried.");
	ck_assert_str_eq(steps->pdata[steps->len - 1], "So it waits.");
}
END_TEST

/* What refused us once is left out, unless nothing else is there. */
static const struct {
	const char *passed;
	const char *first;
	gboolean off; /* the second route */
	const char *taken;
} passed_rows[] = {
	{ NULL, HOST, FALSE, "first" },
	{ "first", HOST, FALSE, "isp" },
	{ "isp", HOST, FALSE, "first" },
	{ "first isp", HOST, FALSE, "first" },
	{ "other", HOST, FALSE, "first" },
	{ "first", HOST, TRUE, "first" },
	{ "first", "[Match]\nLastRoute=yes" HOST, FALSE, "first" },
};

START_TEST(a_route_that_refused_is_passed_by)
{
	g_auto(Fixture) fixture;
	g_autoptr(Message) message = message_of("a@b", ADA, NULL, "x@y");
	Recipient *recipient = message->recipients->pdata[0];
	g_autoptr(GHashTable) table = g_hash_table_new(g_str_hash,
						       g_str_equal);
	RouteFacts facts = { .off = passed_rows[_i].off };
	g_autoptr(GPtrArray) steps = NULL;
	Way way;

	fixture_init(&fixture, "first isp");
	add_route(&fixture, "first", passed_rows[_i].first);
	add_route(&fixture, "isp", "[Relay]\nHost=isp.example\n");
	g_hash_table_insert(table, (gpointer)"isp", &facts);
	fixture.world.facts = table;
	recipient_set_option(recipient, ROUTE_PASSED,
			     passed_rows[_i].passed);
	steps = route_explain(&fixture.world, message, recipient, &way);
	ck_assert_int_eq(way.kind, WAY_ROUTE);
	ck_assert_str_eq(way.route->name, passed_rows[_i].taken);
	ck_assert_ptr_nonnull(strstr(steps->pdata[steps->len - 1],
				     "takes it"));
}
END_TEST

/* --- the LAN -------------------------------------------------------------- */

static const struct {
	const char *address;
	gboolean near;
} near_rows[] = {
	{ "ada@box.lan", TRUE },       { "ada@BOX.LAN", TRUE },
	{ "ada@printer", TRUE },       { "ada@box.lan.example", FALSE },
	{ "ada@lan", FALSE },	       { "ada@[10.1.2.3]", TRUE },
	{ "ada@[11.1.2.3]", FALSE },   { "ada@[IPv6:fd00::1]", TRUE },
	{ "ada@[IPv6:2001::1]", FALSE }, { "ada", FALSE },
	{ "\"x@box.lan\"@far.example", FALSE },
};

START_TEST(mail_for_the_lan_is_known)
{
	g_auto(Fixture) fixture;

	fixture_init(&fixture, "isp");
	fixture.world.local_nets = local_nets;
	fixture.world.permanent = permanent;
	ck_assert_int_eq(route_is_near(&fixture.world,
				       near_rows[_i].address),
			 near_rows[_i].near);
	/* Without a permanent route there is no such thing. */
	fixture.world.permanent = NULL;
	ck_assert(!route_is_near(&fixture.world, near_rows[_i].address));
}
END_TEST

#define FAR "x@far.example"
#define NEAR "x@box.lan"

/* What the place is like, and the route of each kind of mail. */
static const struct {
	gboolean usable;
	gboolean profile;
	gboolean pinned;
	gboolean settling;
	gboolean linked;
	gboolean trusted;
	const char *far; /* NULL: it waits */
	WaitReason far_reason;
	const char *near;
	WaitReason near_reason;
} lan_rows[] = {
	{ TRUE, TRUE, FALSE, FALSE, TRUE, TRUE, "isp", WAIT_NONE, "lan",
	  WAIT_NONE },
	/* No way beyond the LAN; no profile; "offline" by hand. */
	{ FALSE, TRUE, FALSE, FALSE, TRUE, TRUE, NULL, WAIT_OFFLINE, "lan",
	  WAIT_NONE },
	{ TRUE, FALSE, FALSE, FALSE, TRUE, TRUE, NULL, WAIT_NO_PROFILE,
	  "lan", WAIT_NONE },
	{ FALSE, FALSE, TRUE, FALSE, TRUE, TRUE, NULL, WAIT_PINNED, "lan",
	  WAIT_NONE },
	/* No cable. */
	{ FALSE, FALSE, FALSE, FALSE, FALSE, FALSE, NULL, WAIT_OFFLINE, NULL,
	  WAIT_NO_LINK },
	/* A moment later it is known whether this is our LAN. */
	{ TRUE, TRUE, FALSE, TRUE, TRUE, TRUE, NULL, WAIT_SETTLING, NULL,
	  WAIT_SETTLING },
	/* Somebody else's LAN. */
	{ TRUE, TRUE, FALSE, FALSE, TRUE, FALSE, "isp", WAIT_NONE, NULL,
	  WAIT_UNSAFE },
};

static void
check_way(const Fixture *fixture, const char *address, const char *taken,
	  WaitReason reason)
{
	g_autoptr(Message) message = message_of("a@b", ADA, NULL, address);
	const Recipient *recipient = message->recipients->pdata[0];
	g_autofree char *why = NULL;
	g_autoptr(GPtrArray) steps = NULL;
	const char *last;
	Way way;

	steps = route_explain(&fixture->world, message, recipient, &way);
	last = steps->pdata[steps->len - 1];
	ck_assert_int_eq(way.reason, reason);
	ck_assert_int_eq(way.kind, taken ? WAY_ROUTE : WAY_WAIT);
	if (taken)
		ck_assert_str_eq(way.route->name, taken);
	ck_assert_int_eq(strstr(last, "takes it") != NULL, taken != NULL);
	why = route_why(&fixture->world, &way);
	ck_assert_int_eq(*why == '\0', taken != NULL);
}

START_TEST(lan_mail_never_waits_for_the_world)
{
	g_auto(Fixture) fixture;

	fixture_init(&fixture, "isp");
	add_route(&fixture, "isp", "[Relay]\nHost=isp.example\n");
	add_route(&fixture, "lan",
		  "[Relay]\nHost=box.lan\nPort=25\nTls=if-possible\n");
	fixture.world.local_nets = local_nets;
	fixture.world.permanent = permanent;
	fixture.world.usable = lan_rows[_i].usable;
	fixture.world.pinned = lan_rows[_i].pinned;
	fixture.world.settling = lan_rows[_i].settling;
	fixture.world.linked = lan_rows[_i].linked;
	fixture.world.trusted = lan_rows[_i].trusted;
	if (!lan_rows[_i].profile)
		fixture.world.profile = NULL;
	check_way(&fixture, FAR, lan_rows[_i].far, lan_rows[_i].far_reason);
	check_way(&fixture, NEAR, lan_rows[_i].near,
		  lan_rows[_i].near_reason);
	ck_assert_int_eq(
		route_is_usable(&fixture.world,
				route_find(fixture.world.routes, "lan")),
		lan_rows[_i].linked && lan_rows[_i].trusted);
}
END_TEST

START_TEST(lan_mail_never_leaves_the_lan)
{
	g_auto(Fixture) fixture;
	g_autoptr(Message) message = message_of("a@b", ADA, NULL, NEAR);
	const Recipient *recipient = message->recipients->pdata[0];
	g_autofree char *why = NULL;
	Way way;

	fixture_init(&fixture, "isp");
	add_route(&fixture, "isp", "[Relay]\nHost=isp.example\n");
	add_route(&fixture, "lan",
		  "[Match]\nRecipients=*@other.lan\n[Relay]\nHost=h\n");
	fixture.world.local_nets = local_nets;
	fixture.world.permanent = permanent;
	way = route_way(&fixture.world, message, recipient);
	ck_assert_int_eq(way.reason, WAIT_NO_ROUTE);
	why = route_why(&fixture.world, &way);
	ck_assert_str_eq(why, "It is for the local network, and no permanent "
			 "route takes it.");
	ck_assert(!route_serves(&fixture.world,
				route_find(fixture.world.routes, "isp"),
				message, recipient));
}
END_TEST

/* --- a route of one's own choice ------------------------------------------ */

static const struct {
	const char *asked;
	uid_t uid;
	gboolean usable;
	const char *recipient;
	WayKind kind;
	WaitReason reason;
	const char *why; /* some of it */
} asked_rows[] = {
	{ "other", ADA, TRUE, FAR, WAY_ROUTE, WAIT_NONE, "" },
	/* Neither the profile nor the conditions matter; the owner does. */
	{ "narrow", ADA, TRUE, FAR, WAY_ROUTE, WAIT_NONE, "" },
	{ "other", BOB, TRUE, FAR, WAY_WAIT, WAIT_OWNER, "by ada" },
	{ "gone", ADA, TRUE, FAR, WAY_WAIT, WAIT_NO_ROUTE,
	  "no such route" },
	{ "other", ADA, FALSE, FAR, WAY_WAIT, WAIT_OFFLINE, "no network" },
	{ "clear", ADA, TRUE, FAR, WAY_WAIT, WAIT_UNSAFE, "clear text" },
	{ "other", ADA, TRUE, NEAR, WAY_ROUTE, WAIT_NONE, "" },
	{ "other", ADA, TRUE, "bob@laptop", WAY_LOCAL, WAIT_NONE, "" },
};

START_TEST(an_owner_may_choose_the_route)
{
	g_auto(Fixture) fixture;
	g_autoptr(Message) message =
		message_of("a@b", asked_rows[_i].uid, NULL,
			   asked_rows[_i].recipient);
	const Recipient *recipient = message->recipients->pdata[0];
	g_autofree char *why = NULL;
	Way way;

	fixture_init(&fixture, "isp");
	add_route(&fixture, "isp", "[Relay]\nHost=isp.example\n");
	add_route(&fixture, "other", "[Relay]\nHost=h\nUser=x\nOwner=ada\n");
	add_route(&fixture, "narrow", "[Match]\nSenders=*@z" HOST);
	add_route(&fixture, "clear",
		  "[Relay]\nHost=h\nTls=never\nInsecure=yes\n");
	fixture.world.local_nets = local_nets;
	fixture.world.permanent = permanent;
	fixture.world.usable = asked_rows[_i].usable;
	message_set_option(message, ROUTE_ASKED, asked_rows[_i].asked);
	way = route_way(&fixture.world, message, recipient);
	ck_assert_int_eq(way.kind, asked_rows[_i].kind);
	ck_assert_int_eq(way.reason, asked_rows[_i].reason);
	if (way.kind == WAY_ROUTE)
		ck_assert_str_eq(way.route->name, asked_rows[_i].asked);
	why = route_why(&fixture.world, &way);
	ck_assert_msg(strstr(why, asked_rows[_i].why), "%s", why);
}
END_TEST

/* --- exceptions of local names -------------------------------------------- */

static const char *const also[] = { "ada@gmx.example", "*@old.example",
				    NULL };
static const char *const except[] = { "boss@laptop", "lists-*@laptop",
				      "x@old.example", NULL };

static const struct {
	const char *address;
	gboolean local;
	const char *user;
} local_rows[] = {
	{ "ada@laptop", TRUE, "ada" },
	{ "boss@laptop", FALSE, "boss" },
	{ "Boss@LAPTOP", FALSE, "boss" },
	{ "lists-a@laptop", FALSE, "lists-a" },
	{ "ada@gmx.example", TRUE, "ada" },
	{ "bob@gmx.example", FALSE, "bob" },
	{ "who@old.example", TRUE, "who" },
	{ "x@old.example", FALSE, "x" },
	/* A name without a domain is always of this machine. */
	{ "boss", TRUE, "boss" },
	{ "\"a@b\"", TRUE, "a@b" },
};

START_TEST(single_addresses_are_excepted)
{
	g_auto(Fixture) fixture;
	g_autofree char *user = mailbox_user_of(NULL, local_rows[_i].address);

	fixture_init(&fixture, "isp");
	fixture.world.also_local = also;
	fixture.world.not_local = except;
	ck_assert_int_eq(route_is_local(&fixture.world,
					local_rows[_i].address),
			 local_rows[_i].local);
	ck_assert_str_eq(user, local_rows[_i].user);
}
END_TEST

#define ADD_TABLE(test, table) \
	tcase_add_loop_test(core, test, 0, G_N_ELEMENTS(table))

static Suite *
make_route_match_suite(void)
{
	Suite *suite = suite_create("route-match");
	TCase *core = tcase_create("core");

	ADD_TABLE(a_condition_keeps_mail_out, rows);
	ADD_TABLE(the_one_function_agrees, rows);
	ADD_TABLE(a_route_may_be_for_a_place, place_rows);
	ADD_TABLE(the_last_route_is_the_last, last_rows);
	ADD_TABLE(a_route_that_refused_is_passed_by, passed_rows);
	ADD_TABLE(mail_for_the_lan_is_known, near_rows);
	ADD_TABLE(lan_mail_never_waits_for_the_world, lan_rows);
	ADD_TABLE(an_owner_may_choose_the_route, asked_rows);
	ADD_TABLE(single_addresses_are_excepted, local_rows);
	tcase_add_test(core, lan_mail_never_leaves_the_lan);
	suite_add_tcase(suite, core);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_route_match_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
