// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine's end of the line to its parent (priv.h): asks for workers and
 * listening sockets, hears of their ends and of dropped messages. Knows
 * alone how a worker's socket pair is made. It keeps no state of jobs but
 * their numbers.
 */
#ifndef MASQMAIL_ENGINE_SPAWNER_H
#define MASQMAIL_ENGINE_SPAWNER_H

#include <sys/types.h>

#include <glib.h>

#include "daemon/priv.h"

typedef struct Spawner Spawner;

/* What the parent tells. Descriptors are (transfer full). */
typedef struct {
	/* The worker never ran: @code is an errno. */
	void (*failed)(gpointer data, guint32 job, int code);
	/* It ended: @status as of waitpid(2). */
	void (*exited)(gpointer data, guint32 job, int status);
	/* @fd listens for @name, or is -1 and @code says why not. */
	void (*listening)(gpointer data, const char *name,
			  const char *address, int fd, int code);
	void (*dropped)(gpointer data, const char *name, uid_t uid, int fd);
	/* The parent is gone or talks nonsense: the engine must end. */
	void (*closed)(gpointer data, const GError *error);
} SpawnerEvents;

/* Takes over @fd. @events is copied. */
Spawner *spawner_new(int fd, const SpawnerEvents *events, gpointer data);
void spawner_free(Spawner *spawner);

/*
 * Ask for a worker. Returns the job's number and sets @ret_fd to our end of
 * its socket (non-blocking, transfer full); 0 with @error when no socket
 * pair could be made. @client (or -1) is handed over and closed here.
 */
guint32 spawner_spawn(Spawner *spawner, PrivKind kind, const char *name,
		      int client, int *ret_fd, GError **error);

void spawner_kill(Spawner *spawner, guint32 job, int signal);

/* @address "" for the socket of clients. Answered by listening(). */
void spawner_listen(Spawner *spawner, const char *name,
		    const char *address);

/* The dropped file is in the queue (code 0), or stays for later (errno). */
void spawner_dropped(Spawner *spawner, const char *name, int code);

#endif
