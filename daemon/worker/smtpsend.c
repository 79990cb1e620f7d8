// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * smtpsend: a message from standard input to a host, by the same smtp-out
 * that the daemon uses; this program is its engine and its parent. A test
 * tool: nothing is queued, and what is said goes to standard error.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/error.h"
#include "common/text.h"
#include "daemon/worker/smtpsend-engine.h"
#include "daemon/worker/worker.h"

#define MESSAGE_MAX (256 * 1024 * 1024) /* bytes */
#define WORKER "smtp-out"
#define NAME "smtpsend"
#define HIGH_FD 20 /* above those a worker finds open */

extern char **environ;

typedef struct {
	char *host, *tls, *auth, *user, *password_file, *from, *helo, *ca;
	int port;
	gboolean insecure, lmtp, quiet;
	char **set;        /* KEY=VALUE of [Relay] */
	char **recipients;
} Options;

static void
options_clear(Options *options)
{
	char *words[] = { options->host, options->tls, options->auth,
			  options->user, options->password_file,
			  options->from, options->helo, options->ca };

	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		g_free(words[i]);
	g_strfreev(options->set);
	g_strfreev(options->recipients);
}

static gboolean
usage(GError **error, const char *sentence)
{
	g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
			    sentence);
	return FALSE;
}

static gboolean
parse_options(Options *options, int argc, char **argv, GError **error)
{
	const GOptionEntry entries[] = {
		{ "host", 0, 0, G_OPTION_ARG_STRING, &options->host,
		  "the server's name or address; mx: the recipient's own",
		  "HOST" },
		{ "port", 0, 0, G_OPTION_ARG_INT, &options->port,
		  "its port (25, with --tls=implicit 465)", "NUMBER" },
		{ "tls", 0, 0, G_OPTION_ARG_STRING, &options->tls,
		  "never, if-possible (the default), required, implicit",
		  "MODE" },
		{ "lmtp", 0, 0, G_OPTION_ARG_NONE, &options->lmtp,
		  "speak LMTP; the host may be the path of a socket", NULL },
		{ "ca-file", 0, 0, G_OPTION_ARG_FILENAME, &options->ca,
		  "certificates to trust instead of the system's", "FILE" },
		{ "auth", 0, 0, G_OPTION_ARG_STRING, &options->auth,
		  "mechanisms to log in by, in order", "LIST" },
		{ "user", 0, 0, G_OPTION_ARG_STRING, &options->user,
		  "log in as", "NAME" },
		{ "password-file", 0, 0, G_OPTION_ARG_FILENAME,
		  &options->password_file,
		  "the first line of this is the password", "FILE" },
		{ "insecure", 0, 0, G_OPTION_ARG_NONE, &options->insecure,
		  "show the password to unverified servers, too", NULL },
		{ "helo", 0, 0, G_OPTION_ARG_STRING, &options->helo,
		  "our own name", "NAME" },
		{ "from", 0, 0, G_OPTION_ARG_STRING, &options->from,
		  "the envelope sender; '' is the null sender", "ADDRESS" },
		{ "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->set,
		  "any other key of [Relay], see masqmail-route(5)",
		  "KEY=VALUE" },
		{ "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet,
		  "no transcript", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY,
		  &options->recipients, NULL, "RECIPIENT..." },
		{ NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);

	g_option_context_set_summary(
		context, "Sends the message on standard input over SMTP and "
			 "shows what is said.");
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, error))
		return FALSE;
	if (!options->host)
		return usage(error, "--host is missing");
	if (!options->recipients)
		return usage(error, "no recipients");
	if (options->password_file && !options->user)
		return usage(error, "--password-file needs --user");
	return TRUE;
}

/* --- the files of a worker ------------------------------------------------ */

static gboolean
add_key(GString *text, const char *key, const char *value, GError **error)
{
	for (const char *at = value; *at; at++)
		if (g_ascii_iscntrl(*at))
			return usage(error, "a control character in a value");
	/* GKeyFile's escape, and blanks at the beginning. */
	g_string_append_printf(text, "%s=", key);
	for (const char *at = value; *at; at++) {
		if (*at == '\\')
			g_string_append_c(text, '\\');
		if (*at == ' ' && at == value)
			g_string_append(text, "\\s");
		else
			g_string_append_c(text, *at);
	}
	g_string_append_c(text, '\n');
	return TRUE;
}

static gboolean
add_settings(GString *text, char **settings, GError **error)
{
	for (; settings && *settings; settings++) {
		g_auto(GStrv) parts = g_strsplit(*settings, "=", 2);

		if (!parts[0] || !parts[1])
			return usage(error, "--set takes KEY=VALUE");
		if (!add_key(text, parts[0], parts[1], error))
			return FALSE;
	}
	return TRUE;
}

/* The route's file, as the daemon would read it. */
static GString *
route_text(const Options *options, GError **error)
{
	g_autoptr(GString) text = g_string_new("[Relay]\n");
	const char *tls = options->tls ? options->tls : "if-possible";
	gboolean implicit = g_str_equal(tls, "implicit");
	g_autofree char *port = g_strdup_printf(
		"%d", options->port	? options->port
		      : options->lmtp	? 24
		      : implicit	? 465
					: 25);
	const struct {
		const char *key, *value;
	} keys[] = {
		{ "Host", options->host }, { "Port", port },
		{ "Tls", tls },            { "Auth", options->auth },
		{ "User", options->user }, { "Helo", options->helo },
		{ "CaFile", options->ca },
		{ "Protocol", options->lmtp ? "lmtp" : NULL },
		{ "Insecure", options->insecure ? "yes" : NULL },
	};

	for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
		if (keys[i].value &&
		    !add_key(text, keys[i].key, keys[i].value, error))
			return NULL;
	if (!add_settings(text, options->set, error))
		return NULL;
	return g_steal_pointer(&text);
}

/* A file in memory, above the descriptors that a worker finds. */
static int
file_of(const char *text, GError **error)
{
	int fd = memfd_create(NAME, MFD_CLOEXEC), high;

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		error_set_errno(error, "a file in memory");
		return -1;
	}
	high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
	close(fd);
	return high;
}

static int
secret_file(const Options *options, GError **error)
{
	const char *path = options->password_file ? options->password_file
						  : "/dev/null";
	int fd = open(path, O_RDONLY | O_CLOEXEC), high;

	if (fd < 0) {
		error_set_errno(error, "%s", path);
		return -1;
	}
	high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
	close(fd);
	return high;
}

/* --- the worker ----------------------------------------------------------- */

/* smtp-out stands beside us. (transfer full) */
static char *
worker_path(void)
{
	g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = g_path_get_dirname(own ? own : "./x");

	return g_build_filename(folder, WORKER, NULL);
}

static gboolean
spawn(const int fds[], guint n, pid_t *ret_pid, GError **error)
{
	g_autofree char *path = worker_path();
	char *const argv[] = { path, (char *)NAME, NULL };
	posix_spawn_file_actions_t actions;
	int code;

	posix_spawn_file_actions_init(&actions);
	for (guint i = 0; i < n; i++)
		posix_spawn_file_actions_adddup2(&actions, fds[i],
						 WORKER_ENGINE_FD + i);
	code = posix_spawn(ret_pid, path, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	errno = code;
	return code == 0 || error_set_errno(error, "%s", path);
}

/* Descriptors 3 to 8; what it has not is /dev/null. */
static gboolean
start_worker(const Options *options, const char *route, int *ret_engine,
	     pid_t *ret_pid, GError **error)
{
	int pair[2], fds[WORKER_PARENT_FD - WORKER_ENGINE_FD + 1];
	gboolean good;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return error_set_errno(error, "socketpair");
	fds[0] = fcntl(pair[1], F_DUPFD_CLOEXEC, HIGH_FD);
	close(pair[1]);
	fds[1] = file_of("[General]\n", error);
	fds[2] = fds[1] < 0 ? -1 : file_of(route, error);
	fds[3] = fds[2] < 0 ? -1 : secret_file(options, error);
	fds[4] = fds[5] = open("/dev/null", O_RDWR | O_CLOEXEC);
	good = fds[3] >= 0 &&
	       spawn(fds, G_N_ELEMENTS(fds), ret_pid, error);
	for (guint i = 0; i < G_N_ELEMENTS(fds) - 1; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	*ret_engine = pair[0];
	return good;
}

/* --- the message ---------------------------------------------------------- */

/* Standard input with CRLF line ends, the last line's too. */
static gboolean
read_message(Sending *sending, GByteArray *message, GError **error)
{
	char buffer[64 * 1024];
	char last = '\n';
	gssize got;

	while ((got = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0) {
		for (gssize i = 0; i < got; i++) {
			const guint8 byte = buffer[i];

			if (byte == '\n' && last != '\r')
				g_byte_array_append(message,
						    (guint8 *)"\r", 1);
			g_byte_array_append(message, &byte, 1);
			sending->eight_bit |= byte >= 0x80;
			last = byte;
		}
		if (message->len > MESSAGE_MAX)
			return usage(error, "the message is too large");
	}
	if (got < 0)
		return error_set_errno(error, "standard input");
	if (last != '\n')
		g_byte_array_append(message, (guint8 *)"\r\n", 2);
	return TRUE;
}

/* --- what came of it ------------------------------------------------------ */

static int
exit_code(const Status *status)
{
	switch (status->outcome) {
	case OUTCOME_DELIVERED:
		return EX_OK;
	case OUTCOME_FAILED:
		return g_str_has_prefix(status->enhanced, "5.1.")
			       ? EX_NOUSER
			       : EX_UNAVAILABLE;
	case OUTCOME_NONE:
	case OUTCOME_DEFERRED:
		break;
	}
	return status->fault == FAULT_ROUTE ? EX_NOPERM : EX_TEMPFAIL;
}

/* One line a recipient; the code of the first that was not delivered. */
static int
tell(const Sending *sending)
{
	g_autoptr(Status) unknown =
		status_new(OUTCOME_DEFERRED, FAULT_HOST, 0, "4.4.2", "",
			   "The attempt ended before its turn.");
	int code = EX_OK;

	for (guint i = 0; sending->recipients[i]; i++) {
		const Status *status = sending->verdicts[i];
		g_autofree char *to = text_harmless(sending->recipients[i]);

		if (!status)
			status = sending->fault ? sending->fault : unknown;
		printf("%s: %s%s%s\n", to, outcome_name(status->outcome),
		       *status->text ? " " : "", status->text);
		if (status->outcome != OUTCOME_DELIVERED)
			fprintf(stderr, NAME ": %s: %s\n", to, status->why);
		if (code == EX_OK)
			code = exit_code(status);
	}
	return code;
}

static gboolean
run(const Options *options, Sending *sending, GError **error)
{
	g_autoptr(GByteArray) message = g_byte_array_new();
	g_autoptr(GString) route = route_text(options, error);
	gboolean good;
	pid_t pid;
	int fd = -1;

	if (!route || !read_message(sending, message, error))
		return FALSE;
	sending->message = message;
	if (!start_worker(options, route->str, &fd, &pid, error))
		return FALSE;
	good = sending_serve(sending, fd, error);
	sending->message = NULL;
	close(fd);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return good;
}

static int
complain(const GError *error)
{
	g_autofree char *text = text_harmless(error->message);

	fprintf(stderr, NAME ": %s\n", text);
	if (error->domain == CONFIG_ERROR || error->domain == G_OPTION_ERROR)
		return EX_USAGE;
	return error->domain == SYSTEM_ERROR ? EX_OSERR : EX_SOFTWARE;
}

int
main(int argc, char **argv)
{
	Options options = { .from = NULL };
	Sending sending = { .sender = NULL };
	g_autoptr(GError) error = NULL;
	guint n;
	int code;

	if (!parse_options(&options, argc, argv, &error))
		return complain(error);
	n = g_strv_length(options.recipients);
	sending.sender = options.from ? options.from : "";
	sending.recipients = (const char *const *)options.recipients;
	sending.trusted = options.insecure;
	sending.quiet = options.quiet;
	sending.verdicts = g_new0(Status *, n);
	code = run(&options, &sending, &error) ? tell(&sending)
					       : complain(error);
	for (guint i = 0; i < n; i++)
		status_free(sending.verdicts[i]);
	g_free(sending.verdicts);
	status_free(sending.fault);
	options_clear(&options);
	if (fflush(stdout) || ferror(stdout))
		return EX_IOERR;
	return code;
}
