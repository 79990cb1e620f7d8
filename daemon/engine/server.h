// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections: whom they belong to, what they may call, and who watches.
 * Knows alone how a peer becomes a role, and that a slow or bad peer costs
 * its own connection only. Handlers (methods.h) get bodies that are of the
 * table's type and callers whose role permits the call.
 */
#ifndef MASQMAIL_ENGINE_SERVER_H
#define MASQMAIL_ENGINE_SERVER_H

#include <sys/types.h>

#include <glib.h>

#include "common/api.h"
#include "daemon/engine/engine.h"
#include "daemon/engine/peer.h"

#define SERVER_MAX_CONNECTIONS 1000
#define SERVER_MAX_PER_UID 200
#define SERVER_MAX_PENDING 64      /* packets a peer has not read yet */
#define SERVER_UNREAD_SECONDS 30   /* then it is dropped */
#define SERVER_REST_SECONDS 1      /* after there were no descriptors */
#define SERVER_MAX_WATCHERS 32     /* of one uid */
#define SERVER_MAX_SMTP_IN 50      /* sessions over TCP at once */
#define SERVER_MAX_SMTP_IN_PEER 20 /* of them from one address, */
#define SERVER_MAX_SMTP_IN_HERE 45 /* and from this machine */

typedef struct Submission Submission;
typedef struct Job Job;
typedef struct Watcher Watcher;

typedef struct Connection {
	Engine *engine;
	int fd;
	guint input;   /* GLib sources; 0 when not there */
	guint output;
	guint unread;  /* timer of SERVER_UNREAD_SECONDS */
	GQueue pending; /* of packets the peer has no room for */
	guint roles;
	/*
	 * Whose mail it hands in and sees. Of a worker of ours: whose session
	 * it serves; then identified says whether we know.
	 */
	uid_t uid;
	gboolean identified;
	gboolean worker;
	char *origin;  /* of a message it hands in: "sendmail", "esmtp" */
	PeerAddress peer; /* of smtp-in's client */
	gboolean session; /* a worker that serves a TCP client */
	gboolean near;    /* of the local network, which we relay for */
	gboolean refused_once; /* a call outside its role was logged */
	Submission *submission; /* begun and not committed */
	guint references; /* commits not answered yet, and a running handler */
	Job *job;       /* a delivering worker's */
	Watcher *watcher; /* (nullable) */
	gboolean closed; /* freed when nobody refers to it any more */
} Connection;

Server *server_new(Engine *engine);
void server_free(Server *server);

/* What was begun and not committed is nobody's: before the queue closes. */
void server_forget_submissions(Server *server);

/* A listening socket from the parent (transfer full). */
void server_add_listener(Server *server, int fd, gboolean tcp,
			 gboolean lan);

/* Close those of the local network: we are leaving it. */
void server_close_lan(Server *server);

/* Close all TCP listeners, as before a reload. */
void server_close_tcp(Server *server);

/*
 * A worker's end of a socket pair (transfer full), with the roles of its
 * birth.
 */
Connection *server_add_worker(Server *server, int fd, guint roles);

/* Close the peer's connection, now or after its last commit is answered. */
void connection_close(Connection *connection);

/* Answer a call. @body is sunk. Full sockets are waited for. */
void connection_reply(Connection *connection, const char *method,
		      guint32 serial, GVariant *body);
void connection_reply_data(Connection *connection, const void *bytes,
			   gsize size);
/* Refuse it: enhanced status code and a sentence. */
void connection_fail(Connection *connection, const char *method,
		     guint32 serial, const char *enhanced,
		     const char *format, ...) G_GNUC_PRINTF(5, 6);
/* Tell a watcher; FALSE when there is no room now. @body is sunk. */
gboolean connection_notify(Connection *connection, const char *notice,
			   GVariant *body);

/* Whether it may see and act on @message. */
gboolean connection_owns(const Connection *connection,
			 const Message *message);

/* All connections with a watcher: of Connection (transfer none). */
GPtrArray *server_watching(Server *server);

#endif
