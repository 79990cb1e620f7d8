// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SMTP client in its parts, for its own files only. Read smtp-out.c
 * first: it is the dialogue from connect to QUIT. A step that fails leaves
 * its reason in Session.fault (or sets .stopped when the engine is gone)
 * and returns FALSE; the connection is then of no more use.
 */
#ifndef MASQMAIL_WORKER_SMTP_OUT_H
#define MASQMAIL_WORKER_SMTP_OUT_H

#include <glib.h>

#include "common/mime.h"
#include "common/rewrite.h"
#include "common/smtp.h"
#include "daemon/worker/dns.h"
#include "daemon/worker/sasl.h"
#include "daemon/worker/smtp-why.h"
#include "daemon/worker/socks.h"
#include "daemon/worker/stream.h"
#include "daemon/worker/tls.h"
#include "daemon/worker/transcript.h"
#include "daemon/worker/worker.h"

/* Seconds. RFC 5321 4.5.3.2 where it names the step. */
#define SMTP_CONNECT_SECONDS 30
#define SMTP_PROXY_SECONDS 120       /* until it has connected on (Tor) */
#define SMTP_HOSTS_SECONDS 600       /* after that no other host is tried */
#define SMTP_BANNER_SECONDS 300
#define SMTP_COMMAND_SECONDS 300     /* EHLO, STARTTLS, AUTH, MAIL, RCPT */
#define SMTP_HANDSHAKE_SECONDS 60
#define SMTP_DATA_SECONDS 120
#define SMTP_BLOCK_SECONDS 180
#define SMTP_DOT_SECONDS 600
#define SMTP_QUIT_SECONDS 5
#define SMTP_SECRET_SECONDS 60       /* of PasswordCommand= and its like */
#define SMTP_LAST_WORDS_SECONDS 5    /* of a server that hung up on us */
/* However often a peer makes us wait, these end it. */
#define SMTP_LOGIN_SECONDS 900       /* from connect to the first MAIL */
#define SMTP_MESSAGE_SECONDS 3600    /* plus the size at this rate: */
#define SMTP_BYTES_PER_SECOND 256

#define SMTP_PORT 25
#define SMTP_MAX_HOSTS 10     /* of MX or SRV, the best */
#define SMTP_PIPELINE_MAX 100 /* commands not yet answered */
#define SMTP_CHUNK (256 * 1024) /* bytes of a BDAT, more or less */
#define SMTP_CHUNKS_MAX 4     /* of them not yet answered */

typedef enum {
	SMTP_TLS_NEVER,
	SMTP_TLS_IF_POSSIBLE,
	SMTP_TLS_REQUIRED,
	SMTP_TLS_IMPLICIT,
} SmtpTlsMode;

typedef enum {
	SMTP_SMTP,
	SMTP_LMTP, /* RFC 2033 */
	SMTP_PIPE, /* no dialogue: a command takes each message */
} SmtpProtocol;

/* What the route's file says, read once. */
typedef struct {
	char *name;
	SmtpProtocol protocol;
	gboolean instant_helo; /* the banner is not waited for */
	gboolean wrapper;      /* a command is the connection */
	gboolean from_line;    /* for a pipe: "From ada Thu ..." first */
	guint messages;        /* over one connection; 0: any number */
	char *host;  /* as written; NULL: the DNS names the hosts */
	gboolean direct;   /* it names them by MX of Job.domain */
	char *service;     /* it names them by SRV of this domain, or NULL */
	char **resolver;   /* DnsLookup.order */
	char **own_names;  /* of this machine, as a mail server */
	SocksProxy *proxy; /* (nullable) */
	GArray *sources;   /* of DnsAddress: own addresses to come from */
	guint16 port;
	SmtpTlsMode tls;
	char *ca_file;     /* (nullable) */
	char *fingerprint; /* (nullable) */
	gboolean certificate; /* there is one to show */
	gboolean tls_1_3;     /* or newer, nothing older */
	char **auth;       /* empty: our own order */
	char *user;        /* (nullable) */
	gboolean password_command; /* there is one */
	gboolean token_command;
	char *helo;        /* (nullable): our address instead */
	gboolean insecure;
	guint pipe_seconds; /* of [Pipe], for one recipient */
	guint timeout;     /* seconds; 0: the values above */
	Rewrite *rewrite;  /* (nullable) */
} SmtpRoute;

/* A host to try, and what it must prove. */
typedef struct {
	char *host;        /* as the DNS knows it, or an address */
	guint16 port;
	SmtpTlsMode tls;
	GArray *addresses; /* of DnsAddress, of it or of the proxy */
	char **names;      /* that its certificate may prove; NULL: the host */
	GPtrArray *tlsa;   /* of DnsRecord: these decide, or NULL */
	char *tlsa_base;   /* the name they stand at */
	gboolean tlsa_missing; /* whether there are any is not known */
} SmtpTarget;

/* How the job's message is to be said to this server. */
typedef struct {
	gboolean utf8;  /* with SMTPUTF8 */
	gboolean ascii; /* with A-labels for the names beyond ASCII */
	MimePlan *plan; /* its 8 bits become 7 by this; NULL: as it is */
} SmtpFit;

typedef struct Envelope Envelope;

typedef struct {
	Worker *worker;
	SmtpRoute *route;
	Job *job;       /* the message now under way */
	SmtpFit fit;    /* ... to the server of this connection */
	Envelope *ahead; /* the next one's, sent already; or NULL */

	GPtrArray *targets; /* of SmtpTarget, in order */
	const SmtpTarget *target; /* the one tried or talked to, or NULL */
	char *peer;     /* "host:port", for people */
	Stream *stream; /* NULL: not connected */
	Tls *tls;       /* owned by stream; NULL: in clear */
	char *security; /* "TLSv1.3 verified" or "" */
	char *certificate, *key; /* PEM, once they were wanted */
	GBytes *resume;          /* a TLS session to take up again, of */
	char *resume_peer;
	gboolean loopback;
	struct Command *command; /* of Wrapper=, while it runs; or NULL */
	gint64 connect_ms;
	SmtpReplyParser *parser;
	SmtpExtensions *extensions;
	const char *mechanism; /* of the login; NULL: none */
	gboolean by_agent;     /* its secret was asked of a person */
	gboolean fragile;      /* it names itself as one that breaks when
	                          a message is followed too closely */
	gboolean no_chunks;    /* it offers BDAT and does not know it */
	guint messages;        /* finished over this connection */
	gboolean begun;          /* MAIL of this message was answered */
	gboolean in_transaction; /* MAIL was answered, nothing ended it */

	gboolean again;      /* recipients are left for a transaction more */
	GPtrArray *accepted; /* of JobRecipient, (transfer none) */
	gint64 reported;     /* when progress was last told, microseconds */

	Transcript *transcript;
	Status *fault;
	SmtpTrouble trouble; /* of fault, when .troubled */
	gboolean troubled;   /* fault is no server's reply */
	gboolean stopped;
} Session;

/* --- smtp-out-session.c: one reply, one command, one failure --- */

/* NULL with a sentence when the files are not to be used. */
SmtpRoute *smtp_route_load(const Worker *worker, GError **error);
void smtp_route_free(SmtpRoute *route);

Session *session_new(Worker *worker, SmtpRoute *route);
void session_free(Session *session);
void session_disconnect(Session *session);

/* The parties of sentences about this session; @detail (nullable). */
SmtpParties session_parties(const Session *session, const char *detail);

/* Say where and how @status came about; returns it. (transfer full) */
Status *session_sign(const Session *session, Status *status);

/* All return FALSE. */
gboolean session_fail(Session *session, Status *status);
gboolean session_trouble(Session *session, SmtpTrouble trouble,
			 const char *detail);
gboolean session_refuse(Session *session, SmtpAt at, const SmtpReply *reply);
/* @error is of a stream. */
gboolean session_broken(Session *session, const GError *error);

/* The deadline of the next step: @seconds, or the route's Timeout=. */
void session_deadline(Session *session, guint seconds);

/* Write @text as it is. */
gboolean session_write(Session *session, const char *text, gsize size);

/* The next reply (transfer full), or NULL. */
SmtpReply *session_read(Session *session);

/* A command without CRLF, in its own deadline, and its reply. */
SmtpReply *session_command(Session *session, const char *command);

/* The next one of Session.targets is meant from now on. */
void session_aim(Session *session, const SmtpTarget *target);

/* --- smtp-out-way.c --- */

/* What @config says of the way to the host; part of smtp_route_load. */
gboolean smtp_route_take_way(SmtpRoute *route, const Config *config,
			     const Config *main, GError **error);
void smtp_route_clear_way(SmtpRoute *route);

/* --- smtp-out-where.c, -mx.c, -srv.c, -tlsa.c --- */

/* Fill Session.targets for the job's domain; at least one, or FALSE. */
gboolean smtp_find_targets(Session *session);
void smtp_target_free(SmtpTarget *target);

/*
 * Ask for the TLSA records of all targets; @hosts (of DnsHost) is what is
 * known of them, and that it led to them is @secure. FALSE: stopped.
 */
gboolean smtp_find_tlsa(Session *session, const DnsLookup *lookup,
			GPtrArray *hosts, gboolean secure);

/* --- smtp-out-connect.c --- */

/* These are about Session.target. */
gboolean smtp_connect(Session *session);
gboolean smtp_greet(Session *session);
gboolean smtp_say_hello(Session *session);

/* --- smtp-out-tls.c --- */

/* STARTTLS when the route wants it, and EHLO again. */
gboolean smtp_start_tls(Session *session);
gboolean smtp_handshake(Session *session);

/* Before the connection goes: what resumes its TLS session; and after all. */
void smtp_keep_tls(Session *session);
void smtp_forget_tls(Session *session);

/* --- smtp-out-near.c --- */

/* Whether no address leads to the next hop, but a socket or a command. */
gboolean smtp_is_near(const SmtpRoute *route);

/* Session.targets, and the connection, for such a one. */
gboolean smtp_find_near(Session *session);
gboolean smtp_connect_near(Session *session);

/* The wrapper is gone before the server's first word: what did it say? */
gboolean smtp_wrapper_ended(Session *session);

/* --- smtp-out-pipe.c --- */

/* The job's message, by [Pipe]; a verdict for each recipient. */
gboolean smtp_pipe(Session *session);

/* --- smtp-out-record.c --- */

/*
 * An attempt begins; a connection stands and is listened to (TRUE); the job's
 * message is what is spoken of from now on; the same, or an attempt when there
 * is no connection to speak over; the message @id follows the one
 * whose end is about to be sent; a remark.
 */
void session_record_attempt(Session *session);
gboolean session_record_connection(Session *session);
void session_record_message(Session *session);
void session_record_job(Session *session);
void session_record_ahead(Session *session, const char *id);
void session_record_note(Session *session, const char *text);

/* Tell the engine what was said about @job, after its last verdict. */
void session_tell_transcript(Session *session, const Job *job);

/* --- smtp-out-portal.c --- */

/*
 * The word of Report's sign for a fault that a sign-in page could have
 * made; "" for any other.
 */
const char *smtp_portal_sign(const Session *session);

/*
 * Whether the name service answers a name that nobody has with the address
 * of our server. It asks the network, so tell the fault first.
 */
gboolean smtp_portal_answers_all(const Session *session);

/* --- smtp-out-login.c, smtp-out-secret.c --- */

gboolean smtp_authenticate(Session *session);

/*
 * What @need is, "" for nothing; for worker_secret_free. @refused: what was
 * got before was refused, so a helper should not answer from its cache.
 */
char *smtp_secret(Session *session, SaslNeed need, gboolean refused,
		  GError **error);

/* --- smtp-out-rewrite.c --- */

/*
 * Let the job's message and sender be what [Rewrite] of the route makes of
 * them. Before anything of it is sent. FALSE: the engine is gone.
 */
gboolean smtp_rewrite(Session *session);

/* --- smtp-out-fit.c --- */

/*
 * Whether this server takes the job's message, and how: sets Session.fit,
 * and *@ret_done when nobody is left to ask the server for. Who cannot be
 * asked for got a verdict. FALSE: the engine is gone.
 */
gboolean smtp_fit(Session *session, gboolean *ret_done);
void smtp_fit_clear(SmtpFit *fit);

/* Whether @job can be sent as it is: then nobody need be told anything. */
gboolean smtp_fits_plainly(const Session *session, const Job *job);

/* --- smtp-out-lines.c --- */

/* (transfer full). With CRLF. */
char *smtp_mail_line(const Session *session, const SmtpFit *fit,
		     const Job *job);
char *smtp_rcpt_line(const Session *session, const SmtpFit *fit,
		     const JobRecipient *recipient);

/*
 * (transfer full) (nullable). @address in ASCII: its domain as A-labels.
 * NULL when its local part has no such form (RFC 6531 3.2).
 */
char *smtp_ascii_address(const char *address);

gboolean smtp_option_is_set(const Job *job, const char *key);

/* --- smtp-out-envelope.c --- */

/*
 * MAIL, RCPT, DATA. TRUE: the body may be sent to Session.accepted; with
 * none accepted the message is dealt with. Who was refused got a verdict.
 * Session.again: the server takes no more recipients at once; with these
 * done, the rest is to be sent in the same way.
 */
gboolean smtp_send_envelope(Session *session);

/* Whether the body goes by BDAT (RFC 3030): then there is no DATA. */
gboolean smtp_is_chunked(const Session *session);

/*
 * RFC 2920 3.1: what may follow the final dot before its answer, the
 * envelope of the next message, is appended to @bytes. Nothing if there is
 * none, or it is better not done.
 */
void smtp_send_ahead(Session *session, GByteArray *bytes);

/* Whether what was sent ahead is for another message than the job's. */
gboolean smtp_is_misled(const Session *session);

/* Whether this connection has carried all the messages it may. */
gboolean smtp_is_full(const Session *session, guint messages);
void smtp_envelope_free(Envelope *envelope);

/* --- smtp-out-body.c, smtp-out-answer.c --- */

/*
 * The body up to the final dot and the verdicts of its reply. Call only
 * with recipients accepted.
 */
gboolean smtp_send_body(Session *session);

/*
 * What the server says to a body that it has, of which @chunks parts were
 * not answered yet.
 */
gboolean smtp_take_answers(Session *session, guint chunks);

/* The answer to a part in the midst; FALSE: Session.accepted is judged. */
gboolean smtp_take_chunk(Session *session);

gboolean smtp_judge(Session *session, JobRecipient *recipient,
		    Status *status);

/* The same verdict for every recipient that has none; @status taken over. */
gboolean smtp_judge_rest(Session *session, Status *status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmtpRoute, smtp_route_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

#endif
