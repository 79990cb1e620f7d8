// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/hostname.h"

#include <string.h>

#define MAILNAME_FILE "/etc/mailname"

static char *
read_mailname(void)
{
	g_autofree char *text = NULL;

	if (!g_file_get_contents(MAILNAME_FILE, &text, NULL, NULL))
		return NULL;
	text[strcspn(text, "\r\n")] = '\0';
	g_strstrip(text);
	return *text ? g_steal_pointer(&text) : NULL;
}

char *
hostname_for_mail(const Config *config)
{
	char *name = config_string(config, "General", "HostName");

	if (!name)
		name = read_mailname();
	return name ? name : g_strdup(g_get_host_name());
}
