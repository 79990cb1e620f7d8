// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of each next hop by experience: how it answered last, how
 * long it is left in peace, which of its hosts spoke TLS. A next hop is what
 * the schedule knows of a way before any name is resolved: "host:port" of a
 * smart host, or the domain of a recipient where mail goes direct; its hosts
 * are those a worker was connected to. Experience for people and for the
 * worker: what the schedule goes by is in facts.h, for a restart or a new
 * place is a new chance, while a host once seen with TLS stays so.
 *
 * Pure: deliver-learn.c feeds it, hosts-file.c brings it over a restart.
 * Bounded: of too many the one not used for longest is dropped.
 */
#ifndef MASQMAIL_ENGINE_HOSTS_H
#define MASQMAIL_ENGINE_HOSTS_H

#include <glib.h>

#include "common/status.h"

#define HOSTS_MAX 1000        /* next hops */
#define HOSTS_SEEN_MAX 16     /* hosts of one, seen with TLS */
#define HOSTS_WORDS_MAX 32    /* extensions of one */
#define HOSTS_NAME_MAX 300    /* characters; a domain has at most 255 bytes */
#define HOSTS_WORD_MAX 200    /* characters of what was learnt */

/* A host that was seen with TLS: in clear it is not believed any more. */
typedef struct {
	char *host;        /* "mx.example.org:25" */
	gboolean verified; /* its certificate was ever */
	gint64 when;       /* Unix seconds, the last time */
} HostSeen;

typedef struct {
	char *name;
	gint64 used;       /* Unix seconds: when it last said anything, or
	                      failed to */
	gint64 last_ok;    /* Unix seconds; 0: never */
	gint64 last_error; /* Unix seconds; 0: never */
	guint64 sent;      /* recipients delivered */
	guint faults;      /* in a row */
	gint64 until;      /* Unix seconds: left in peace; 0: not */
	char *why;         /* then: a sentence, else "" */
	char *answer;      /* of the last error, "" */
	char *host;        /* last connected to, "" */
	char *session;     /* "TLSv1.3 verified, login by PLAIN", "" */
	char **extensions; /* never NULL */
	guint connect_ms;
	guint64 speed;     /* bytes a second, of the last larger message */
	GPtrArray *seen;   /* of HostSeen, the longest unseen first */
} HostRecord;

typedef struct Hosts Hosts;

Hosts *hosts_new(void);
void hosts_free(Hosts *hosts); /* takes NULL */

/* (nullable) (transfer none). Case of names does not matter. */
const HostRecord *hosts_find(const Hosts *hosts, const char *name);

/* (transfer container): of const HostRecord, sorted by name. */
GPtrArray *hosts_list(const Hosts *hosts);

/* Recipients were taken by @name, or refused for their own sake. */
void hosts_note_good(Hosts *hosts, const char *name, guint delivered,
		     gint64 now);

/*
 * A fault met there, and until when (0: not at all) it is therefore left in
 * peace. Faults of a recipient or message are none of it.
 */
void hosts_note_fault(Hosts *hosts, const char *name, const Status *status,
		      gint64 until, gint64 now);

/* What a session with one of its hosts showed. */
typedef struct {
	const char *host;              /* connected to */
	const char *tls;               /* "" in clear */
	gboolean verified;
	const char *login;             /* mechanism, "" */
	const char *const *extensions; /* (nullable) */
	guint connect_ms;
} HostSession;

/* TRUE: a host is known to speak TLS, or to prove itself, since now. */
gboolean hosts_note_session(Hosts *hosts, const char *name,
			    const HostSession *session, gint64 now);
void hosts_note_speed(Hosts *hosts, const char *name, guint64 speed);

/* The present back-off of @name, or of all when NULL, is void. */
void hosts_forgive(Hosts *hosts, const char *name);

/*
 * Whether @name is that of the next hop or of one of its hosts, with or
 * without the port.
 */
gboolean host_record_is(const HostRecord *record, const char *name);

/*
 * Drop what is known of @name (a next hop, or one of the hosts of some), or
 * of all when NULL: how many were dropped.
 */
guint hosts_purge(Hosts *hosts, const char *name);

/* Grows with each change that is worth being kept. */
guint hosts_version(const Hosts *hosts);

/* --- hosts-file.c --------------------------------------------------------- */

/*
 * As lines of text (transfer full), and back. What makes no sense is
 * skipped: it is experience, not mail.
 */
char *hosts_write(const Hosts *hosts);
void hosts_read(Hosts *hosts, const char *text);

/* For hosts-file.c: take over a whole record. */
void hosts_add(Hosts *hosts, HostRecord *record);
HostRecord *host_record_new(const char *name);
void host_record_free(HostRecord *record);
gboolean host_record_add(HostRecord *record, const char *host,
			 gboolean verified, gint64 when); /* TRUE: news */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostRecord, host_record_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Hosts, hosts_free)

#endif
