// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A mailbox as local.c sees it: begin, write lines that end in LF, then commit
 * or abandon. The kinds are Maildir (local-maildir.c), mbox (local-mbox.c) and
 * a command (local-command.c); each knows alone how its mail lies on disk, how
 * it is locked and what may not be trusted there. We run as the recipient, so
 * whatever a path leads to is what its owner may reach; what is refused is
 * what somebody else could have put there.
 *
 * Life: box_begin, box_write any number of times, then either box_commit
 * or box_free alone, which takes back all that was written.
 */
#ifndef MASQMAIL_WORKER_LOCAL_BOX_H
#define MASQMAIL_WORKER_LOCAL_BOX_H

#include <sys/types.h>

#include <glib.h>

#include "common/status.h"
#include "daemon/worker/command.h"

#define BOX_ERROR (box_error_quark())

/* Failures beside those of system calls (SYSTEM_ERROR). */
typedef enum {
	BOX_ERROR_UNSAFE, /* not a mailbox that is surely the recipient's */
	BOX_ERROR_LOCKED, /* another program did not let go of it in time */
} BoxError;

GQuark box_error_quark(void);

typedef struct Box Box;

typedef struct {
	const char *home; /* absolute */
	const char *path; /* absolute, or below home */
	const char *sender; /* reverse-path, "" for the null sender */
	gint64 now; /* Unix seconds, for mbox's From_ line */
	guint lock_wait; /* seconds to wait for a lock */
	gboolean seen; /* a Maildir keeps it as read already */
	const CommandCall *call; /* for box_command, else NULL */
} BoxTarget;

typedef struct {
	const char *name; /* as Delivery= spells it */
	const char *path; /* default; %u is the user */
	gboolean quote_from; /* whether lines like "From " get a '>' */
	Box *(*begin)(const BoxTarget *target, GError **error);
	gboolean (*write)(Box *box, const void *bytes, gsize size,
			  GError **error);
	gboolean (*commit)(Box *box, GError **error);
	/* What the committed box says of it; NULL: it is delivered. */
	Status *(*status)(Box *box);
	void (*free)(Box *box);
} BoxKind;

/* Every kind's Box begins with this. */
struct Box {
	const BoxKind *kind;
	char *place; /* the file, for the log */
};

extern const BoxKind box_maildir;
extern const BoxKind box_mbox;
extern const BoxKind box_command;

/* (nullable): the kind that Delivery=@name means. */
const BoxKind *box_kind(const char *name);

/*
 * Open the mailbox of @kind for one message (transfer full). Nothing that a
 * mail reader takes for mail exists before box_commit returned TRUE.
 */
Box *box_begin(const BoxKind *kind, const BoxTarget *target, GError **error);
gboolean box_write(Box *box, const void *bytes, gsize size, GError **error);

/* Make it durable: file and directory are synced when this is TRUE. */
gboolean box_commit(Box *box, GError **error);

/* (transfer full). What came of it, once box_commit returned TRUE. */
Status *box_status(Box *box);

/* Also takes back what was not committed. NULL is fine. */
void box_free(Box *box);

/*
 * Open the directory that holds the last part of @target's path, walking
 * from the home directory; @ret_name is that last part (transfer full).
 * With @create, missing directories below the home are made, 0700. Returns
 * a descriptor, or -1.
 */
int box_open_parent(const BoxTarget *target, gboolean create, char **ret_name,
		    GError **error);

/*
 * openat for a directory that must belong to us. A symbolic link is only
 * followed when it is our own, too. Returns a descriptor, or -1.
 */
int box_open_directory(int parent, const char *name, gboolean create,
		       GError **error);

/* Where the mailbox of @target lies, for people (transfer full). */
char *box_place(const BoxTarget *target);

/* write(2) all of it. @what names the file in the error. */
gboolean box_write_all(int fd, const void *bytes, gsize size, const char *what,
		       GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Box, box_free)

#endif
