// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of SMTP (RFC 5321) without any socket: replies, extensions,
 * command lines and the two codecs of message data. smtp-in and "sendmail
 * -bs" read commands and dotted data with it, smtp-out reads replies, and
 * smtp-out, local and report pass every message through the output codec,
 * the one gate through which bytes leave us.
 */
#ifndef MASQMAIL_COMMON_SMTP_H
#define MASQMAIL_COMMON_SMTP_H

#include <glib.h>

#define SMTP_ERROR (smtp_error_quark())

typedef enum {
	SMTP_ERROR_SYNTAX, /* a line or parameter against the grammar: 501 */
	SMTP_ERROR_BYTES,  /* bare CR, bare LF or NUL in a message: 5.6.0 */
	SMTP_ERROR_LOOP,   /* more Received fields than SMTP_HOPS_MAX: 5.4.6 */
} SmtpError;

GQuark smtp_error_quark(void);

/* Lines without their CRLF. RFC 5321 4.5.3.1: 512 bytes, but extensions
 * and the texts of real servers are longer. */
#define SMTP_REPLY_LINE_MAX 2048
#define SMTP_REPLY_LINES_MAX 100
#define SMTP_COMMAND_LINE_MAX 2048
#define SMTP_TEXT_LINE_MAX 998
#define SMTP_PARAMETERS_MAX 16
#define SMTP_MECHANISMS_MAX 32
#define SMTP_HOPS_MAX 50

/* --- replies: smtp-reply.c --- */

typedef struct {
	guint code;     /* 200 to 599 */
	char *enhanced; /* RFC 2034 "4.2.1" of the first line, or "" */
	char **lines;   /* each line's text behind the code, harmless UTF-8;
	                   at least one, may be empty */
	char *text;     /* all of it as one line for people and logs:
	                   "550 5.1.1 no such user; ask ada" */
} SmtpReply;

void smtp_reply_free(SmtpReply *reply);

typedef struct SmtpReplyParser SmtpReplyParser;

/* Collects the lines of one reply after the other. */
SmtpReplyParser *smtp_reply_parser_new(void);
void smtp_reply_parser_free(SmtpReplyParser *parser);

/*
 * Take one @line (without its line end). TRUE with *@ret_reply NULL when
 * more lines must follow, TRUE with the reply (transfer full) when this was
 * its last. FALSE with SMTP_ERROR_SYNTAX on anything that is no reply (RFC
 * 5321 4.2.1: same code on all lines, '-' or ' ' or nothing behind it) or
 * too long: the connection is of no more use.
 */
gboolean smtp_reply_parser_feed(SmtpReplyParser *parser, const char *line,
				gsize size, SmtpReply **ret_reply,
				GError **error);

/* --- extensions: smtp-reply.c --- */

/* What a server said to EHLO. */
typedef struct {
	gboolean size, pipelining, eightbitmime, starttls, enhanced_codes;
	gboolean dsn, smtputf8, chunking, requiretls, burl;
	guint64 size_limit; /* bytes; 0 when it told none */
	char **mechanisms;  /* of AUTH: upper case, each once; never NULL */
	guint mail_max;     /* LIMITS, RFC 9422: transactions a connection, */
	guint recipient_max; /* recipients a transaction; 0 when not told */
} SmtpExtensions;

/* (transfer full). Of the reply to EHLO; unknown keywords are ignored. */
SmtpExtensions *smtp_extensions_parse(const SmtpReply *reply);
void smtp_extensions_free(SmtpExtensions *extensions);
gboolean smtp_extensions_has_mechanism(const SmtpExtensions *extensions,
				       const char *name);

/* (transfer full). "PIPELINING SIZE=1000 AUTH=PLAIN,LOGIN", for Report. */
char *smtp_extensions_describe(const SmtpExtensions *extensions);

/* --- commands: smtp-command.c --- */

typedef enum {
	SMTP_VERB_UNKNOWN,
	SMTP_VERB_AUTH,
	SMTP_VERB_BDAT,
	SMTP_VERB_DATA,
	SMTP_VERB_EHLO,
	SMTP_VERB_EXPN,
	SMTP_VERB_HELO,
	SMTP_VERB_HELP,
	SMTP_VERB_MAIL,
	SMTP_VERB_NOOP,
	SMTP_VERB_QUIT,
	SMTP_VERB_RCPT,
	SMTP_VERB_RSET,
	SMTP_VERB_STARTTLS,
	SMTP_VERB_VRFY,
} SmtpVerb;

const char *smtp_verb_name(SmtpVerb verb); /* "" for unknown */

typedef struct {
	SmtpVerb verb;
	char *argument; /* behind the verb, blanks around it taken off */
} SmtpCommand;

/*
 * (transfer full) (nullable). One command @line without its CRLF; the verb
 * has no case. NULL with SMTP_ERROR_SYNTAX when the line is too long, is no
 * valid UTF-8 or holds a control character but tab.
 */
SmtpCommand *smtp_command_parse(const char *line, gsize size, GError **error);
void smtp_command_free(SmtpCommand *command);

typedef struct {
	char *keyword; /* upper case */
	char *value;   /* as sent; NULL when there was no '=' */
} SmtpParameter;

/* The argument of MAIL or RCPT. */
typedef struct {
	char *address;       /* simplest form (address.h), route ignored, ""
	                        for <>; without '@' when none was sent: RFC
	                        5321 knows only <Postmaster> so */
	GArray *parameters;  /* of SmtpParameter, each keyword once */
} SmtpPath;

/*
 * (transfer full) (nullable). "FROM:<a@b> SIZE=1" (@verb MAIL) or
 * "TO:<a@b>" (RCPT): blanks before '<' are forgiven, nothing else is. NULL
 * with SMTP_ERROR_SYNTAX; <> is refused for RCPT. Unknown parameters are
 * the caller's to refuse (555).
 */
SmtpPath *smtp_path_parse(SmtpVerb verb, const char *argument,
			  GError **error);
void smtp_path_free(SmtpPath *path);

/* The parameter @keyword (upper case), NULL when it was not sent. */
const SmtpParameter *smtp_path_find(const SmtpPath *path,
				    const char *keyword);

/*
 * RFC 3461 4 xtext. (transfer full). Decoding gives NULL when malformed or
 * when it hides a control character.
 */
char *smtp_xtext_encode(const char *text);
char *smtp_xtext_decode(const char *xtext);

/* --- message data coming in: smtp-data.c --- */

/* What was wrong or worth knowing in the data so far. */
typedef enum {
	SMTP_DATA_BARE_CR = 1 << 0,
	SMTP_DATA_BARE_LF = 1 << 1,
	SMTP_DATA_NUL = 1 << 2,
	SMTP_DATA_LONG_LINE = 1 << 3, /* over SMTP_TEXT_LINE_MAX: kept */
	SMTP_DATA_8BIT = 1 << 4,
} SmtpDataFlags;

/* Any of these: the message must be refused (554 5.6.0). */
#define SMTP_DATA_REFUSED \
	(SMTP_DATA_BARE_CR | SMTP_DATA_BARE_LF | SMTP_DATA_NUL)

/* One DATA, from behind the 354 on. Zeroed memory is its beginning. */
typedef struct {
	guint state; /* private */
	gsize line;  /* private: bytes of the present line */
	SmtpDataFlags flags;
	guint64 size; /* bytes handed out so far */
} SmtpDotReader;

/*
 * Take @size @bytes, split anywhere, and append the message's own bytes
 * (CRLF lines, dots unstuffed) to @output. Only <CRLF>.<CRLF> is the end:
 * then TRUE, with *@ret_used how many bytes belonged to the data; what
 * follows is the next command. FALSE: all were used, more must come. After
 * a fault of SMTP_DATA_REFUSED nothing is appended any more, but the end is
 * still sought.
 */
gboolean smtp_dot_reader_feed(SmtpDotReader *reader, const void *bytes,
			      gsize size, GByteArray *output,
			      gsize *ret_used);

/* (transfer none). One sentence on the worst of @flags for a 554, or NULL. */
const char *smtp_data_fault(SmtpDataFlags flags);

/* --- message data going out: smtp-output.c --- */

typedef enum {
	SMTP_OUTPUT_DOTTED, /* to a server: dots stuffed, "." line at the end */
	SMTP_OUTPUT_CRLF,   /* CRLF lines, as they are */
	SMTP_OUTPUT_LF,     /* LF lines, for Maildir, mbox and commands */
} SmtpOutputKind;

typedef struct {
	SmtpOutputKind kind;
	guint hops;      /* Received fields seen in the header */
	guint state;     /* private */
	gsize column;    /* private */
	gboolean in_body; /* private */
} SmtpOutput;

void smtp_output_init(SmtpOutput *output, SmtpOutputKind kind);

/*
 * Take @size @bytes of a message as the queue stores it (canonical CRLF,
 * split anywhere, from its first header byte on) and append what may go out
 * to @out. FALSE with SMTP_ERROR_BYTES on a bare CR, bare LF or NUL, or
 * with SMTP_ERROR_LOOP: the message has failed, the connection must be cut
 * without a final dot, a file thrown away.
 */
gboolean smtp_output_feed(SmtpOutput *output, const void *bytes, gsize size,
			  GByteArray *out, GError **error);

/* The end: adds a missing last line end and, when dotted, the final dot. */
gboolean smtp_output_finish(SmtpOutput *output, GByteArray *out,
			    GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmtpReply, smtp_reply_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmtpReplyParser, smtp_reply_parser_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmtpExtensions, smtp_extensions_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmtpCommand, smtp_command_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmtpPath, smtp_path_free)

#endif
