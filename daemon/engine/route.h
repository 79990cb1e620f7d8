// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which way a recipient's mail goes: to a mailbox of this machine, by a
 * route, or nowhere yet, and then why. Pure. Knows alone what makes a route
 * serve a message (its conditions, its owner) and what makes it safe at a
 * place: a network may change when and which way mail goes, never how
 * safely.
 */
#ifndef MASQMAIL_ENGINE_ROUTE_H
#define MASQMAIL_ENGINE_ROUTE_H

#include <glib.h>

#include "common/config.h"
#include "daemon/engine/alias.h"
#include "daemon/engine/hop.h"
#include "daemon/engine/message.h"
#include "daemon/engine/network.h"
#include "daemon/engine/profile.h"

/* The meter's and the wire's name of the way into our own mailboxes. */
#define ROUTE_LOCAL "local"

/* Host=srv:DOMAIN: the hosts that the DNS names for DOMAIN (RFC 6186). */
#define ROUTE_SRV "srv:"

typedef enum {
	ROUTE_SMARTHOST, /* one relay takes all */
	ROUTE_DIRECT,    /* each domain's own hosts, by MX */
} RouteKind;

typedef enum {
	ROUTE_TLS_NEVER,
	ROUTE_TLS_IF_POSSIBLE, /* when offered: no protection by itself */
	ROUTE_TLS_REQUIRED, /* STARTTLS, verified */
	ROUTE_TLS_IMPLICIT, /* TLS from the first byte, verified */
} RouteTls;

typedef struct {
	char *name;
	RouteKind kind;
	char *host;        /* of the smart host; "" for direct */
	guint port;        /* 0: the DNS says it */
	gboolean lmtp;     /* Protocol=lmtp */
	gboolean command;  /* Wrapper= or [Pipe]: a command is the way */
	gboolean proxied;  /* Proxy=: the host is where the proxy thinks */
	RouteTls tls;
	gboolean insecure; /* Insecure=yes: clear text allowed where strong */
	gboolean secret;   /* it logs in */
	char **auth;       /* mechanisms as configured; never NULL */
	char *user;        /* login name, for lists */
	char *owner;       /* Owner=; "" when there is none */
	char **users;      /* "*" is everybody; empty: the owner, else all */
	char **not_users;  /* names as above, "@" before a group's */
	char **senders;    /* lower case globs, "<>"; empty: all */
	char **not_senders;
	char **from;       /* the same, of the From header */
	char **not_from;
	char **recipients;
	char **not_recipients;
	guint64 min_size;  /* bytes; 0: any */
	guint64 max_size;  /* bytes; 0: any */
	char **vpns;       /* globs of interfaces: only while one is up */
	char **profiles;   /* globs: only where one of them is active */
	char **needs;      /* "vpn:wg0", "network:dock": all present */
	gboolean last;     /* LastRoute=yes: what fits goes by no later one */
	gboolean bounce;   /* OnConnectError=bounce */
	gboolean rewrites; /* it has rules in [Rewrite] */
	guint connections; /* at once; at least 1 */
	char *error;       /* why it is disabled, or NULL */
} Route;

/* A smart host route that takes everything, over verified STARTTLS. */
Route *route_new(const char *name);
void route_free(Route *route);

/*
 * A route of its loaded file (transfer full). NULL with a CONFIG_ERROR when
 * its values do not go together; the caller then keeps route_new() with
 * .error set, so that people see it.
 */
Route *route_from_config(const Config *config, const char *name,
			 GError **error);

/* (nullable) (transfer none) */
const Route *route_find(GPtrArray *routes, const char *name);

/* The next hop of mail to @address (transfer none: it points into both). */
Hop route_hop(const Route *route, const char *address);

/*
 * Whether who may name commands and sockets of this machine answers for the
 * way: then it is safe whatever the network is.
 */
gboolean route_is_vouched(const Route *route);

/* Whether the smart host is this machine: "localhost", 127.0.0.0/8, ::1. */
gboolean route_is_loopback(const Route *route);

/* What happened on a route lately; kept by the engine, by route name. */
typedef struct {
	gboolean off;        /* paused by hand */
	gint64 paused_until; /* Unix seconds; 0: not paused */
	char *paused_why;    /* "The login was refused ..." or NULL */
	gint64 host_until;   /* back-off of the next hop; 0: none */
	char *host_why;      /* or NULL */
	guint faults;        /* of host or network, in a row */
	Fault fault;         /* the present one; FAULT_NONE: it is well */
	gboolean others_answer; /* other routes' hosts do, at this place */
	guint busy;          /* workers delivering by it now */
} RouteFacts;

RouteFacts *route_facts_new(void);
void route_facts_free(RouteFacts *facts);

/* Bound of Connections=. */
#define ROUTE_MAX_CONNECTIONS 20

/* Everything a way depends on besides message and recipient. */
typedef struct {
	GPtrArray *routes;      /* of Route */
	const Profile *profile; /* active; NULL: offline */
	gboolean usable;   /* ProfileChoice.usable */
	gboolean trusted;  /* ProfileChoice.trusted */
	guint strength;    /* ProfileChoice.strength */
	gboolean settling; /* a change is not settled yet: start nothing far */
	gboolean pinned;   /* to the present profile, by hand */
	gboolean linked;   /* somebody nearby could answer us */
	gboolean passing;  /* leave out routes that refused: route_way() */
	const NetworkState *network; /* (nullable): which VPNs are up */
	const ProfileChoice *choice; /* (nullable): which places fit */
	const char *portal; /* why this network is suspected, or NULL */
	gboolean shut;     /* and not to be probed just now */
	gint64 portal_until; /* Unix seconds: the next probe */
	guint64 size_limit; /* bytes that leave from here; 0: any */
	const char *const *local_names; /* lower case domains of ours */
	const char *const *also_local;  /* OwnAddresses.also; (nullable) */
	const char *const *not_local;   /* OwnAddresses.except; (nullable) */
	const char *const *local_nets;  /* LocalNets; (nullable) */
	const char *const *permanent;   /* PermanentRoutes; (nullable) */
	const AliasWorld *aliases; /* NULL: every name is a mailbox */
	const MailboxRules *mailboxes; /* (nullable): no sub-addresses */
	const char *alias_user; /* whose uid the commands and files of the
	                           aliases get */
	GHashTable *users; /* uid (GUINT_TO_POINTER) -> login name */
	GHashTable *groups; /* name -> set of uids as above; (nullable) */
	GHashTable *facts; /* route name -> RouteFacts; may lack some */
	GHashTable *hops;  /* Hop of a direct route -> RouteFacts, of which
	                      host_until, host_why and busy; or NULL */
	gint64 now;        /* Unix seconds */
} RouteWorld;

/*
 * Why a recipient waits, the nearer to going the later (from NO_ROUTE on).
 * Words of the wire by wait_reason_name().
 */
typedef enum {
	WAIT_NONE,
	WAIT_TURN,       /* it may go: the next free connection takes it */
	WAIT_ACTIVE,     /* it is being delivered */
	WAIT_DONE,       /* nothing is owed for it */
	WAIT_HELD,
	WAIT_TRASHED,
	WAIT_STOPPED,    /* the queue is read-only or the engine stops */
	WAIT_NOT_BEFORE, /* send later, undo window */
	WAIT_QUEUE_RUN,  /* queue-only: the next run takes it */
	WAIT_RETRY,      /* the last try failed: again at a time */
	WAIT_ORDER,      /* an earlier one of the same sender goes first */
	WAIT_ALIAS,      /* the aliases do not say where it goes */
	WAIT_SENT,       /* a copy of sent mail: until it is sent */
	WAIT_SETTLING,   /* the network is changing */
	WAIT_OFFLINE,    /* no network */
	WAIT_PINNED,     /* "offline" was chosen by hand */
	WAIT_NO_PROFILE, /* a network, but no profile for it */
	WAIT_NO_ROUTE,   /* no route of the profile takes this message */
	WAIT_OWNER,      /* the routes that would are other people's */
	WAIT_NO_LINK,    /* of the LAN, and no link to it is up */
	WAIT_PLACE,      /* the route is for another place: VPN, profile */
	WAIT_SIZE,       /* too large for this place */
	WAIT_UNSAFE,     /* the route would not be safe at this place */
	WAIT_BROKEN,     /* the route's configuration is broken */
	WAIT_PORTAL,     /* this network stands in the way: a sign-in */
	WAIT_ROUTE,      /* the route is paused: login, certificate */
	WAIT_HOST,       /* the next hop does not answer: back-off */
} WaitReason;

typedef enum {
	WAY_LOCAL, /* to the mailbox of .user */
	WAY_ALIAS, /* to others, or nobody: ask alias_resolve() */
	WAY_ROUTE, /* by .route */
	WAY_WAIT,  /* for .reason; .route when one was the nearest to it */
} WayKind;

typedef struct {
	WayKind kind;
	const Route *route; /* (transfer none) (nullable) */
	WaitReason reason;
	gint64 until; /* Unix seconds when it ends by itself; 0: unknown */
	const char *domain; /* the direct route's next hop, else "" or NULL */
	const char *asked; /* the route its owner asked for; (nullable) */
	gboolean near;     /* it is mail for the LAN */
} Way;

/* The option of a message that its owner sent by a route of their choice. */
#define ROUTE_ASKED "reroute"
/*
 * The option of a recipient with the routes, a blank between, whose servers
 * would not take mail of ours for it: others are tried first.
 */
#define ROUTE_PASSED "passed"
/* The option with the addresses of its From header, ", " between. */
#define ROUTE_AUTHORS "authors"

/*
 * The way of one recipient now, by routes and network alone: hold, retry
 * times and limits are schedule's. Makes no strings.
 */
Way route_way(const RouteWorld *world, const Message *message,
	      const Recipient *recipient);

/* Whether this is mail for this machine (common/own.h). */
gboolean route_is_local(const RouteWorld *world, const char *address);

/*
 * Whether this is mail for the LAN: its domain, or the address it names, is
 * of LocalNets. Such mail goes by the permanent routes alone, if there are
 * any, and never waits for the online state.
 */
gboolean route_is_near(const RouteWorld *world, const char *address);

/*
 * Whether the aliases are not to be asked for @recipient any more: they
 * named it themselves. The option of a child of an expanded recipient.
 */
#define ROUTE_EXACT "exact"

/*
 * Further options of such children. ROUTE_MAILBOX: right into the mailbox,
 * no .forward is asked. ROUTE_TARGET: not the mailbox but this "|command" or
 * "/file"; ROUTE_BY says who names it: ROUTE_BY_FORWARD, the recipient's
 * own .forward, else the machine's owner: ROUTE_BY_ALIAS followed by the
 * alias, or ROUTE_BY_ARCHIVE. ROUTE_ORIGINAL: the address before any
 * expansion.
 */
#define ROUTE_MAILBOX "mailbox"
#define ROUTE_TARGET "target"
#define ROUTE_BY "by"
#define ROUTE_BY_ALIAS "alias:"
#define ROUTE_BY_ARCHIVE "archive"
#define ROUTE_BY_SENT "sent" /* the sender's own copy */
#define ROUTE_BY_FORWARD "forward"
#define ROUTE_NUMBER "number" /* AliasGoal.number */
#define ROUTE_ORIGINAL "original"

/* What is to become of a recipient that is the sender's own copy. */
typedef enum {
	ROUTE_SENT_NO_COPY, /* it is none */
	ROUTE_SENT_LATER,   /* others still wait */
	ROUTE_SENT_NOW,     /* somebody got the mail */
	ROUTE_SENT_NOT,     /* nobody did, and nobody will */
} RouteSent;

RouteSent route_sent_copy(const Message *message, const Recipient *recipient);

/* Whether it goes to a target that the machine's owner named. */
gboolean route_is_for_alias_user(const Recipient *recipient);

/* (transfer full). The user whom local delivery of @recipient is for. */
char *route_local_user(const RouteWorld *world, const Recipient *recipient);

/* What is known of @hop in @world; NULL: nothing. (transfer none) */
const RouteFacts *route_hop_facts(const RouteWorld *world, const Hop *hop);

/* Which of its conditions keeps a route from a message. */
typedef enum {
	REFUSAL_NONE,
	REFUSAL_SENDER,
	REFUSAL_NOT_SENDER, /* it fits NotSenders */
	REFUSAL_FROM,
	REFUSAL_NOT_FROM,
	REFUSAL_RECIPIENT,
	REFUSAL_NOT_RECIPIENT,
	REFUSAL_MIN_SIZE,
	REFUSAL_MAX_SIZE,
	REFUSAL_USER, /* from here on: the message fits, its user not */
	REFUSAL_NOT_USER,
} RouteRefusal;

RouteRefusal route_refusal(const RouteWorld *world, const Route *route,
			   const Message *message,
			   const Recipient *recipient);

/* (transfer full). The same in words: "it is for x@y, and ..." */
char *route_refusal_words(const Route *route, RouteRefusal refusal,
			  const Message *message,
			  const Recipient *recipient);

/* Whether @route may carry mail that @uid handed in. */
gboolean route_is_for_user(const RouteWorld *world, const Route *route,
			   uid_t uid);

/* Whether @route's server refused it before (ROUTE_PASSED). */
gboolean route_is_passed(const Route *route, const Recipient *recipient);

/* Whether the place has the VPN and the profile the route asks for. */
gboolean route_is_in_place(const RouteWorld *world, const Route *route);

/* Whether @route is one that is always there for the LAN. */
gboolean route_is_permanent(const RouteWorld *world, const Route *route);

/*
 * Whether @route could ever carry this: its conditions and owner, and
 * whether such mail goes by permanent routes or by one asked for.
 */
gboolean route_serves(const RouteWorld *world, const Route *route,
		      const Message *message, const Recipient *recipient);

/* Whether @route may be used at this place at all: its safety. */
gboolean route_is_safe(const RouteWorld *world, const Route *route);

/*
 * Whether mail could go by @route here: the profile names it, or it is
 * permanent and there is a link; it is whole, in its place, safe and not
 * switched off. Its meter runs while this holds (and while it is not paused
 * by a fault of the network).
 */
gboolean route_is_usable(const RouteWorld *world, const Route *route);

/* (transfer full). A plain sentence for people: why it has not gone. */
char *route_why(const RouteWorld *world, const Way *way);

/*
 * (transfer full). The steps of the decision, one sentence each, in order:
 * for Explain. @ret_way (nullable) is what route_way() gives.
 */
GPtrArray *route_explain(const RouteWorld *world, const Message *message,
			 const Recipient *recipient, Way *ret_way);

/*
 * Append @address to a message that is only supposed, and the addresses it
 * stands for by the aliases, so that each can be explained.
 */
void route_suppose(const RouteWorld *world, Message *message,
		   const char *address);

/* (transfer full). The conditions of a route in words, for Routes. */
char **route_match_words(const Route *route);

/* Whether @need is a value of Needs=. */
gboolean route_need_is_valid(const char *need);
/* The first of its needs that is not there, or NULL. */
const char *route_unmet_need(const RouteWorld *world, const Route *route);

/* Whether this network, as it is suspected, stands in the way of it. */
gboolean route_is_hindered(const RouteWorld *world, const Route *route);

/* "held", "offline", "paused", ...: the wire's and the log's words. */
const char *wait_reason_name(WaitReason reason);
/* "never", "if-possible", "required", "implicit" */
const char *route_tls_name(RouteTls tls);
const char *route_kind_name(RouteKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Route, route_free)

#endif
