// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/transcript-part.h"

#include <string.h>

#include "common/text.h"

Part *
part_new(const char *id)
{
	Part *part = g_new0(Part, 1);

	part->id = g_strdup(id);
	part->first = g_ptr_array_new_with_free_func(g_free);
	g_queue_init(&part->last);
	return part;
}

void
part_free(gpointer data)
{
	Part *part = data;

	g_free(part->id);
	g_ptr_array_unref(part->first);
	g_queue_clear_full(&part->last, g_free);
	g_free(part);
}

static void
keep(Part *part, char *line)
{
	if (part->first->len < TRANSCRIPT_FIRST) {
		g_ptr_array_add(part->first, line);
		return;
	}
	g_queue_push_tail(&part->last, line);
	if (part->last.length <= TRANSCRIPT_LAST)
		return;
	g_free(g_queue_pop_head(&part->last));
	part->left_out++;
}

/* At most TRANSCRIPT_LINE_MAX bytes, cut between characters. */
static char *
clipped(const char *text)
{
	g_autofree char *line = text_harmless(text);
	const gsize room = TRANSCRIPT_LINE_MAX - strlen("…");

	if (strlen(line) <= TRANSCRIPT_LINE_MAX)
		return g_steal_pointer(&line);
	*g_utf8_find_prev_char(line, line + room + 1) = '\0';
	return g_strconcat(line, "…", NULL);
}

const char *
part_add(Part *part, gint64 milliseconds, char direction, const char *text)
{
	g_autofree char *harmless = clipped(text);
	char *line = g_strdup_printf("%" G_GINT64_FORMAT " %c %s",
				     milliseconds, direction, harmless);

	keep(part, line);
	return line;
}

void
part_append(const Part *part, GPtrArray *lines)
{
	for (guint i = 0; i < part->first->len; i++)
		g_ptr_array_add(lines, g_strdup(part->first->pdata[i]));
	if (part->left_out) {
		const char *next = part->last.head->data;

		/* The time is that of the line behind. */
		g_ptr_array_add(lines,
				g_strdup_printf("%.*s * (%u lines left out)",
						(int)strcspn(next, " "), next,
						part->left_out));
	}
	for (GList *link = part->last.head; link; link = link->next)
		g_ptr_array_add(lines, g_strdup(link->data));
}
