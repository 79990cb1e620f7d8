// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * masqctl: every command of the protocol for people and scripts. One table
 * (ctl.c) holds all commands: it feeds the dispatch, --help and the check
 * of the manual page. A command prints for people, or with --json what the
 * engine answered; what it prints of other people's text has gone through
 * text_harmless or the JSON emitter.
 */
#ifndef MASQMAIL_CLIENT_CTL_H
#define MASQMAIL_CLIENT_CTL_H

#include <libintl.h>
#include <sysexits.h>

#include <glib.h>

#include "common/client.h"

#define _(text) gettext(text)
#define N_(text) (text)

/* Failures whose code is the exit code (sysexits.h). */
#define CTL_ERROR (ctl_error_quark())
GQuark ctl_error_quark(void);
gboolean ctl_fail(GError **error, int exit_code, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/* What the command line and the terminal say. */
typedef struct {
	Client *client; /* NULL for commands that need no daemon */
	GHashTable *options; /* name -> value, "" for those without */
	char **arguments; /* behind the command's name, NULL-terminated */
	guint n_arguments;
	gboolean json;
	guint width; /* columns; 0: no terminal, nothing is cut */
	gint64 now; /* Unix seconds */
} Ctl;

typedef struct {
	const char *name;
	const char *arguments; /* as the help shows them */
	const char *options; /* names with blanks between, see ctl_options */
	guint least, most; /* arguments */
	gboolean alone; /* needs no daemon */
	gboolean (*run)(Ctl *ctl, GError **error);
	const char *help; /* one line */
} CtlCommand;

typedef struct {
	const char *name;
	const char *value; /* as the help shows it; NULL: takes none */
	const char *help;
} CtlOption;

/* End with a row whose name is NULL. */
extern const CtlCommand ctl_commands[];
extern const CtlOption ctl_options[];

/* (nullable) (transfer none) */
const char *ctl_option(const Ctl *ctl, const char *name);

/*
 * ctl-line.c: take the command line apart into @ctl and the command
 * (transfer none). FALSE with EX_USAGE and a sentence that names the slip.
 */
gboolean ctl_parse(Ctl *ctl, int argc, char **argv,
		   const CtlCommand **ret_command, GError **error);

/* Call the engine; the reply's first value (transfer full). */
GVariant *
ctl_call(Ctl *ctl, const char *method, GVariant *body, GError **error);

/* Print a reply as one line of JSON. */
void ctl_print_json(GVariant *value);

/* (transfer full). "14:40", "Mon 14:40", "19 May": as near as needed. */
char *ctl_time(const Ctl *ctl, gint64 unix_seconds);

/* (transfer full). "640 B", "1.2 MB". */
char *ctl_size(guint64 bytes);

/* Values of a{sv}; "" and 0 when missing. Strings (transfer none). */
const char *ctl_string(GVariant *dictionary, const char *key);
gint64 ctl_number(GVariant *dictionary, const char *key);
gboolean ctl_boolean(GVariant *dictionary, const char *key);

/* (transfer full): the strings of an "as", harmless, with ", " between. */
char *ctl_words(GVariant *dictionary, const char *key);

/* ctl-queue.c */
gboolean ctl_queue(Ctl *ctl, GError **error);
gboolean ctl_show(Ctl *ctl, GError **error);

/* ctl-act.c */
gboolean ctl_release(Ctl *ctl, GError **error);
gboolean ctl_delete(Ctl *ctl, GError **error);
gboolean ctl_restore(Ctl *ctl, GError **error);
gboolean ctl_bounce(Ctl *ctl, GError **error);
gboolean ctl_profile(Ctl *ctl, GError **error);
gboolean ctl_reload(Ctl *ctl, GError **error);

/* ctl-hint.c */
gboolean ctl_hint(Ctl *ctl, GError **error);
gboolean ctl_online(Ctl *ctl, GError **error);
gboolean ctl_offline(Ctl *ctl, GError **error);

/* ctl-learn.c */
gboolean ctl_learn(Ctl *ctl, GError **error);
gboolean ctl_forget(Ctl *ctl, GError **error);
gboolean ctl_rename(Ctl *ctl, GError **error);

/* ctl-edit.c */
gboolean ctl_edit(Ctl *ctl, GError **error);
gboolean ctl_reroute(Ctl *ctl, GError **error);

/*
 * Act upon the messages whose ids are @words, with @options (used up), and
 * tell the outcome; @past is said of those for whom it worked.
 */
gboolean ctl_act_on(Ctl *ctl, const char *verb, char **words,
		    GVariantDict *options, const char *past, GError **error);

/* ctl-later.c */
gboolean ctl_flush(Ctl *ctl, GError **error);
gboolean ctl_hold(Ctl *ctl, GError **error);
gboolean ctl_later(Ctl *ctl, GError **error);
gboolean ctl_undo(Ctl *ctl, GError **error);
gboolean ctl_undo_window(Ctl *ctl, GError **error);

/* ctl-state.c, ctl-network.c */
gboolean ctl_status(Ctl *ctl, GError **error);
gboolean ctl_routes(Ctl *ctl, GError **error);
gboolean ctl_networks(Ctl *ctl, GError **error);
gboolean ctl_explain(Ctl *ctl, GError **error);

/* ctl-hosts.c, ctl-transcript.c */
gboolean ctl_hosts(Ctl *ctl, GError **error);
gboolean ctl_transcript(Ctl *ctl, const char *id, GError **error);

/* ctl-log.c */
gboolean ctl_log(Ctl *ctl, GError **error);
gboolean ctl_watch(Ctl *ctl, GError **error);

/* ctl-help.c */
gboolean ctl_help(Ctl *ctl, GError **error);
gboolean ctl_config(Ctl *ctl, GError **error);

#endif
