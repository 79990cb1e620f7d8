// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/methods.h"

static const struct {
	const char *name;
	Handler handler;
} handlers[] = {
	{ "Act", method_act },
	{ "Commit", method_commit },
	{ "Describe", method_describe },
	{ "Explain", method_explain },
	{ "Fetch", method_fetch },
	{ "Hello", method_hello },
	{ "Job", method_job },
	{ "List", method_list },
	{ "Log", method_log },
	{ "Networks", method_networks },
	{ "Profile", method_profile },
	{ "Profiles", method_profiles },
	{ "Recipient", method_recipient },
	{ "Reload", method_reload },
	{ "Report", method_report },
	{ "Reset", method_reset },
	{ "Routes", method_routes },
	{ "Show", method_show },
	{ "Status", method_status },
	{ "Submit", method_submit },
	{ "Verdict", method_verdict },
	{ "Watch", method_watch },
};

Handler
methods_handler(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(handlers); i++)
		if (g_str_equal(handlers[i].name, name))
			return handlers[i].handler;
	return NULL;
}
