// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether we are online, and as which profile, by somebody's word: a script
 * that said so, or what [Online] of masqmail.conf names: a file that is
 * watched, a command, an mserver. The first of them that has a word is
 * believed before any sign of the network. Command and mserver are asked by
 * a worker when something changed, and while mail waits for them ever later;
 * never while there is none.
 */
#ifndef MASQMAIL_ENGINE_ONLINE_H
#define MASQMAIL_ENGINE_ONLINE_H

#include "daemon/engine/engine.h"
#include "daemon/engine/server.h"

typedef struct Online Online;
typedef void (*OnlineChanged)(gpointer data);

/* @changed is called whenever online_said() may say another thing. */
Online *online_new(Engine *engine, OnlineChanged changed, gpointer data);
void online_free(Online *online);

/*
 * The directory of the file that masqmail.conf names, to be read from now
 * on: (transfer full) (nullable). Before the rights are given up.
 */
char *online_directory(const char *config);

/* The configuration was read: take its sources, ask them. */
void online_configure(Online *online);

/*
 * The profile that holds by somebody's word, PROFILE_OFFLINE, or NULL when
 * nobody says anything; @ret_by: who. Both (transfer none).
 */
const char *online_said(const Online *online, const char **ret_by);

/* A script says so: @word is kept over a restart; "" takes it back. */
void online_tell(Online *online, const char *word);

/* Something changed: ask command or mserver anew. */
void online_ask(Online *online);

/* Far mail waits: make sure that it is asked again some time. */
void online_mail_waits(Online *online);

/* What our worker found: a profile, or "" and @why. */
void online_answered(Connection *connection, const char *word,
		     const char *why);
/* From the server: this connection has ended; is it our worker's? */
void online_connection_lost(Connection *connection);

#endif
