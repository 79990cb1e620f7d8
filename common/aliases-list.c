// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/aliases-private.h"

static gboolean
is_for_list(AliasKind kind)
{
	return kind == ALIAS_ADDRESS || kind == ALIAS_EXACT;
}

static gboolean
is_for_forward(AliasKind kind)
{
	return kind != ALIAS_INCLUDE && kind != ALIAS_FAIL;
}

/* @number: of the line, for its fault. */
static void
take_line(Alias *list, char *line, guint number)
{
	guint before = list->targets->len;
	g_autofree char *fault = NULL;

	alias_cut_comment(line);
	if (alias_is_blank(line) || list->fault)
		return;
	if (!alias_quotes_close(line))
		alias_set_fault(list, "a quote is not closed");
	else if (!g_utf8_validate(line, -1, NULL))
		alias_set_fault(list, "is no UTF-8");
	else
		alias_add_targets(list, line);
	for (guint i = before; i < list->targets->len; i++) {
		const AliasTarget *target = list->targets->pdata[i];

		if (list->forward && !is_for_forward(target->kind))
			alias_set_fault(list, "has what only the aliases "
					"file of the machine may hold");
		if (!list->forward && !is_for_list(target->kind))
			alias_set_fault(list, "has something else than "
					"addresses, which are all that a "
					"list may hold");
	}
	if (!list->fault)
		return;
	fault = g_steal_pointer(&list->fault);
	list->fault = g_strdup_printf("line %u %s", number, fault);
}

static Alias *
parse(const char *text, gboolean forward)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	Alias *list = alias_new("", 1);

	list->forward = forward;
	for (guint i = 0; lines[i]; i++)
		take_line(list, lines[i], i + 1);
	return list;
}

Alias *
alias_parse_list(const char *text)
{
	return parse(text, FALSE);
}

Alias *
alias_parse_forward(const char *text)
{
	return parse(text, TRUE);
}

static const char *
kind_word(AliasKind kind)
{
	switch (kind) {
	case ALIAS_ADDRESS:
	case ALIAS_COMMAND:
	case ALIAS_PATH:
		return "";
	case ALIAS_EXACT:
		return "\\";
	case ALIAS_INCLUDE:
		return ":include:";
	case ALIAS_BLACKHOLE:
		return ":blackhole:";
	case ALIAS_FAIL:
		return ":fail: ";
	}
	return "";
}

char *
alias_targets_text(const Alias *alias)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < alias->targets->len; i++) {
		const AliasTarget *target = alias->targets->pdata[i];

		g_string_append_printf(text, "%s%s%s", i ? ", " : "",
				       kind_word(target->kind), target->text);
	}
	return g_string_free(text, FALSE);
}
