// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The message as its route wants it to go out. It happens before the first
 * command, so that SIZE and SMTPUTF8 speak of what is really sent.
 */
#include <string.h>

#include "common/header.h"
#include "common/rewrite.h"
#include "common/wire.h"
#include "daemon/worker/smtp-out.h"

/* (transfer full) (nullable) */
static char **
words_of(const Job *job, const char *key)
{
	char **words = NULL;

	g_variant_lookup(job->reply, key, "^as", &words);
	return words;
}

/*
 * Where the header ends in the bytes so far; FALSE when that is not to be
 * seen yet: the last line may go on, or be folded.
 */
static gboolean
find_end(const GByteArray *bytes, gsize *ret_end)
{
	g_autoptr(Header) header = header_parse((char *)bytes->data,
						bytes->len, ret_end, NULL);

	return !header || (bytes->len > *ret_end &&
			   memchr(bytes->data + *ret_end, '\n',
				  bytes->len - *ret_end));
}

/*
 * All of the header, and what came with it. Beyond HEADER_SIZE_MAX there is
 * none that anybody wrote. NULL: the engine is gone.
 */
static GByteArray *
fetch_header(Session *session)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	gsize end;

	while (bytes->len < HEADER_SIZE_MAX && !find_end(bytes, &end)) {
		g_autoptr(WirePacket) packet = worker_fetch(
			session->worker, session->job, bytes->len, NULL);

		if (!packet)
			return NULL;
		if (packet->size == 0)
			break;
		g_byte_array_append(bytes, packet->data, packet->size);
	}
	return g_steal_pointer(&bytes);
}

static gboolean
is_8bit(const GByteArray *bytes)
{
	for (guint i = 0; i < bytes->len; i++)
		if (bytes->data[i] & 0x80)
			return TRUE;
	return FALSE;
}

/* An address beyond ASCII in a header that had none needs RFC 6531. */
static void
note_utf8(Job *job, const GByteArray *before, const GByteArray *after)
{
	if (!is_8bit(before) && is_8bit(after))
		g_hash_table_replace(job->options, g_strdup("smtputf8"),
				     g_strdup("yes"));
}

static gboolean
rewrite_head(Session *session, const OwnAddresses *own)
{
	g_autoptr(GByteArray) bytes = fetch_header(session);
	g_autoptr(GByteArray) out = g_byte_array_new();
	gsize end;

	if (!bytes) {
		session->stopped = TRUE;
		return FALSE;
	}
	if (!find_end(bytes, &end) && bytes->len >= HEADER_SIZE_MAX)
		return TRUE;
	if (!rewrite_header(session->route->rewrite, own, (char *)bytes->data,
			    bytes->len, out))
		return TRUE;
	note_utf8(session->job, bytes, out);
	worker_replace_head(session->job, g_steal_pointer(&out), bytes->len);
	return TRUE;
}

gboolean
smtp_rewrite(Session *session)
{
	Job *job = session->job;
	g_auto(GStrv) names = words_of(job, "own-names");
	g_auto(GStrv) also = words_of(job, "own-also");
	g_auto(GStrv) except = words_of(job, "own-except");
	const OwnAddresses own = { (const char *const *)names,
				   (const char *const *)also,
				   (const char *const *)except };
	char *sender;

	if (!session->route->rewrite)
		return TRUE;
	sender = rewrite_address(session->route->rewrite, &own,
				 REWRITE_RETURN_PATH, job->sender);
	if (sender) {
		g_free(job->sender);
		job->sender = sender;
	}
	return rewrite_head(session, &own);
}
