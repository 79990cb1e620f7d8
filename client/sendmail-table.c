// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every option some caller still passes, and what it means here. An option
 * that could write a file (-X, -D) or load code never does: it is accepted
 * and has no effect.
 */
#include <string.h>

#include "client/sendmail-options.h"
#include "common/text.h"
#include "common/when.h"

#define ENVID_MAX 100 /* RFC 3461 4.4 */

static void
set(char **field, const char *value)
{
	g_free(*field);
	*field = g_strdup(value);
}

static void G_GNUC_PRINTF(2, 3)
warn(SendmailOptions *options, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(options->warnings,
			g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

static gboolean
take_extract(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	     GError **e G_GNUC_UNUSED)
{
	o->extract = TRUE;
	return TRUE;
}

static gboolean
take_dots(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	  GError **e G_GNUC_UNUSED)
{
	o->dots_are_text = TRUE;
	return TRUE;
}

static gboolean
take_sender(SendmailOptions *o, const char *value, GError **e G_GNUC_UNUSED)
{
	set(&o->sender, value);
	return TRUE;
}

static gboolean
take_name(SendmailOptions *o, const char *value, GError **e G_GNUC_UNUSED)
{
	set(&o->full_name, value);
	return TRUE;
}

/* A hint only, for we look at the body ourselves. */
static gboolean
take_body(SendmailOptions *o G_GNUC_UNUSED, const char *value, GError **error)
{
	if (g_ascii_strcasecmp(value, "7BIT") == 0 ||
	    g_ascii_strcasecmp(value, "8BITMIME") == 0)
		return TRUE;
	return sendmail_fail(error, EX_USAGE,
			     "-B %s: the body is 7BIT or 8BITMIME", value);
}

static gboolean
take_notify(SendmailOptions *o, const char *value, GError **e G_GNUC_UNUSED)
{
	static const char *const known[] = { "never", "success", "failure",
					     "delay", NULL };
	g_autofree char *lower = g_ascii_strdown(value, -1);
	g_auto(GStrv) words = g_strsplit(lower, ",", -1);

	for (char **word = words; *word; word++)
		if (!g_strv_contains(known, *word) ||
		    (g_str_equal(*word, "never") && words[1])) {
			warn(o, "-N %s: not never, success, failure or delay; "
				"ignored", value);
			return TRUE;
		}
	set(&o->notify, lower);
	return TRUE;
}

/* RFC 8689, as Postfix spells it. */
static gboolean
take_key(SendmailOptions *o, const char *value, GError **e G_GNUC_UNUSED)
{
	if (g_ascii_strcasecmp(value, "REQUIRETLS=yes") == 0)
		o->require_tls = TRUE;
	return TRUE;
}

static gboolean
take_ret(SendmailOptions *o, const char *value, GError **e G_GNUC_UNUSED)
{
	g_autofree char *lower = g_ascii_strdown(value, -1);

	if (g_str_equal(lower, "hdrs") || g_str_equal(lower, "full"))
		set(&o->ret, lower);
	else
		warn(o, "-R %s: not hdrs or full; ignored", value);
	return TRUE;
}

static gboolean
take_envid(SendmailOptions *o, const char *value, GError **e G_GNUC_UNUSED)
{
	g_autofree char *harmless = text_harmless(value);

	if (*value && strlen(value) <= ENVID_MAX &&
	    g_str_equal(harmless, value))
		set(&o->envid, value);
	else
		warn(o, "-V: an envelope id is 1 to %d characters of text; "
			"ignored", ENVID_MAX);
	return TRUE;
}

static gboolean
take_queue_only(SendmailOptions *o, const char *v G_GNUC_UNUSED,
		GError **e G_GNUC_UNUSED)
{
	o->queue_only = TRUE;
	return TRUE;
}

static gboolean
take_at(SendmailOptions *o, const char *value, GError **error)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	return when_parse(value, now, &o->not_before) ||
	       sendmail_fail(error, EX_USAGE,
			     "--at %s: no time such as " WHEN_EXAMPLES,
			     value);
}

static gboolean
take_silent(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	    GError **e G_GNUC_UNUSED)
{
	o->silent = TRUE;
	return TRUE;
}

static gboolean
take_verbose(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	     GError **e G_GNUC_UNUSED)
{
	o->verbose = TRUE;
	return TRUE;
}

static gboolean
take_as_it_is(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	      GError **e G_GNUC_UNUSED)
{
	o->as_it_is = TRUE;
	return TRUE;
}

static gboolean
take_config(SendmailOptions *o, const char *value, GError **e G_GNUC_UNUSED)
{
	set(&o->config, value);
	return TRUE;
}

static gboolean
take_submit(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	    GError **e G_GNUC_UNUSED)
{
	o->mode = MODE_SUBMIT;
	return TRUE;
}

static gboolean
take_smtp(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	  GError **e G_GNUC_UNUSED)
{
	o->mode = MODE_SMTP;
	return TRUE;
}

static gboolean
take_list(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	  GError **e G_GNUC_UNUSED)
{
	o->mode = MODE_QUEUE;
	return TRUE;
}

static gboolean
take_hosts(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	   GError **e G_GNUC_UNUSED)
{
	o->mode = MODE_HOSTS;
	return TRUE;
}

static gboolean
take_purge(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	   GError **e G_GNUC_UNUSED)
{
	o->mode = MODE_PURGE;
	return TRUE;
}

static gboolean
take_aliases(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	     GError **e G_GNUC_UNUSED)
{
	o->mode = MODE_ALIASES;
	return TRUE;
}

static gboolean
take_explain(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	     GError **e G_GNUC_UNUSED)
{
	o->mode = MODE_EXPLAIN;
	return TRUE;
}

static gboolean
take_version(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	     GError **e G_GNUC_UNUSED)
{
	o->mode = MODE_VERSION;
	return TRUE;
}

static gboolean
take_help(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	  GError **e G_GNUC_UNUSED)
{
	o->mode = MODE_HELP;
	return TRUE;
}

static gboolean
take_daemon(SendmailOptions *o G_GNUC_UNUSED, const char *v G_GNUC_UNUSED,
	    GError **error)
{
	return sendmail_fail(error, EX_USAGE,
			     "the daemon is masqmaild(8): start it with "
			     "\"systemctl start masqmail\"");
}

static gboolean
act(SendmailOptions *o, const char *verb)
{
	o->mode = MODE_ACT;
	set(&o->verb, verb);
	return TRUE;
}

/* "-q", or "-q15m": who asks for a daemon's interval has one. */
static gboolean
take_run(SendmailOptions *o, const char *value, GError **error)
{
	gint64 seconds;

	if (value && !text_parse_duration(value, &seconds))
		return sendmail_fail(error, EX_USAGE,
				     "-q%s: unknown option, and no time as "
				     "15m", value);
	o->act_on_all = TRUE;
	return act(o, "retry");
}

/* "-qo NAME", as the old masqmail had it: ip-up scripts call it. */
static gboolean
take_online(SendmailOptions *o, const char *value, GError **e G_GNUC_UNUSED)
{
	set(&o->online, value);
	o->act_on_all = TRUE;
	return act(o, "retry");
}

static gboolean
run_some(SendmailOptions *o, const char *key, const char *value)
{
	g_free(o->filter);
	o->filter = g_strconcat(key, value, NULL);
	o->act_on_all = TRUE;
	return act(o, "retry");
}

static gboolean
take_run_id(SendmailOptions *o, const char *value, GError **e G_GNUC_UNUSED)
{
	g_ptr_array_add(o->arguments, g_strdup(value));
	return act(o, "retry");
}

static gboolean
take_run_recipient(SendmailOptions *o, const char *value,
		   GError **e G_GNUC_UNUSED)
{
	return run_some(o, "to:", value);
}

static gboolean
take_run_sender(SendmailOptions *o, const char *value,
		GError **e G_GNUC_UNUSED)
{
	return run_some(o, "from:", value);
}

static gboolean
take_retry(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	   GError **e G_GNUC_UNUSED)
{
	return act(o, "retry");
}

static gboolean
take_delete(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	    GError **e G_GNUC_UNUSED)
{
	return act(o, "delete");
}

static gboolean
take_hold(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	  GError **e G_GNUC_UNUSED)
{
	return act(o, "hold");
}

static gboolean
take_release(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	     GError **e G_GNUC_UNUSED)
{
	return act(o, "release");
}

static gboolean
take_bounce(SendmailOptions *o, const char *v G_GNUC_UNUSED,
	    GError **e G_GNUC_UNUSED)
{
	return act(o, "bounce");
}

#define NONE ARGUMENT_NONE
#define VALUE ARGUMENT_VALUE
#define ATTACHED ARGUMENT_ATTACHED

const SendmailOption sendmail_options[] = {
	{ "t", NONE, take_extract, NULL,
	  "send to To, Cc and Bcc of the header, and to the arguments" },
	{ "i", NONE, take_dots, NULL,
	  "a line with only a dot is text, not the end" },
	{ "oi", NONE, take_dots, NULL, "as -i" },
	{ "oitrue", NONE, take_dots, NULL, "as -i" },
	{ "f", VALUE, take_sender, "ADDRESS",
	  "the envelope sender; '' or <> is the null sender" },
	{ "r", VALUE, take_sender, "ADDRESS", "as -f" },
	{ "F", VALUE, take_name, "NAME",
	  "the name in From, when From is added" },
	{ "B", VALUE, take_body, "7BIT|8BITMIME", "a hint on the body" },
	{ "N", VALUE, take_notify, "LIST",
	  "when to report: never, or success, failure, delay" },
	{ "R", VALUE, take_ret, "hdrs|full", "how much a report returns" },
	{ "V", VALUE, take_envid, "ID", "the envelope id reports repeat" },
	{ "G", NONE, take_as_it_is, NULL,
	  "relayed mail: complete nothing in the header" },
	{ "odb", NONE, NULL, NULL, "deliver in the background (always)" },
	{ "odi", NONE, NULL, NULL, "accepted; mail is always queued first" },
	{ "odf", NONE, NULL, NULL, "as -odi" },
	{ "odq", NONE, take_queue_only, NULL, "wait for the next queue run" },
	{ "odd", NONE, take_queue_only, NULL, "as -odq" },
	{ "-at", VALUE, take_at, "TIME",
	  "send it later: 2h, 14:30, tomorrow 8:00" },
	{ "oem", NONE, NULL, NULL, "errors go to standard error (always)" },
	{ "oee", NONE, NULL, NULL, "as -oem" },
	{ "oep", NONE, NULL, NULL, "as -oem" },
	{ "oew", NONE, NULL, NULL, "as -oem" },
	{ "oeq", NONE, take_silent, NULL, "say nothing about errors" },
	{ "v", NONE, take_verbose, NULL, "say the id of the queued message" },
	{ "C", VALUE, take_config, "FILE",
	  "read this masqmail.conf, with your own rights" },
	{ "bm", NONE, take_submit, NULL, "hand in a message (the default)" },
	{ "bs", NONE, take_smtp, NULL,
	  "speak SMTP on standard input and output" },
	{ "bp", NONE, take_list, NULL, "list the queue, as mailq" },
	{ "bh", NONE, take_hosts, NULL,
	  "say what is known of hosts, as hoststat" },
	{ "bH", NONE, take_purge, NULL, "forget it, as purgestat" },
	{ "bi", NONE, take_aliases, NULL,
	  "check the aliases file, as newaliases" },
	{ "I", NONE, take_aliases, NULL, "as -bi" },
	{ "bv", NONE, take_explain, NULL,
	  "say which way mail to the arguments would go" },
	{ "bt", NONE, take_explain, NULL, "as -bv" },
	{ "bd", NONE, take_daemon, NULL,
	  "refused: masqmaild is the daemon" },
	{ "bD", NONE, take_daemon, NULL, "as -bd" },
	{ "bl", NONE, take_daemon, NULL, "as -bd" },
	{ "bV", NONE, take_version, NULL, "say the version" },
	{ "-version", NONE, take_version, NULL, "as -bV" },
	{ "-help", NONE, take_help, NULL, "this text" },
	{ "q", ATTACHED, take_run, "TIME",
	  "try all queued mail now; a time is ignored" },
	{ "qf", NONE, take_run, NULL, "as -q" },
	{ "qff", NONE, take_run, NULL, "as -q" },
	{ "qI", VALUE, take_run_id, "ID", "try this message now" },
	{ "qo", VALUE, take_online, "PROFILE",
	  "we are online as this profile: say so, and try all now" },
	{ "qR", VALUE, take_run_recipient, "TEXT",
	  "try messages with such a recipient now" },
	{ "qS", VALUE, take_run_sender, "TEXT",
	  "try messages with such a sender now" },
	{ "M", NONE, take_retry, NULL, "try the messages named now" },
	{ "Mrm", NONE, take_delete, NULL, "delete the messages named" },
	{ "Mf", NONE, take_hold, NULL, "hold the messages named" },
	{ "Mt", NONE, take_release, NULL, "release the messages named" },
	{ "Mg", NONE, take_bounce, NULL, "return the messages named" },
	{ "Ac", NONE, NULL, NULL, "accepted, no effect" },
	{ "Am", NONE, NULL, NULL, "accepted, no effect" },
	{ "c", NONE, NULL, NULL, "accepted, no effect" },
	{ "E", NONE, NULL, NULL, "accepted, no effect" },
	{ "m", NONE, NULL, NULL, "accepted, no effect" },
	{ "n", NONE, NULL, NULL, "accepted, no effect" },
	{ "U", NONE, NULL, NULL, "accepted, no effect" },
	{ "x", NONE, NULL, NULL, "accepted, no effect" },
	{ "d", ATTACHED, NULL, "LEVEL", "accepted, no effect" },
	{ "D", VALUE, NULL, "FILE", "accepted; the file is not touched" },
	{ "e", VALUE, NULL, "MODE", "accepted, no effect" },
	{ "h", VALUE, NULL, "COUNT", "accepted, no effect" },
	{ "L", VALUE, NULL, "TAG", "accepted, no effect" },
	{ "o", VALUE, NULL, "OPTION", "other -o options have no effect" },
	{ "O", VALUE, take_key, "KEY=VALUE",
	  "REQUIRETLS=yes: only by servers that promise TLS all the way; "
	  "other keys have no effect" },
	{ "p", VALUE, NULL, "PROTOCOL", "accepted, no effect" },
	{ "X", VALUE, NULL, "FILE", "accepted; the file is not touched" },
	{ NULL, NONE, NULL, NULL, NULL },
};
