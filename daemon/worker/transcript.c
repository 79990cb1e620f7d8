// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The protocol as far as it has to be followed: every line we say is
 * answered by one reply, in order, so that each reply is known to belong to
 * the part of the command it answers. After "354" we say a message, up to
 * its dot; after "BDAT n", n bytes of one; after AUTH, until anything but
 * "334" comes, secrets.
 */
#include "daemon/worker/transcript.h"

#include <string.h>

#include "daemon/worker/transcript-part.h"
#include "daemon/worker/transcript-secrets.h"

#define LINE_HELD_MAX 4096   /* bytes of a command while it is not whole */
#define UNANSWERED_MAX 1000  /* commands; others stop at far fewer */
#define SIZE_DIGITS_MAX 19

typedef enum {
	SAY_COMMANDS,
	SAY_MESSAGE, /* up to the dot */
	SAY_CHUNK,   /* of BDAT, .left bytes more */
} Saying;

/* A command whose reply is still to come. */
typedef struct {
	Part *part;
	gboolean recipient; /* it was RCPT */
} Asked;

struct Transcript {
	GQueue parts;     /* of Part; the beginning is the first */
	Part *part;       /* of what is said now */
	Part *heard;      /* of what was heard last */
	char *ahead;      /* the message behind this one's end, or NULL */
	GQueue asked;     /* of Asked */
	gint64 began;
	void (*told)(gpointer data, const char *line); /* (nullable) */
	gpointer told_data;
	gboolean lmtp;
	gboolean login;   /* AUTH was said, and is not over */
	gboolean naming;  /* AUTH LOGIN: the next answer is but a name */
	Secrets *secrets;
	Saying saying;
	GString *line;    /* begun command */
	guint64 size;     /* of the message, said so far */
	guint64 left;
	gboolean last_chunk;
	guint matched;    /* bytes of CRLF "." CRLF */
};

Transcript *
transcript_new(void)
{
	Transcript *transcript = g_new0(Transcript, 1);

	g_queue_init(&transcript->parts);
	g_queue_init(&transcript->asked);
	transcript->line = g_string_new(NULL);
	transcript->secrets = secrets_new();
	transcript_forget(transcript, 0);
	return transcript;
}

static void
wipe_line(Transcript *transcript)
{
	explicit_bzero(transcript->line->str, transcript->line->len);
	g_string_truncate(transcript->line, 0);
}

void
transcript_free(Transcript *transcript)
{
	if (!transcript)
		return;
	wipe_line(transcript);
	g_string_free(transcript->line, TRUE);
	g_queue_clear_full(&transcript->parts, part_free);
	g_queue_clear_full(&transcript->asked, g_free);
	g_free(transcript->ahead);
	secrets_free(transcript->secrets);
	g_free(transcript);
}

void
transcript_forget(Transcript *transcript, gint64 now)
{
	g_queue_clear_full(&transcript->parts, part_free);
	transcript->part = part_new("");
	g_queue_push_tail(&transcript->parts, transcript->part);
	transcript->began = now;
	transcript_connection(transcript);
}

void
transcript_connection(Transcript *transcript)
{
	g_queue_clear_full(&transcript->asked, g_free);
	wipe_line(transcript);
	g_clear_pointer(&transcript->ahead, g_free);
	transcript->heard = transcript->part;
	transcript->login = FALSE;
	transcript->saying = SAY_COMMANDS;
}

void
transcript_watch(Transcript *transcript,
		 void (*told)(gpointer data, const char *line), gpointer data)
{
	transcript->told = told;
	transcript->told_data = data;
}

void
transcript_set_lmtp(Transcript *transcript, gboolean lmtp)
{
	transcript->lmtp = lmtp;
}

static Part *
find_part(const Transcript *transcript, const char *id)
{
	for (GList *link = transcript->parts.tail; link; link = link->prev)
		if (g_str_equal(((Part *)link->data)->id, id))
			return link->data;
	return NULL;
}

/* No reply to what was forgotten is told of anything. */
static void
forget_part(Transcript *transcript, Part *part)
{
	for (GList *link = transcript->asked.head; link; link = link->next) {
		Asked *asked = link->data;

		if (asked->part == part)
			asked->part = NULL;
	}
	if (transcript->heard == part)
		transcript->heard = NULL;
	g_queue_remove(&transcript->parts, part);
	part_free(part);
}

void
transcript_message(Transcript *transcript, const char *id)
{
	if (g_str_equal(transcript->part->id, id))
		return;
	transcript->part = find_part(transcript, id);
	if (transcript->part)
		return;
	if (transcript->parts.length > TRANSCRIPT_PARTS)
		forget_part(transcript,
			    g_queue_peek_nth(&transcript->parts, 1));
	transcript->part = part_new(id);
	g_queue_push_tail(&transcript->parts, transcript->part);
}

void
transcript_ahead(Transcript *transcript, const char *id)
{
	g_free(transcript->ahead);
	transcript->ahead = g_strdup(id);
}

static void
go_ahead(Transcript *transcript)
{
	g_autofree char *id = g_steal_pointer(&transcript->ahead);

	transcript->part->accepted = 0;
	if (id)
		transcript_message(transcript, id);
}

/* --- lines ---------------------------------------------------------------- */

static void
add(Transcript *transcript, Part *part, char direction, const char *text,
    gint64 now)
{
	const char *line =
		part_add(part, MAX(now - transcript->began, 0) / 1000,
			 direction, text);

	if (transcript->told)
		transcript->told(transcript->told_data, line);
}

void
transcript_note(Transcript *transcript, const char *text, gint64 now)
{
	g_autofree char *clean = secrets_blank(transcript->secrets, text,
					       TRANSCRIPT_BLANK);

	add(transcript, transcript->part, '*', clean, now);
}

/* --- what we say ---------------------------------------------------------- */

static void
ask(Transcript *transcript, gboolean recipient)
{
	Asked *asked;

	if (transcript->asked.length >= UNANSWERED_MAX)
		return;
	asked = g_new0(Asked, 1);
	asked->part = transcript->part;
	asked->recipient = recipient;
	g_queue_push_tail(&transcript->asked, asked);
}

static gboolean
is_command(const char *line, const char *verb)
{
	gsize length = strlen(verb);

	return !g_ascii_strncasecmp(line, verb, length) &&
	       (!line[length] || line[length] == ' ');
}

/* "AUTH PLAIN ········": the mechanism is no secret, all else is. */
static void
say_auth(Transcript *transcript, const char *line, gint64 now)
{
	const char *mechanism = line + strlen("AUTH ");
	const char *answer = strchr(mechanism, ' ');
	g_autofree char *shown = NULL;

	transcript->login = TRUE;
	transcript->naming = is_command(mechanism, "LOGIN");
	if (!answer) {
		add(transcript, transcript->part, '>', line, now);
		return;
	}
	if (!transcript->naming)
		secrets_add(transcript->secrets, answer + 1);
	transcript->naming = FALSE;
	shown = g_strdup_printf("%.*s " TRANSCRIPT_BLANK,
				(int)(answer - line), line);
	add(transcript, transcript->part, '>', shown, now);
}

static void
say_answer(Transcript *transcript, const char *line, gint64 now)
{
	gboolean secret = !g_str_equal(line, "*");

	/* A user's name is in half of what servers say. */
	if (secret && !transcript->naming)
		secrets_add(transcript->secrets, line);
	transcript->naming = FALSE;
	add(transcript, transcript->part, '>',
	    secret ? TRANSCRIPT_BLANK : line, now);
}

/* RFC 3030: "BDAT SIZE", "BDAT SIZE LAST". */
static void
begin_chunk(Transcript *transcript, const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 3);
	guint64 size = 0;

	transcript->last_chunk = words[1] && words[2];
	if (transcript->last_chunk && transcript->lmtp)
		for (guint i = 1; i < transcript->part->accepted; i++)
			ask(transcript, FALSE);
	if (words[1] && strlen(words[1]) <= SIZE_DIGITS_MAX)
		size = g_ascii_strtoull(words[1], NULL, 10);
	if (size == 0) {
		if (transcript->last_chunk)
			go_ahead(transcript);
		return;
	}
	transcript->saying = SAY_CHUNK;
	transcript->size = 0;
	transcript->left = size;
}

static void
say_line(Transcript *transcript, const char *line, gint64 now)
{
	if (transcript->login)
		say_answer(transcript, line, now);
	else if (is_command(line, "AUTH") && line[strlen("AUTH")])
		say_auth(transcript, line, now);
	else
		add(transcript, transcript->part, '>', line, now);
	ask(transcript, is_command(line, "RCPT"));
	if (!transcript->login && is_command(line, "BDAT"))
		begin_chunk(transcript, line);
}

/* How many of @size bytes are of this command line; it may be whole then. */
static gsize
take_command(Transcript *transcript, const char *bytes, gsize size,
	     gint64 now)
{
	const char *end = memchr(bytes, '\n', size);
	gsize taken = end ? (gsize)(end + 1 - bytes) : size;
	GString *line = transcript->line;
	gsize room = LINE_HELD_MAX - MIN(line->len, LINE_HELD_MAX);

	g_string_append_len(line, bytes, MIN(taken, room));
	if (!end)
		return taken;
	while (line->len > 0 && (line->str[line->len - 1] == '\n' ||
				 line->str[line->len - 1] == '\r'))
		g_string_truncate(line, line->len - 1);
	say_line(transcript, line->str, now);
	wipe_line(transcript);
	return taken;
}

static char *
size_words(const Transcript *transcript, const char *so_far)
{
	return g_strdup_printf("(%" G_GUINT64_FORMAT
			       " bytes of the message%s)",
			       transcript->size, so_far);
}

static void
end_message(Transcript *transcript, gint64 now)
{
	g_autofree char *words = size_words(transcript, "");
	guint answers = transcript->lmtp ? transcript->part->accepted : 1;

	add(transcript, transcript->part, '>', words, now);
	transcript->saying = SAY_COMMANDS;
	for (guint i = 0; i < answers; i++)
		ask(transcript, FALSE);
	go_ahead(transcript);
}

static gsize
take_chunk(Transcript *transcript, gsize size, gint64 now)
{
	gsize taken = MIN(size, transcript->left);

	transcript->size += taken;
	transcript->left -= taken;
	if (transcript->left == 0) {
		g_autofree char *words = size_words(transcript, "");

		add(transcript, transcript->part, '>', words, now);
		transcript->saying = SAY_COMMANDS;
		if (transcript->last_chunk)
			go_ahead(transcript);
	}
	return taken;
}

/* A message begins behind a line's end, so it may be its dot alone. */
static gsize
take_message(Transcript *transcript, const char *bytes, gsize size,
	     gint64 now)
{
	static const char dot[] = "\r\n.\r\n";

	for (gsize i = 0; i < size; i++) {
		if (bytes[i] == dot[transcript->matched])
			transcript->matched++;
		else
			transcript->matched = bytes[i] == dot[0];
		if (transcript->matched == strlen(dot)) {
			transcript->size += i + 1;
			transcript->size -= strlen(".\r\n");
			end_message(transcript, now);
			return i + 1;
		}
	}
	transcript->size += size;
	return size;
}

void
transcript_said(Transcript *transcript, const char *bytes, gsize size,
		gint64 now)
{
	while (size > 0) {
		gsize taken = size;

		switch (transcript->saying) {
		case SAY_COMMANDS:
			taken = take_command(transcript, bytes, size, now);
			break;
		case SAY_MESSAGE:
			taken = take_message(transcript, bytes, size, now);
			break;
		case SAY_CHUNK:
			taken = take_chunk(transcript, size, now);
			break;
		}
		bytes += taken;
		size -= taken;
	}
}

/* --- what we hear --------------------------------------------------------- */

static gboolean
is_last_line(const char *line)
{
	return strlen(line) <= 3 || line[3] != '-';
}

static char *
without_secrets(const Transcript *transcript, const char *line)
{
	if (transcript->login && g_str_has_prefix(line, "334"))
		return g_strconcat("334 ", line[3] ? TRANSCRIPT_BLANK : "",
				   NULL);
	return secrets_blank(transcript->secrets, line, TRANSCRIPT_BLANK);
}

static void
follow_reply(Transcript *transcript, const char *line)
{
	g_autofree Asked *asked = g_queue_pop_head(&transcript->asked);

	if (asked && asked->recipient && asked->part && *line == '2')
		asked->part->accepted++;
	if (g_str_has_prefix(line, "354")) {
		transcript->saying = SAY_MESSAGE;
		transcript->size = 0;
		transcript->matched = strlen("\r\n");
	}
	if (!g_str_has_prefix(line, "334"))
		transcript->login = FALSE;
}

void
transcript_heard(Transcript *transcript, const char *line, gint64 now)
{
	const Asked *asked = g_queue_peek_head(&transcript->asked);
	g_autofree char *clean = without_secrets(transcript, line);

	if (asked)
		transcript->heard = asked->part;
	if (transcript->heard)
		add(transcript, transcript->heard, '<', clean, now);
	if (is_last_line(line))
		follow_reply(transcript, line);
}

/* --- the whole ------------------------------------------------------------ */

char **
transcript_lines(const Transcript *transcript, const char *id)
{
	const Part *part = find_part(transcript, id);
	GPtrArray *lines = g_ptr_array_new();

	part_append(transcript->parts.head->data, lines);
	if (part && part != transcript->parts.head->data)
		part_append(part, lines);
	g_ptr_array_add(lines, NULL);
	return (char **)g_ptr_array_free(lines, FALSE);
}
