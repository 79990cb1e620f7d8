// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line of sendmail and of all the names it goes by. The one
 * place that knows which options programs of forty years have passed, what
 * each takes and means; the table feeds the parser, --help and the test of
 * sendmail(8).
 */
#ifndef MASQMAIL_CLIENT_SENDMAIL_OPTIONS_H
#define MASQMAIL_CLIENT_SENDMAIL_OPTIONS_H

#include "client/sendmail.h"

typedef enum {
	MODE_SUBMIT,  /* -bm: a message on standard input */
	MODE_RMAIL,   /* the same, its sender in UUCP's "From " line */
	MODE_SMTP,    /* -bs: SMTP on standard input and output */
	MODE_QUEUE,   /* -bp, mailq: list the queue */
	MODE_ACT,     /* -q, -M...: act on queued messages */
	MODE_EXPLAIN, /* -bv, -bt: which way would an address go */
	MODE_ALIASES, /* -bi, newaliases: check the aliases file */
	MODE_HOSTS, /* hoststat: what is known of hosts */
	MODE_PURGE, /* purgestat: and forget it */
	MODE_HELP,
	MODE_VERSION,
} SendmailMode;

typedef enum {
	ARGUMENT_NONE,     /* -t; single letters may stand together */
	ARGUMENT_VALUE,    /* -fX or -f X */
	ARGUMENT_ATTACHED, /* -q or -q15m: never the next word */
} ArgumentKind;

typedef struct SendmailOptions SendmailOptions;

typedef struct {
	const char *name; /* without the first '-' */
	ArgumentKind argument;
	/* Takes the value (NULL without one); NULL: accepted, no effect. */
	gboolean (*take)(SendmailOptions *options, const char *value,
			 GError **error);
	const char *value; /* what --help calls the value */
	const char *help;  /* one line */
} SendmailOption;

/* Ends with a row whose name is NULL. */
extern const SendmailOption sendmail_options[];

struct SendmailOptions {
	SendmailMode mode;
	gboolean extract;       /* -t */
	gboolean dots_are_text; /* -i */
	gboolean as_it_is;      /* -G: complete nothing */
	gboolean queue_only;    /* -odq, -odd */
	gboolean require_tls;   /* -O REQUIRETLS=yes */
	gint64 not_before;      /* --at: Unix seconds; 0: not given */
	gboolean verbose;       /* -v */
	gboolean silent;        /* -oeq */
	char *sender;           /* as given; NULL: not given */
	char *full_name;        /* NULL: not given */
	char *notify;           /* "never" or "success,delay"; NULL */
	char *ret;              /* "full" or "hdrs"; NULL */
	char *envid;            /* NULL */
	char *config;           /* -C; NULL */
	char *verb;             /* MODE_ACT: of the Act call */
	char *filter;           /* MODE_ACT: which messages; NULL: by id */
	char *online;           /* -qo: the profile; NULL */
	gboolean act_on_all;    /* MODE_ACT without ids means all */
	GPtrArray *warnings;    /* of char *: bad values that are ignored */
	GPtrArray *arguments;   /* of char *: recipients, ids, addresses */
};

/*
 * (transfer full) (nullable). By @argv, whose first word says which
 * personality is asked for; @argc may be 0. NULL with EX_USAGE naming the
 * option.
 */
SendmailOptions *sendmail_options_parse(int argc, char **argv,
					GError **error);
void sendmail_options_free(SendmailOptions *options);

/* (transfer full). The text of --help. */
char *sendmail_options_help(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SendmailOptions, sendmail_options_free)

#endif
