// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A desktop's system services on the bus of DBUS_SYSTEM_BUS_ADDRESS, for
 * scenarios: logind, NetworkManager and resolved as far as the helper "bus"
 * knows them. Each line of standard input is one thing that happens:
 *
 *	sleep, wake	the machine is about to sleep, is awake again
 *	set NAME VALUE	a property: its value as GVariant text
 *	enter, leave	the services come and go
 *
 * Says "held" and "let go" when sleep is held back and when it is not.
 */
#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char xml[] =
	"<node>"
	"<interface name='org.freedesktop.login1.Manager'>"
	"<method name='Inhibit'><arg type='s'/><arg type='s'/><arg type='s'/>"
	"<arg type='s'/><arg type='h' direction='out'/></method>"
	"<signal name='PrepareForSleep'><arg type='b'/></signal>"
	"</interface>"
	"<interface name='org.freedesktop.NetworkManager'>"
	"<property name='Connectivity' type='u' access='read'/>"
	"<property name='Metered' type='u' access='read'/>"
	"</interface>"
	"<interface name='org.freedesktop.resolve1.Manager'>"
	"<property name='Domains' type='a(isb)' access='read'/>"
	"</interface>"
	"</node>";

static const struct {
	const char *name;
	const char *path;
} services[] = {
	{ "org.freedesktop.login1", "/org/freedesktop/login1" },
	{ "org.freedesktop.NetworkManager",
	  "/org/freedesktop/NetworkManager" },
	{ "org.freedesktop.resolve1", "/org/freedesktop/resolve1" },
};

static struct {
	const char *name;
	guint service;
	GVariant *value;
} values[] = {
	{ "Connectivity", 1, NULL },
	{ "Metered", 1, NULL },
	{ "Domains", 2, NULL },
};

static GDBusConnection *connection;
static GDBusNodeInfo *node;
static guint owned[G_N_ELEMENTS(services)];

static void
say(const char *text)
{
	puts(text);
	fflush(stdout);
}

static gboolean
on_let_go(int fd, G_GNUC_UNUSED GIOCondition condition,
	  G_GNUC_UNUSED gpointer data)
{
	close(fd);
	say("let go");
	return G_SOURCE_REMOVE;
}

static void
on_call(G_GNUC_UNUSED GDBusConnection *bus, G_GNUC_UNUSED const char *sender,
	G_GNUC_UNUSED const char *path, G_GNUC_UNUSED const char *interface,
	G_GNUC_UNUSED const char *method, GVariant *parameters,
	GDBusMethodInvocation *invocation, G_GNUC_UNUSED gpointer data)
{
	g_autoptr(GUnixFDList) fds = g_unix_fd_list_new();
	const char *what, *mode;
	int ends[2];

	g_variant_get(parameters, "(&s&s&s&s)", &what, NULL, NULL, &mode);
	if (!g_str_equal(what, "sleep") || !g_str_equal(mode, "delay") ||
	    !g_unix_open_pipe(ends, FD_CLOEXEC, NULL))
		exit(EXIT_FAILURE);
	g_unix_fd_list_append(fds, ends[1], NULL);
	close(ends[1]);
	g_unix_fd_add(ends[0], G_IO_HUP, on_let_go, NULL);
	say("held");
	g_dbus_method_invocation_return_value_with_unix_fd_list(
		invocation, g_variant_new("(h)", 0), fds);
}

static GVariant *
on_get(G_GNUC_UNUSED GDBusConnection *bus, G_GNUC_UNUSED const char *sender,
       G_GNUC_UNUSED const char *path, G_GNUC_UNUSED const char *interface,
       const char *property, G_GNUC_UNUSED GError **error,
       G_GNUC_UNUSED gpointer data)
{
	for (guint i = 0; i < G_N_ELEMENTS(values); i++)
		if (g_str_equal(values[i].name, property))
			return g_variant_ref(values[i].value);
	return NULL;
}

static void
set_property(const char *name, const char *text)
{
	g_autoptr(GError) error = NULL;
	GVariantDict changed;
	guint i = 0;

	while (i < G_N_ELEMENTS(values) && strcmp(values[i].name, name) != 0)
		i++;
	if (i == G_N_ELEMENTS(values))
		exit(EXIT_FAILURE);
	values[i].value = g_variant_parse(
		g_variant_get_type(values[i].value), text, NULL, NULL, &error);
	g_assert_no_error(error);
	g_variant_ref_sink(values[i].value);
	g_variant_dict_init(&changed, NULL);
	g_variant_dict_insert_value(&changed, name, values[i].value);
	g_dbus_connection_emit_signal(
		connection, NULL, services[values[i].service].path,
		"org.freedesktop.DBus.Properties", "PropertiesChanged",
		g_variant_new("(s@a{sv}as)",
			      node->interfaces[values[i].service]->name,
			      g_variant_dict_end(&changed), NULL),
		NULL);
}

static void
emit_sleep(gboolean begins)
{
	g_dbus_connection_emit_signal(connection, NULL, services[0].path,
				      node->interfaces[0]->name,
				      "PrepareForSleep",
				      g_variant_new("(b)", begins), NULL);
}

static void
enter(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(services); i++)
		owned[i] = g_bus_own_name_on_connection(
			connection, services[i].name,
			G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
}

static void
leave(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(services); i++)
		g_bus_unown_name(owned[i]);
}

static gboolean
on_line(G_GNUC_UNUSED GIOChannel *channel,
	G_GNUC_UNUSED GIOCondition condition, gpointer loop)
{
	char line[256], name[32];
	int at = 0;

	if (!fgets(line, sizeof(line), stdin)) {
		g_main_loop_quit(loop);
		return G_SOURCE_REMOVE;
	}
	g_strchomp(line);
	if (sscanf(line, "set %31s %n", name, &at) == 1)
		set_property(name, line + at);
	else if (g_str_equal(line, "enter"))
		enter();
	else if (g_str_equal(line, "leave"))
		leave();
	else
		emit_sleep(g_str_equal(line, "sleep"));
	return G_SOURCE_CONTINUE;
}

int
main(void)
{
	static const GDBusInterfaceVTable table = { on_call, on_get, NULL };
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GIOChannel) input = g_io_channel_unix_new(STDIN_FILENO);
	g_autoptr(GError) error = NULL;

	setvbuf(stdin, NULL, _IONBF, 0); /* one line a turn of the loop */
	connection = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, &error);
	g_assert_no_error(error);
	node = g_dbus_node_info_new_for_xml(xml, &error);
	g_assert_no_error(error);
	values[0].value = g_variant_ref_sink(g_variant_new_uint32(0));
	values[1].value = g_variant_ref_sink(g_variant_new_uint32(0));
	values[2].value = g_variant_ref_sink(
		g_variant_new_array(G_VARIANT_TYPE("(isb)"), NULL, 0));
	for (guint i = 0; i < G_N_ELEMENTS(services); i++)
		g_dbus_connection_register_object(
			connection, services[i].path, node->interfaces[i],
			&table, NULL, NULL, &error);
	g_assert_no_error(error);
	g_io_add_watch(input, G_IO_IN | G_IO_HUP, on_line, loop);
	g_main_loop_run(loop);
	return EXIT_SUCCESS;
}
