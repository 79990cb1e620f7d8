// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The protocol, as one table: every method, what it takes, what it returns
 * and which roles may call it. The engine dispatches by it, clients check
 * by it, `masqctl help protocol` prints it and masqmail-protocol(7) is held
 * against it. The keys of every a{sv} are listed in api.c beside the rows
 * that use them. Nothing here touches a socket: see wire.h.
 */
#ifndef MASQMAIL_COMMON_API_H
#define MASQMAIL_COMMON_API_H

#include <glib.h>

#define API_VERSION 1

/* What a connection may do; from credentials at accept or from birth. */
typedef enum {
	ROLE_SUBMIT = 1 << 0,  /* hand mail in */
	ROLE_USER = 1 << 1,    /* see and act on one's own mail */
	ROLE_ADMIN = 1 << 2,   /* see and act on all mail, profiles, reload */
	ROLE_DELIVER = 1 << 3, /* a worker with one batch */
	ROLE_HINT = 1 << 4,    /* the helper that listens to the desktop */
	ROLE_ANY = ROLE_SUBMIT | ROLE_USER | ROLE_ADMIN | ROLE_DELIVER |
		   ROLE_HINT,
} Role;

/* The reply of Fetch: one 'd' packet instead of a body of a type. */
#define API_DATA "DATA"

typedef struct {
	const char *name;
	const char *in;
	const char *out;
	guint roles;
	const char *help; /* one line */
} ApiMethod;

/* One notification of Watch. */
typedef struct {
	const char *name;
	const char *body;
	const char *help;
} ApiNotice;

/* A column of List; rows are tuples of the asked columns, in that order. */
typedef struct {
	const char *name;
	const char *type;
	const char *help;
} ApiColumn;

/* The tables end with a row whose name is NULL. */
extern const ApiMethod api_methods[];
extern const ApiNotice api_notices[];
extern const ApiColumn api_columns[];

/* (nullable) (transfer none) */
const ApiMethod *api_method(const char *name);
const ApiNotice *api_notice(const char *name);
const ApiColumn *api_column(const char *name);

/* "submit user admin": the words of @roles, blank between. (transfer full) */
char *api_roles_text(guint roles);

#endif
