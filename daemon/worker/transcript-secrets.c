// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/transcript-secrets.h"

#include <string.h>

/* Shorter pieces are in every sentence. */
#define PIECE_MIN 4

struct Secrets {
	GPtrArray *pieces; /* of char *, wiped when freed */
};

static void
wipe(gpointer text)
{
	explicit_bzero(text, strlen(text));
	g_free(text);
}

Secrets *
secrets_new(void)
{
	Secrets *secrets = g_new0(Secrets, 1);

	secrets->pieces = g_ptr_array_new_with_free_func(wipe);
	return secrets;
}

void
secrets_free(Secrets *secrets)
{
	if (!secrets)
		return;
	g_ptr_array_unref(secrets->pieces);
	g_free(secrets);
}

static void
add_piece(Secrets *secrets, const char *piece, gsize size)
{
	if (size < PIECE_MIN)
		return;
	if (secrets->pieces->len == SECRETS_MAX)
		g_ptr_array_remove_index(secrets->pieces, 0);
	g_ptr_array_add(secrets->pieces, g_strndup(piece, size));
}

/* RFC 4616: what follows the last NUL; RFC 7628: "auth=Bearer TOKEN"^A. */
static void
add_decoded(Secrets *secrets, const char *bytes, gsize size)
{
	const char *end = bytes + size, *from, *stop;
	static const char bearer[] = "Bearer ";

	from = memrchr(bytes, '\0', size);
	from = from ? from + 1 : bytes;
	add_piece(secrets, from, end - from);
	from = memmem(bytes, size, bearer, strlen(bearer));
	if (!from)
		return;
	from += strlen(bearer);
	stop = memchr(from, '\1', end - from);
	add_piece(secrets, from, (stop ? stop : end) - from);
}

void
secrets_add(Secrets *secrets, const char *answer)
{
	gsize size = 0;
	guchar *bytes = g_base64_decode(answer, &size);

	add_piece(secrets, answer, strlen(answer));
	if (size)
		add_decoded(secrets, (const char *)bytes, size);
	explicit_bzero(bytes, size);
	g_free(bytes);
}

char *
secrets_blank(const Secrets *secrets, const char *text, const char *blank)
{
	char *clean = g_strdup(text);

	for (guint i = secrets->pieces->len; i-- > 0;) {
		const char *piece = secrets->pieces->pdata[i];
		g_auto(GStrv) parts = NULL;

		if (!strstr(clean, piece))
			continue;
		parts = g_strsplit(clean, piece, -1);
		wipe(clean);
		clean = g_strjoinv(blank, parts);
	}
	return clean;
}
