// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/drops.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/drop.h"
#include "common/log.h"
#include "common/wire.h"
#include "daemon/engine/submit.h"

#define PIECE (64 * 1024)

typedef struct {
	Engine *engine;
	char *name;
	int fd;
	uid_t uid;
	guint64 offset;
	guint64 size;
	Submission *submission;
} Drop;

/* @code 0: it is done with; else the file stays for another time. */
static void
finish(Drop *drop, int code)
{
	spawner_dropped(drop->engine->spawner, drop->name, code);
	submission_free(drop->submission);
	close(drop->fd);
	g_free(drop->name);
	g_free(drop);
}

/* What is refused for good would be refused for ever: say so, drop it. */
static void
fail(Drop *drop, const GError *error)
{
	g_autofree char *enhanced = NULL;
	const char *why = wire_remote_parts(error, &enhanced);
	gboolean final = enhanced[0] == '5';

	log_problem("drop", 0, "file=%s uid=%u %s%s", drop->name,
		    (guint)drop->uid, why,
		    final ? " The file is kept in the drop directory." : "");
	finish(drop, EAGAIN);
}

static void
on_done(gpointer data, guint64 id, const GError *error)
{
	Drop *drop = data;

	(void)id;
	drop->submission = NULL;
	if (error)
		fail(drop, error);
	else
		finish(drop, 0);
}

static gboolean
read_piece(gpointer data)
{
	Drop *drop = data;
	g_autofree char *piece = g_malloc(PIECE);
	ssize_t got = pread(drop->fd, piece, PIECE, drop->offset);
	Submission *submission;

	if (got < 0 && errno == EINTR)
		return G_SOURCE_CONTINUE;
	if (got < 0) {
		log_problem("drop", 0, "read %s: %s", drop->name,
			    g_strerror(errno));
		finish(drop, errno);
		return G_SOURCE_REMOVE;
	}
	if (got > 0) {
		submission_write(drop->submission, piece, got);
		drop->offset += got;
		drop->size += got;
		return G_SOURCE_CONTINUE;
	}
	submission = g_steal_pointer(&drop->submission);
	submission_commit(submission, drop->size, on_done, drop);
	return G_SOURCE_REMOVE;
}

static void
take_time(GVariantDict *dict, const char *text)
{
	gint64 when;

	if (text && g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &when,
					     NULL))
		g_variant_dict_insert(dict, "not-before", "x", when);
}

static GVariant *
options_of(const DropFile *file)
{
	static const char *const words[] = { "subject", "from", "authors",
					     "body", "envid", "ret",
					     "language" };
	static const char *const flags[] = { "smtputf8", "requiretls",
					     "queue-only" };
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "key", "s", file->key);
	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		const char *value =
			g_hash_table_lookup(file->options, words[i]);

		if (value && g_utf8_validate(value, -1, NULL))
			g_variant_dict_insert(&dict, words[i], "s", value);
	}
	for (guint i = 0; i < G_N_ELEMENTS(flags); i++)
		if (g_hash_table_contains(file->options, flags[i]))
			g_variant_dict_insert(&dict, flags[i], "b", TRUE);
	take_time(&dict, g_hash_table_lookup(file->options, "not-before"));
	return g_variant_ref_sink(g_variant_dict_end(&dict));
}

/* What Recipient takes: said once for all of them. */
static GVariant *
recipient_options_of(const DropFile *file)
{
	const char *notify = g_hash_table_lookup(file->options, "notify");
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	if (notify && g_utf8_validate(notify, -1, NULL))
		g_variant_dict_insert(&dict, "notify", "s", notify);
	return g_variant_ref_sink(g_variant_dict_end(&dict));
}

static gboolean
begin(Drop *drop, const DropFile *file, GError **error)
{
	const Submitter submitter = {
		.uid = drop->uid,
		.identified = TRUE,
		.origin = "drop",
		.peer = "",
	};
	g_autoptr(GVariant) options = options_of(file);
	g_autoptr(GVariant) each = recipient_options_of(file);

	drop->submission = submission_new(drop->engine, &submitter,
					  file->sender, options, error);
	if (!drop->submission)
		return FALSE;
	for (guint i = 0; i < file->recipients->len; i++)
		if (!submission_add(drop->submission,
				    file->recipients->pdata[i], each, error))
			return FALSE;
	drop->offset = file->message_offset;
	return TRUE;
}

void
drops_take(Engine *engine, const char *name, uid_t uid, int fd)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(DropFile) file = drop_read(fd, &error);
	Drop *drop = g_new0(Drop, 1);

	drop->engine = engine;
	drop->name = g_strdup(name);
	drop->fd = fd;
	drop->uid = uid;
	if (file && begin(drop, file, &error))
		g_idle_add_full(G_PRIORITY_LOW, read_piece, drop, NULL);
	else
		fail(drop, error);
}
