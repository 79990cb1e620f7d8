// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What needs no question to the server: whether it can take this message at
 * all, by what it said to EHLO, and in which form. Only a message of which
 * it is not plain is read for that, once more than it is sent.
 */
#include <string.h>

#include "common/address.h"
#include "common/text.h"
#include "daemon/worker/smtp-out.h"

/* What there is to know of a message and its addresses. */
typedef struct {
	gboolean utf8;      /* asked for, or an address needs it */
	gboolean maybe_8bit; /* nobody said that it is 7bit */
} Needs;

void
smtp_fit_clear(SmtpFit *fit)
{
	mime_plan_free(fit->plan);
	*fit = (SmtpFit){ 0 };
}

static Needs
needs_of(const Job *job)
{
	const char *body = job_option(job, "body");
	Needs needs = {
		.utf8 = smtp_option_is_set(job, "smtputf8") ||
			address_needs_utf8(job->sender),
		.maybe_8bit = g_strcmp0(body, "7bit") != 0,
	};

	for (guint i = 0; i < job->recipients->len && !needs.utf8; i++) {
		const JobRecipient *recipient = job->recipients->pdata[i];

		needs.utf8 = address_needs_utf8(recipient->address);
	}
	return needs;
}

static gboolean
judge_rest(Session *session, SmtpTrouble trouble, const char *detail)
{
	SmtpParties parties = session_parties(session, detail);

	return smtp_judge_rest(session, smtp_why_trouble(trouble, &parties));
}

static gboolean
judge_one(Session *session, JobRecipient *recipient, SmtpTrouble trouble)
{
	SmtpParties parties = session_parties(session, NULL);

	parties.recipient = recipient->address;
	return smtp_judge(session, recipient,
			  smtp_why_trouble(trouble, &parties));
}

/* --- reading the message --- */

static MimePlan *
read_message(Session *session)
{
	g_autoptr(MimePlan) plan = mime_plan_new();

	for (guint64 offset = 0;;) {
		g_autoptr(WirePacket) packet = worker_fetch(
			session->worker, session->job, offset, NULL);

		if (!packet) {
			session->stopped = TRUE;
			return NULL;
		}
		if (packet->size == 0)
			break;
		mime_plan_feed(plan, (const char *)packet->data,
			       packet->size);
		offset += packet->size;
	}
	mime_plan_finish(plan);
	return g_steal_pointer(&plan);
}

/* RFC 6152 3: it becomes 7 bits, or it fails. */
static gboolean
fit_bytes(Session *session, MimePlan *plan)
{
	if (!mime_plan_is_8bit(plan)) {
		mime_plan_free(plan);
		return TRUE;
	}
	session->fit.plan = plan;
	switch (mime_plan_fault(plan)) {
	case MIME_FAULT_NONE:
		return TRUE;
	case MIME_FAULT_HEADER:
		return judge_rest(session, SMTP_8BIT_HEADER, NULL);
	case MIME_FAULT_SIGNED:
		return judge_rest(session, SMTP_8BIT_SIGNED, NULL);
	case MIME_FAULT_SEALED:
	case MIME_FAULT_PARTS:
		return judge_rest(session, SMTP_8BIT_SEALED, NULL);
	}
	g_assert_not_reached();
}

static gboolean
fit_text(Session *session, Needs needs)
{
	const SmtpExtensions *known = session->extensions;
	gboolean names = needs.utf8 && !known->smtputf8;
	/* RFC 6531 3.1: who takes UTF-8 takes 8 bits. */
	gboolean takes_8bit = known->eightbitmime || session->fit.utf8;
	MimePlan *plan;

	if (!names && (takes_8bit || !needs.maybe_8bit))
		return TRUE;
	plan = read_message(session);
	if (!plan)
		return FALSE;
	if (names && mime_plan_header_is_8bit(plan)) {
		mime_plan_free(plan);
		return judge_rest(session, SMTP_NEEDS_UTF8, NULL);
	}
	if (!takes_8bit)
		return fit_bytes(session, plan);
	mime_plan_free(plan);
	return TRUE;
}

/* --- addresses --- */

static gboolean
has_ascii_form(const char *address)
{
	g_autofree char *ascii = smtp_ascii_address(address);

	return ascii != NULL;
}

static gboolean
fit_recipient(Session *session, JobRecipient *recipient)
{
	if (recipient->judged)
		return TRUE;
	if (!address_is_valid(recipient->address))
		return judge_one(session, recipient, SMTP_BAD_ADDRESS);
	if (session->fit.ascii && !has_ascii_form(recipient->address))
		return judge_one(session, recipient, SMTP_NEEDS_UTF8);
	return TRUE;
}

/* With nobody left to judge, what follows finds nobody either. */
static gboolean
fit_sender(Session *session)
{
	const char *sender = session->job->sender;

	if (!*sender)
		return TRUE;
	if (!address_is_valid(sender))
		return judge_rest(session, SMTP_BAD_SENDER, NULL);
	if (session->fit.ascii && !has_ascii_form(sender))
		return judge_rest(session, SMTP_NEEDS_UTF8, NULL);
	return TRUE;
}

/* RFC 8689 4.2.1: from end to end, or not at all. */
static gboolean
keeps_tls(const Session *session, const Job *job)
{
	return !smtp_option_is_set(job, "requiretls") ||
	       (session->extensions->requiretls && session->tls &&
		tls_is_verified(session->tls));
}

static gboolean
is_too_large(const Session *session, const Job *job)
{
	guint64 limit = session->extensions->size_limit;

	return limit && job->size > limit;
}

static gboolean
fit_session(Session *session)
{
	if (is_too_large(session, session->job)) {
		g_autofree char *limit =
			text_size(session->extensions->size_limit);

		return judge_rest(session, SMTP_TOO_LARGE, limit);
	}
	if (!keeps_tls(session, session->job))
		return judge_rest(session, SMTP_NEEDS_TLS, NULL);
	return TRUE;
}

static gboolean
is_judged(const Job *job)
{
	for (guint i = 0; i < job->recipients->len; i++) {
		const JobRecipient *recipient = job->recipients->pdata[i];

		if (!recipient->judged)
			return FALSE;
	}
	return TRUE;
}

gboolean
smtp_fit(Session *session, gboolean *ret_done)
{
	Job *job = session->job;
	Needs needs = needs_of(job);

	smtp_fit_clear(&session->fit);
	session->fit.utf8 = needs.utf8 && session->extensions->smtputf8;
	session->fit.ascii = needs.utf8 && !session->extensions->smtputf8;
	if (!fit_session(session) || !fit_sender(session))
		return FALSE;
	for (guint i = 0; i < job->recipients->len; i++)
		if (!fit_recipient(session, job->recipients->pdata[i]))
			return FALSE;
	*ret_done = is_judged(job);
	if (*ret_done)
		return TRUE;
	if (!fit_text(session, needs))
		return FALSE;
	*ret_done = is_judged(job);
	return TRUE;
}

gboolean
smtp_fits_plainly(const Session *session, const Job *job)
{
	Needs needs = needs_of(job);

	if (is_too_large(session, job) || !keeps_tls(session, job) ||
	    needs.utf8 ||
	    (needs.maybe_8bit && !session->extensions->eightbitmime) ||
	    (*job->sender && !address_is_valid(job->sender)))
		return FALSE;
	for (guint i = 0; i < job->recipients->len; i++) {
		const JobRecipient *recipient = job->recipients->pdata[i];

		if (!address_is_valid(recipient->address))
			return FALSE;
	}
	return job->recipients->len > 0;
}
