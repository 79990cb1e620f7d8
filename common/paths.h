// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where everything lives, for a system service and for one user's own mail
 * agent. Nobody else spells a path of an installation. The daemon knows
 * which of the two it is; a client asks paths_client().
 *
 *	            system               user
 *	config      /etc/masqmail        $XDG_CONFIG_HOME/masqmail
 *	spool       /var/spool/masqmail  $XDG_STATE_HOME/masqmail
 *	run         /run/masqmail        $XDG_RUNTIME_DIR/masqmail
 *	libexec     where make install put the workers
 */
#ifndef MASQMAIL_COMMON_PATHS_H
#define MASQMAIL_COMMON_PATHS_H

#include <glib.h>

typedef struct {
	gboolean user;	/* one user's own agent, not the system's service */
	char *config;
	char *spool;
	char *queue;	/* spool/queue: the log, only the engine's */
	char *state;	/* spool/state: what the engine learns */
	char *drop;	/* spool/drop: messages left while nobody was there */
	char *run;
	char *submit;	/* run/submit: the engine's socket */
	char *agent;	/* run/agent: where agents wait to be asked */
	char *libexec;
} Paths;

/* (transfer full). The system service's. */
Paths *paths_system(void);

/*
 * (transfer full). Those of the effective uid's own agent. An XDG variable
 * counts only when it is an absolute path; without XDG_RUNTIME_DIR it is
 * /run/user/UID. MASQMAIL_LIBEXEC, for programs that are not installed,
 * names the workers' directory: here only, never for the system service.
 */
Paths *paths_user(void);

/*
 * (transfer full). What a client of the effective uid talks to: that user's
 * own agent when there is a configuration directory that belongs to that
 * uid, running or not; else the system service.
 */
Paths *paths_client(void);

/*
 * Give other directories than the usual ones to @paths, as the options
 * --config and --spool do. (nullable) values change nothing.
 */
void paths_override(Paths *paths, const char *config, const char *spool);

void paths_free(Paths *paths);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Paths, paths_free)

#endif
