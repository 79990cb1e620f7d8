// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * smtp-out: one next hop, one batch of messages over one connection. The
 * dialogue reads top to bottom here; each step is in a file of its own.
 *
 * What is told to the engine, and when:
 *	a fault before MAIL was answered	Report with the fault's keys,
 *						no verdict: it costs no try
 *	no such domain, for good		Verdict for all
 *	a recipient, or the message, refused	Verdict, and on we go
 *	a fault after MAIL was answered		Verdict for all not yet judged
 *	broken between final dot and reply	the same: they may get it twice
 *	the engine gone, or a stop asked for	nothing: it knows
 */
#include "daemon/worker/smtp-out.h"

#include <stdlib.h>
#include <string.h>

#define REPLY_CLOSING 421

static void
report_facts(Session *session)
{
	g_autofree char *described =
		smtp_extensions_describe(session->extensions);
	g_auto(GStrv) extensions = g_strsplit(described, " ", -1);
	const char *login = session->mechanism ? session->mechanism : "";
	GVariantDict facts;

	g_variant_dict_init(&facts, NULL);
	g_variant_dict_insert(&facts, "host", "s", session->peer);
	g_variant_dict_insert(&facts, "tls", "s", session->security);
	g_variant_dict_insert(&facts, "verified", "b",
			      session->tls && tls_is_verified(session->tls));
	g_variant_dict_insert(&facts, "login", "s", login);
	g_variant_dict_insert(&facts, "extensions", "^as", extensions);
	g_variant_dict_insert(&facts, "connect", "u",
			      (guint32)session->connect_ms);
	worker_report(session->worker, g_variant_dict_end(&facts), NULL);
}

/* A server that still listens gets its QUIT; its answer changes nothing. */
static void
say_goodbye(Session *session)
{
	g_autoptr(SmtpReply) reply = NULL;
	gboolean listens = !session->fault ||
			   (session->fault->code &&
			    session->fault->code != REPLY_CLOSING);

	/* With DATA sent ahead it would be a line of a message. */
	if (!session->stream || session->stopped || !listens ||
	    session->ahead)
		return;
	session_deadline(session, SMTP_QUIT_SECONDS);
	if (session_write(session, "QUIT\r\n", strlen("QUIT\r\n")))
		reply = session_read(session);
}

static gboolean
try_target(Session *session, const SmtpTarget *target)
{
	session_aim(session, target);
	return smtp_connect(session) && session_record_connection(session) &&
	       smtp_greet(session) &&
	       smtp_start_tls(session) && smtp_authenticate(session);
}

/*
 * Whether the next of several hosts may do better. A refused login is not
 * tried elsewhere: that is how accounts get locked.
 */
static gboolean
next_may_do(const Session *session)
{
	return !session->stopped && session->fault->fault != FAULT_ROUTE;
}

/* What the best host did is told, unless only the network was in the way. */
static void
keep_fault(Session *session, Status **first)
{
	if (*first && (*first)->fault != FAULT_NETWORK) {
		g_clear_pointer(&session->fault, status_free);
		return;
	}
	status_free(*first);
	*first = g_steal_pointer(&session->fault);
}

static gboolean
try_targets(Session *session)
{
	gint64 end = g_get_monotonic_time() +
		     SMTP_HOSTS_SECONDS * G_USEC_PER_SEC;
	g_autoptr(Status) first = NULL;

	for (guint i = 0; i < session->targets->len; i++) {
		gboolean last = i + 1 == session->targets->len ||
				g_get_monotonic_time() >= end;

		if (try_target(session, session->targets->pdata[i]))
			return TRUE;
		if (!next_may_do(session))
			return FALSE;
		if (last)
			break;
		say_goodbye(session);
		session_disconnect(session);
		keep_fault(session, &first);
	}
	keep_fault(session, &first);
	session->fault = g_steal_pointer(&first);
	return FALSE;
}

static gboolean
open_connection(Session *session)
{
	session_record_attempt(session);
	if (!smtp_find_targets(session) || !try_targets(session))
		return FALSE;
	report_facts(session);
	return TRUE;
}

static gboolean
send_message(Session *session)
{
	session_record_message(session);
	/*
	 * Each turn has somebody accepted or nobody left, or is the one
	 * after BDAT was not known, so it ends.
	 */
	do {
		if (!smtp_send_envelope(session))
			return FALSE;
		if (session->accepted->len > 0 && !smtp_send_body(session))
			return FALSE;
	} while (session->again && session->stream);
	session->messages++;
	return TRUE;
}

/*
 * Some servers take one message, or a few, and hang up: between messages
 * that is no fault.
 */
static gboolean
is_used_up(const Session *session)
{
	const Status *fault = session->fault;

	return !session->stopped && session->messages > 0 &&
	       !session->begun &&
	       (fault->code == REPLY_CLOSING ||
		g_str_equal(fault->enhanced, "4.4.2"));
}

/* Whether the connection can carry the job's message, too. */
static gboolean
is_reusable(Session *session)
{
	if (!session->stream)
		return FALSE;
	if (!smtp_is_misled(session) &&
	    !smtp_is_full(session, session->messages))
		return TRUE;
	say_goodbye(session);
	session_disconnect(session);
	return FALSE;
}

static gboolean
deliver(Session *session)
{
	session->begun = FALSE;
	session_record_job(session);
	if (!smtp_rewrite(session))
		return FALSE;
	if (session->route->protocol == SMTP_PIPE)
		return smtp_pipe(session);
	if (is_reusable(session)) {
		if (send_message(session))
			return TRUE;
		if (!is_used_up(session))
			return FALSE;
		session_disconnect(session);
		g_clear_pointer(&session->fault, status_free);
	}
	return open_connection(session) && send_message(session);
}

/*
 * Before any mail: what may be the network's doing is told with its sign.
 * The name service is asked last, for it may take its time.
 */
static void
report_fault(Session *session)
{
	g_autoptr(GVariant) fault =
		g_variant_ref_sink(status_to_variant(session->fault));
	GVariantDict facts;

	g_variant_dict_init(&facts, fault);
	g_variant_dict_insert(&facts, "sign", "s", smtp_portal_sign(session));
	if (!worker_report(session->worker, g_variant_dict_end(&facts), NULL) ||
	    !smtp_portal_answers_all(session))
		return;
	g_variant_dict_init(&facts, NULL);
	g_variant_dict_insert(&facts, "sign", "s", "one-address");
	g_variant_dict_insert(&facts, "why", "s", session->fault->why);
	worker_report(session->worker, g_variant_dict_end(&facts), NULL);
}

/* What stopped the batch, told as the table above says. */
static void
tell_fault(Session *session)
{
	if (session->stopped || !session->fault)
		return;
	/* What is final is of these recipients, and costs them their try. */
	if (session->begun || session->fault->outcome == OUTCOME_FAILED)
		smtp_judge_rest(session, status_copy(session->fault));
	else
		report_fault(session);
}

/* What no host could say was about one message: others get their turn. */
static gboolean
may_go_on(const Session *session)
{
	return !session->stopped && !session->stream && session->fault &&
	       session->fault->outcome == OUTCOME_FAILED;
}

static void
run(Session *session)
{
	gboolean good;
	Job *job;

	while ((job = worker_next_job(session->worker, NULL))) {
		job_free(session->job);
		session->job = job;
		good = deliver(session);
		if (!good)
			tell_fault(session);
		session_tell_transcript(session, job);
		if (good)
			continue;
		if (!may_go_on(session))
			break;
		g_clear_pointer(&session->fault, status_free);
	}
	say_goodbye(session);
}

/* Where GSSAPI looks for a ticket, in user mode: only there we are told. */
static const char *
ticket_file(void)
{
	const char *name = g_getenv("KRB5CCNAME");

	if (!name)
		return "/etc";
	return g_str_has_prefix(name, "FILE:") ? name + strlen("FILE:") : name;
}

static gboolean
confine(Session *session, GError **error)
{
	/* Opened at the handshake, and a user's own may be anywhere. */
	const SandboxPath paths[] = {
		{ session->route->ca_file ? session->route->ca_file : "/etc",
		  SANDBOX_READ },
		{ ticket_file(), SANDBOX_READ },
		{ g_getenv("KRB5_CONFIG") ? g_getenv("KRB5_CONFIG") : "/etc",
		  SANDBOX_READ },
	};

	return worker_confine(session->worker, paths, G_N_ELEMENTS(paths),
			      error);
}

int
main(int argc, char **argv)
{
	g_autoptr(Worker) worker = worker_start(argc, argv);
	g_autoptr(GError) error = NULL;
	SmtpRoute *route = smtp_route_load(worker, &error);
	g_autoptr(Session) session = session_new(worker, route);

	if (route && confine(session, &error)) {
		run(session);
		return EXIT_SUCCESS;
	}
	session_trouble(session, SMTP_TLS_SETUP, error->message);
	tell_fault(session);
	return EXIT_FAILURE;
}
