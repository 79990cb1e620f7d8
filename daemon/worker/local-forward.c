// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/local-forward.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/address.h"
#include "common/error.h"
#include "daemon/worker/local-box.h"

/* --- the file ------------------------------------------------------------- */

/* Why the opened file does not surely say what its owner wants, or NULL. */
static const char *
unsafe(int fd)
{
	struct stat about;

	if (fstat(fd, &about) || !S_ISREG(about.st_mode))
		return "is not an ordinary file";
	if (about.st_uid != geteuid() && about.st_uid != 0)
		return "belongs to somebody else";
	if (about.st_mode & (S_IWGRP | S_IWOTH))
		return "can be written by others; \"chmod go-w\" mends that";
	if (about.st_size > FORWARD_MAX)
		return "is too large";
	return NULL;
}

/* A link of one's own is followed: many keep such files elsewhere. */
static int
open_forward(int home, const char *name)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = openat(home, name, flags | O_NOFOLLOW);
	struct stat about;

	if (fd < 0 && errno == ELOOP &&
	    !fstatat(home, name, &about, AT_SYMLINK_NOFOLLOW) &&
	    about.st_uid == geteuid())
		return openat(home, name, flags);
	return fd;
}

static char *
read_text(int fd, const char *name, GError **error)
{
	g_autofree char *text = g_malloc(FORWARD_MAX + 1);
	gsize size = 0;
	gssize got;

	while (size < FORWARD_MAX &&
	       (got = read(fd, text + size, FORWARD_MAX - size)) != 0) {
		if (got < 0)
			return error_null_errno(error, "read %s", name);
		size += got;
	}
	text[size] = '\0';
	if (strlen(text) == size)
		return g_steal_pointer(&text);
	g_set_error(error, BOX_ERROR, BOX_ERROR_UNSAFE, "%s is no text", name);
	return NULL;
}

/* (transfer full) (nullable): NULL without an error if there is none. */
static char *
read_forward(int home, const char *name, GError **error)
{
	g_autofree char *text = NULL;
	const char *why;
	int fd = open_forward(home, name);

	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0)
		return error_null_errno(error, "open %s", name);
	why = unsafe(fd);
	if (why)
		g_set_error(error, BOX_ERROR, BOX_ERROR_UNSAFE, "%s %s", name,
			    why);
	else
		text = read_text(fd, name, error);
	close(fd);
	return g_steal_pointer(&text);
}

/* A stranger chose it: no path, and nothing like one. */
static gboolean
is_plain(const char *extension)
{
	gsize length = strlen(extension);

	if (length == 0 || length > FORWARD_EXTENSION_MAX)
		return FALSE;
	for (const char *at = extension; *at; at++)
		if (!g_ascii_isalnum(*at) && !strchr("-_.=+", *at))
			return FALSE;
	return TRUE;
}

static Alias *
read_in(int home, const char *extension, GError **error)
{
	g_autofree char *lower = g_ascii_strdown(extension, -1);
	g_autofree char *special = g_strconcat(FORWARD_FILE "+", lower, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) mine = NULL;
	g_autoptr(Alias) forward = NULL;

	if (is_plain(lower))
		text = read_forward(home, special, &mine);
	if (!text && !mine)
		text = read_forward(home, FORWARD_FILE, &mine);
	if (mine)
		g_propagate_error(error, g_steal_pointer(&mine));
	if (!text)
		return NULL;
	forward = alias_parse_forward(text);
	return forward->targets->len || forward->fault
		       ? g_steal_pointer(&forward) : NULL;
}

/* Who may write to the home may put a .forward there. */
static gboolean
check_home(int fd, GError **error)
{
	struct stat about;

	if (fstat(fd, &about))
		return error_set_errno(error, "the home directory");
	if ((about.st_uid == geteuid() || about.st_uid == 0) &&
	    !(about.st_mode & S_IWOTH))
		return TRUE;
	g_set_error(error, BOX_ERROR, BOX_ERROR_UNSAFE,
		    "the home directory can be written by others");
	return FALSE;
}

Alias *
forward_read(const char *home, const char *extension, GError **error)
{
	int fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_autoptr(GError) mine = NULL;
	Alias *forward = NULL;

	/* Many users of the system have none, and so no .forward. */
	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0)
		return error_null_errno(error, "%s", home);
	forward = read_in(fd, extension, &mine);
	/* A home that others write to, as /tmp may be one, is fine without. */
	if ((forward || mine) && !check_home(fd, error))
		g_clear_pointer(&forward, alias_free);
	else if (mine)
		g_propagate_error(error, g_steal_pointer(&mine));
	close(fd);
	return forward;
}

/* --- its commands and files ----------------------------------------------- */

gboolean
forward_has(const Alias *forward, const char *target)
{
	for (guint i = 0; i < forward->targets->len; i++) {
		const AliasTarget *other = forward->targets->pdata[i];

		if ((other->kind == ALIAS_COMMAND ||
		     other->kind == ALIAS_PATH) &&
		    g_str_equal(other->text, target))
			return TRUE;
	}
	return FALSE;
}

int
forward_number(const Alias *forward, const char *target)
{
	int number = 0;

	for (guint i = 0; i < forward->targets->len; i++) {
		const AliasTarget *other = forward->targets->pdata[i];

		if (other->kind != ALIAS_COMMAND)
			continue;
		if (g_str_equal(other->text, target))
			return number;
		number++;
	}
	return -1;
}

const char *
forward_command(const Alias *forward, guint number)
{
	for (guint i = 0; i < forward->targets->len; i++) {
		const AliasTarget *target = forward->targets->pdata[i];

		if (target->kind == ALIAS_COMMAND && number-- == 0)
			return target->text + 1;
	}
	return NULL;
}

char *
forward_extension(const char *address, const char *user,
		  const char *separators)
{
	g_autofree char *local = address_local(address);
	gsize length = strlen(user);

	if (!g_ascii_strncasecmp(local, user, length) && local[length] &&
	    strchr(separators, local[length]))
		return g_strdup(local + length + 1);
	return g_strdup("");
}
