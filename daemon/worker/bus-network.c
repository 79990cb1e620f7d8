// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/bus.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define NM "org.freedesktop.NetworkManager"
#define RESOLVED "org.freedesktop.resolve1"
#define MAX_DOMAINS 16 /* as many as the engine takes */

/* --- values --------------------------------------------------------------- */

/* NMConnectivityState and NMMetered, in their order. */
static const char *const connectivities[] = { "unknown", "none", "portal",
					      "limited", "full" };
enum { METERED_YES = 1, METERED_GUESS_YES = 3 };

/* Each: a hint of what the service says; @value NULL: it says nothing. */
typedef GVariant *(*Reader)(GVariant *value);

static GVariant *
read_connectivity(GVariant *value)
{
	guint32 state = 0;

	if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_UINT32))
		state = g_variant_get_uint32(value);
	return g_variant_new_string(
		connectivities[state < G_N_ELEMENTS(connectivities) ? state
								    : 0]);
}

static GVariant *
read_metered(GVariant *value)
{
	guint32 state = 0;

	if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_UINT32))
		state = g_variant_get_uint32(value);
	return g_variant_new_boolean(state == METERED_YES ||
				     state == METERED_GUESS_YES);
}

/* (interface, domain, for routing only): those are no search domains. */
static GVariant *
read_domains(GVariant *value)
{
	GVariantBuilder domains;
	GVariantIter iter;
	const char *domain;
	gboolean routing;
	guint n = 0;

	g_variant_builder_init(&domains, G_VARIANT_TYPE("as"));
	if (!value || !g_variant_is_of_type(value, G_VARIANT_TYPE("a(isb)")))
		return g_variant_builder_end(&domains);
	g_variant_iter_init(&iter, value);
	while (n < MAX_DOMAINS &&
	       g_variant_iter_next(&iter, "(i&sb)", NULL, &domain, &routing))
		if (!routing && *domain) {
			g_variant_builder_add(&domains, "s", domain);
			n++;
		}
	return g_variant_builder_end(&domains);
}

static const struct Property {
	const char *service;
	const char *path;
	const char *interface;
	const char *name;
	const char *key; /* of Hint */
	Reader read;
} properties[] = {
	{ NM, "/org/freedesktop/NetworkManager", NM, "Connectivity",
	  "connectivity", read_connectivity },
	{ NM, "/org/freedesktop/NetworkManager", NM, "Metered", "metered",
	  read_metered },
	{ RESOLVED, "/org/freedesktop/resolve1", RESOLVED ".Manager",
	  "Domains", "domains", read_domains },
};

/* --- following them ------------------------------------------------------- */

/* One row of the table as it is followed. */
typedef struct {
	Bus *bus;
	const struct Property *property;
	GVariant *told; /* (nullable) */
} Followed;

/* What is the same as before is no news. @value (nullable). */
static void
take(Followed *followed, GVariant *value)
{
	g_autoptr(GVariant) hint =
		g_variant_ref_sink(followed->property->read(value));

	if (followed->told && g_variant_equal(followed->told, hint))
		return;
	g_clear_pointer(&followed->told, g_variant_unref);
	followed->told = g_variant_ref(hint);
	bus_tell(followed->bus, followed->property->key, hint);
}

static void
ask(Followed *followed)
{
	const struct Property *property = followed->property;
	g_autoptr(GVariant) value = NULL;
	g_autoptr(GVariant) reply = g_dbus_connection_call_sync(
		followed->bus->connection, property->service, property->path,
		PROPERTIES, "Get",
		g_variant_new("(ss)", property->interface, property->name),
		G_VARIANT_TYPE("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
		BUS_ANSWER_MS, NULL, NULL);

	if (reply)
		g_variant_get(reply, "(v)", &value);
	take(followed, value);
}

static void
on_changed(G_GNUC_UNUSED GDBusConnection *connection,
	   G_GNUC_UNUSED const char *sender, G_GNUC_UNUSED const char *path,
	   G_GNUC_UNUSED const char *interface,
	   G_GNUC_UNUSED const char *signal, GVariant *parameters,
	   gpointer data)
{
	Followed *followed = data;
	const char *name = followed->property->name;
	g_autoptr(GVariant) changed = NULL;
	g_autoptr(GVariant) value = NULL;
	g_autofree const char **unsaid = NULL;

	if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(sa{sv}as)")))
		return;
	g_variant_get(parameters, "(&s@a{sv}^a&s)", NULL, &changed, &unsaid);
	value = g_variant_lookup_value(changed, name, NULL);
	if (value)
		take(followed, value);
	else if (g_strv_contains(unsaid, name))
		ask(followed);
}

static void
on_there(G_GNUC_UNUSED GDBusConnection *connection,
	 G_GNUC_UNUSED const char *name, G_GNUC_UNUSED const char *owner,
	 gpointer data)
{
	ask(data);
}

static void
on_gone(G_GNUC_UNUSED GDBusConnection *connection,
	G_GNUC_UNUSED const char *name, gpointer data)
{
	Followed *followed = data;

	/* Never there is no news; gone is. */
	if (followed->told)
		take(followed, NULL);
}

void
bus_watch_network(Bus *bus)
{
	for (gsize i = 0; i < G_N_ELEMENTS(properties); i++) {
		const struct Property *property = &properties[i];
		Followed *followed = g_new0(Followed, 1); /* for good */

		followed->bus = bus;
		followed->property = property;
		g_dbus_connection_signal_subscribe(
			bus->connection, property->service, PROPERTIES,
			"PropertiesChanged", property->path,
			property->interface, G_DBUS_SIGNAL_FLAGS_NONE,
			on_changed, followed, NULL);
		g_bus_watch_name_on_connection(
			bus->connection, property->service,
			G_BUS_NAME_WATCHER_FLAGS_NONE, on_there, on_gone,
			followed, NULL);
	}
}
