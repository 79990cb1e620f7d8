// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/local.h"

char *
local_group(const Config *config, const char *user, const char *key)
{
	g_autofree char *own = g_strconcat(LOCAL_GROUP " ", user, NULL);

	return config_has(config, own, key) ? g_steal_pointer(&own)
					    : g_strdup(LOCAL_GROUP);
}

char *
local_string(const Config *config, const char *user, const char *key)
{
	g_autofree char *group = local_group(config, user, key);

	return config_string(config, group, key);
}

gboolean
local_boolean(const Config *config, const char *user, const char *key)
{
	g_autofree char *group = local_group(config, user, key);

	return config_boolean(config, group, key);
}

gboolean
local_uses_spool(const Config *config, const char *user)
{
	g_autofree char *delivery = local_string(config, user, "Delivery");
	g_autofree char *path = local_string(config, user, "Mbox");

	return g_strcmp0(delivery, "maildir") != 0 && !path;
}
