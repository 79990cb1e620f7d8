// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a server's answer, or its silence, means: for the mail (outcome),
 * for what else goes the same way (fault), and for people (one plain
 * sentence). Pure: smtp-out gathers the facts and carries the Status.
 *
 * The rules. Whoever answers about us and not about a recipient or message
 * (5.7.x before RCPT, 530, 535, a banner of 554) defers: nothing is
 * returned for it at once. A server that does not relay for us says so
 * about us even at RCPT, but of one recipient only, so it pauses no route.
 * 421 is always about the host.
 */
#ifndef MASQMAIL_WORKER_SMTP_WHY_H
#define MASQMAIL_WORKER_SMTP_WHY_H

#include <glib.h>

#include "common/smtp.h"
#include "common/status.h"

/* The step of the dialogue that a reply answers. */
typedef enum {
	SMTP_AT_CONNECT = 1 << 0,
	SMTP_AT_EHLO = 1 << 1,
	SMTP_AT_STARTTLS = 1 << 2,
	SMTP_AT_AUTH = 1 << 3,
	SMTP_AT_MAIL = 1 << 4,
	SMTP_AT_RCPT = 1 << 5,
	SMTP_AT_DATA = 1 << 6,
	SMTP_AT_DOT = 1 << 7,
} SmtpAt;

/* Who is spoken of. What is not known is NULL. */
typedef struct {
	const char *host;
	const char *route;
	const char *user;      /* login name */
	const char *sender;
	const char *recipient;
	const char *detail;    /* for SmtpTrouble: see there; harmless */
} SmtpParties;

/* What happens without a reply that says so. */
typedef enum {
	SMTP_NAME_BAD,       /* Host= is no name */
	SMTP_NAME_MISSING,   /* it has no address */
	SMTP_NAME_TEMPORARY, /* no name server answered */
	SMTP_NAME_FAILED,    /* its answer says nothing */
	SMTP_DOMAIN_BAD,     /* the recipient's domain is no name */
	SMTP_DOMAIN_MISSING, /* there is no such domain, or no host in it */
	SMTP_DOMAIN_NULL,    /* it takes no mail (RFC 7505) */
	SMTP_DOMAIN_DOUBTED, /* one of these, said by a network not trusted */
	SMTP_MX_IS_US,       /* its best MX is this machine */
	SMTP_MX_NO_ADDRESS,  /* none of its MX has one */
	SMTP_SRV_MISSING,    /* no SRV for submission */
	SMTP_TLSA_MISSING,   /* whether there are TLSA records is unknown */
	SMTP_PROXY_AWAY,     /* the proxy does not help; detail */
	SMTP_PROXY_LOGIN,    /* it wants another login; detail */
	SMTP_NO_NETWORK,     /* no way there from here; detail: strerror */
	SMTP_REFUSED,        /* connection refused */
	SMTP_NO_ANSWER,      /* no answer to the connection, or no banner */
	SMTP_UNREACHABLE,    /* other failures to connect; detail */
	SMTP_SILENT,         /* the deadline of a step passed */
	SMTP_CLOSED,         /* the connection broke */
	SMTP_CLOSED_AFTER_DOT, /* ... with the whole message sent */
	SMTP_GARBAGE,        /* not the protocol; detail */
	SMTP_TLS_MISSING,    /* STARTTLS is not offered */
	SMTP_TLS_DOWNGRADE,  /* ... by a host that did offer it once */
	SMTP_TLS_EARLY,      /* bytes in clear before the handshake */
	SMTP_TLS_FAILED,     /* the handshake failed; detail */
	SMTP_TLS_UNTRUSTED,  /* detail: the whole sentence of tls.h */
	SMTP_TLS_SETUP,      /* our own configuration; detail: sentence */
	SMTP_LOGIN_MISSING,  /* no mechanism in common; detail: offered */
	SMTP_LOGIN_CLEAR,    /* it would show the password */
	SMTP_LOGIN_SECRET,   /* no password there; detail */
	SMTP_LOGIN_BROKEN,   /* our side cannot; detail */
	SMTP_LOGIN_UNPROVEN, /* the server failed to prove itself; detail */
	SMTP_BYTES,          /* bare CR, LF, NUL in the message */
	SMTP_LOOP,           /* too many Received fields */
	SMTP_TOO_LARGE,      /* over the server's SIZE; detail: its limit */
	SMTP_NEEDS_UTF8,     /* no SMTPUTF8 for an address that needs it */
	SMTP_WRAPPER_ENDED,  /* the command of Wrapper=; detail: its words */
	SMTP_NEEDS_TLS,      /* REQUIRETLS, and this hop cannot promise it */
	SMTP_8BIT_HEADER,    /* no 8BITMIME, and the header needs it */
	SMTP_8BIT_SIGNED,    /* ... and a signed part needs it */
	SMTP_8BIT_SEALED,    /* ... and a part needs it that is encoded */
	SMTP_BAD_ADDRESS,    /* no recipient that may stand in a command */
	SMTP_BAD_SENDER,     /* the same of the reverse-path */
	SMTP_OUR_FAULT,      /* this machine failed; detail */
} SmtpTrouble;

/*
 * The meaning of @reply, which is not the success hoped for at @at.
 * (transfer full). Its host, tls and remote_id are the caller's to set.
 */
Status *smtp_why_reply(SmtpAt at, const SmtpReply *reply,
		       const SmtpParties *parties);

/* The meaning of a trouble. (transfer full) */
Status *smtp_why_trouble(SmtpTrouble trouble, const SmtpParties *parties);

/* Delivered: the final 2yz. Finds the next hop's own id in its text. */
Status *smtp_why_delivered(const SmtpReply *reply);

#endif
