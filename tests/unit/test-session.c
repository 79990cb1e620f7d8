// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dialogues with the session core, the engine played by a few rules. The
 * files tests/transcripts/in-*.txt are played whole, byte by byte, and cut
 * in two at each byte: the answers must not differ. Their lines:
 *
 *	C: text		the client sends the line with CRLF
 *	C= text		the client sends just that; \r \n \0 \t \\ as in C
 *	S: pattern	the server answers this line ('*' and '?')
 *	E: event	what the engine was told, in this order
 *	M: text		the message that was committed last, escaped
 *	set: words	before the start: piped, own, size=N
 *	over, open	whether the session has ended
 *
 * C lines that follow each other are sent at once.
 */
#include "common/session.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/header.h"
#include "common/wire.h"

#define LEAST_TRANSCRIPTS 38

typedef struct {
	Session *session;
	GString *out;
	GString *events;
	GString *data;
	GString *message; /* committed last */
	gsize waiting;    /* bytes sent and not fed yet */
	guint submits, commits;
	gboolean deaf;
} Play;

static gboolean
remote(GError **error, const char *text)
{
	g_set_error_literal(error, WIRE_ERROR, WIRE_ERROR_REMOTE, text);
	return FALSE;
}

static gboolean
gone(GError **error)
{
	g_set_error_literal(error, WIRE_ERROR, WIRE_ERROR_CLOSED, "gone");
	return FALSE;
}

static gboolean
fake_reply(void *user, const char *bytes, gsize size)
{
	Play *play = user;

	g_string_append_len(play->out, bytes, size);
	return !play->deaf;
}

static gboolean
fake_input_waits(void *user)
{
	return ((Play *)user)->waiting > 0;
}

static void
add_options(GString *events, GVariant *options)
{
	g_autoptr(GVariant) sunk = g_variant_ref_sink(options);
	GVariantIter iter;
	const char *key;
	GVariant *value;

	g_variant_iter_init(&iter, sunk);
	while (g_variant_iter_next(&iter, "{&sv}", &key, &value)) {
		g_autofree char *text = g_variant_print(value, FALSE);

		if (!g_str_equal(key, "helo"))
			g_string_append_printf(events, " %s=%s", key, text);
		g_variant_unref(value);
	}
	g_string_append_c(events, '\n');
}

static gboolean
fake_submit(void *user, const char *sender, GVariant *options, GError **error)
{
	Play *play = user;

	play->submits++;
	g_string_truncate(play->data, 0);
	g_string_append_printf(play->events, "submit <%s>", sender);
	add_options(play->events, options);
	if (g_str_has_prefix(sender, "bad@"))
		return remote(error, "5.7.1 You may not send as this");
	if (g_str_has_prefix(sender, "full@"))
		return remote(error, "4.3.1 The disk is full");
	return g_str_has_prefix(sender, "gone@") ? gone(error) : TRUE;
}

static gboolean
fake_recipient(void *user, const char *address, GVariant *options,
	       GError **error)
{
	Play *play = user;

	g_string_append_printf(play->events, "recipient <%s>", address);
	add_options(play->events, options);
	if (g_str_has_prefix(address, "nobody@"))
		return remote(error, "5.1.1 There is no nobody here");
	if (g_str_has_prefix(address, "relay@"))
		return remote(error, "5.7.1 Relaying is not allowed\r\n250 x");
	if (g_str_has_prefix(address, "later@"))
		return remote(error, "4.2.0 Try later");
	return g_str_has_prefix(address, "gone@") ? gone(error) : TRUE;
}

static gboolean
fake_data(void *user, const void *bytes, gsize size, GError **error)
{
	Play *play = user;

	g_string_append_len(play->data, bytes, size);
	return strstr(play->data->str, "ENGINE-DIES") ? gone(error) : TRUE;
}

static char *
fake_commit(void *user, guint64 size, GVariant *late, GError **error)
{
	Play *play = user;

	g_string_append(play->events, "commit");
	add_options(play->events, late);
	ck_assert_uint_eq(size, play->data->len);
	if (strstr(play->data->str, "SYNC-FAILS")) {
		remote(error, "4.3.0 The disk reports errors");
		return NULL;
	}
	play->commits++;
	g_string_assign(play->message, play->data->str);
	return g_strdup("ID-1");
}

static gboolean
fake_reset(void *user, GError **error)
{
	Play *play = user;

	g_string_append(play->events, "reset\n");
	return play->deaf ? gone(error) : TRUE;
}

static const SessionDriver driver = {
	.reply = fake_reply,
	.input_waits = fake_input_waits,
	.submit = fake_submit,
	.recipient = fake_recipient,
	.data = fake_data,
	.commit = fake_commit,
	.reset = fake_reset,
};

static Play *
play_new(const SessionConfig *config)
{
	Play *play = g_new0(Play, 1);

	play->out = g_string_new(NULL);
	play->events = g_string_new(NULL);
	play->data = g_string_new(NULL);
	play->message = g_string_new(NULL);
	play->session = session_new(config, &driver, play);
	return play;
}

static void
play_free(Play *play)
{
	session_free(play->session);
	g_string_free(play->out, TRUE);
	g_string_free(play->events, TRUE);
	g_string_free(play->data, TRUE);
	g_string_free(play->message, TRUE);
	g_free(play);
}

/* How a block of bytes reaches the session. */
enum { WHOLE = 0, BYTEWISE = -1 }; /* else: cut in two behind so many */

static void
feed(Play *play, const char *bytes, gsize size, gsize cut)
{
	play->waiting = size - cut;
	session_feed(play->session, bytes, cut);
	play->waiting = 0;
	if (size > cut && !session_is_over(play->session))
		session_feed(play->session, bytes + cut, size - cut);
}

static void
send_block(Play *play, const GString *block, gssize way)
{
	if (way == WHOLE || way >= (gssize)block->len) {
		feed(play, block->str, block->len, block->len);
		return;
	}
	if (way > 0) {
		feed(play, block->str, block->len, way);
		return;
	}
	for (gsize i = 0; i < block->len; i++) {
		play->waiting = block->len - i - 1;
		if (!session_is_over(play->session))
			session_feed(play->session, block->str + i, 1);
	}
	play->waiting = 0;
}

/* g_strcompress, but \0 is a NUL. */
static void
append_escaped(GString *block, const char *text)
{
	for (; *text; text++) {
		static const char from[] = "rnt0\\", to[] = "\r\n\t\0\\";
		const char *found;

		if (*text != '\\') {
			g_string_append_c(block, *text);
			continue;
		}
		found = strchr(from, *++text);
		ck_assert(found && *found);
		g_string_append_c(block, to[found - from]);
	}
}

/* Takes one line off the front of @text. */
static char *
take_line(GString *text, const char *end)
{
	char *found = strstr(text->str, end), *line;

	if (!found)
		return g_strdup("(nothing)");
	line = g_strndup(text->str, found - text->str);
	g_string_erase(text, 0, found - text->str + strlen(end));
	return line;
}

static void
expect(GString *text, const char *end, const char *pattern, const char *where)
{
	g_autofree char *line = take_line(text, end);

	ck_assert_msg(g_pattern_match_simple(pattern, line),
		      "%s: expected “%s”, got “%s”", where, pattern, line);
}

static void
expect_message(Play *play, const char *escaped, const char *where)
{
	g_autoptr(GString) message = g_string_new(NULL);

	append_escaped(message, escaped);
	ck_assert_msg(g_pattern_match_simple(message->str,
					     play->message->str),
		      "%s: the message is\n%s", where, play->message->str);
}

typedef struct {
	SessionConfig config;
	Play *play;
	GString *block;
	gssize way;
	char *where;
} Script;

static void
set_words(Script *script, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (char **word = words; *word; word++) {
		if (g_str_equal(*word, "piped"))
			script->config.piped = TRUE;
		else if (g_str_equal(*word, "own"))
			script->config.own = TRUE;
		else if (g_str_has_prefix(*word, "size="))
			script->config.size_limit =
				g_ascii_strtoull(*word + 5, NULL, 10);
		else
			ck_abort_msg("%s: set: %s", script->where, *word);
	}
	if (script->config.own)
		script->config.domain = "own.example";
}

static void
start_play(Script *script)
{
	if (script->play)
		return;
	script->play = play_new(&script->config);
	script->play->waiting = script->block->len;
	session_greet(script->play->session);
}

static void
send_pending(Script *script)
{
	start_play(script);
	if (script->block->len)
		send_block(script->play, script->block, script->way);
	g_string_truncate(script->block, 0);
}

static void
check_line(Script *script, const char *line)
{
	Play *play = script->play;

	if (g_str_has_prefix(line, "S: "))
		expect(play->out, "\r\n", line + 3, script->where);
	else if (g_str_has_prefix(line, "E: "))
		expect(play->events, "\n", line + 3, script->where);
	else if (g_str_has_prefix(line, "M: "))
		expect_message(play, line + 3, script->where);
	else if (g_str_equal(line, "over") || g_str_equal(line, "open"))
		ck_assert_msg(session_is_over(play->session) ==
				      g_str_equal(line, "over"),
			      "%s: it is not", script->where);
	else
		ck_abort_msg("%s: what is “%s”?", script->where, line);
}

static void
play_line(Script *script, const char *line)
{
	if (!*line || *line == '#')
		return;
	if (g_str_has_prefix(line, "set: ")) {
		set_words(script, line + 5);
	} else if (g_str_has_prefix(line, "C: ")) {
		g_string_append_printf(script->block, "%s\r\n", line + 3);
	} else if (g_str_has_prefix(line, "C= ")) {
		append_escaped(script->block, line + 3);
	} else {
		send_pending(script);
		check_line(script, line);
	}
}

/* Everything the session said and did must have been expected. */
static void
play_script(const char *name, const char *text, gssize way)
{
	Script script = { .config = { .host = "mail.example",
				      .size_limit = 1000000 },
			  .block = g_string_new(NULL),
			  .way = way };
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		script.where = g_strdup_printf("%s:%u (cut %d)", name, i + 1,
					       (int)way);
		play_line(&script, lines[i]);
		g_free(script.where);
	}
	script.where = g_strdup_printf("%s: end", name);
	send_pending(&script);
	ck_assert_msg(!script.play->out->len, "%s: unexpected %s",
		      script.where, script.play->out->str);
	ck_assert_msg(!script.play->events->len, "%s: unexpected %s",
		      script.where, script.play->events->str);
	play_free(script.play);
	g_string_free(script.block, TRUE);
	g_free(script.where);
}

static gsize
longest_block(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	gsize longest = 0, block = 0;

	for (char **line = lines; *line; line++) {
		block = **line == 'C' ? block + strlen(*line) : 0;
		longest = MAX(longest, block);
	}
	return longest;
}

static GPtrArray *
find_transcripts(const char *directory)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GDir *dir = g_dir_open(directory, 0, NULL);
	const char *name;

	ck_assert_msg(dir != NULL, "no %s", directory);
	while ((name = g_dir_read_name(dir)))
		if (g_str_has_prefix(name, "in-") &&
		    g_str_has_suffix(name, ".txt"))
			g_ptr_array_add(names, g_strdup(name));
	g_dir_close(dir);
	return names;
}

static const char *
source_directory(void)
{
	const char *top = g_getenv("top_srcdir");

	return top ? top : ".";
}

START_TEST(transcripts_are_answered_however_they_are_cut)
{
	g_autofree char *directory = g_build_filename(
		source_directory(), "tests", "transcripts", NULL);
	g_autoptr(GPtrArray) names = find_transcripts(directory);

	ck_assert_uint_ge(names->len, LEAST_TRANSCRIPTS);
	for (guint i = 0; i < names->len; i++) {
		const char *name = names->pdata[i];
		g_autofree char *path =
			g_build_filename(directory, name, NULL);
		g_autofree char *text = NULL;

		ck_assert(g_file_get_contents(path, &text, NULL, NULL));
		for (gssize way = BYTEWISE;
		     way <= (gssize)longest_block(text); way++)
			play_script(name, text, way);
	}
}
END_TEST

#define ROW(text) { text, sizeof(text) - 1 }
#define HEAD "Subject: x\r\n\r\nfirst"
#define TAIL                                                                 \
	"MAIL FROM:<evil@x.example>\r\nRCPT TO:<root@y.example>\r\nDATA\r\n" \
	"second\r\n.\r\n"

/* What some server somewhere takes for the end of a message. */
static const struct {
	const char *bytes;
	gsize size;
} false_ends[] = {
	ROW("\n.\n"),          ROW("\n.\r\n"),       ROW("\r\n.\n"),
	ROW("\r.\r"),          ROW("\r.\r\n"),       ROW("\r\n.\r"),
	ROW("\n.\r"),          ROW("\r.\n"),         ROW("\r\n.\0\r\n"),
	ROW("\r\n\0.\r\n"),    ROW("\r\n.\r\0\n"),   ROW("\r\n.\r\r\n"),
	ROW("\r\r\n.\r\r\n"),  ROW("\n\n.\n\n"),     ROW("\n\r.\n\r"),
	ROW("\r\n.\n\r"),      ROW("\0\r\n.\r\0\n"), ROW("\r\n\n.\r\n"),
};

static void
begin_data(Play *play)
{
	static const char *const lines[] = {
		"EHLO peer.example\r\n", "MAIL FROM:<a@x.example>\r\n",
		"RCPT TO:<b@y.example>\r\n", "DATA\r\n"
	};

	session_greet(play->session);
	for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
		session_feed(play->session, lines[i], strlen(lines[i]));
	ck_assert(g_str_has_suffix(play->out->str, "\r\n") &&
		  strstr(play->out->str, "\r\n354 "));
	g_string_truncate(play->out, 0);
}

/* All behind the false end is the message, which is refused whole. */
static void
check_false_end(const GString *bytes, gssize way)
{
	const SessionConfig config = { .host = "mail.example",
				       .size_limit = 100000 };
	Play *play = play_new(&config);

	begin_data(play);
	send_block(play, bytes, way);
	ck_assert_uint_eq(play->commits, 0);
	ck_assert_uint_eq(play->submits, 1);
	ck_assert_msg(g_str_has_prefix(play->out->str, "554 5.6.0 "),
		      "%s", play->out->str);
	ck_assert_ptr_eq(strchr(play->out->str, '\n') + 1,
			 play->out->str + play->out->len);
	ck_assert(!session_is_over(play->session));
	play_free(play);
}

START_TEST(a_false_end_of_data_is_refused_at_every_cut)
{
	g_autoptr(GString) bytes = g_string_new(HEAD);

	g_string_append_len(bytes, false_ends[_i].bytes, false_ends[_i].size);
	g_string_append(bytes, TAIL);
	for (gssize way = BYTEWISE; way < (gssize)bytes->len; way++)
		check_false_end(bytes, way);
}
END_TEST

START_TEST(a_false_end_never_ends_a_line_of_the_dialogue)
{
	const SessionConfig config = { .host = "mail.example" };
	Play *play = play_new(&config);
	g_autoptr(GString) bytes = g_string_new("NOOP");
	gsize whole;

	g_string_append_len(bytes, false_ends[_i].bytes, false_ends[_i].size);
	g_string_append(bytes, "MAIL FROM:<evil@x.example>\r\n");
	session_greet(play->session);
	session_feed(play->session, "EHLO x\r\n", 8);
	whole = play->out->len;
	session_feed(play->session, bytes->str, bytes->len);
	ck_assert_uint_eq(play->submits, 0);
	ck_assert(session_is_over(play->session));
	ck_assert_ptr_nonnull(strstr(play->out->str + whole, "554 5.5.2 "));
	play_free(play);
}
END_TEST

static Play *
greeted(guint64 size_limit)
{
	const SessionConfig config = { .host = "mail.example",
				       .size_limit = size_limit };
	Play *play = play_new(&config);

	session_greet(play->session);
	session_feed(play->session, "EHLO x\r\n", 8);
	g_string_truncate(play->out, 0);
	return play;
}

static void
say(Play *play, const char *line)
{
	g_string_truncate(play->out, 0);
	session_feed(play->session, line, strlen(line));
}

START_TEST(errors_are_bounded)
{
	Play *play = greeted(0);

	for (guint i = 0; i < SESSION_MAX_ERRORS - 1; i++) {
		say(play, "NONSENSE\r\n");
		ck_assert(!session_is_over(play->session));
	}
	say(play, "NONSENSE\r\n");
	ck_assert(session_is_over(play->session));
	ck_assert_ptr_nonnull(strstr(play->out->str, "\r\n421 4.7.0 "));
	play_free(play);
}
END_TEST

START_TEST(idle_commands_are_bounded)
{
	Play *play = greeted(0);

	/* EHLO was the first. */
	for (guint i = 0; i < SESSION_MAX_IDLE - 1; i++) {
		say(play, "NOOP\r\n");
		ck_assert(!session_is_over(play->session));
	}
	say(play, "NOOP\r\n");
	ck_assert(session_is_over(play->session));
	ck_assert(g_str_has_prefix(play->out->str, "421 4.7.0 "));
	play_free(play);
}
END_TEST

START_TEST(a_message_makes_idle_commands_welcome_again)
{
	Play *play = greeted(0);

	for (guint i = 0; i < 5 * SESSION_MAX_IDLE; i += 5) {
		say(play, "NOOP\r\n");
		say(play, "MAIL FROM:<>\r\n");
		say(play, "RCPT TO:<b@y.example>\r\n");
		say(play, "DATA\r\n");
		say(play, "x\r\n.\r\n");
		ck_assert(g_str_has_prefix(play->out->str, "250 2.0.0 "));
	}
	ck_assert_uint_eq(session_accepted(play->session), SESSION_MAX_IDLE);
	play_free(play);
}
END_TEST

/* What may be so long and no longer: %s is that many letters. */
static const struct {
	const char *before, *command;
	guint longest;
	const char *good, *bad;
} lengths[] = {
	{ NULL, "EHLO %s", 255, "250", "501" },
	{ NULL, "MAIL FROM:<> ENVID=%s", 100, "250", "501" },
	{ "MAIL FROM:<>", "RCPT TO:<b@y.example> ORCPT=x;%s", 498, "250",
	  "501" },
	{ NULL, "NOOP %s", 2043, "250", "500" },
};

START_TEST(arguments_are_bounded)
{
	for (guint over = 0; over < 2; over++) {
		Play *play = greeted(0);
		g_autofree char *letters =
			g_strnfill(lengths[_i].longest + over, 'a');
		GString *line = g_string_new(lengths[_i].command);

		g_string_replace(line, "%s", letters, 0);
		g_string_append(line, "\r\n");
		if (lengths[_i].before) {
			g_autofree char *before = g_strconcat(
				lengths[_i].before, "\r\n", NULL);

			say(play, before);
		}
		say(play, line->str);
		ck_assert_msg(g_str_has_prefix(play->out->str,
					       over ? lengths[_i].bad
						    : lengths[_i].good),
			      "%s", play->out->str);
		g_string_free(line, TRUE);
		play_free(play);
	}
}
END_TEST

START_TEST(recipients_are_bounded)
{
	Play *play = greeted(0);

	say(play, "MAIL FROM:<a@x.example>\r\n");
	for (guint i = 0; i < SESSION_MAX_RECIPIENTS; i++) {
		say(play, "RCPT TO:<b@y.example>\r\n");
		if (!g_str_has_prefix(play->out->str, "250 "))
			ck_abort_msg("%u: %s", i, play->out->str);
	}
	for (guint i = SESSION_MAX_RECIPIENTS; i < SESSION_MAX_OFFERED; i++) {
		say(play, "RCPT TO:<b@y.example>\r\n");
		if (!g_str_has_prefix(play->out->str, "452 4.5.3 "))
			ck_abort_msg("%u: %s", i, play->out->str);
	}
	say(play, "DATA\r\n");
	say(play, "x\r\n.\r\n");
	ck_assert(g_str_has_prefix(play->out->str, "250 "));
	play_free(play);
}
END_TEST

START_TEST(offered_recipients_are_bounded)
{
	Play *play = greeted(0);

	say(play, "MAIL FROM:<a@x.example>\r\n");
	for (guint i = 0; i < SESSION_MAX_OFFERED; i++)
		say(play, "RCPT TO:<later@y.example>\r\n");
	ck_assert(g_str_has_prefix(play->out->str, "451 "));
	say(play, "RCPT TO:<later@y.example>\r\n");
	ck_assert(g_str_has_prefix(play->out->str, "421 4.7.0 "));
	ck_assert(session_is_over(play->session));
	play_free(play);
}
END_TEST

START_TEST(an_endless_line_takes_no_room)
{
	Play *play = greeted(0);
	g_autofree char *block = g_strnfill(100000, 'A');

	for (guint i = 0; i < 100; i++)
		say(play, block);
	ck_assert_uint_eq(play->out->len, 0);
	say(play, "\r\n");
	ck_assert(g_str_has_prefix(play->out->str, "500 5.5.6 "));
	say(play, "NOOP\r\n");
	ck_assert(g_str_has_prefix(play->out->str, "250 "));
	play_free(play);
}
END_TEST

START_TEST(the_size_limit_holds_at_its_edge)
{
	/* "x\r\n" is three bytes of message. */
	Play *play = greeted(3 + (_i == 0 ? 0 : -1));

	say(play, "MAIL FROM:<>\r\n");
	say(play, "RCPT TO:<b@y.example>\r\n");
	say(play, "DATA\r\n");
	say(play, "x\r\n.\r\n");
	ck_assert(g_str_has_prefix(play->out->str,
				   _i == 0 ? "250 " : "552 5.3.4 "));
	ck_assert_uint_eq(play->commits, _i == 0);
	play_free(play);
}
END_TEST

START_TEST(a_message_without_end_is_cut_off)
{
	Play *play = greeted(1000);
	g_autofree char *block = g_strnfill(1024 * 1024, 'A');
	guint blocks = 0;

	say(play, "MAIL FROM:<>\r\n");
	say(play, "RCPT TO:<b@y.example>\r\n");
	say(play, "DATA\r\n");
	while (!session_is_over(play->session) && ++blocks < 64)
		say(play, block);
	ck_assert_uint_lt(blocks, 20);
	ck_assert_uint_le(play->data->len, 1000);
	ck_assert(g_str_has_prefix(play->out->str, "552 5.3.4 "));
	play_free(play);
}
END_TEST

START_TEST(a_header_without_end_is_bounded)
{
	Play *play = greeted(0);
	g_autofree char *field = g_strnfill(900, 'a');
	g_autofree char *line = g_strconcat("X: ", field, "\r\n", NULL);
	guint lines = HEADER_SIZE_MAX / strlen(line) + (_i == 0 ? 0 : 1);

	say(play, "MAIL FROM:<>\r\n");
	say(play, "RCPT TO:<b@y.example>\r\n");
	say(play, "DATA\r\n");
	for (guint i = 0; i < lines; i++)
		say(play, line);
	ck_assert_uint_eq(play->data->len, 0);
	say(play, "\r\nx\r\n.\r\n");
	ck_assert(g_str_has_prefix(play->out->str,
				   _i == 0 ? "250 " : "552 5.3.4 "));
	play_free(play);
}
END_TEST

START_TEST(a_peer_that_is_gone_leaves_nothing)
{
	Play *play = greeted(0);

	say(play, "MAIL FROM:<>\r\n");
	say(play, "RCPT TO:<b@y.example>\r\n");
	if (_i > 0)
		say(play, "DATA\r\n");
	if (_i > 1)
		say(play, "half a mess");
	session_hang_up(play->session);
	ck_assert(g_str_has_suffix(play->events->str, "reset\n"));
	ck_assert_uint_eq(play->commits, 0);
	ck_assert(session_is_over(play->session));
	play_free(play);
}
END_TEST

START_TEST(a_timeout_is_told)
{
	Play *play = greeted(0);

	say(play, "MAIL FROM:<>\r\n");
	session_timeout(play->session, "Too slow");
	ck_assert_ptr_nonnull(strstr(play->out->str, "421 4.4.2 Too slow"));
	ck_assert(g_str_has_suffix(play->events->str, "reset\n"));
	ck_assert(session_is_over(play->session));
	play_free(play);
}
END_TEST

START_TEST(a_deaf_peer_ends_the_session)
{
	Play *play = greeted(0);

	play->deaf = TRUE;
	say(play, "NOOP\r\n");
	ck_assert(session_is_over(play->session));
	play_free(play);
}
END_TEST

START_TEST(a_drip_of_bytes_is_no_step)
{
	Play *play = greeted(0);
	guint64 step = session_step(play->session);

	say(play, "NOO");
	ck_assert_uint_eq(session_step(play->session), step);
	say(play, "P\r\n");
	ck_assert_uint_gt(session_step(play->session), step);
	say(play, "MAIL FROM:<>\r\n");
	say(play, "RCPT TO:<b@y.example>\r\n");
	say(play, "DATA\r\n");
	step = session_step(play->session);
	for (guint i = 0; i < SESSION_STEP - 1; i++)
		session_feed(play->session, "x", 1);
	ck_assert_uint_eq(session_step(play->session), step);
	session_feed(play->session, "x", 1);
	ck_assert_uint_gt(session_step(play->session), step);
	play_free(play);
}
END_TEST

static TCase *
make_bounds(void)
{
	TCase *tc = tcase_create("bounds");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, errors_are_bounded);
	tcase_add_test(tc, idle_commands_are_bounded);
	tcase_add_test(tc, a_message_makes_idle_commands_welcome_again);
	tcase_add_loop_test(tc, arguments_are_bounded, 0,
			    G_N_ELEMENTS(lengths));
	tcase_add_test(tc, recipients_are_bounded);
	tcase_add_test(tc, offered_recipients_are_bounded);
	tcase_add_test(tc, an_endless_line_takes_no_room);
	tcase_add_loop_test(tc, the_size_limit_holds_at_its_edge, 0, 2);
	tcase_add_test(tc, a_message_without_end_is_cut_off);
	tcase_add_loop_test(tc, a_header_without_end_is_bounded, 0, 2);
	tcase_add_loop_test(tc, a_peer_that_is_gone_leaves_nothing, 0, 3);
	tcase_add_test(tc, a_timeout_is_told);
	tcase_add_test(tc, a_deaf_peer_ends_the_session);
	tcase_add_test(tc, a_drip_of_bytes_is_no_step);
	return tc;
}

static Suite *
make_session_suite(void)
{
	Suite *suite = suite_create("session");
	TCase *tc = tcase_create("dialogues");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, transcripts_are_answered_however_they_are_cut);
	tcase_add_loop_test(tc, a_false_end_of_data_is_refused_at_every_cut,
			    0, G_N_ELEMENTS(false_ends));
	tcase_add_loop_test(tc, a_false_end_never_ends_a_line_of_the_dialogue,
			    0, G_N_ELEMENTS(false_ends));
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, make_bounds());
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_session_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
