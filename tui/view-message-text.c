// SPDX-License-Identifier: GPL-2.0-or-later
/* The message itself, raw: fetched bit by bit, shown harmless. */
#include "tui/view-message.h"

#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/text.h"

#define _(text) gettext(text)
#define TEXT_LINES_MAX 20000

Message *
message_find_open(App *app, guint serial)
{
	for (guint i = 0; i < app->over->len; i++) {
		View *view = app->over->pdata[i];
		Message *message = view->state;

		if (view->ops == &view_message && message->serial == serial)
			return message;
	}
	return NULL;
}

static GPtrArray *
new_lines(void)
{
	return g_ptr_array_new_with_free_func(g_free);
}

/* At the first empty line the headers end. */
static void
split(Message *message)
{
	const char *at = (const char *)message->text->data;
	const char *end = at + message->text->len;
	GPtrArray *lines;

	message->headers = new_lines();
	message->body = new_lines();
	lines = message->headers;
	while (at < end && lines->len < TEXT_LINES_MAX) {
		const char *stop = memchr(at, '\n', end - at);
		gsize size = (stop ? stop : end) - at;

		if (size > 0 && at[size - 1] == '\r')
			size--;
		if (size == 0 && lines == message->headers)
			lines = message->body;
		else
			g_ptr_array_add(lines,
					text_harmless_bytes(at, size));
		at = stop ? stop + 1 : end;
	}
}

static void ask_more(Message *message);

static void
hear_text(App *app, GVariant *body, gpointer data)
{
	Message *message = message_find_open(app, GPOINTER_TO_UINT(data));
	gsize size;
	const guint8 *bytes = g_variant_get_fixed_array(body, &size, 1);

	if (!message || message->fetched)
		return;
	if (size > 0)
		g_byte_array_append(message->text, bytes, size);
	if (size > 0 && message->text->len < MESSAGE_TEXT_MAX) {
		ask_more(message);
		return;
	}
	message->fetched = TRUE;
	split(message);
}

static void
ask_more(Message *message)
{
	app_call(message->app, "Fetch",
		 g_variant_new("(st)", message->id,
			       (guint64)message->text->len),
		 hear_text, GUINT_TO_POINTER(message->serial), NULL);
}

void
message_fetch(Message *message)
{
	if (message->fetched || message->text)
		return;
	message->text = g_byte_array_new();
	ask_more(message);
}

static guint
style_for(const char *line, gboolean header)
{
	if (header)
		return INK_PLAIN;
	return *line == '>' ? INK_DIM : INK_PLAIN;
}

void
message_draw_text(Message *message, Canvas *canvas, GPtrArray *lines,
		  int from, int end)
{
	List *list = &message->lists[message->part];
	gboolean header = message->part == PART_HEADERS;

	if (!lines) {
		canvas_text(canvas, from, 2, -1, INK_DIM,
			    _("Fetching it …"));
		return;
	}
	list_fit(list, lines->len, end - from, from);
	for (int i = 0; from + i < end && list->top + i < lines->len; i++) {
		const char *line = lines->pdata[list->top + i];
		const char *colon = strchr(line, ':');

		canvas_text(canvas, from + i, 2, canvas->columns - 3,
			    style_for(line, header), line);
		if (header && colon && *line != ' ')
			canvas_restyle(canvas, from + i, 2,
				       MIN(g_utf8_pointer_to_offset(line,
								    colon),
					   canvas->columns),
				       INK_ACCENT);
	}
	canvas_cursor(canvas, from + (int)(list->cursor - list->top), 2);
}

/* A file being written, piece by piece as it is fetched. */
typedef struct {
	App *app;
	char *id, *path;
	int fd;
	guint64 size;
} Saving;

static void
saving_free(gpointer data)
{
	Saving *saving = data;

	close(saving->fd);
	g_free(saving->id);
	g_free(saving->path);
	g_free(saving);
}

static gboolean
write_all(int fd, const guint8 *bytes, gsize size)
{
	while (size > 0) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0 && errno != EINTR)
			return FALSE;
		if (written > 0) {
			bytes += written;
			size -= written;
		}
	}
	return TRUE;
}

static void save_more(Saving *saving);

/* Each piece has its own copy of the descriptor: a lost call frees it. */
static void
hear_piece(App *app, GVariant *body, gpointer data)
{
	Saving *saving = data, *next;
	gsize size;
	const guint8 *bytes = g_variant_get_fixed_array(body, &size, 1);

	if (!write_all(saving->fd, bytes, size)) {
		app_complain(app, _("Cannot write %s: %s"), saving->path,
			     g_strerror(errno));
		return;
	}
	if (size == 0) {
		app_toast(app, _("Saved as %s in the current folder."),
			  saving->path);
		return;
	}
	next = g_new0(Saving, 1);
	next->app = app;
	next->id = g_strdup(saving->id);
	next->path = g_strdup(saving->path);
	next->fd = fcntl(saving->fd, F_DUPFD_CLOEXEC, 0);
	next->size = saving->size + size;
	save_more(next);
}

static void
save_more(Saving *saving)
{
	app_call(saving->app, "Fetch",
		 g_variant_new("(st)", saving->id, saving->size), hear_piece,
		 saving, saving_free);
}

void
message_save(Message *message)
{
	g_autofree char *path = g_strdup_printf("%s.eml", message->id);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	Saving *saving;

	if (fd < 0) {
		app_complain(message->app, _("Cannot create %s: %s"), path,
			     g_strerror(errno));
		return;
	}
	saving = g_new0(Saving, 1);
	saving->app = message->app;
	saving->id = g_strdup(message->id);
	saving->path = g_steal_pointer(&path);
	saving->fd = fd;
	save_more(saving);
}
