// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The envelope: MAIL and RCPT with their parameters (RFC 1870 SIZE, 6152
 * 8BITMIME, 6531 SMTPUTF8, 3461 DSN), checked here once into the words that
 * the engine's Submit and Recipient take.
 */
#include <string.h>

#include "common/address.h"
#include "common/session-private.h"
#include "common/when.h"

#define MAX_ENVID 100 /* RFC 3461 4.4 */
#define MAX_ORCPT 500 /* RFC 3461 4.2 */

typedef struct {
	const char *keyword;
	SmtpVerb verb;
	/* Adds to @options what @value means; FALSE: malformed. */
	gboolean (*take)(Session *session, const char *value,
			 GVariantDict *options);
} ParameterRow;

static gboolean
take_body(G_GNUC_UNUSED Session *session, const char *value,
	  GVariantDict *options)
{
	static const char *const words[] = {"7bit", "8bitmime"};

	for (guint i = 0; value && i < G_N_ELEMENTS(words); i++) {
		if (g_ascii_strcasecmp(value, words[i]))
			continue;
		g_variant_dict_insert(options, "body", "s", words[i]);
		return TRUE;
	}
	return FALSE;
}

static gboolean
take_size(G_GNUC_UNUSED Session *session, const char *value,
	  GVariantDict *options)
{
	guint64 size;

	if (!value ||
	    !g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT64, &size, NULL))
		return FALSE;
	g_variant_dict_insert(options, "size", "t", size);
	return TRUE;
}

static gboolean
take_smtputf8(Session *session, const char *value, GVariantDict *options)
{
	if (value)
		return FALSE;
	session->smtputf8 = TRUE;
	g_variant_dict_insert(options, "smtputf8", "b", TRUE);
	return TRUE;
}

static gboolean
take_ret(G_GNUC_UNUSED Session *session, const char *value,
	 GVariantDict *options)
{
	static const char *const words[] = {"full", "hdrs"};

	for (guint i = 0; value && i < G_N_ELEMENTS(words); i++) {
		if (g_ascii_strcasecmp(value, words[i]))
			continue;
		g_variant_dict_insert(options, "ret", "s", words[i]);
		return TRUE;
	}
	return FALSE;
}

static gboolean
take_envid(G_GNUC_UNUSED Session *session, const char *value,
	   GVariantDict *options)
{
	g_autofree char *envid = NULL;

	if (!value || strlen(value) > MAX_ENVID)
		return FALSE;
	envid = smtp_xtext_decode(value);
	if (!envid || !g_utf8_validate(envid, -1, NULL))
		return FALSE;
	g_variant_dict_insert(options, "envid", "s", envid);
	return TRUE;
}

static gboolean
take_notify(G_GNUC_UNUSED Session *session, const char *value,
	    GVariantDict *options)
{
	static const char *const known[] = {"never", "success", "failure",
					    "delay", NULL};
	g_autofree char *lower = value ? g_ascii_strdown(value, -1) : NULL;
	g_auto(GStrv) words = lower ? g_strsplit(lower, ",", -1) : NULL;

	if (!words || !*words)
		return FALSE;
	for (char **word = words; *word; word++)
		if (!g_strv_contains(known, *word) ||
		    (g_str_equal(*word, "never") && words[1]))
			return FALSE;
	g_variant_dict_insert(options, "notify", "s", lower);
	return TRUE;
}

/* "rfc822;ada+40x": the type stays, the address is decoded. */
static gboolean
take_orcpt(G_GNUC_UNUSED Session *session, const char *value,
	   GVariantDict *options)
{
	const char *semicolon = value ? strchr(value, ';') : NULL;
	g_autofree char *address = NULL, *orcpt = NULL;

	if (!semicolon || semicolon == value || strlen(value) > MAX_ORCPT)
		return FALSE;
	for (const char *at = value; at < semicolon; at++)
		if (!g_ascii_isalnum(*at) && *at != '-')
			return FALSE;
	address = smtp_xtext_decode(semicolon + 1);
	if (!address || !*address || !g_utf8_validate(address, -1, NULL))
		return FALSE;
	orcpt = g_strdup_printf("%.*s;%s", (int)(semicolon - value), value,
				address);
	g_variant_dict_insert(options, "orcpt", "s", orcpt);
	return TRUE;
}

/* RFC 4865: only who may submit may ask us to wait. */
static gboolean
put_release(Session *session, gint64 when, GVariantDict *options)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	if (!session->config.own || when > now + SESSION_MAX_RELEASE ||
	    g_variant_dict_contains(options, "not-before"))
		return FALSE;
	g_variant_dict_insert(options, "not-before", "x", when);
	return TRUE;
}

static gboolean
take_holdfor(Session *session, const char *value, GVariantDict *options)
{
	guint64 seconds;

	return value &&
	       g_ascii_string_to_unsigned(value, 10, 0, SESSION_MAX_RELEASE,
					  &seconds, NULL) &&
	       put_release(session,
			   g_get_real_time() / G_USEC_PER_SEC + (gint64)seconds,
			   options);
}

static gboolean
take_holduntil(Session *session, const char *value, GVariantDict *options)
{
	gint64 when;

	return value && when_parse_date(value, &when) &&
	       put_release(session, when, options);
}

static const ParameterRow parameters[] = {
	{"BODY", SMTP_VERB_MAIL, take_body},
	{"ENVID", SMTP_VERB_MAIL, take_envid},
	{"HOLDFOR", SMTP_VERB_MAIL, take_holdfor},
	{"HOLDUNTIL", SMTP_VERB_MAIL, take_holduntil},
	{"RET", SMTP_VERB_MAIL, take_ret},
	{"SIZE", SMTP_VERB_MAIL, take_size},
	{"SMTPUTF8", SMTP_VERB_MAIL, take_smtputf8},
	{"NOTIFY", SMTP_VERB_RCPT, take_notify},
	{"ORCPT", SMTP_VERB_RCPT, take_orcpt},
};

static const ParameterRow *
find_parameter(SmtpVerb verb, const char *keyword)
{
	for (guint i = 0; i < G_N_ELEMENTS(parameters); i++)
		if (parameters[i].verb == verb &&
		    g_str_equal(parameters[i].keyword, keyword))
			return &parameters[i];
	return NULL;
}

/* RFC 5321 4.1.1.11: parameters belong to EHLO; FALSE: answered. */
static gboolean
take_parameters(Session *session, SmtpVerb verb, const SmtpPath *path,
		GVariantDict *options)
{
	for (guint i = 0; i < path->parameters->len; i++) {
		const SmtpParameter *parameter =
			&g_array_index(path->parameters, SmtpParameter, i);
		const ParameterRow *row =
			find_parameter(verb, parameter->keyword);

		if (!row || !session->esmtp) {
			session_answer(session, 555, "5.5.4",
				       "Unknown parameter");
			return FALSE;
		}
		if (!row->take(session, parameter->value, options)) {
			session_answer(session, 501, "5.5.4",
				       "Malformed parameter");
			return FALSE;
		}
	}
	return TRUE;
}

/*
 * (transfer full) (nullable): answered. Only own users may leave out the
 * domain, and anybody for postmaster (RFC 5321 4.5.1).
 */
static char *
whole_address(Session *session, const SmtpPath *path)
{
	const char *address = path->address;
	gboolean postmaster = !g_ascii_strcasecmp(address, "postmaster");

	if (address_needs_utf8(address) && !session->smtputf8) {
		session_answer(session, 553, "5.6.7",
			       "This address needs SMTPUTF8");
		return NULL;
	}
	if (!*address || *address_domain(address))
		return g_strdup(address);
	if (session->domain)
		return address_qualify(address, session->domain);
	if (postmaster)
		return address_qualify(address, session->host);
	session_answer(session, 553, "5.1.3",
		       "Give the whole address, with its domain");
	return NULL;
}

static SmtpPath *
parse_path(Session *session, SmtpVerb verb, const char *argument)
{
	g_autoptr(GError) error = NULL;
	SmtpPath *path = smtp_path_parse(verb, argument, &error);

	if (!path)
		session_answer(session, 501,
			       verb == SMTP_VERB_MAIL ? "5.1.7" : "5.1.3",
			       error->message);
	return path;
}

static gboolean
fits(Session *session, GVariantDict *options)
{
	guint64 size, limit = session->config.size_limit;

	if (!limit || !g_variant_dict_lookup(options, "size", "t", &size) ||
	    size <= limit)
		return TRUE;
	session_answer(session, 552, "5.3.4",
		       "The message is larger than is taken here");
	return FALSE;
}

static void
begin(Session *session, const char *sender, GVariantDict *options)
{
	g_autoptr(GError) error = NULL;

	g_variant_dict_insert(options, "helo", "s", session->helo);
	if (!session->driver->submit(session->user, sender,
				     g_variant_dict_end(options), &error)) {
		session_answer_error(session, error, 550);
		return;
	}
	g_free(session->sender);
	session->sender = g_strdup(sender);
	session->state = STATE_SENDER;
	session_answer(session, 250, "2.1.0", "Ok");
}

void
session_on_mail(Session *session, const char *argument)
{
	g_autoptr(SmtpPath) path =
		parse_path(session, SMTP_VERB_MAIL, argument);
	g_autofree char *sender = NULL;
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);

	session->smtputf8 = FALSE;
	if (!path || !take_parameters(session, SMTP_VERB_MAIL, path, &options))
		return;
	sender = whole_address(session, path);
	if (sender && fits(session, &options))
		begin(session, sender, &options);
}

/* FALSE: answered. */
static gboolean
has_room(Session *session)
{
	if (++session->offered > SESSION_MAX_OFFERED)
		session_refuse(session, 421, "4.7.0",
			       "Too many recipients, goodbye");
	else if (session->recipients >= SESSION_MAX_RECIPIENTS)
		session_answer(session, 452, "4.5.3",
			       "Too many recipients for one message");
	else
		return TRUE;
	return FALSE;
}

void
session_on_rcpt(Session *session, const char *argument)
{
	g_autoptr(SmtpPath) path =
		parse_path(session, SMTP_VERB_RCPT, argument);
	g_autofree char *address = NULL;
	g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
	g_autoptr(GError) error = NULL;

	if (!path || !take_parameters(session, SMTP_VERB_RCPT, path, &options))
		return;
	address = whole_address(session, path);
	if (!address || !has_room(session))
		return;
	if (!session->driver->recipient(session->user, address,
					g_variant_dict_end(&options), &error)) {
		session_answer_error(session, error, 550);
		return;
	}
	session->recipients++;
	session->state = STATE_RECIPIENT;
	session_answer(session, 250, "2.1.5", "Ok");
}
