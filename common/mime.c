// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/mime.h"

#include <string.h>

/* A longer line is no boundary; its pieces are passed on as they come. */
#define HELD_LINE_MAX (MIME_BOUNDARY_MAX + 800)

/* A part that is open: the message, then each that holds the next. */
typedef struct {
	MimePart part;
	char *boundary; /* "--x" of a multipart; NULL: none, or it is over */
} Level;

typedef enum {
	IN_HEADER,
	IN_BODY,
	IN_GAP,
} State;

struct MimeWalker {
	MimeTake take;
	gpointer user;
	GArray *levels;     /* of Level */
	guint count;        /* parts begun */
	State state;
	GByteArray *header; /* so far */
	GByteArray *line;   /* the present line, so far */
	gboolean midway;    /* in a line that was too long to hold */
	char held[2];       /* a line end: the body's, or a boundary's */
	gsize n_held;
};

static void
level_clear(gpointer level)
{
	g_free(((Level *)level)->boundary);
}

MimeWalker *
mime_walker_new(MimeTake take, gpointer user)
{
	MimeWalker *walker = g_new0(MimeWalker, 1);

	walker->take = take;
	walker->user = user;
	walker->levels = g_array_new(FALSE, FALSE, sizeof(Level));
	g_array_set_clear_func(walker->levels, level_clear);
	walker->header = g_byte_array_new();
	walker->line = g_byte_array_new();
	return walker;
}

void
mime_walker_free(MimeWalker *walker)
{
	if (!walker)
		return;
	g_array_unref(walker->levels);
	g_byte_array_unref(walker->header);
	g_byte_array_unref(walker->line);
	g_free(walker);
}

static Level *
top(const MimeWalker *walker)
{
	guint depth = walker->levels->len;

	return depth ? &g_array_index(walker->levels, Level, depth - 1) : NULL;
}

static void
pass(MimeWalker *walker, MimePieceKind kind, const char *bytes, gsize size)
{
	if (size > 0 || kind == MIME_PIECE_HEADER)
		walker->take(walker->user, &top(walker)->part, kind, bytes,
			     size);
}

static void
pass_held(MimeWalker *walker, MimePieceKind kind)
{
	gsize size = walker->n_held;

	walker->n_held = 0;
	pass(walker, kind, walker->held, size);
}

static State
state_in(const MimePart *part)
{
	switch (part->kind) {
	case MIME_LEAF:
		return IN_BODY;
	case MIME_MULTIPART:
		return IN_GAP;
	case MIME_MESSAGE:
		return IN_HEADER;
	}
	return IN_BODY;
}

/* One body from here on, which nobody may encode. */
static void
close_off(Level *level)
{
	level->part.sealed = TRUE;
	level->part.kind = MIME_LEAF;
	g_clear_pointer(&level->boundary, g_free);
}

/* Too deep to be opened, or begun by a header without end. */
static gboolean
is_too_much(const MimeWalker *walker, const Level *level)
{
	return walker->header->len > MIME_HEADER_MAX ||
	       (level->part.kind != MIME_LEAF &&
		walker->levels->len + 1 >= MIME_DEPTH_MAX);
}

/* The header is whole, or was cut off: its part begins. */
static void
end_header(MimeWalker *walker)
{
	const Level *above = top(walker);
	Level level = { .part = { .number = walker->count++ } };
	const char *bytes = (const char *)walker->header->data;

	level.part.message = !above || above->part.kind == MIME_MESSAGE;
	level.part.frozen =
		above && (above->part.frozen || above->part.freezes);
	mime_part_read(&level.part, bytes, walker->header->len,
		       above && above->part.digest, &level.boundary);
	if (is_too_much(walker, &level))
		close_off(&level);
	g_array_append_val(walker->levels, level);
	pass(walker, MIME_PIECE_HEADER, bytes, walker->header->len);
	g_byte_array_set_size(walker->header, 0);
	walker->state = state_in(&level.part);
}

static gboolean
is_blank(const char *bytes, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if (!strchr(" \t\r\n", bytes[i]) || bytes[i] == '\0')
			return FALSE;
	return TRUE;
}

/* Whether @line is the delimiter @boundary, or the last of its kind. */
static gboolean
is_boundary(const char *boundary, const char *line, gsize size,
	    gboolean *ret_last)
{
	gsize length = strlen(boundary);

	if (size < length || memcmp(line, boundary, length) != 0)
		return FALSE;
	line += length;
	size -= length;
	*ret_last = size >= 2 && memcmp(line, "--", 2) == 0;
	return *ret_last ? is_blank(line + 2, size - 2)
			 : is_blank(line, size);
}

/* The innermost first: a part within may not end what is around it. */
static gboolean
find_boundary(const MimeWalker *walker, const char *line, gsize size,
	      guint *ret_depth, gboolean *ret_last)
{
	if (size < 2 || memcmp(line, "--", 2) != 0)
		return FALSE;
	for (guint i = walker->levels->len; i-- > 0;) {
		const Level *level = &g_array_index(walker->levels, Level, i);

		if (!level->boundary ||
		    !is_boundary(level->boundary, line, size, ret_last))
			continue;
		*ret_depth = i;
		return TRUE;
	}
	return FALSE;
}

/* All parts within @depth are over, whether they said so or not. */
static void
take_boundary(MimeWalker *walker, guint depth, gboolean last,
	      const char *line, gsize size)
{
	if (walker->state == IN_HEADER)
		end_header(walker);
	g_array_set_size(walker->levels, depth + 1);
	pass_held(walker, MIME_PIECE_FRAME);
	pass(walker, MIME_PIECE_FRAME, line, size);
	walker->state = last ? IN_GAP : IN_HEADER;
	if (last)
		g_clear_pointer(&top(walker)->boundary, g_free);
}

static gsize
line_end_size(const char *line, gsize size)
{
	if (size == 0 || line[size - 1] != '\n')
		return 0;
	return size > 1 && line[size - 2] == '\r' ? 2 : 1;
}

/* The line end is held: before a boundary it belongs to that. */
static void
take_text(MimeWalker *walker, const char *line, gsize size)
{
	MimePieceKind kind = walker->state == IN_BODY ? MIME_PIECE_BODY
						      : MIME_PIECE_GAP;
	gsize end = line_end_size(line, size);

	pass_held(walker, kind);
	pass(walker, kind, line, size - end);
	memcpy(walker->held, line + size - end, end);
	walker->n_held = end;
}

static void
take_header_line(MimeWalker *walker, const char *line, gsize size)
{
	g_byte_array_append(walker->header, (const guint8 *)line, size);
	if ((!walker->midway && size > 0 &&
	     size == line_end_size(line, size)) ||
	    walker->header->len > MIME_HEADER_MAX)
		end_header(walker);
}

/* A line with its end, or a piece of one that is too long. */
static void
take_line(MimeWalker *walker, const char *line, gsize size)
{
	gboolean last = FALSE;
	guint depth;

	if (!walker->midway &&
	    find_boundary(walker, line, size, &depth, &last))
		take_boundary(walker, depth, last, line, size);
	else if (walker->state == IN_HEADER)
		take_header_line(walker, line, size);
	else
		take_text(walker, line, size);
	walker->midway = size > 0 && line[size - 1] != '\n';
}

static void
flush_line(MimeWalker *walker)
{
	if (walker->line->len == 0)
		return;
	take_line(walker, (const char *)walker->line->data,
		  walker->line->len);
	g_byte_array_set_size(walker->line, 0);
}

/* A CR at the end of a piece may be half a line end: it waits, once. */
static gboolean
is_piece(const GByteArray *line)
{
	return line->len > 2 * HELD_LINE_MAX ||
	       (line->len > HELD_LINE_MAX && line->data[line->len - 1] != '\r');
}

void
mime_walker_feed(MimeWalker *walker, const char *bytes, gsize size)
{
	while (size > 0) {
		const char *end = memchr(bytes, '\n', size);
		gsize part = end ? (gsize)(end + 1 - bytes) : size;

		g_byte_array_append(walker->line, (const guint8 *)bytes,
				    part);
		if (end || is_piece(walker->line))
			flush_line(walker);
		bytes += part;
		size -= part;
	}
}

void
mime_walker_finish(MimeWalker *walker)
{
	flush_line(walker);
	if (walker->state == IN_HEADER)
		end_header(walker);
	pass_held(walker, walker->state == IN_BODY ? MIME_PIECE_BODY
						   : MIME_PIECE_GAP);
}
