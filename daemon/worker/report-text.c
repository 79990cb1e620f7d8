// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/report-text.h"

#include <string.h>

#include "common/address.h"
#include "common/header.h"
#include "common/text.h"
#include "daemon/worker/report-people.h"

#define QP_LINE 74

ReportRecipient *
report_recipient_new(const char *address, const char *original, gint64 last_try,
		     Status *status, const char *wait)
{
	ReportRecipient *recipient = g_new0(ReportRecipient, 1);

	recipient->address = g_strdup(address);
	recipient->original = g_strdup(original);
	recipient->last_try = last_try;
	recipient->status = status;
	recipient->wait = g_strdup(wait);
	return recipient;
}

void
report_recipient_free(ReportRecipient *recipient)
{
	if (!recipient)
		return;
	g_free(recipient->address);
	g_free(recipient->original);
	g_free(recipient->action);
	g_free(recipient->wait);
	status_free(recipient->status);
	g_free(recipient);
}

char *
report_boundary(guint64 chance1, guint64 chance2)
{
	/* "=_" stands in no text that quoted-printable or base64 made. */
	return g_strdup_printf("=_%016" G_GINT64_MODIFIER
			       "x%016" G_GINT64_MODIFIER "x",
			       chance1, chance2);
}

gboolean
report_is_8bit(const ReportFacts *facts)
{
	return facts->smtputf8 || facts->original_8bit;
}

/* RFC 2045 6.7, for LF lines, which become CRLF. */
static void
append_quoted_printable(GString *out, const char *text)
{
	guint column = 0;

	for (; *text; text++) {
		guchar c = *text;
		gboolean ends = text[1] == '\n' || !text[1];
		gboolean plain = c > ' ' && c < 0x7f && c != '=';

		if (c == '\n') {
			g_string_append(out, "\r\n");
			column = 0;
			continue;
		}
		if (column + 3 > QP_LINE) {
			g_string_append(out, "=\r\n");
			column = 0;
		}
		if (plain || (c == ' ' && !ends)) {
			g_string_append_c(out, c);
			column++;
		} else {
			g_string_append_printf(out, "=%02X", c);
			column += 3;
		}
	}
}

static void
append_paragraph(GString *out, const ReportFacts *facts)
{
	g_autofree char *text = report_people_text(facts);

	g_string_append_printf(
		out,
		"--%s\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Content-Disposition: inline\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
		facts->boundary);
	append_quoted_printable(out, text);
	g_string_append(out, "\r\n");
}

/* --- the fields for programs --- */

/* "Name: value", the value on one line and, unless @utf8, in ASCII. */
static void append_field(GString *out, gboolean utf8, const char *name,
			 const char *format, ...) G_GNUC_PRINTF(4, 5);

static void
append_field(GString *out, gboolean utf8, const char *name, const char *format,
	     ...)
{
	g_autofree char *value = NULL, *plain = NULL;
	va_list arguments;

	va_start(arguments, format);
	value = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	plain = text_harmless(value);
	for (char *at = plain; *at && !utf8; at++)
		if (*at & 0x80)
			*at = '?';
	g_string_append_printf(out, "%s: %s\r\n", name, plain);
}

static void
append_date(GString *out, const ReportFacts *facts, const char *name,
	    gint64 when)
{
	g_autofree char *date = header_date(when, facts->zone);

	if (when > 0)
		append_field(out, FALSE, name, "%s", date);
}

/* "host:port" as Status tells it: the host; a path has none. */
static char *
remote_host(const Status *status)
{
	const char *colon = strrchr(status->host, ':');

	if (!*status->host || *status->host == '/' || !status->code)
		return NULL;
	return colon ? g_strndup(status->host, colon - status->host)
		     : g_strdup(status->host);
}

static gboolean
is_failure(const ReportFacts *facts)
{
	return facts->kind == REPORT_BOUNCE || facts->kind == REPORT_DOUBLE;
}

/* RFC 3464 2.3.4: three numbers, of class 5 for what has failed, else 4. */
static const char *
status_code(const ReportFacts *facts, const Status *status)
{
	const char *fallback = is_failure(facts) ? "5.0.0" : "4.4.0";
	guint dots = 0;

	for (const char *at = status->enhanced; *at; at++) {
		dots += *at == '.';
		if (!g_ascii_isdigit(*at) && *at != '.')
			return fallback;
	}
	if (facts->kind == REPORT_RECEIPT)
		return dots == 2 && *status->enhanced == '2'
			       ? status->enhanced
			       : "2.0.0";
	if (dots != 2 || *status->enhanced == '2')
		return fallback;
	if (!is_failure(facts))
		return *status->enhanced == '4' ? status->enhanced : fallback;
	/* What was tried for as long as it may be. */
	return *status->enhanced == '4' ? "5.4.7" : status->enhanced;
}

static const char *
action_of(const ReportFacts *facts, const ReportRecipient *recipient)
{
	if (facts->kind == REPORT_RECEIPT)
		return recipient->action ? recipient->action : "relayed";
	return is_failure(facts) ? "failed" : "delayed";
}

static void
append_recipient(GString *out, const ReportFacts *facts,
		 const ReportRecipient *recipient)
{
	const Status *status = recipient->status;
	gboolean utf8 = facts->smtputf8;
	g_autofree char *remote = remote_host(status);

	g_string_append(out, "\r\n");
	if (*recipient->original)
		append_field(out, utf8, "Original-Recipient", "%s",
			     recipient->original);
	append_field(out, utf8, "Final-Recipient", "%s; %s",
		     address_needs_utf8(recipient->address) ? "utf-8"
							    : "rfc822",
		     recipient->address);
	append_field(out, FALSE, "Action", "%s",
		     action_of(facts, recipient));
	append_field(out, FALSE, "Status", "%s", status_code(facts, status));
	if (remote)
		append_field(out, utf8, "Remote-MTA", "dns; %s", remote);
	if (*status->text)
		append_field(out, utf8, "Diagnostic-Code", "%s; %s",
			     status->code ? "smtp" : "x-masqmail",
			     status->text);
	append_date(out, facts, "Last-Attempt-Date", recipient->last_try);
	if (facts->kind == REPORT_DELAY)
		append_date(out, facts, "Will-Retry-Until",
			    facts->now + facts->left);
}

static void
append_status(GString *out, const ReportFacts *facts)
{
	gboolean utf8 = facts->smtputf8;

	g_string_append_printf(out, "--%s\r\nContent-Type: message/%s\r\n",
			       facts->boundary,
			       utf8 ? "global-delivery-status\r\n"
				      "Content-Transfer-Encoding: 8bit"
				    : "delivery-status");
	g_string_append(out, "\r\n");
	append_field(out, utf8, "Reporting-MTA", "dns; %s", facts->host);
	if (facts->envid && *facts->envid)
		append_field(out, utf8, "Original-Envelope-Id", "%s",
			     facts->envid);
	append_date(out, facts, "Arrival-Date", facts->arrived);
	for (guint i = 0; i < facts->recipients->len; i++)
		append_recipient(out, facts, facts->recipients->pdata[i]);
	g_string_append(out, "\r\n");
}

/* --- the frame --- */

/* RFC 2045 6.4: a whole that holds 8-bit parts says so itself. */
static const char *
encoding_line(gboolean is_8bit)
{
	return is_8bit ? "Content-Transfer-Encoding: 8bit\r\n" : "";
}

static void
append_header(GString *out, const ReportFacts *facts)
{
	g_autofree char *date = header_date(facts->now, facts->zone);
	g_autofree char *plain = report_subject(facts);
	g_autofree char *subject =
		g_str_is_ascii(plain) ? g_strdup(plain) : header_phrase(plain);

	g_string_append_printf(out,
			       "Date: %s\r\nFrom: Mail Delivery System "
			       "<MAILER-DAEMON@%s>\r\nTo: %s\r\nSubject: %s\r\n"
			       "Message-ID: <%" G_GINT64_FORMAT
			       ".%016" G_GINT64_MODIFIER "x@%s>\r\n",
			       date, facts->host, facts->to, subject,
			       facts->now, facts->chance, facts->host);
	if (*facts->message_id)
		g_string_append_printf(out,
				       "In-Reply-To: %s\r\nReferences: %s\r\n",
				       facts->message_id, facts->message_id);
	g_string_append_printf(
		out,
		"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/report; "
		"report-type=delivery-status;\r\n\tboundary=\"%s\"\r\n%s\r\n",
		facts->boundary, encoding_line(report_is_8bit(facts)));
}

static const char *
original_type(const ReportFacts *facts)
{
	if (facts->full)
		return facts->smtputf8 ? "message/global" : "message/rfc822";
	return facts->smtputf8 ? "message/global-headers"
			       : "text/rfc822-headers";
}

GString *
report_begin(const ReportFacts *facts)
{
	GString *out = g_string_new(NULL);

	append_header(out, facts);
	g_string_append(out, "This is a MIME message; its first part is for "
			     "people.\r\n\r\n");
	append_paragraph(out, facts);
	append_status(out, facts);
	g_string_append_printf(out, "--%s\r\nContent-Type: %s\r\n%s\r\n",
			       facts->boundary, original_type(facts),
			       encoding_line(facts->original_8bit));
	return out;
}

char *
report_end(const ReportFacts *facts)
{
	return g_strdup_printf("\r\n--%s--\r\n", facts->boundary);
}
