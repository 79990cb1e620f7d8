// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What parent and engine say to each other: one fixed struct a packet over a
 * SOCK_SEQPACKET pair, with descriptors attached. There is nothing to parse,
 * so nothing to parse wrongly. The only module that knows the layout; both
 * sides are of one build.
 *
 * The engine asks, the parent answers:
 *
 *	SPAWN	kind, job, name; descriptors: the worker's end of a socket
 *		pair, and for smtp-in the client's socket
 *	STARTED	job, result 0 and its pid; or result an errno, and then
 *		nothing runs and no EXITED follows
 *	EXITED	job, result the status as of waitpid; once for each job that
 *		was started
 *	KILL	job, result the signal: SIGTERM or SIGKILL
 *	LISTEN	name "submit"; or an entry of Listen= as it is written there
 *		with one address: the parent takes the port from its own
 *		reading of the configuration. Answered by LISTEN with the
 *		same name and address, result 0 and the listening socket, or
 *		result an errno
 *	DROP	from the parent: name, uid of its owner; descriptor: a file
 *		of the drop directory, to be read with drop_read
 *	DROPPED	name: this file is safe in the queue (or never will be), it
 *		can go; result an errno when it is to be kept and tried again
 *
 * A packet that is not exactly so ends the parent.
 *
 * Some workers have a socket of their own to the parent, for what the engine
 * has no part in. They ask, again in fixed structs:
 *
 *	RUN	key, argument, number, values; descriptors: one end of a
 *		socket pair, then what the command finds as standard input,
 *		output and error. Which command that is, and as whom it
 *		runs, is for the parent to read in the file that the key
 *		means for this kind and name of worker (command-rule.c).
 *
 * All more is said over that pair: one PrivAnswer when the command has
 * ended or could not be started. A worker that closes its end, or dies,
 * ends the command and all of its process group. A packet that is not
 * exactly so ends the worker.
 */
#ifndef MASQMAIL_DAEMON_PRIV_H
#define MASQMAIL_DAEMON_PRIV_H

#include <glib.h>

#define PRIV_ERROR (priv_error_quark())
GQuark priv_error_quark(void);

typedef enum {
	PRIV_ERROR_CLOSED,	/* the other side is gone */
	PRIV_ERROR_INVALID,	/* not a packet of ours: trust it no more */
} PrivError;

typedef enum {
	PRIV_SPAWN = 1,
	PRIV_STARTED,
	PRIV_EXITED,
	PRIV_KILL,
	PRIV_LISTEN,
	PRIV_DROP,
	PRIV_DROPPED,
} PrivOp;

/* What name means, and so whose files and which uid. */
typedef enum {
	PRIV_NO_KIND,
	PRIV_SMTP_OUT,	/* a route: routes/NAME.conf, secrets/NAME */
	PRIV_SMTP_IN,	/* a listener */
	PRIV_LOCAL,	/* a user of this machine */
	PRIV_ALIAS,	/* the same worker as the user of AliasUser=, for
			   commands and files of the aliases; its name is
			   for the log only */
	PRIV_REPORT,	/* a message id, for the process list only */
	PRIV_BUS,	/* the helper that listens to the desktop, if any */
	PRIV_ONLINE,	/* "mserver" or "command": which of them is asked */
	PRIV_KINDS
} PrivKind;

#define PRIV_NAME_SIZE 256
#define PRIV_ADDRESS_SIZE 64
#define PRIV_FDS_MAX 2

/* The engine's socket to the parent. */
#define PRIV_FD 3

/* What a worker finds open; all that is not there is /dev/null. */
enum {
	PRIV_WORKER_ENGINE = 3,	/* socket to the engine */
	PRIV_WORKER_CONFIG,	/* masqmail.conf */
	PRIV_WORKER_ROUTE,	/* routes/NAME.conf, of smtp-out; the directory
				   templates, of report */
	PRIV_WORKER_SECRET,	/* secrets/NAME, of smtp-out */
	PRIV_WORKER_CLIENT,	/* the client's socket, of smtp-in */
	PRIV_WORKER_PARENT,	/* socket to the parent: smtp-out, local */
	PRIV_WORKER_FDS
};

typedef struct {
	guint32 op;
	guint32 kind;
	guint32 job;
	gint32 result;
	gint32 pid;
	guint32 uid;
	char name[PRIV_NAME_SIZE];
	char address[PRIV_ADDRESS_SIZE];
} PrivPacket;

typedef enum {
	PRIV_RUN = 1,
} PrivAskOp;

enum {
	PRIV_ASK_CONTROL,	/* for the answer; closed: no longer wanted */
	PRIV_ASK_INPUT,
	PRIV_ASK_OUTPUT,
	PRIV_ASK_ERROR,
	PRIV_ASK_FDS
};

#define PRIV_KEY_SIZE 32
#define PRIV_VALUES_SIZE 8192
#define PRIV_REASON_SIZE 256

typedef struct {
	guint32 op;
	guint32 number;			/* of an alias' commands, from 0 */
	char key[PRIV_KEY_SIZE];	/* "PasswordCommand", ... */
	char argument[PRIV_NAME_SIZE];	/* the name of an alias, or "" */
	/* "NAME=value", each ended by a NUL, and one NUL more. */
	char values[PRIV_VALUES_SIZE];
} PrivAsk;

typedef struct {
	gint32 result;			/* 0, or an errno: it never ran */
	gint32 status;			/* as of waitpid */
	char reason[PRIV_REASON_SIZE];	/* of result, a sentence */
} PrivAnswer;

/* @packet all zero but op and name. FALSE: @name does not fit. */
gboolean priv_packet_init(PrivPacket *packet, PrivOp op, const char *name);

/*
 * Sends @packet with @n_fds descriptors, which stay the caller's. Waits
 * until there is room, unless the socket does not block.
 */
gboolean priv_send(int fd, const PrivPacket *packet, const int *fds,
		   guint n_fds, GError **error);

/*
 * Takes one packet and its descriptors, close-on-exec, (transfer full);
 * those that did not come are -1. PRIV_ERROR, or SYSTEM_ERROR (EAGAIN on a
 * socket that does not block); the outputs are then untouched.
 */
gboolean priv_receive(int fd, PrivPacket *ret_packet,
		      int ret_fds[PRIV_FDS_MAX], GError **error);

/*
 * The same between a worker and the parent. All PRIV_ASK_FDS descriptors
 * must be there, or it is PRIV_ERROR_INVALID.
 */
gboolean priv_ask(int fd, const PrivAsk *ask, const int fds[PRIV_ASK_FDS],
		  GError **error);
gboolean priv_hear(int fd, PrivAsk *ret_ask, int ret_fds[PRIV_ASK_FDS],
		   GError **error);

/* An answer that nobody waits for is no failure. */
void priv_answer(int fd, const PrivAnswer *answer);
gboolean priv_hear_answer(int fd, PrivAnswer *ret_answer, GError **error);

#endif
