// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/sasl.h"

#include <string.h>

#include <gsasl.h>

#include "daemon/worker/sasl-oauth.h"

typedef struct {
	const char *name;
	gboolean speaks_first;
	gboolean binds;
	gboolean mutual;   /* the server must prove itself before success */
	gboolean in_clear; /* the secret itself goes over the line */
	SaslNeed need;
	gboolean on_demand; /* only where the configuration names it */
	/* Without libgsasl: all there is to say. */
	char *(*say)(const SaslLogin *login);
} Mechanism;

/*
 * The best first. CRAM-MD5 stands last: under TLS it gains nothing, and it
 * makes servers keep passwords readable; in clear, however, all is better
 * than the password itself. DIGEST-MD5 is historic (RFC 6331); a GSSAPI
 * that is offered says nothing of a ticket being there.
 */
static const Mechanism mechanisms[] = {
	{ "EXTERNAL", .speaks_first = TRUE },
	{ "SCRAM-SHA-256-PLUS", .speaks_first = TRUE, .binds = TRUE,
	  .mutual = TRUE, .need = SASL_NEEDS_PASSWORD },
	{ "SCRAM-SHA-1-PLUS", .speaks_first = TRUE, .binds = TRUE,
	  .mutual = TRUE, .need = SASL_NEEDS_PASSWORD },
	{ "SCRAM-SHA-256", .speaks_first = TRUE, .mutual = TRUE,
	  .need = SASL_NEEDS_PASSWORD },
	{ "SCRAM-SHA-1", .speaks_first = TRUE, .mutual = TRUE,
	  .need = SASL_NEEDS_PASSWORD },
	{ "OAUTHBEARER", .speaks_first = TRUE, .in_clear = TRUE,
	  .need = SASL_NEEDS_TOKEN, .say = sasl_oauth_bearer },
	{ "XOAUTH2", .speaks_first = TRUE, .in_clear = TRUE,
	  .need = SASL_NEEDS_TOKEN, .say = sasl_oauth_xoauth2 },
	{ "PLAIN", .speaks_first = TRUE, .in_clear = TRUE,
	  .need = SASL_NEEDS_PASSWORD },
	{ "LOGIN", .in_clear = TRUE, .need = SASL_NEEDS_PASSWORD },
	{ "CRAM-MD5", .need = SASL_NEEDS_PASSWORD },
	{ "DIGEST-MD5", .mutual = TRUE, .need = SASL_NEEDS_PASSWORD,
	  .on_demand = TRUE },
	{ "GSSAPI", .speaks_first = TRUE, .mutual = TRUE, .on_demand = TRUE },
};

struct Sasl {
	const Mechanism *mechanism;
	Gsasl *library;         /* NULL: the mechanism needs none */
	Gsasl_session *session;
	char *line;             /* of such a mechanism, until it is said */
	gboolean refused;
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

/* Who has a token has no password, and the other way round. */
static gboolean
has_need(const Mechanism *row, const SaslMeans *means)
{
	switch (row->need) {
	case SASL_NEEDS_NOTHING:
		return TRUE;
	case SASL_NEEDS_PASSWORD:
		return !means->token;
	case SASL_NEEDS_TOKEN:
		return means->token;
	}
	g_assert_not_reached();
}

static gboolean
will_do(const Mechanism *row, char **offered, const SaslMeans *means)
{
	return is_offered(offered, row->name) &&
	       (means->binding || !row->binds) && has_need(row, means);
}

static const char *
choose_wanted(char **offered, char **wanted, const SaslMeans *means)
{
	for (; *wanted; wanted++) {
		const Mechanism *row = find_mechanism(*wanted);

		if (row && will_do(row, offered, means))
			return row->name;
	}
	return NULL;
}

/* Of those that need nothing only a certificate is known to be there. */
static gboolean
is_default(const Mechanism *row, const SaslMeans *means)
{
	return !row->on_demand &&
	       (row->need != SASL_NEEDS_NOTHING || means->certificate);
}

static const char *
choose_best(char **offered, const SaslMeans *means, gboolean allow_in_clear)
{
	for (guint i = 0; i < G_N_ELEMENTS(mechanisms); i++)
		if (is_default(&mechanisms[i], means) &&
		    will_do(&mechanisms[i], offered, means) &&
		    (allow_in_clear || !mechanisms[i].in_clear))
			return mechanisms[i].name;
	return NULL;
}

const char *
sasl_choose(char **offered, char **wanted, const SaslMeans *means)
{
	const char *hidden = NULL;

	if (wanted && *wanted)
		return choose_wanted(offered, wanted, means);
	if (means->clear)
		hidden = choose_best(offered, means, FALSE);
	return hidden ? hidden : choose_best(offered, means, TRUE);
}

SaslNeed
sasl_needs(const char *mechanism)
{
	return find_mechanism(mechanism)->need;
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
	sasl_line_free(sasl->line);
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
	gboolean external = g_str_equal(login->mechanism, "EXTERNAL");
	const struct {
		Gsasl_property property;
		const char *value;
	} rows[] = {
		/* EXTERNAL has nobody else to say who we are. */
		{ GSASL_AUTHID, login->user },
		{ external ? GSASL_AUTHZID : GSASL_AUTHID, login->user },
		{ GSASL_SERVICE, "smtp" },
		{ GSASL_HOSTNAME, login->host },
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
	sasl->complete = !sasl->mechanism->mutual;
	if (sasl->mechanism->say) {
		sasl->line = sasl->mechanism->say(login);
		return g_steal_pointer(&sasl);
	}
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
	case GSASL_NO_AUTHZID:
	case GSASL_GSSAPI_INIT_SEC_CONTEXT_ERROR:
	case GSASL_GSSAPI_IMPORT_NAME_ERROR:
	case GSASL_NO_CB_TLS_UNIQUE:
	case GSASL_NO_CB_TLS_EXPORTER:
		return SASL_ERROR_SETUP;
	default:
		return SASL_ERROR_SERVER;
	}
}

/* After the one line any challenge is the refusal, and says why. */
static char *
step_alone(Sasl *sasl)
{
	if (sasl->line)
		return g_steal_pointer(&sasl->line);
	sasl->refused = TRUE;
	if (sasl->mechanism->say == sasl_oauth_bearer)
		return sasl_oauth_bearer_yield();
	return g_strdup("");
}

gboolean
sasl_is_refused(const Sasl *sasl)
{
	return sasl->refused;
}

static char *
step_library(Sasl *sasl, const char *challenge, GError **error)
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

char *
sasl_step(Sasl *sasl, const char *challenge, GError **error)
{
	if (sasl->mechanism->say)
		return step_alone(sasl);
	return step_library(sasl, challenge, error);
}

void
sasl_line_free(char *line)
{
	if (!line)
		return;
	explicit_bzero(line, strlen(line));
	g_free(line);
}
