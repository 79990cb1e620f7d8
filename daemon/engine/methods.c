// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/methods.h"

#define ROW_MARGIN 16 /* bytes between rows */

static const struct {
	const char *name;
	Handler handler;
} handlers[] = {
	{ "Act", method_act },
	{ "Ahead", method_ahead },
	{ "Commit", method_commit },
	{ "Describe", method_describe },
	{ "Expand", method_expand },
	{ "Explain", method_explain },
	{ "Fetch", method_fetch },
	{ "Forget", method_forget },
	{ "Hello", method_hello },
	{ "Hint", method_hint },
	{ "Hosts", method_hosts },
	{ "History", method_history },
	{ "Job", method_job },
	{ "Learn", method_learn },
	{ "List", method_list },
	{ "Log", method_log },
	{ "Networks", method_networks },
	{ "Online", method_online },
	{ "Profile", method_profile },
	{ "Profiles", method_profiles },
	{ "PurgeHosts", method_purge_hosts },
	{ "Recipient", method_recipient },
	{ "Reload", method_reload },
	{ "Rename", method_rename },
	{ "Report", method_report },
	{ "Reset", method_reset },
	{ "Routes", method_routes },
	{ "Show", method_show },
	{ "Status", method_status },
	{ "Submit", method_submit },
	{ "Transcript", method_transcript },
	{ "UndoWindow", method_undo_window },
	{ "Verdict", method_verdict },
	{ "Watch", method_watch },
};

gboolean
methods_add_row(GVariantBuilder *rows, GVariant *row, gsize *bytes)
{
	g_autoptr(GVariant) owned = g_variant_ref_sink(row);

	*bytes += g_variant_get_size(owned) + ROW_MARGIN;
	if (*bytes > METHODS_MAX_BYTES)
		return FALSE;
	g_variant_builder_add_value(rows, owned);
	return TRUE;
}

Handler
methods_handler(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(handlers); i++)
		if (g_str_equal(handlers[i].name, name))
			return handlers[i].handler;
	return NULL;
}
