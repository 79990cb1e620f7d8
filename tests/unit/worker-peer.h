// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For tests: start a real worker as the parent does and play the engine on
 * its socket. One job is given out; what the worker fetches comes from
 * memory, what it submits and judges is kept.
 */
#ifndef MASQMAIL_TESTS_WORKER_PEER_H
#define MASQMAIL_TESTS_WORKER_PEER_H

#include <sys/types.h>

#include <glib.h>

typedef struct {
	/* What to play; set before worker_peer_run. */
	char *program;       /* path of the worker */
	const char *name; /* its argument */
	const char *config; /* text of masqmail.conf */
	const char *home; /* (nullable) HOME */
	int client_fd; /* for smtp-in, (transfer full); or -1 */
	GVariant *job; /* a{sv}; NULL: there is none */
	const char *bytes; /* the message to fetch */
	gsize size;
	const char *refuse; /* method to refuse, "" for none */
	const char *refusal[2]; /* enhanced code and sentence */
	guint dies_after; /* close after so many packets; 0: never */
	/* What came of it. */
	GPtrArray *calls; /* of char *: "Submit ('', {...})" */
	GByteArray *data; /* submitted and committed */
	GHashTable *verdicts; /* number -> Status */
	int exit_code;
	long peak_kib;           /* resident memory, at its last verdict */
	gboolean sanitized;  /* it says nothing about the real program's */
} WorkerPeer;

/* @program (transfer full). */
WorkerPeer *worker_peer_new(char *program);
void worker_peer_free(WorkerPeer *peer);

/* Play until the worker exits. */
void worker_peer_run(WorkerPeer *peer);

/* The same in two steps, when the test has a client to play, too. */
void worker_peer_start(WorkerPeer *peer);
void worker_peer_finish(WorkerPeer *peer);

/* Answer what the worker asked so far; FALSE: it is gone. */
gboolean worker_peer_serve(WorkerPeer *peer, int milliseconds);

/*
 * Whether its peak was under @kib. A program with sanitizers cannot say so
 * of the real one.
 */
gboolean worker_peer_was_small(const WorkerPeer *peer, long kib);

/* How many calls begin with @prefix. */
guint worker_peer_count(const WorkerPeer *peer, const char *prefix);

#endif
