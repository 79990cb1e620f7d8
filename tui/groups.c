// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/groups.h"

#include <libintl.h>
#include <string.h>

#define _(text) gettext(text)

static const struct {
	gint64 minutes;
	const char *title;
} ages[GROUPS_AGES] = {
	{ 5, "<5" },	 { 10, "10" },	 { 20, "20" },
	{ 40, "40" },	 { 80, "80" },	 { 160, "160" },
	{ 320, "320" },	 { G_MAXINT64, "more" },
};

const char *
groups_age_title(guint age)
{
	return ages[age].title;
}

static char *
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return g_strdup(at && at[1] ? at + 1 : _("this machine"));
}

static char *
reason_of(const Row *row)
{
	if (row->state == STATE_SENDING)
		return g_strdup(_("on the way just now"));
	if (*row->why)
		return g_strdup(row->why);
	return g_strdup(row_state_name(row->state));
}

char *
groups_name(const Row *row, GroupKind kind)
{
	switch (kind) {
	case GROUP_DESTINATION:
		return domain_of(row->to);
	case GROUP_REASON:
		return reason_of(row);
	case GROUP_SENDER:
		return g_strdup(*row->sender ? row->sender : _("bounces"));
	case GROUP_ROUTE:
		return g_strdup(*row->route ? row->route : _("none yet"));
	case GROUP_KINDS:
		break;
	}
	return g_strdup("");
}

char *
groups_filter(GroupKind kind, const char *name)
{
	if (kind == GROUP_DESTINATION)
		return g_strdup_printf("to:%s", name);
	if (kind == GROUP_SENDER)
		return g_strdup_printf("from:%s", name);
	return kind == GROUP_ROUTE ? g_strdup_printf("route:%s", name) : NULL;
}

static void
group_free(gpointer data)
{
	Group *group = data;

	g_ptr_array_unref(group->ids);
	g_free(group->name);
	g_free(group);
}

/* Takes @name over. */
static Group *
group_new(char *name)
{
	Group *group = g_new0(Group, 1);

	group->name = name;
	group->ids = g_ptr_array_new_with_free_func(g_free);
	return group;
}

static void
count(Group *group, const Row *row, gint64 now)
{
	gint64 minutes = (now - row->arrived) / 60;
	guint age = 0;

	while (age + 1 < GROUPS_AGES && minutes >= ages[age].minutes)
		age++;
	group->ages[age]++;
	group->total++;
	if (!group->oldest || row->arrived < group->oldest)
		group->oldest = row->arrived;
	g_ptr_array_add(group->ids, g_strdup(row->id));
}

static int
compare(gconstpointer a, gconstpointer b)
{
	const Group *first = *(const Group *const *)a;
	const Group *second = *(const Group *const *)b;

	if (first->total != second->total)
		return first->total > second->total ? -1 : 1;
	return strcmp(first->name, second->name);
}

GPtrArray *
groups_of(const Model *model, GroupKind kind, gint64 now)
{
	g_autoptr(GHashTable) by_name =
		g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *groups = g_ptr_array_new_with_free_func(group_free);

	for (guint i = 0; i < model_rows(model); i++) {
		const Row *row = model_row(model, i);
		char *name;
		Group *group;

		if (row->left_at)
			continue;
		name = groups_name(row, kind);
		group = g_hash_table_lookup(by_name, name);
		if (group) {
			g_free(name);
		} else {
			group = group_new(name);
			g_hash_table_insert(by_name, group->name, group);
			g_ptr_array_add(groups, group);
		}
		count(group, row, now);
	}
	g_ptr_array_sort(groups, compare);
	return groups;
}
