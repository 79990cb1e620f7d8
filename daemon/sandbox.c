// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/error.h"

/*
 * Landlock's numbers are of our own: headers are those of the machine we
 * were built on, the kernel is the one we run on.
 */
#define LANDLOCK_CREATE_RULESET 444
#define LANDLOCK_ADD_RULE 445
#define LANDLOCK_RESTRICT_SELF 446
#define LANDLOCK_VERSION 1U
#define LANDLOCK_PATH_BENEATH 1

#define FS_EXECUTE (1ULL << 0)
#define FS_WRITE_FILE (1ULL << 1)
#define FS_READ_FILE (1ULL << 2)
#define FS_READ_DIR (1ULL << 3)
#define FS_REMOVE_DIR (1ULL << 4)
#define FS_REMOVE_FILE (1ULL << 5)
#define FS_MAKE_DIR (1ULL << 7)
#define FS_MAKE_REG (1ULL << 8)
#define FS_MAKE_SOCK (1ULL << 9)
#define FS_MAKE_SYM (1ULL << 12)
#define FS_VERSION_1 ((1ULL << 13) - 1)
#define FS_REFER (1ULL << 13)		/* version 2 */
#define FS_TRUNCATE (1ULL << 14)	/* version 3 */
#define FS_IOCTL_DEV (1ULL << 15)	/* version 5 */
#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | \
		     FS_TRUNCATE | FS_IOCTL_DEV)

static const SandboxPath system_paths[] = {
	{ "/dev/null", SANDBOX_READ | SANDBOX_WRITE },
	{ "/dev/urandom", SANDBOX_READ },
	{ "/etc", SANDBOX_READ },
	{ "/lib", SANDBOX_READ },
	{ "/lib64", SANDBOX_READ },
	{ "/proc", SANDBOX_READ },
	/* Where /etc/resolv.conf may point to. */
	{ "/run/NetworkManager", SANDBOX_READ },
	{ "/run/connman", SANDBOX_READ },
	{ "/run/resolvconf", SANDBOX_READ },
	{ "/run/systemd/resolve", SANDBOX_READ },
	{ "/usr", SANDBOX_READ },
};

int
sandbox_landlock_version(void)
{
	long version = syscall(LANDLOCK_CREATE_RULESET, NULL, 0,
			       LANDLOCK_VERSION);

	return version < 0 ? 0 : (int)version;
}

static guint64
handled_rights(int version)
{
	guint64 rights = FS_VERSION_1;

	if (version >= 2)
		rights |= FS_REFER;
	if (version >= 3)
		rights |= FS_TRUNCATE;
	if (version >= 5)
		rights |= FS_IOCTL_DEV;
	return rights;
}

static guint64
rights_of(guint access)
{
	guint64 rights = 0;

	if (access & SANDBOX_READ)
		rights |= FS_READ_FILE | FS_READ_DIR;
	if (access & SANDBOX_WRITE)
		rights |= FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE |
			  FS_MAKE_DIR | FS_MAKE_REG | FS_MAKE_SOCK |
			  FS_MAKE_SYM | FS_TRUNCATE;
	if (access & SANDBOX_MOVE)
		rights |= FS_REFER;
	if (access & SANDBOX_RUN)
		rights |= FS_EXECUTE;
	return rights;
}

static gboolean
add_path(int ruleset, const SandboxPath *path, guint64 handled,
	 GError **error)
{
	struct {
		guint64 rights;
		gint32 fd;
	} rule = { rights_of(path->access) & handled, -1 };
	struct stat status;
	gboolean good;

	rule.fd = open(path->path, O_PATH | O_CLOEXEC);
	if (rule.fd < 0)
		return TRUE;
	if (fstat(rule.fd, &status) == 0 && !S_ISDIR(status.st_mode))
		rule.rights &= FS_OF_FILES;
	good = syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_PATH_BENEATH,
		       &rule, 0) == 0 ||
	       error_set_errno(error, "Landlock rule for %s", path->path);
	close(rule.fd);
	return good;
}

static gboolean
add_paths(int ruleset, const SandboxPath *paths, gsize n, guint64 handled,
	  GError **error)
{
	gsize i;

	for (i = 0; i < n; i++)
		if (!add_path(ruleset, &paths[i], handled, error))
			return FALSE;
	return TRUE;
}

static gboolean
restrict_files(const SandboxPath *paths, gsize n, int version, GError **error)
{
	guint64 handled = handled_rights(version);
	int ruleset = (int)syscall(LANDLOCK_CREATE_RULESET, &handled,
				   sizeof(handled), 0);
	gboolean good;

	if (ruleset < 0)
		return error_set_errno(error, "Landlock");
	good = add_paths(ruleset, system_paths, G_N_ELEMENTS(system_paths),
			 handled, error) &&
	       add_paths(ruleset, paths, n, handled, error) &&
	       (syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0 ||
		error_set_errno(error, "Landlock"));
	close(ruleset);
	return good;
}

/* The first version forbids every move between directories. */
static gboolean
landlock_can(const SandboxPath *paths, gsize n, int version)
{
	gsize i;

	for (i = 0; i < n; i++)
		if (version < 2 && (paths[i].access & SANDBOX_MOVE))
			return FALSE;
	return version > 0;
}

static gboolean
limit(__rlimit_resource_t resource, guint64 value, GError **error)
{
	struct rlimit limits;

	if (getrlimit(resource, &limits) < 0)
		return error_set_errno(error, "getrlimit");
	limits.rlim_max = MIN((rlim_t)value, limits.rlim_max);
	limits.rlim_cur = limits.rlim_max;
	return setrlimit(resource, &limits) == 0 ||
	       error_set_errno(error, "setrlimit");
}

static gboolean
limit_all(const SandboxLimits *limits, GError **error)
{
	return limit(RLIMIT_CORE, 0, error) &&
	       (limits->files == 0 ||
		limit(RLIMIT_NOFILE, limits->files, error)) &&
	       (limits->file_size == 0 ||
		limit(RLIMIT_FSIZE, limits->file_size, error)) &&
	       (limits->may_fork || limit(RLIMIT_NPROC, 0, error));
}

gboolean
sandbox_die_with_parent(GError **error)
{
	const char *text = g_getenv("MASQMAIL_PARENT");
	guint64 parent;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return error_set_errno(error, "PR_SET_PDEATHSIG");
	/* It may have died just before. */
	if (text != NULL &&
	    g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT32, &parent,
				       NULL) &&
	    (pid_t)parent != getppid()) {
		errno = ESRCH;
		return error_set_errno(error, "parent %s", text);
	}
	return TRUE;
}

gboolean
sandbox_enter(const SandboxPath *paths, gsize n_paths,
	      const SandboxLimits *limits, GError **error)
{
	int version = sandbox_landlock_version();

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set_errno(error, "PR_SET_NO_NEW_PRIVS");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set_errno(error, "PR_SET_DUMPABLE");
	if (!limit_all(limits, error))
		return FALSE;
	return !landlock_can(paths, n_paths, version) ||
	       restrict_files(paths, n_paths, version, error);
}
