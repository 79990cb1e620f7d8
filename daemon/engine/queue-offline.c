// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The queue without a daemon: masqctl queue --offline runs this program.
 * It only reads the queue, so it works on a copy, on a restored disk and
 * beside a running engine; what it shows then is a moment.
 *
 *	queue-offline [--json] DIRECTORY [list | check | export MAILDIR]
 *
 * Exit status: 0, 1 when something is damaged, 64 for wrong usage, 66 when
 * the directory cannot be read, 73 when the Maildir cannot be written.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/error.h"
#include "common/text.h"
#include "daemon/engine/queue-disk.h"
#include "daemon/engine/queue-replay.h"

#define WINDOW (64 * 1024)

typedef struct {
	const char *path;
	const char *maildir; /* export */
	gboolean json;
	int directory;
	Replay *replay;
} Offline;

/* Words of one record: what list prints, in either form. */
static void
print_json_string(const char *name, const char *text, const char *behind)
{
	g_autofree char *harmless = text_harmless(text);

	printf("\"%s\":\"", name);
	for (const char *at = harmless; *at; at++) {
		if (*at == '"' || *at == '\\')
			putchar('\\');
		putchar(*at);
	}
	printf("\"%s", behind);
}

static void
print_json(const Message *message)
{
	char id[TEXT_ID_SIZE];
	const char *subject = message_option(message, "subject");

	putchar('{');
	print_json_string("id", text_id(message->id, id), ",");
	print_json_string("sender", message->sender, ",");
	print_json_string("subject", subject ? subject : "", ",");
	printf("\"uid\":%u,\"arrived\":%" G_GINT64_FORMAT ",\"size\":%"
	       G_GUINT64_FORMAT ",\"held\":%s,\"recipients\":[",
	       (guint)message->uid, message->arrived, message->size,
	       message->held ? "true" : "false");
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];

		fputs(i ? ",{" : "{", stdout);
		print_json_string("address", recipient->address, ",");
		print_json_string("state",
				  recipient_state_name(recipient->state),
				  "}");
	}
	fputs("]}", stdout);
}

static void
print_text(const Message *message)
{
	char id[TEXT_ID_SIZE];
	g_autofree char *sender = text_harmless(message->sender);
	g_autofree char *size = text_size(message->size);
	g_autoptr(GDateTime) arrived =
		g_date_time_new_from_unix_local(message->arrived);
	g_autofree char *when = arrived ? g_date_time_format(
						  arrived, "%F %R") :
					  g_strdup("?");

	printf("%s  %s  %5s  <%s>%s\n", text_id(message->id, id), when, size,
	       sender, message->held ? "  held" : "");
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];
		g_autofree char *address = text_harmless(recipient->address);

		printf("\t%-9s  %s\n", recipient_state_name(recipient->state),
		       address);
	}
}

static int
list(Offline *offline)
{
	GPtrArray *messages = offline->replay->messages;

	if (offline->json)
		putchar('[');
	for (guint i = 0; i < messages->len; i++) {
		if (!offline->json) {
			print_text(messages->pdata[i]);
			continue;
		}
		if (i)
			fputs(",\n ", stdout);
		print_json(messages->pdata[i]);
	}
	if (offline->json)
		puts("]");
	return EXIT_SUCCESS;
}

typedef gboolean (*BodyFunc)(gpointer data, const void *bytes, gsize size);

/* FALSE when the body cannot be read, is not right, or @function fails. */
static gboolean
each_window(Scan *scan, const Entry *entry, BodyFunc function, gpointer data)
{
	g_autofree guint8 *window = g_malloc(WINDOW);
	guint32 crc = 0;

	for (guint64 at = 0; at < entry->body_size;) {
		gsize size = MIN(WINDOW, entry->body_size - at);

		if (!scan_read(scan, entry->body_offset + at, window, size,
			       NULL))
			return FALSE;
		crc = record_crc(crc, window, size);
		if (function && !function(data, window, size))
			return FALSE;
		at += size;
	}
	return crc == entry->body_crc;
}

static gboolean
read_body(Offline *offline, const Message *message, BodyFunc function,
	  gpointer data)
{
	const Entry *entry = index_find(offline->replay->index, message->id);
	Scan *scan = replay_scan(offline->replay, entry->segment->number);
	gboolean read;

	if (!scan_open(scan, NULL))
		return FALSE;
	read = each_window(scan, entry, function, data);
	scan_close(scan);
	return read;
}

static int
check(Offline *offline)
{
	GPtrArray *messages = offline->replay->messages;
	guint damaged = offline->replay->sentences->len;

	for (guint i = 0; i < messages->len; i++) {
		const Message *message = messages->pdata[i];
		char id[TEXT_ID_SIZE];

		if (read_body(offline, message, NULL, NULL))
			continue;
		damaged++;
		printf("Message %s: its body is not as it was accepted.\n",
		       text_id(message->id, id));
	}
	printf("%u messages in %u segments, %u damaged.\n", messages->len,
	       offline->replay->scans->len, damaged);
	return damaged ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Lines end in LF in a Maildir; a CR is dropped only before its LF. */
typedef struct {
	FILE *to;
	gboolean cr;
} Converting;

static gboolean
put_window(gpointer data, const void *bytes, gsize size)
{
	Converting *converting = data;
	const char *at = bytes;

	for (gsize i = 0; i < size; i++) {
		if (converting->cr && at[i] != '\n')
			putc('\r', converting->to);
		converting->cr = at[i] == '\r';
		if (!converting->cr)
			putc(at[i], converting->to);
	}
	return !ferror(converting->to);
}

static void
put_envelope(FILE *to, const Message *message)
{
	g_autofree char *sender = text_harmless(message->sender);

	fprintf(to, "Return-Path: <%s>\n", sender);
	for (guint i = 0; i < message->recipients->len; i++) {
		const Recipient *recipient = message->recipients->pdata[i];
		g_autofree char *address = text_harmless(recipient->address);

		fprintf(to, "X-Masqmail-Recipient: %s (%s)\n", address,
			recipient_state_name(recipient->state));
	}
}

static gboolean
write_message(Offline *offline, const Message *message, const char *path)
{
	Converting converting = { .to = fopen(path, "wxe") };
	gboolean written;

	if (!converting.to)
		return FALSE;
	put_envelope(converting.to, message);
	written = read_body(offline, message, put_window, &converting);
	if (converting.cr)
		putc('\r', converting.to);
	written = !fflush(converting.to) && written &&
		  !fsync(fileno(converting.to));
	return !fclose(converting.to) && written;
}

/* Named by its id, so that doing it again adds nothing. */
static gboolean
export_one(Offline *offline, const Message *message)
{
	g_autofree char *name =
		g_strdup_printf("%" G_GINT64_FORMAT ".M%" G_GUINT64_FORMAT
				".masqmail", message->arrived, message->id);
	g_autofree char *tmp = g_build_filename(offline->maildir, "tmp", name,
						NULL);
	g_autofree char *new = g_build_filename(offline->maildir, "new", name,
						NULL);

	if (access(new, F_OK) == 0)
		return TRUE;
	unlink(tmp);
	if (write_message(offline, message, tmp) && !rename(tmp, new))
		return TRUE;
	unlink(tmp);
	return FALSE;
}

static gboolean
make_maildir(const char *maildir)
{
	static const char *const parts[] = { "tmp", "new", "cur" };

	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *part = g_build_filename(maildir, parts[i],
							 NULL);

		if (g_mkdir_with_parents(part, 0700))
			return FALSE;
	}
	return TRUE;
}

static int
export(Offline *offline)
{
	GPtrArray *messages = offline->replay->messages;
	guint failed = 0;

	if (!make_maildir(offline->maildir)) {
		perror(offline->maildir);
		return EX_CANTCREAT;
	}
	for (guint i = 0; i < messages->len; i++) {
		const Message *message = messages->pdata[i];
		char id[TEXT_ID_SIZE];

		if (export_one(offline, message))
			continue;
		failed++;
		fprintf(stderr, "queue-offline: message %s could not be "
			"exported\n", text_id(message->id, id));
	}
	printf("%u of %u messages are in %s.\n", messages->len - failed,
	       messages->len, offline->maildir);
	return failed ? EX_CANTCREAT : EXIT_SUCCESS;
}

static const struct {
	const char *name;
	int arguments;
	int (*run)(Offline *offline);
} commands[] = {
	{ "list", 0, list },
	{ "check", 0, check },
	{ "export", 1, export },
};

static gboolean
open_replay(Offline *offline, GError **error)
{
	offline->directory = open(offline->path,
				  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (offline->directory < 0)
		return error_set_errno(error, "%s", offline->path);
	if (flock(offline->directory, LOCK_SH | LOCK_NB))
		fputs("queue-offline: a running masqmail owns this queue; "
		      "what is shown is a moment of it\n", stderr);
	offline->replay = replay_read(offline->directory, -1, G_MAXINT64,
				      NULL, error);
	return offline->replay != NULL;
}

static int
run(Offline *offline, const char *command, int arguments)
{
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
		if (!g_str_equal(command, commands[i].name) ||
		    arguments != commands[i].arguments)
			continue;
		if (!open_replay(offline, &error)) {
			fprintf(stderr, "queue-offline: %s\n",
				error->message);
			return EX_NOINPUT;
		}
		for (guint j = 0; j < offline->replay->sentences->len; j++)
			fprintf(stderr, "queue-offline: %s\n",
				(char *)offline->replay->sentences->pdata[j]);
		return commands[i].run(offline);
	}
	fputs("usage: queue-offline [--json] DIRECTORY "
	      "[list | check | export MAILDIR]\n", stderr);
	return EX_USAGE;
}

int
main(int argc, char **argv)
{
	Offline offline = { .directory = -1 };
	const char *command;
	int code;

	if (argc > 1 && g_str_equal(argv[1], "--json")) {
		offline.json = TRUE;
		argv++;
		argc--;
	}
	offline.path = argc > 1 ? argv[1] : "";
	command = argc > 2 ? argv[2] : "list";
	offline.maildir = argc > 3 ? argv[3] : NULL;
	code = run(&offline, argc > 1 ? command : "", MAX(argc - 3, 0));
	replay_free(offline.replay);
	if (offline.directory >= 0)
		close(offline.directory);
	if (fflush(stdout) || ferror(stdout))
		return EX_IOERR;
	return code;
}
