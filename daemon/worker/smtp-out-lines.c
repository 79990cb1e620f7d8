// SPDX-License-Identifier: GPL-2.0-or-later
/* MAIL and RCPT, with what this server's extensions let us say. */
#include <string.h>

#include "common/address.h"
#include "daemon/worker/smtp-out.h"

gboolean
smtp_option_is_set(const Job *job, const char *key)
{
	const char *value = job_option(job, key);

	return value && !g_str_equal(value, "no") &&
	       !g_str_equal(value, "false") && !g_str_equal(value, "0");
}

char *
smtp_ascii_address(const char *address)
{
	const char *domain = address_domain(address);
	gsize local = strlen(address) - strlen(domain);
	g_autofree char *name = NULL;

	for (gsize i = 0; i < local; i++)
		if (address[i] & 0x80)
			return NULL;
	if (g_str_is_ascii(domain))
		return g_strdup(address);
	name = dns_host_name(domain, NULL);
	return name ? g_strdup_printf("%.*s%s", (int)local, address, name)
		    : NULL;
}

/* (transfer full). @address as it is said here. */
static char *
path_of(const SmtpFit *fit, const char *address)
{
	char *ascii = fit->ascii ? smtp_ascii_address(address) : NULL;

	return ascii ? ascii : g_strdup(address);
}

static void
append_upper(GString *line, const char *keyword, const char *value)
{
	g_autofree char *upper = g_ascii_strup(value, -1);

	g_string_append_printf(line, " %s=%s", keyword, upper);
}

static void
append_mail_dsn(GString *line, const Job *job)
{
	const char *ret = job_option(job, "ret");
	const char *envid = job_option(job, "envid");

	if (ret && (g_str_equal(ret, "full") || g_str_equal(ret, "hdrs")))
		append_upper(line, "RET", ret);
	if (envid) {
		g_autofree char *xtext = smtp_xtext_encode(envid);

		g_string_append_printf(line, " ENVID=%s", xtext);
	}
}

/* RFC 5321 MAIL with what RFC 1870, 6152, 6531, 8689 and 3461 may add. */
char *
smtp_mail_line(const Session *session, const SmtpFit *fit, const Job *job)
{
	const SmtpExtensions *known = session->extensions;
	const char *body = job_option(job, "body");
	g_autofree char *path = path_of(fit, job->sender);
	GString *line = g_string_new(NULL);

	g_string_printf(line, "MAIL FROM:<%s>", path);
	/* What a conversion will make of it is not known yet. */
	if (known->size && !fit->plan)
		g_string_append_printf(line, " SIZE=%" G_GUINT64_FORMAT,
				       job->size);
	if (known->eightbitmime && g_strcmp0(body, "8bitmime") == 0)
		g_string_append(line, " BODY=8BITMIME");
	if (fit->utf8)
		g_string_append(line, " SMTPUTF8");
	if (known->requiretls && smtp_option_is_set(job, "requiretls"))
		g_string_append(line, " REQUIRETLS");
	if (known->dsn)
		append_mail_dsn(line, job);
	return g_string_free(g_string_append(line, "\r\n"), FALSE);
}

static const char *
recipient_option(const JobRecipient *recipient, const char *key)
{
	return g_hash_table_lookup(recipient->options, key);
}

/* "never", or words with commas between: they came from outside once. */
static gboolean
is_notify(const char *words)
{
	return *words && strspn(words, "abcdefghijklmnopqrstuvwxyz,") ==
				 strlen(words);
}

/* RFC 6533 3, utf-8-addr-xtext: for who does not take UTF-8. */
static char *
utf8_xtext(const char *text)
{
	GString *xtext = g_string_new(NULL);

	for (; *text; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);

		if (c > ' ' && c < 0x7f && c != '+' && c != '=' && c != '\\')
			g_string_append_unichar(xtext, c);
		else
			g_string_append_printf(xtext, "\\x{%02X}", c);
	}
	return g_string_free(xtext, FALSE);
}

/* "rfc822;ada@x" as the value of ORCPT; an address beyond ASCII is utf-8. */
static void
append_orcpt(GString *line, const char *orcpt)
{
	const char *address = strchr(orcpt, ';');
	g_autofree char *xtext = NULL;

	if (!address || !g_utf8_validate(orcpt, -1, NULL))
		return;
	if (g_str_is_ascii(address + 1)) {
		xtext = smtp_xtext_encode(address + 1);
		g_string_append_printf(line, " ORCPT=%.*s;%s",
				       (int)(address - orcpt), orcpt, xtext);
		return;
	}
	xtext = utf8_xtext(address + 1);
	g_string_append_printf(line, " ORCPT=utf-8;%s", xtext);
}

static void
append_rcpt_dsn(GString *line, const JobRecipient *recipient)
{
	const char *notify = recipient_option(recipient, "notify");
	const char *orcpt = recipient_option(recipient, "orcpt");

	if (notify && is_notify(notify))
		append_upper(line, "NOTIFY", notify);
	if (orcpt)
		append_orcpt(line, orcpt);
}

char *
smtp_rcpt_line(const Session *session, const SmtpFit *fit,
	       const JobRecipient *recipient)
{
	g_autofree char *path = path_of(fit, recipient->address);
	GString *line = g_string_new(NULL);

	g_string_printf(line, "RCPT TO:<%s>", path);
	if (session->extensions->dsn)
		append_rcpt_dsn(line, recipient);
	return g_string_free(g_string_append(line, "\r\n"), FALSE);
}
