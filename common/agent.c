// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/agent.h"

#include <string.h>

#define FIRST_LINE "secret"

void
agent_request_free(AgentRequest *request)
{
	if (!request)
		return;
	g_free(request->route);
	g_free(request->host);
	g_free(request->user);
	g_free(request);
}

static gboolean
is_one_line(const char *value)
{
	return !strpbrk(value, "\r\n");
}

char *
agent_request_write(const AgentRequest *request)
{
	g_autofree char *text = g_strdup_printf(
		FIRST_LINE "\nroute %s\nhost %s\nuser %s\nrefused %s\n",
		request->route, request->host, request->user,
		request->refused ? "yes" : "no");

	if (strlen(text) > AGENT_TEXT_MAX || !is_one_line(request->route) ||
	    !is_one_line(request->host) || !is_one_line(request->user))
		return NULL;
	return g_steal_pointer(&text);
}

static void
take_string(char **target, const char *value)
{
	g_free(*target);
	*target = g_strdup(value);
}

static void
take_line(AgentRequest *request, const char *line)
{
	const char *blank = strchr(line, ' ');
	const char *value = blank ? blank + 1 : "";

	if (g_str_has_prefix(line, "route "))
		take_string(&request->route, value);
	else if (g_str_has_prefix(line, "host "))
		take_string(&request->host, value);
	else if (g_str_has_prefix(line, "user "))
		take_string(&request->user, value);
	else if (g_str_has_prefix(line, "refused "))
		request->refused = g_str_equal(value, "yes");
}

AgentRequest *
agent_request_parse(const char *text, gsize size)
{
	g_autoptr(AgentRequest) request = g_new0(AgentRequest, 1);
	g_autofree char *copy = g_strndup(text, size);
	g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);

	if (size > AGENT_TEXT_MAX || strlen(copy) != size ||
	    g_strcmp0(lines[0], FIRST_LINE) != 0)
		return NULL;
	take_string(&request->host, "");
	take_string(&request->user, "");
	for (char **line = lines + 1; *line; line++)
		take_line(request, *line);
	return request->route ? g_steal_pointer(&request) : NULL;
}
