// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/report-people.h"

#include "common/header.h"
#include "common/text.h"

#define SUBJECT_MAX 120

/* @words with @one and @two (nullable) in place of each "%s". */
static char *
put_in(const char *words, const char *one, const char *two)
{
	g_auto(GStrv) parts = g_strsplit(words, "%s", 3);

	if (!parts[1])
		return g_strdup(words);
	return g_strconcat(parts[0], one, parts[1], parts[2] ? two : "",
			   parts[2], NULL);
}

static char *
put_number(const char *words, guint number)
{
	g_autofree char *digits = g_strdup_printf("%u", number);

	return put_in(words, digits, NULL);
}

static ReportReason
reason_of(const ReportRecipient *recipient)
{
	return report_reason(recipient->status, recipient->wait);
}

/* What the worker wrote is English, and says more than a table can. */
static const char *
sentence_of(const ReportFacts *facts, const ReportRecipient *recipient)
{
	if (*recipient->status->why &&
	    g_str_equal(facts->words->language, "en"))
		return recipient->status->why;
	return facts->words->reasons[reason_of(recipient)];
}

static void
describe_recipient(GString *out, const ReportFacts *facts,
		   const ReportRecipient *recipient)
{
	const Status *status = recipient->status;
	g_autofree char *answer = NULL;

	template_wrap(out, "  ", recipient->address);
	if (facts->kind != REPORT_RECEIPT)
		template_wrap(out, "    ", sentence_of(facts, recipient));
	if (!*status->text)
		return;
	answer = status->code && *status->host
			 ? put_in(facts->words->said, status->host,
				  status->text)
			 : g_strdup(status->text);
	template_wrap(out, "    ", answer);
}

static char *
describe_recipients(const ReportFacts *facts)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < facts->recipients->len; i++) {
		if (i)
			g_string_append_c(out, '\n');
		describe_recipient(out, facts, facts->recipients->pdata[i]);
	}
	return g_string_free(out, FALSE);
}

/* Advice for all of them; where they differ, the one for anything. */
static const char *
advice_of(const ReportFacts *facts)
{
	ReportReason reason = reason_of(facts->recipients->pdata[0]);

	for (guint i = 1; i < facts->recipients->len; i++)
		if (reason_of(facts->recipients->pdata[i]) != reason)
			reason = REASON_OTHER;
	return facts->words->advice[reason]
		       ? facts->words->advice[reason]
		       : facts->words->advice[REASON_OTHER];
}

/* The texts that stand for the variables of a template. */
typedef struct {
	char *title, *subject, *date, *to, *left;
	const char *advice, *attached, *host, *id;
	char *colon;
} Values;

static const struct {
	const char *name;
	gsize offset;
} value_names[] = {
	{ "title", G_STRUCT_OFFSET(Values, title) },
	{ "subject", G_STRUCT_OFFSET(Values, subject) },
	{ ":subject", G_STRUCT_OFFSET(Values, colon) },
	{ "date", G_STRUCT_OFFSET(Values, date) },
	{ "to", G_STRUCT_OFFSET(Values, to) },
	{ "left", G_STRUCT_OFFSET(Values, left) },
	{ "advice", G_STRUCT_OFFSET(Values, advice) },
	{ "attached", G_STRUCT_OFFSET(Values, attached) },
	{ "host", G_STRUCT_OFFSET(Values, host) },
	{ "id", G_STRUCT_OFFSET(Values, id) },
};

static const char *
value_of(const char *name, gconstpointer values)
{
	for (guint i = 0; i < G_N_ELEMENTS(value_names); i++)
		if (g_str_equal(value_names[i].name, name))
			return G_STRUCT_MEMBER(const char *, values,
					       value_names[i].offset);
	return NULL;
}

static char *
date_text(const ReportFacts *facts)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_offset(facts->zone);
	g_autoptr(GDateTime) utc =
		g_date_time_new_from_unix_utc(facts->arrived);
	g_autoptr(GDateTime) local =
		utc ? g_date_time_to_timezone(utc, zone) : NULL;

	return facts->words->date && local
		       ? g_date_time_format(local, facts->words->date)
		       : header_date(facts->arrived, facts->zone);
}

static char *
span_text(const ReportWords *words, gint64 seconds)
{
	if (seconds >= 2 * 86400)
		return put_number(words->days, (guint)(seconds / 86400));
	if (seconds >= 2 * 3600)
		return put_number(words->hours, (guint)(seconds / 3600));
	return put_number(words->minutes, (guint)(seconds / 60));
}

static void
values_fill(Values *values, const ReportFacts *facts)
{
	const ReportRecipient *first = facts->recipients->pdata[0];
	guint n = facts->recipients->len;

	values->subject = text_harmless_clipped(facts->subject, SUBJECT_MAX);
	values->title = *values->subject ? put_in(facts->words->title,
						  values->subject, NULL)
					 : g_strdup("");
	values->colon = *values->subject
				? g_strconcat(": ", values->subject, NULL)
				: g_strdup("");
	values->date = date_text(facts);
	values->to = n == 1 ? g_strdup(first->address)
			    : put_number(facts->words->several, n);
	values->left = span_text(facts->words, facts->left);
	values->advice = advice_of(facts);
	values->attached = facts->words->attached[facts->full];
	values->host = facts->host;
	values->id = facts->id;
}

static void
values_clear(Values *values)
{
	g_free(values->title);
	g_free(values->subject);
	g_free(values->colon);
	g_free(values->date);
	g_free(values->to);
	g_free(values->left);
}

static const char *
template_of(const ReportFacts *facts)
{
	const char *own = facts->templates
				  ? templates_find(facts->templates,
						   facts->kind,
						   facts->language)
				  : NULL;

	return own ? own : facts->words->texts[facts->kind];
}

char *
report_people_text(const ReportFacts *facts)
{
	g_autofree char *block = describe_recipients(facts);
	Values values = { NULL };
	char *text;

	values_fill(&values, facts);
	text = template_text(template_of(facts), value_of, &values, block);
	values_clear(&values);
	return text;
}

char *
report_subject(const ReportFacts *facts)
{
	g_autofree char *subject = NULL;
	Values values = { NULL };

	values_fill(&values, facts);
	subject = template_subject(template_of(facts), value_of, &values);
	if (!*subject) {
		g_free(subject);
		subject = template_subject(facts->words->texts[facts->kind],
					   value_of, &values);
	}
	values_clear(&values);
	return text_harmless_clipped(subject, 2 * SUBJECT_MAX);
}
