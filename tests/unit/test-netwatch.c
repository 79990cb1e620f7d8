// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netwatch on a real kernel: each test has a network namespace of its own
 * (and a user namespace, when not root), with a cable to a second one in
 * which the gateway lives.
 */
#include "daemon/engine/netwatch.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/engine/netwatch-parts.h"

#define PATIENCE_MS 8000
#define SKIPPED 77

static pid_t peer; /* lives in the gateway's namespace */
static guint polls;

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		ck_abort_msg("write %s: %s", path, g_strerror(errno));
	close(fd);
}

/* A namespace of our own; FALSE where the kernel forbids that. */
static gboolean
leave_host(void)
{
	g_autofree char *uids = g_strdup_printf("0 %u 1", getuid());
	g_autofree char *gids = g_strdup_printf("0 %u 1", getgid());
	gboolean is_root = getuid() == 0;

	if (unshare((is_root ? 0 : CLONE_NEWUSER) | CLONE_NEWNET |
		    CLONE_NEWNS) < 0)
		return FALSE;
	if (!is_root) {
		write_file("/proc/self/setgroups", "deny");
		write_file("/proc/self/uid_map", uids);
		write_file("/proc/self/gid_map", gids);
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", "/etc", "tmpfs", 0, NULL) == 0;
}

static void
run_command(pid_t namespace_of, const char *const *command)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		g_autofree char *path = g_strdup_printf("/proc/%d/ns/net",
							namespace_of);

		if (namespace_of &&
		    setns(open(path, O_RDONLY | O_CLOEXEC), CLONE_NEWNET) < 0)
			_exit(126);
		execvp(command[0], (char **)command);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (status != 0)
		ck_abort_msg("%s failed: %d", command[2], status);
}

static void
ip_in(pid_t namespace_of, const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	g_autoptr(GPtrArray) command = g_ptr_array_new();

	g_ptr_array_add(command, (gpointer)"ip");
	for (char **word = words; *word; word++)
		g_ptr_array_add(command, *word);
	g_ptr_array_add(command, NULL);
	run_command(namespace_of, (const char *const *)command->pdata);
}

#define ip(line) ip_in(0, line)
#define peer_ip(line) ip_in(peer, line)

static void
start_peer(void)
{
	int ready[2];
	char byte;

	ck_assert_int_eq(pipe(ready), 0);
	peer = fork();
	if (peer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) < 0)
			_exit(1);
		if (write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
}

static void
setup(void)
{
	ck_assert(leave_host());
	start_peer();
	ip("link set lo up");
}

static void
teardown(void)
{
	kill(peer, SIGKILL);
	waitpid(peer, NULL, 0);
}

/* A cable to the gateway, not yet up on our side. */
static void
plug_in(const char *mac)
{
	g_autofree char *set = g_strdup_printf(
		"link set peer0 address %s netns %d", mac, peer);

	ip("link add eth0 type veth peer name peer0");
	ip(set);
	peer_ip("addr add 10.9.0.1/24 dev peer0");
	peer_ip("-6 addr add fd09::1/64 dev peer0 nodad");
	peer_ip("link set peer0 up");
}

static void
go_online(void)
{
	ip("link set eth0 up");
	ip("addr add 10.9.0.2/24 dev eth0");
	ip("route add default via 10.9.0.1 metric 100");
}

typedef struct {
	guint calls;
	guint changed; /* of them NETWORK_CHANGED */
} Seen;

static void
on_change(const NetworkState *state, NetworkChange change, gpointer data)
{
	Seen *seen = data;

	ck_assert_ptr_nonnull(state);
	ck_assert_int_ne(change, NETWORK_SAME);
	seen->calls++;
	seen->changed += change == NETWORK_CHANGED;
}

static Netwatch *
start(Seen *seen)
{
	g_autoptr(GError) error = NULL;
	Netwatch *netwatch = netwatch_new(on_change, seen, &error);

	if (!netwatch)
		ck_abort_msg("netwatch_new: %s", error->message);
	return netwatch;
}

static gboolean
on_deadline(gpointer data)
{
	*(gboolean *)data = TRUE;
	return G_SOURCE_REMOVE;
}

/* Turn the loop for a while. */
static void
turn(guint ms)
{
	gboolean over = FALSE;

	g_timeout_add(ms, on_deadline, &over);
	while (!over)
		g_main_context_iteration(NULL, TRUE);
}

typedef gboolean (*Condition)(const NetworkState *state);

static void
wait_until(const Netwatch *netwatch, Condition holds)
{
	gboolean over = FALSE;
	guint source = g_timeout_add(PATIENCE_MS, on_deadline, &over);

	while (!over && !holds(netwatch_state(netwatch)))
		g_main_context_iteration(NULL, TRUE);
	if (over) {
		g_autofree char *place =
			network_state_place(netwatch_state(netwatch));

		ck_abort_msg("it did not come to that; the place is \"%s\"",
			     place);
	}
	g_source_remove(source);
}

static gboolean
knows_gateway(const NetworkState *state)
{
	const NetRoute *route = network_state_default(state);

	return route && route->mac_state == MAC_KNOWN;
}

static gboolean
is_offline(const NetworkState *state)
{
	return !network_state_usable(state);
}

static gboolean
is_silent(const NetworkState *state)
{
	const NetRoute *route = network_state_default(state);

	return route && route->mac_state == MAC_UNRESOLVABLE;
}

static void
assert_gateway(const Netwatch *netwatch, const char *address,
	       const char *mac)
{
	const NetRoute *route =
		network_state_default(netwatch_state(netwatch));
	char text[NETWORK_ADDRESS_TEXT];
	char mac_text[NETWORK_MAC_TEXT];

	ck_assert_ptr_nonnull(route);
	ck_assert_str_eq(net_address_format(&route->gateway, TRUE, text),
			 address);
	ck_assert_str_eq(net_mac_format(route->mac, mac_text), mac);
}

START_TEST(a_lone_machine_is_offline)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);
	g_autofree char *line =
		network_state_describe(netwatch_state(netwatch));

	ck_assert(!network_state_usable(netwatch_state(netwatch)));
	ck_assert(!network_state_has_address(netwatch_state(netwatch)));
	ck_assert_str_eq(line, "no network");
}
END_TEST

START_TEST(a_gateway_is_recognised)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);
	g_autofree char *line = NULL;
	const NetRoute *route;
	const NetLink *link;

	plug_in("02:00:00:00:09:01");
	go_online();
	wait_until(netwatch, knows_gateway);
	assert_gateway(netwatch, "10.9.0.1", "02:00:00:00:09:01");
	route = network_state_default(netwatch_state(netwatch));
	link = network_state_link(netwatch_state(netwatch), route->link);
	ck_assert_uint_eq(route->metric, 100);
	ck_assert_str_eq(link->name, "eth0");
	ck_assert_int_eq(link->type, LINK_WIRED);
	line = network_state_describe(netwatch_state(netwatch));
	ck_assert_str_eq(line, "eth0 10.9.0.2/24");
	ck_assert_uint_ge(seen.calls, 1);
}
END_TEST

START_TEST(what_was_there_before_is_seen_at_once)
{
	Seen seen = { 0 };

	plug_in("02:00:00:00:09:01");
	go_online();
	usleep(100 * 1000);
	{
		g_autoptr(Netwatch) netwatch = start(&seen);

		ck_assert(network_state_usable(netwatch_state(netwatch)));
		wait_until(netwatch, knows_gateway);
	}
}
END_TEST

START_TEST(an_ipv6_gateway_is_recognised)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	plug_in("02:00:00:00:09:06");
	ip("link set eth0 up");
	ip("-6 addr add fd09::2/64 dev eth0 nodad");
	ip("-6 route add default via fd09::1 metric 1024");
	wait_until(netwatch, knows_gateway);
	assert_gateway(netwatch, "fd09::1", "02:00:00:00:09:06");
}
END_TEST

START_TEST(a_pulled_cable_is_offline)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	plug_in("02:00:00:00:09:01");
	go_online();
	wait_until(netwatch, knows_gateway);
	peer_ip("link set peer0 down");
	wait_until(netwatch, is_offline);
	/* The same cable, another router at its far end. */
	peer_ip("link set peer0 address 02:00:00:00:09:99");
	peer_ip("link set peer0 up");
	wait_until(netwatch, knows_gateway);
	assert_gateway(netwatch, "10.9.0.1", "02:00:00:00:09:99");
}
END_TEST

START_TEST(a_link_set_down_takes_its_routes_along)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	plug_in("02:00:00:00:09:01");
	go_online();
	wait_until(netwatch, knows_gateway);
	ip("link set eth0 down");
	wait_until(netwatch, is_offline);
	ck_assert_uint_eq(netwatch_state(netwatch)->routes->len, 0);
	ip("link set eth0 up");
	turn(200);
	/* The kernel dropped the route without a word: so did we. */
	ck_assert(!network_state_usable(netwatch_state(netwatch)));
}
END_TEST

START_TEST(a_taken_address_takes_its_route_along)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	plug_in("02:00:00:00:09:01");
	go_online();
	wait_until(netwatch, knows_gateway);
	ip("addr del 10.9.0.2/24 dev eth0");
	wait_until(netwatch, is_offline);
}
END_TEST

START_TEST(the_lower_metric_is_the_way_out)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	plug_in("02:00:00:00:09:01");
	go_online();
	ip("link add dock type veth peer name dockp");
	ip("link set dockp up");
	ip("link set dock up");
	ip("addr add 10.8.0.2/24 dev dock");
	ip("route add default dev dock metric 50");
	turn(300);
	ck_assert_uint_eq(netwatch_state(netwatch)->routes->len, 2);
	ck_assert_uint_eq(
		network_state_default(netwatch_state(netwatch))->metric, 50);
	ip("route del default dev dock");
	wait_until(netwatch, knows_gateway);
}
END_TEST

START_TEST(several_hops_are_several_ways)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	plug_in("02:00:00:00:09:01");
	ip("link set eth0 up");
	ip("addr add 10.9.0.2/24 dev eth0");
	ip("route add default nexthop via 10.9.0.1 dev eth0 "
	   "nexthop via 10.9.0.3 dev eth0");
	wait_until(netwatch, knows_gateway);
	ck_assert_uint_eq(netwatch_state(netwatch)->routes->len, 2);
}
END_TEST

START_TEST(a_silent_gateway_is_given_up)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	plug_in("02:00:00:00:09:01");
	peer_ip("addr flush dev peer0");
	go_online();
	wait_until(netwatch, is_silent);
	ck_assert(network_state_usable(netwatch_state(netwatch)));
	ck_assert(!network_state_mac_pending(netwatch_state(netwatch)));
	/* It is asked again: a router may only just be starting. */
	peer_ip("addr add 10.9.0.1/24 dev peer0");
	wait_until(netwatch, knows_gateway);
}
END_TEST

START_TEST(a_bridge_port_is_still_a_link)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	plug_in("02:00:00:00:09:01");
	go_online();
	ip("link add br0 type bridge");
	ip("link add p0 type veth peer name p1");
	ip("link set p0 master br0");
	ip("link set p0 up");
	ip("link set p0 nomaster");
	wait_until(netwatch, knows_gateway);
	turn(100);
	ck_assert_ptr_nonnull(network_state_link_by_name(
		netwatch_state(netwatch), "p0"));
	ip("link del p0");
	turn(100);
	ck_assert_ptr_null(network_state_link_by_name(
		netwatch_state(netwatch), "p0"));
}
END_TEST

START_TEST(a_renamed_link_has_its_new_name)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	ip("link add a0 type veth peer name a1");
	turn(50);
	ip("link set a0 name dock7");
	turn(100);
	ck_assert_ptr_null(network_state_link_by_name(
		netwatch_state(netwatch), "a0"));
	ck_assert_ptr_nonnull(network_state_link_by_name(
		netwatch_state(netwatch), "dock7"));
}
END_TEST

START_TEST(a_tun_is_a_vpn)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);
	const NetLink *link;
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return; /* no such device here: nothing to show */
	strcpy(request.ifr_name, "tun7");
	ck_assert_int_eq(ioctl(fd, TUNSETIFF, &request), 0);
	ip("link set tun7 up");
	ip("addr add 10.7.0.2 peer 10.7.0.1 dev tun7");
	ip("route add default dev tun7");
	turn(200);
	link = network_state_link_by_name(netwatch_state(netwatch), "tun7");
	ck_assert_ptr_nonnull(link);
	ck_assert_int_eq(link->type, LINK_VPN);
	ck_assert(link->up);
	ck_assert(network_state_usable(netwatch_state(netwatch)));
	ck_assert(!network_state_mac_pending(netwatch_state(netwatch)));
	close(fd);
	wait_until(netwatch, is_offline);
}
END_TEST

#define FLAPS 1000

/* A batch for ip(8): FLAPS times down and up, and online at the end. */
static void
flap(void)
{
	GString *batch = g_string_new(NULL);

	for (guint i = 0; i < FLAPS; i++)
		g_string_append(batch, "link set eth0 down\n"
				       "link set eth0 up\n");
	g_string_append(batch,
			"route add default via 10.9.0.1 metric 100\n");
	write_file("/etc/batch", batch->str);
	g_string_free(batch, TRUE);
	ip("-batch /etc/batch");
}

START_TEST(an_overrun_reads_everything_anew)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	netwatch_set_buffer(netwatch, 1);
	plug_in("02:00:00:00:09:01");
	go_online();
	flap(); /* far more than the buffer holds, and nobody reads */
	ip("link add late type veth peer name late1");
	wait_until(netwatch, knows_gateway);
	ck_assert_ptr_nonnull(network_state_link_by_name(
		netwatch_state(netwatch), "late"));
	ck_assert_uint_lt(seen.calls, 20);
}
END_TEST

static double
cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

START_TEST(a_thousand_flaps_are_bounded)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);
	double before;
	pid_t flapper;

	plug_in("02:00:00:00:09:01");
	go_online();
	wait_until(netwatch, knows_gateway);
	before = cpu_seconds();
	flapper = fork();
	if (flapper == 0) {
		flap();
		_exit(0);
	}
	turn(1500);
	ck_assert_int_eq(waitpid(flapper, NULL, 0), flapper);
	wait_until(netwatch, knows_gateway);
	ck_assert(cpu_seconds() - before < 3.0);
	ck_assert_uint_gt(seen.calls, 0);
}
END_TEST

static gint
count_poll(GPollFD *fds, guint count, gint timeout)
{
	polls++;
	return g_poll(fds, count, timeout);
}

START_TEST(nothing_wakes_it_when_nothing_changes)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	plug_in("02:00:00:00:09:01");
	go_online();
	wait_until(netwatch, knows_gateway);
	turn(2500); /* IPv6 settles too */
	seen = (Seen){ 0 };
	g_main_context_set_poll_func(NULL, count_poll);
	/* Neighbours come and go, other routes too: none of our business. */
	for (guint i = 10; i < 20; i++) {
		g_autofree char *line = g_strdup_printf(
			"neigh add 10.9.0.%u lladdr 02:00:00:00:00:%02u "
			"dev eth0", i, i);

		ip(line);
	}
	turn(300);
	ck_assert_uint_le(polls, 2); /* one for the test's own timer */
	ck_assert_uint_eq(seen.calls, 0);
}
END_TEST

START_TEST(a_refresh_asks_again)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	plug_in("02:00:00:00:09:01");
	go_online();
	wait_until(netwatch, knows_gateway);
	peer_ip("link set peer0 address 02:00:00:00:09:77");
	ip("neigh flush dev eth0");
	netwatch_refresh(netwatch);
	turn(50);
	wait_until(netwatch, knows_gateway);
	assert_gateway(netwatch, "10.9.0.1", "02:00:00:00:09:77");
}
END_TEST

static gboolean
has_domain(const NetworkState *state)
{
	return state->domains->len == 1 &&
	       g_str_equal(state->domains->pdata[0], "fritz.box");
}

static gboolean
has_linked_domain(const NetworkState *state)
{
	return state->domains->len == 1 &&
	       g_str_equal(state->domains->pdata[0], "linked.example");
}

START_TEST(resolv_conf_is_followed)
{
	Seen seen = { 0 };
	g_autoptr(Netwatch) netwatch = start(&seen);

	write_file("/etc/new", "nameserver 10.9.0.1\nsearch Fritz.Box.\n");
	ck_assert_int_eq(rename("/etc/new", "/etc/resolv.conf"), 0);
	wait_until(netwatch, has_domain);
	ck_assert_str_eq(netwatch_state(netwatch)->servers->pdata[0],
			 "10.9.0.1");
	ck_assert_int_eq(mkdir("/etc/run", 0755), 0);
	write_file("/etc/run/stub.conf", "search one.example\n");
	unlink("/etc/resolv.conf");
	ck_assert_int_eq(symlink("run/stub.conf", "/etc/resolv.conf"), 0);
	turn(100);
	write_file("/etc/run/stub.conf", "search linked.example\n");
	wait_until(netwatch, has_linked_domain);
}
END_TEST

/* A link message as the kernel's wireless events are: flags, no state. */
static struct nl_msg *
link_message(int family, guint flags, gboolean whole)
{
	struct ifinfomsg info = { .ifi_family = family,
				  .ifi_index = 3,
				  .ifi_type = 1,
				  .ifi_flags = flags };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, 0);

	nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO);
	if (whole) {
		nla_put_string(message, IFLA_IFNAME, "wlan0");
		nla_put_u8(message, IFLA_OPERSTATE, 6);
	} else {
		nla_put(message, IFLA_WIRELESS, 4, "\0\0\0");
	}
	return message;
}

static void
apply(Table *table, struct nl_msg *message)
{
	gboolean routes = FALSE;

	table_apply(table, nlmsg_hdr(message), &routes);
	nlmsg_free(message);
}

static gboolean
table_says_up(const Table *table)
{
	g_autoptr(NetworkState) state = table_to_state(table);
	const NetLink *link = network_state_link(state, 3);

	ck_assert_ptr_nonnull(link);
	ck_assert_str_eq(link->name, "wlan0");
	return link->up;
}

#define UP (IFF_UP | IFF_LOWER_UP)

START_TEST(a_missing_attribute_is_no_change)
{
	Table table;

	table_init(&table);
	apply(&table, link_message(AF_UNSPEC, UP, TRUE));
	ck_assert(table_says_up(&table));
	apply(&table, link_message(AF_UNSPEC, UP, FALSE));
	ck_assert(table_says_up(&table));
	apply(&table, link_message(AF_UNSPEC, 0, FALSE));
	ck_assert(!table_says_up(&table));
	table_clear(&table);
}
END_TEST

/* IF_OPER values beside UP, without IFF_RUNNING. */
static const guint8 not_up[] = { 0, 1, 2, 3, 4, 5 };

START_TEST(only_up_is_up)
{
	struct nl_msg *message = link_message(AF_UNSPEC, UP, TRUE);
	struct nlattr *state = nlmsg_find_attr(
		nlmsg_hdr(message), sizeof(struct ifinfomsg),
		IFLA_OPERSTATE);
	Table table;

	*(guint8 *)nla_data(state) = not_up[_i];
	table_init(&table);
	apply(&table, message);
	ck_assert(!table_says_up(&table));
	apply(&table, link_message(AF_UNSPEC, UP | IFF_RUNNING, FALSE));
	ck_assert(table_says_up(&table));
	table_clear(&table);
}
END_TEST

START_TEST(a_bridges_word_on_its_port_is_no_link)
{
	Table table;

	table_init(&table);
	apply(&table, link_message(AF_BRIDGE, UP, TRUE));
	ck_assert_uint_eq(g_hash_table_size(table.links), 0);
	table_clear(&table);
}
END_TEST

START_TEST(links_are_bounded)
{
	Table table;

	table_init(&table);
	for (int i = 1; i < NETWORK_MAX_LINKS + 50; i++) {
		struct nl_msg *message = link_message(AF_UNSPEC, UP, TRUE);
		struct ifinfomsg *info = nlmsg_data(nlmsg_hdr(message));

		info->ifi_index = i;
		apply(&table, message);
	}
	ck_assert_uint_eq(g_hash_table_size(table.links), NETWORK_MAX_LINKS);
	table_clear(&table);
}
END_TEST

/* Any cut of a message is read without harm. */
START_TEST(a_cut_message_harms_nobody)
{
	struct nl_msg *message = link_message(AF_UNSPEC, UP, TRUE);
	guint size = nlmsg_hdr(message)->nlmsg_len;

	for (guint cut = NLMSG_HDRLEN; cut <= size; cut++) {
		struct nlmsghdr *copy = g_memdup2(nlmsg_hdr(message), cut);
		gboolean routes = FALSE;
		Table table;

		copy->nlmsg_len = cut;
		table_init(&table);
		for (guint16 type = RTM_NEWLINK; type <= RTM_DELROUTE;
		     type++) {
			copy->nlmsg_type = type;
			table_apply(&table, copy, &routes);
		}
		table_clear(&table);
		g_free(copy);
	}
	nlmsg_free(message);
}
END_TEST

static Suite *
make_netwatch_suite(void)
{
	Suite *suite = suite_create("netwatch");
	TCase *kernel = tcase_create("kernel");
	TCase *table = tcase_create("table");

	tcase_add_checked_fixture(kernel, setup, teardown);
	tcase_set_timeout(kernel, 30);
	tcase_add_test(kernel, a_lone_machine_is_offline);
	tcase_add_test(kernel, a_gateway_is_recognised);
	tcase_add_test(kernel, what_was_there_before_is_seen_at_once);
	tcase_add_test(kernel, an_ipv6_gateway_is_recognised);
	tcase_add_test(kernel, a_pulled_cable_is_offline);
	tcase_add_test(kernel, a_link_set_down_takes_its_routes_along);
	tcase_add_test(kernel, a_taken_address_takes_its_route_along);
	tcase_add_test(kernel, the_lower_metric_is_the_way_out);
	tcase_add_test(kernel, several_hops_are_several_ways);
	tcase_add_test(kernel, a_silent_gateway_is_given_up);
	tcase_add_test(kernel, a_bridge_port_is_still_a_link);
	tcase_add_test(kernel, a_renamed_link_has_its_new_name);
	tcase_add_test(kernel, a_tun_is_a_vpn);
	tcase_add_test(kernel, an_overrun_reads_everything_anew);
	tcase_add_test(kernel, a_thousand_flaps_are_bounded);
	tcase_add_test(kernel, nothing_wakes_it_when_nothing_changes);
	tcase_add_test(kernel, a_refresh_asks_again);
	tcase_add_test(kernel, resolv_conf_is_followed);
	tcase_add_test(table, a_missing_attribute_is_no_change);
	tcase_add_loop_test(table, only_up_is_up, 0, G_N_ELEMENTS(not_up));
	tcase_add_test(table, a_bridges_word_on_its_port_is_no_link);
	tcase_add_test(table, links_are_bounded);
	tcase_add_test(table, a_cut_message_harms_nobody);
	suite_add_tcase(suite, kernel);
	suite_add_tcase(suite, table);
	return suite;
}

static gboolean
can_leave_host(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(leave_host() ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

int
main(void)
{
	SRunner *runner;
	int failed;

	if (!can_leave_host()) {
		puts("no network namespaces here: netwatch not tested");
		return SKIPPED;
	}
	runner = srunner_create(make_netwatch_suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
