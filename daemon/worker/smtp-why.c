// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/smtp-why.h"

#include <string.h>

#include "common/address.h"
#include "common/text.h"
#include "daemon/worker/smtp-why-table.h"

#define MAX_REMOTE_ID 64

static const char *
or_else(const char *text, const char *otherwise)
{
	return text && *text ? text : otherwise;
}

/* The value of "$word" at @at; sets its length. NULL: not one of ours. */
static const char *
token_value(const char *at, const SmtpParties *parties, gsize *ret_length)
{
	const struct {
		const char *token;
		const char *value;
	} tokens[] = {
		{ "$host", or_else(parties->host, "the server") },
		{ "$route", or_else(parties->route, "this route") },
		{ "$user", or_else(parties->user, "this user") },
		{ "$sender", or_else(parties->sender, "the null sender") },
		{ "$recipient",
		  or_else(parties->recipient, "the recipient") },
		{ "$domain",
		  or_else(address_domain(or_else(parties->recipient, "")),
			  "the recipient's domain") },
		{ "$detail", or_else(parties->detail, "no more is known") },
	};

	for (guint i = 0; i < G_N_ELEMENTS(tokens); i++) {
		gsize length = strlen(tokens[i].token);

		if (strncmp(at, tokens[i].token, length))
			continue;
		*ret_length = length;
		return tokens[i].value;
	}
	return NULL;
}

/* "$$" does not occur: sentences have no dollars of their own. */
static char *
expand(const char *sentence, const SmtpParties *parties)
{
	GString *text = g_string_new(NULL);

	while (*sentence) {
		gsize length = 1;
		const char *value = NULL;

		if (*sentence == '$')
			value = token_value(sentence, parties, &length);
		if (value)
			g_string_append(text, value);
		else
			g_string_append_c(text, *sentence);
		sentence += length;
	}
	return g_string_free(text, FALSE);
}

static gboolean
has_subject(const SmtpReply *reply, const char *subject)
{
	return *reply->enhanced &&
	       g_str_has_prefix(reply->enhanced + 1, subject);
}

static gboolean
says_relay(const SmtpReply *reply)
{
	g_autofree char *text = g_ascii_strdown(reply->text, -1);

	return strstr(text, "relay") != NULL;
}

/* Codes of RFC 4954 that always mean: log in first. */
static gboolean
wants_login(const SmtpReply *reply)
{
	return reply->code == 530 || reply->code == 535 ||
	       reply->code == 538;
}

static gboolean
is_overloaded(const SmtpReply *reply)
{
	return reply->code == 452 || has_subject(reply, ".3.") ||
	       has_subject(reply, ".4.");
}

static Fault
fault_of_session(const SmtpReply *reply, SmtpAt at)
{
	if (at & (SMTP_AT_STARTTLS | SMTP_AT_AUTH) && reply->code >= 500)
		return FAULT_ROUTE;
	return FAULT_HOST;
}

static Fault
fault_of_mail(const SmtpReply *reply, Outcome *ret_outcome)
{
	*ret_outcome = OUTCOME_DEFERRED;
	/* Asked to log in first, in one of the ways servers say so. */
	if (wants_login(reply) || reply->code == 503 ||
	    (reply->code == 554 && !*reply->enhanced))
		return FAULT_ROUTE;
	if (reply->code >= 500 && has_subject(reply, ".7."))
		return FAULT_ROUTE;
	if (reply->code < 500 &&
	    (is_overloaded(reply) || has_subject(reply, ".7.")))
		return FAULT_HOST;
	if (reply->code >= 500)
		*ret_outcome = OUTCOME_FAILED;
	return FAULT_MESSAGE;
}

static Fault
fault_of_recipient(const SmtpReply *reply, Outcome *ret_outcome)
{
	*ret_outcome = OUTCOME_DEFERRED;
	if (wants_login(reply))
		return FAULT_ROUTE;
	if (reply->code >= 500 && !says_relay(reply))
		*ret_outcome = OUTCOME_FAILED;
	return FAULT_RECIPIENT;
}

static Fault
fault_of_data(const SmtpReply *reply, Outcome *ret_outcome)
{
	*ret_outcome = reply->code >= 500 ? OUTCOME_FAILED : OUTCOME_DEFERRED;
	if (wants_login(reply)) {
		*ret_outcome = OUTCOME_DEFERRED;
		return FAULT_ROUTE;
	}
	return reply->code < 500 && is_overloaded(reply) ? FAULT_HOST
							 : FAULT_MESSAGE;
}

static Fault
judge(const SmtpReply *reply, SmtpAt at, Outcome *ret_outcome)
{
	*ret_outcome = OUTCOME_DEFERRED;
	if (reply->code == 421 || reply->code < 400)
		return FAULT_HOST;
	switch (at) {
	case SMTP_AT_CONNECT:
	case SMTP_AT_EHLO:
	case SMTP_AT_STARTTLS:
	case SMTP_AT_AUTH:
		return fault_of_session(reply, at);
	case SMTP_AT_MAIL:
		return fault_of_mail(reply, ret_outcome);
	case SMTP_AT_RCPT:
		return fault_of_recipient(reply, ret_outcome);
	case SMTP_AT_DATA:
	case SMTP_AT_DOT:
		return fault_of_data(reply, ret_outcome);
	}
	g_assert_not_reached();
}

static gboolean
row_matches(const SmtpWhyRow *row, SmtpAt at, Outcome outcome,
	    const SmtpReply *reply)
{
	if (!(row->at & at) || (row->code && row->code != reply->code))
		return FALSE;
	if (row->outcome != OUTCOME_NONE && row->outcome != outcome)
		return FALSE;
	if (row->relay && !says_relay(reply))
		return FALSE;
	return !row->subject ||
	       (*reply->enhanced &&
		g_str_equal(reply->enhanced + 1, row->subject));
}

/* The first row that matches; the last row matches all. */
static const char *
find_sentence(SmtpAt at, Outcome outcome, const SmtpReply *reply)
{
	const SmtpWhyRow *row = smtp_why_rows;

	while (!row_matches(row, at, outcome, reply))
		row++;
	return row->sentence;
}

/*
 * The server's own code where its class is that of the outcome; else the
 * same subject in the class that is ours: 5.7.1 that defers is 4.7.1.
 */
static char *
enhanced_of(const SmtpReply *reply, Outcome outcome)
{
	char *enhanced;

	if (!*reply->enhanced)
		return NULL;
	enhanced = g_strdup(reply->enhanced);
	enhanced[0] = outcome == OUTCOME_FAILED ? '5' : '4';
	return enhanced;
}

Status *
smtp_why_reply(SmtpAt at, const SmtpReply *reply, const SmtpParties *parties)
{
	Outcome outcome;
	Fault fault = judge(reply, at, &outcome);
	g_autofree char *enhanced = enhanced_of(reply, outcome);
	g_autofree char *why =
		expand(find_sentence(at, outcome, reply), parties);

	return status_new(outcome, fault, reply->code, enhanced, reply->text,
			  why);
}

Status *
smtp_why_trouble(SmtpTrouble trouble, const SmtpParties *parties)
{
	const SmtpTroubleRow *row = smtp_trouble_rows;
	const char *text = NULL;
	g_autofree char *why = NULL;

	while (row->trouble != trouble)
		row++;
	why = expand(row->sentence, parties);
	/* Whoever shows both would else show the same sentence twice. */
	if (g_strcmp0(why, parties->detail) != 0)
		text = parties->detail;
	return status_new(row->outcome, row->fault, 0, row->enhanced, text,
			  why);
}

/*
 * "250 2.0.0 Ok: queued as 4RtX" of Postfix and its kin, "250 OK
 * id=1abc-0" of Exim, "250 2.0.0 4RtX Message accepted" of OpenSMTPD and
 * Sendmail: what follows one of these words, or the word before "Message".
 */
static char *
find_remote_id(const char *text)
{
	static const char *const words[] = { "queued as ", "id=",
					     "queued as: " };
	const char *found = NULL;
	const char *message = strstr(text, " Message accepted");
	char *id;

	for (guint i = 0; i < G_N_ELEMENTS(words) && !found; i++) {
		found = strstr(text, words[i]);
		if (found)
			found += strlen(words[i]);
	}
	if (!found && message) {
		found = message;
		while (found > text && found[-1] != ' ')
			found--;
	}
	if (!found)
		return g_strdup("");
	id = g_strndup(found, MIN(strcspn(found, " ;,()<>"), MAX_REMOTE_ID));
	if (g_str_has_suffix(id, "."))
		id[strlen(id) - 1] = '\0';
	return id;
}

Status *
smtp_why_delivered(const SmtpReply *reply)
{
	Status *status = status_new(
		OUTCOME_DELIVERED, FAULT_NONE, reply->code,
		*reply->enhanced == '2' ? reply->enhanced : NULL, reply->text,
		NULL);

	g_free(status->remote_id);
	status->remote_id = find_remote_id(reply->text);
	return status;
}
