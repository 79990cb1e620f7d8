// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The drop directory: a message left as a file while no daemon answers. The
 * only module that knows the format, its writer and its reader:
 *
 *	masqmail-drop 1 NAME INODE KEY
 *	Sender: ada@example.org			(empty: the null sender)
 *	Recipient: bob@example.net		(once or more)
 *	Option-NAME: value			(what Submit takes besides, and
 *						notify of each Recipient)
 *	(empty line)
 *	the message, just as it would have gone to the engine
 *
 * NAME is the file's own, INODE its own, both checked: the owner of a file
 * alone is no identity, for files of other people can be linked or renamed
 * into the directory. KEY is the random submission key, by which a message
 * handed in twice is taken once.
 *
 * A client writes: drop_create, drop_add..., drop_write..., drop_commit,
 * drop_writer_free. The parent lets in what drop_check accepts; the engine
 * reads that descriptor with drop_read. The directory is world writable but
 * not readable (01733), so a writer cannot sync it: the file is complete
 * when its mode is 0600, and durable when drop_commit has returned.
 */
#ifndef MASQMAIL_COMMON_DROP_H
#define MASQMAIL_COMMON_DROP_H

#include <glib.h>
#include <sys/types.h>

#define DROP_ERROR (drop_error_quark())
GQuark drop_error_quark(void);

typedef enum {
	DROP_ERROR_UNFINISHED,	/* still being written, or left half done */
	DROP_ERROR_FOREIGN,	/* not a drop file, or not this one */
	DROP_ERROR_MALFORMED,	/* a drop file whose content makes no sense */
} DropError;

/* Bounds on what anybody may leave behind. */
#define DROP_FILE_MAX (G_GUINT64_CONSTANT(1) << 30)	/* whole file */
#define DROP_BLOCK_MAX (1024 * 1024)	/* magic line, sender, recipients */
#define DROP_NAME_LENGTH 32		/* lower case hexadecimal digits */
#define DROP_AGE_UNFINISHED (24 * 3600)	/* seconds, then it is removed */

typedef struct DropWriter DropWriter;

/* (transfer full). Starts a file of mode 0200 in @directory. */
DropWriter *drop_create(const char *directory, GError **error);

/*
 * The same with the submission key @key (DROP_NAME_LENGTH lower case
 * hexadecimal digits), for a message that may have reached the engine.
 */
DropWriter *drop_create_again(const char *directory, const char *key,
			      GError **error);

/* A new random submission key. */
void drop_make_key(char key[DROP_NAME_LENGTH + 1]);

/*
 * One line of the block: "Sender", "Recipient" or "Option-..." with its
 * value. A value with a control character is DROP_ERROR_MALFORMED.
 */
gboolean drop_add(DropWriter *writer, const char *name, const char *value,
		  GError **error);

/* The next @size bytes of the message; the first ends the block. */
gboolean drop_write(DropWriter *writer, const void *bytes, gsize size,
		    GError **error);

/* Says that the file is complete and returns once it is on the disk. */
gboolean drop_commit(DropWriter *writer, GError **error);

/* The submission key: 32 hexadecimal digits. (transfer none) */
const char *drop_key(const DropWriter *writer);

/* Removes the file too, unless it was committed. */
void drop_writer_free(DropWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DropWriter, drop_writer_free)

/* Whether @name is one that drop_create could have chosen. */
gboolean drop_is_name(const char *name);

/*
 * (transfer full): a descriptor to read the finished file @name below the
 * open @directory, or -1. A regular file of mode 0600, with one link, not
 * too large, whose magic line is true. Sets @ret_owner.
 */
int drop_open(int directory, const char *name, uid_t *ret_owner,
	      GError **error);

typedef struct {
	char *key;
	char *sender;
	GPtrArray *recipients;	/* of char * */
	GHashTable *options;	/* char * without "Option-" to char * */
	guint64 message_offset;	/* where in the file the message begins */
} DropFile;

/*
 * (transfer full). The block of a file that drop_open accepted; the message
 * follows at message_offset, up to the end of the file. Its owner can still
 * write to it: trust no size.
 */
DropFile *drop_read(int fd, GError **error);

void drop_file_free(DropFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DropFile, drop_file_free)

#endif
