// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/sasl.h"

#include <string.h>

#include <gsasl.h>

typedef struct {
	const char *name;
	gboolean speaks_first;
	gboolean binds;
	gboolean mutual;   /* the server must prove itself before success */
	gboolean in_clear; /* the password itself goes over the line */
} Mechanism;

/*
 * The best first. CRAM-MD5 stands last: under TLS it gains nothing, and it
 * makes servers keep passwords readable; in clear, however, all is better
 * than the password itself.
 */
static const Mechanism mechanisms[] = {
	{ "SCRAM-SHA-256-PLUS", TRUE, TRUE, TRUE, FALSE },
	{ "SCRAM-SHA-1-PLUS", TRUE, TRUE, TRUE, FALSE },
	{ "SCRAM-SHA-256", TRUE, FALSE, TRUE, FALSE },
	{ "SCRAM-SHA-1", TRUE, FALSE, TRUE, FALSE },
	{ "PLAIN", TRUE, FALSE, FALSE, TRUE },
	{ "LOGIN", FALSE, FALSE, FALSE, TRUE },
	{ "CRAM-MD5", FALSE, FALSE, FALSE, FALSE },
};

struct Sasl {
	const Mechanism *mechanism;
	Gsasl *library;
	Gsasl_session *session;
	gboolean complete;
};

G_DEFINE_QUARK(masqmail-sasl-error, sasl_error)

static const Mechanism *
find_mechanism(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(mechanisms); i++)
		if (!g_ascii_strcasecmp(mechanisms[i].name, name))
			return &mechanisms[i];
	return NULL;
}

static gboolean
is_offered(char **offered, const char *name)
{
	for (; *offered; offered++)
		if (!g_ascii_strcasecmp(*offered, name))
			return TRUE;
	return FALSE;
}

static gboolean
will_do(const Mechanism *row, char **offered, gboolean binding)
{
	return is_offered(offered, row->name) && (binding || !row->binds);
}

static const char *
choose_wanted(char **offered, char **wanted, gboolean binding)
{
	for (; *wanted; wanted++) {
		const Mechanism *row = find_mechanism(*wanted);

		if (row && will_do(row, offered, binding))
			return row->name;
	}
	return NULL;
}

static const char *
choose_best(char **offered, gboolean binding, gboolean allow_in_clear)
{
	for (guint i = 0; i < G_N_ELEMENTS(mechanisms); i++)
		if (will_do(&mechanisms[i], offered, binding) &&
		    (allow_in_clear || !mechanisms[i].in_clear))
			return mechanisms[i].name;
	return NULL;
}

const char *
sasl_choose(char **offered, char **wanted, gboolean clear, gboolean binding)
{
	const char *hidden = NULL;

	if (wanted && *wanted)
		return choose_wanted(offered, wanted, binding);
	if (clear)
		hidden = choose_best(offered, binding, FALSE);
	return hidden ? hidden : choose_best(offered, binding, TRUE);
}

/* libgsasl frees its copy of the password as it is. */
static void
wipe_property(Gsasl_session *session, Gsasl_property property)
{
	char *value = (char *)gsasl_property_fast(session, property);

	if (value)
		explicit_bzero(value, strlen(value));
}

void
sasl_free(Sasl *sasl)
{
	if (!sasl)
		return;
	if (sasl->session) {
		wipe_property(sasl->session, GSASL_PASSWORD);
		gsasl_finish(sasl->session);
	}
	if (sasl->library)
		gsasl_done(sasl->library);
	g_free(sasl);
}

/* The library's texts name no property's value. */
static void *
set_library_error(GError **error, SaslError code, int result)
{
	g_set_error_literal(error, SASL_ERROR, code, gsasl_strerror(result));
	return NULL;
}

/*
 * libgsasl 2.2 fails a mechanism that does not bind the channel when it is
 * told how it could; RFC 5802's "y" is thus never sent.
 */
static int
set_properties(Gsasl_session *session, const SaslLogin *login, gboolean bind)
{
	const struct {
		Gsasl_property property;
		const char *value;
	} rows[] = {
		{ GSASL_AUTHID, login->user },
		{ GSASL_PASSWORD, login->secret },
		{ GSASL_CB_TLS_UNIQUE, bind ? login->tls_unique : NULL },
		{ GSASL_CB_TLS_EXPORTER,
		  bind ? login->tls_exporter : NULL },
	};
	int result = GSASL_OK;

	for (guint i = 0; i < G_N_ELEMENTS(rows) && result == GSASL_OK; i++)
		if (rows[i].value)
			result = gsasl_property_set(session, rows[i].property,
						    rows[i].value);
	return result;
}

Sasl *
sasl_new(const SaslLogin *login, GError **error)
{
	g_autoptr(Sasl) sasl = g_new0(Sasl, 1);
	int result;

	sasl->mechanism = find_mechanism(login->mechanism);
	g_assert(sasl->mechanism);
	result = gsasl_init(&sasl->library);
	if (result == GSASL_OK)
		result = gsasl_client_start(sasl->library,
					    sasl->mechanism->name,
					    &sasl->session);
	if (result == GSASL_OK)
		result = set_properties(sasl->session, login,
					sasl->mechanism->binds);
	if (result != GSASL_OK)
		return set_library_error(error, SASL_ERROR_SETUP, result);
	sasl->complete = !sasl->mechanism->mutual;
	return g_steal_pointer(&sasl);
}

gboolean
sasl_speaks_first(const Sasl *sasl)
{
	return sasl->mechanism->speaks_first;
}

gboolean
sasl_is_complete(const Sasl *sasl)
{
	return sasl->complete;
}

/* What the server sent, as against what we could not use ourselves. */
static SaslError
blame(int result)
{
	switch (result) {
	case GSASL_SASLPREP_ERROR:
	case GSASL_MALLOC_ERROR:
	case GSASL_CRYPTO_ERROR:
	case GSASL_NO_AUTHID:
	case GSASL_NO_PASSWORD:
	case GSASL_NO_CB_TLS_UNIQUE:
	case GSASL_NO_CB_TLS_EXPORTER:
		return SASL_ERROR_SETUP;
	default:
		return SASL_ERROR_SERVER;
	}
}

char *
sasl_step(Sasl *sasl, const char *challenge, GError **error)
{
	char *output = NULL, *line;
	int result = gsasl_step64(sasl->session, challenge, &output);

	if (result != GSASL_OK && result != GSASL_NEEDS_MORE)
		return set_library_error(error, blame(result), result);
	if (result == GSASL_OK)
		sasl->complete = TRUE;
	line = g_strdup(output ? output : "");
	if (output)
		explicit_bzero(output, strlen(output));
	gsasl_free(output);
	return line;
}

void
sasl_line_free(char *line)
{
	if (!line)
		return;
	explicit_bzero(line, strlen(line));
	g_free(line);
}
