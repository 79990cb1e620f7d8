// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One short handler for each row of the api table. server.c calls them with
 * a body of the row's type, for a caller whose role the row permits; each
 * answers once, now or later.
 */
#ifndef MASQMAIL_ENGINE_METHODS_H
#define MASQMAIL_ENGINE_METHODS_H

#include "daemon/engine/server.h"

typedef void (*Handler)(Connection *connection, guint32 serial,
			GVariant *in);

/* (nullable) only if the table and this disagree, which a test forbids. */
Handler methods_handler(const char *name);

#define METHODS_MAX_BYTES (64 * 1024) /* of rows in one reply */

/*
 * Add @row (sunk) to the rows of a reply while they fit METHODS_MAX_BYTES;
 * FALSE, and it is left out, when they do not. @bytes begins as 0.
 */
gboolean methods_add_row(GVariantBuilder *rows, GVariant *row, gsize *bytes);

/* methods-list.c, methods-queue.c, methods-explain.c */
void method_list(Connection *connection, guint32 serial, GVariant *in);
void method_show(Connection *connection, guint32 serial, GVariant *in);
void method_act(Connection *connection, guint32 serial, GVariant *in);
void method_fetch(Connection *connection, guint32 serial, GVariant *in);
void method_explain(Connection *connection, guint32 serial, GVariant *in);
/* methods-state.c, methods-routes.c */
void method_hello(Connection *connection, guint32 serial, GVariant *in);
void method_status(Connection *connection, guint32 serial, GVariant *in);
void method_profile(Connection *connection, guint32 serial, GVariant *in);
void method_profiles(Connection *connection, guint32 serial, GVariant *in);
void method_routes(Connection *connection, guint32 serial, GVariant *in);
void method_networks(Connection *connection, guint32 serial, GVariant *in);
void method_log(Connection *connection, guint32 serial, GVariant *in);
void method_reload(Connection *connection, guint32 serial, GVariant *in);
/* methods-learn.c */
void method_learn(Connection *connection, guint32 serial, GVariant *in);
void method_forget(Connection *connection, guint32 serial, GVariant *in);
void method_rename(Connection *connection, guint32 serial, GVariant *in);
/* methods-history.c */
void method_history(Connection *connection, guint32 serial, GVariant *in);
/* methods-later.c */
void method_undo_window(Connection *connection, guint32 serial, GVariant *in);
/* methods-submit.c */
void method_submit(Connection *connection, guint32 serial, GVariant *in);
void method_describe(Connection *connection, guint32 serial, GVariant *in);
void method_recipient(Connection *connection, guint32 serial, GVariant *in);
void method_commit(Connection *connection, guint32 serial, GVariant *in);
void method_reset(Connection *connection, guint32 serial, GVariant *in);
/* hints.c */
void method_online(Connection *connection, guint32 serial, GVariant *in);
/* What a script says. */
void methods_hint_by_hand(Connection *connection, guint32 serial,
			  GVariant *hints);
void method_hint(Connection *connection, guint32 serial, GVariant *in);
/* methods-hosts.c */
void method_hosts(Connection *connection, guint32 serial, GVariant *in);
void method_purge_hosts(Connection *connection, guint32 serial,
			GVariant *in);
/* methods-transcript.c */
void method_transcript(Connection *connection, guint32 serial, GVariant *in);
/* watch.c */
void method_watch(Connection *connection, guint32 serial, GVariant *in);
/* deliver-methods.c */
void method_ahead(Connection *connection, guint32 serial, GVariant *in);
void method_job(Connection *connection, guint32 serial, GVariant *in);
void method_verdict(Connection *connection, guint32 serial, GVariant *in);
void method_report(Connection *connection, guint32 serial, GVariant *in);
/* deliver-forward.c */
void method_expand(Connection *connection, guint32 serial, GVariant *in);

/* The caller's message of that id; NULL, and the call refused. */
Message *methods_find_own(Connection *connection, const char *method,
			  guint32 serial, const char *text);

/* The bodies of Status, Routes and Networks, for watchers too; floating. */
GVariant *state_status(Engine *engine, const Connection *connection);
GVariant *state_routes(Engine *engine, const Connection *connection);
GVariant *state_networks(Engine *engine);
/* The known networks of Networks; floating. */
GVariant *state_known(Engine *engine);

#endif
