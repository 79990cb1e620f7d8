// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What came of trying to deliver to one recipient: an outcome, never a
 * GError. A worker makes it from a server's reply or from what a mailbox
 * said, it travels in Verdict, rests in the queue log and is shown with
 * every waiting message: a plain sentence first, then the raw answer.
 */
#ifndef MASQMAIL_COMMON_STATUS_H
#define MASQMAIL_COMMON_STATUS_H

#include <glib.h>

#define STATUS_MAX_TEXT 1000 /* characters of any field */

typedef enum {
	OUTCOME_NONE,      /* not tried yet */
	OUTCOME_DELIVERED, /* 2.x.x: the next hop or the mailbox has it */
	OUTCOME_DEFERRED,  /* 4.x.x: try again later */
	OUTCOME_FAILED,    /* 5.x.x: never with this address or message */
} Outcome;

/* Whose fault a failure is: it decides what is counted and what waits. */
typedef enum {
	FAULT_NONE,
	FAULT_RECIPIENT, /* this address; others of the message may go */
	FAULT_MESSAGE,   /* this message; other mail may go */
	FAULT_HOST,      /* this next hop; other hosts may answer */
	FAULT_ROUTE,     /* login, certificate, configuration: nobody's mail
	                    goes by this route until it is mended */
	FAULT_NETWORK,   /* this place: nothing is counted */
} Fault;

typedef struct {
	Outcome outcome;
	Fault fault;
	guint code;     /* SMTP reply code; 0 when no server spoke */
	char *enhanced; /* RFC 3463 code such as "4.1.2"; never NULL */
	char *text;     /* the raw answer, harmless UTF-8; never NULL */
	char *why;      /* one plain sentence for people; never NULL */
	char *host;     /* who said so, "host:port" or a path; never NULL */
	char *tls;      /* "TLSv1.3 verified", ... or ""; never NULL */
	char *remote_id; /* the next hop's own id, "" when it told none */
} Status;

/*
 * A new status (transfer full); NULL strings become "". @enhanced must
 * begin with the class that belongs to @outcome; it is set to x.0.0 when
 * NULL. Foreign text is made harmless (text.h) here, once.
 */
Status *status_new(Outcome outcome, Fault fault, guint code,
		   const char *enhanced, const char *text, const char *why);
Status *status_copy(const Status *status);
void status_free(Status *status);

/* Words of the wire and of the queue log: "deferred", "host", ... */
const char *outcome_name(Outcome outcome);
const char *fault_name(Fault fault);
Outcome outcome_from_name(const char *name); /* OUTCOME_NONE if unknown */
Fault fault_from_name(const char *name);     /* FAULT_NONE if unknown */

/*
 * The a{sv} of Verdict and Show: outcome, fault, enhanced, text, why, host,
 * tls, remote-id (s) and code (u). Returns a floating variant.
 */
GVariant *status_to_variant(const Status *status);

/* (transfer full). Missing keys are empty; an unknown outcome is NONE. */
Status *status_from_variant(GVariant *dictionary);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Status, status_free)

#endif
