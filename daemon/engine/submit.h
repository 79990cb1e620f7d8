// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a message comes in: envelope, data, commit. The one place that
 * decides whether a submission is taken and to whom it may go: by who hands
 * it in, never by what a worker claims. All ways in are this one way: the
 * sendmail command, SMTP sessions, reports and dropped files.
 *
 * A refusal is a GError of WIRE_ERROR_REMOTE, "5.7.1 Sentence."
 */
#ifndef MASQMAIL_ENGINE_SUBMIT_H
#define MASQMAIL_ENGINE_SUBMIT_H

#include "daemon/engine/server.h"

/* Who hands it in. Strings are borrowed. */
typedef struct {
	uid_t uid;
	gboolean identified;  /* else it is for our mailboxes only */
	gboolean near;        /* but of a trusted local network: for all */
	const char *origin;   /* "sendmail", "esmtp", "drop", "report" */
	const char *peer;     /* address of a TCP client, or "" */
} Submitter;

/*
 * Begin. @options is the a{sv} of Submit. NULL with a refusal when there is
 * no room, the size is too large or the sender is malformed.
 */
Submission *submission_new(Engine *engine, const Submitter *submitter,
			   const char *sender, GVariant *options,
			   GError **error);
/* Abandon. Takes NULL. */
void submission_free(Submission *submission);

/* Options that only the data told, as Describe's. */
void submission_describe(Submission *submission, GVariant *options);

/* Add a recipient; @options is the a{sv} of Recipient (nullable). */
gboolean submission_add(Submission *submission, const char *address,
			GVariant *options, GError **error);

/* The next bytes of the message. A failure is told at commit. */
void submission_write(Submission *submission, const void *bytes,
		      gsize size);

/* @id is 0 and @error the refusal when it was not taken. */
typedef void (*SubmissionDone)(gpointer data, guint64 id,
			       const GError *error);

/*
 * All @size bytes were written: make it durable. Takes @submission over;
 * @done comes from the main loop, or at once when it is refused.
 */
void submission_commit(Submission *submission, guint64 size,
		       SubmissionDone done, gpointer data);

/*
 * This is a report; nobody but the engine can say so. It has the null sender
 * and may go to @to and @also (nullable) alone.
 */
void submission_set_report(Submission *submission, const char *to,
			   const char *also);

/* An option that only the engine may set, such as "answers". */
void submission_set_option(Submission *submission, const char *key,
			   const char *value);

/*
 * (transfer full) (nullable): the address with our domain if it has none;
 * NULL when it is none.
 */
char *submit_complete(const Engine *engine, const char *address);

/*
 * Whether mail of somebody who is @identified or not may go to @address,
 * which is complete; else a refusal.
 */
gboolean submit_may_go_to(const Engine *engine, gboolean identified,
			  const char *address, GError **error);

/* A data packet of a connection. */
void submit_data(Connection *connection, const void *bytes, gsize size);

#endif
