// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands, from the worker's call to the program: the real masqmaild in
 * user mode, and the worker's end of its socket in our hands.
 */
#include "daemon/worker/command.h"

#include <check.h>
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/worker/worker.h"
#include "tests/unit/parent-fixture.h"

#define PATIENCE_SECONDS 30

static int engine_end;

/* The socket that came with what the fake worker says. */
static void
take_socket(int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char text[512];
	struct iovec part = { text, sizeof(text) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int got;

	wait_readable(fd);
	ck_assert_int_gt(recvmsg(fd, &message, 0), 0);
	ck_assert(CMSG_FIRSTHDR(&message) != NULL);
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(got));
	ck_assert_int_eq(dup2(got, WORKER_PARENT_FD), WORKER_PARENT_FD);
	close(got);
}

static void
be_smtp_out(const char *settings)
{
	g_autofree char *text = g_strconcat("[Relay]\nHost=h\n", settings,
					    "\n", NULL);

	write_file("routes/asks.conf", text, 0600);
	ck_assert_int_eq(spawn(PRIV_SMTP_OUT, 1, "asks", &engine_end), 0);
	take_socket(engine_end);
}

static Command *
start(const char *key, const char *const *values, guint seconds,
      GError **error)
{
	const CommandCall call = { .key = key, .values = values, .input = -1,
				   .output = -1, .seconds = seconds,
				   .watched = -1 };

	return command_start(&call, error);
}

/* What it prints, which has to be all right. */
static char *
run(const char *key, const char *const *values)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Command) command = start(key, values, PATIENCE_SECONDS,
					   &error);

	ck_assert_msg(command && command_finish(command, &error), "%s",
		      error ? error->message : "");
	ck_assert(command_succeeded(command));
	return g_strdup(command_output(command)->str);
}

static void
assert_refused(const char *key, const char *const *values,
	       const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Command) command = start(key, values, PATIENCE_SECONDS,
					   &error);

	ck_assert(command != NULL);
	ck_assert(!command_finish(command, &error));
	ck_assert_msg(strstr(error->message, expected), "%s",
		      error->message);
}

START_TEST(the_words_are_those_of_the_file)
{
	g_autofree char *said = NULL;

	be_smtp_out("PasswordCommand=printf '%s|' one 'two  three' $HOME *");
	said = run("PasswordCommand", NULL);
	ck_assert_str_eq(said, "one|two  three|$HOME|*|");
}
END_TEST

START_TEST(the_environment_is_small)
{
	const char *values[] = { "SENDER=a@b.example", "RECIPIENT=c@d.example",
				 NULL };
	g_autofree char *said = NULL;
	g_auto(GStrv) lines = NULL;

	be_smtp_out("Wrapper=env");
	said = run("Wrapper", values);
	lines = g_strsplit(said, "\n", -1);
	for (char **line = lines; **line; line++) {
		g_autofree char *name = g_strndup(*line,
						  strcspn(*line, "="));
		const char *known[] = { "PATH", "HOME", "USER", "LOGNAME",
			"SHELL", "LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES",
			"TZ", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "SENDER",
			"RECIPIENT", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY",
			"WAYLAND_DISPLAY", "XAUTHORITY", "GNUPGHOME",
			"PASSWORD_STORE_DIR", "XDG_DATA_HOME", NULL };

		ck_assert_msg(g_strv_contains(known, name), "%s", *line);
	}
	ck_assert(strstr(said, "SENDER=a@b.example\n"));
	ck_assert(strstr(said, "RECIPIENT=c@d.example\n"));
}
END_TEST

START_TEST(values_stand_in_words)
{
	const char *values[] = { "RECIPIENT=c d@e.example", NULL };
	const char *option[] = { "RECIPIENT=-oX@e.example", NULL };
	g_autofree char *said = NULL;

	be_smtp_out("Wrapper=printf '%s|' 'rmail (${RECIPIENT})' "
		    "${RECIPIENT}");
	said = run("Wrapper", values);
	ck_assert_str_eq(said, "rmail (c d@e.example)|c d@e.example|");
	assert_refused("Wrapper", option, "begins with a hyphen");
	assert_refused("Wrapper", NULL, "${RECIPIENT}");
}
END_TEST

static const char *const bad_values[] = {
	"LD_PRELOAD=/tmp/evil.so", "PATH=/tmp", "SENDER", "=x", "SENDER=a\nb",
	"SENDER=\xff",
};

START_TEST(only_known_clean_values_are_told)
{
	const char *values[] = { bad_values[_i], NULL };

	be_smtp_out("Wrapper=env");
	assert_refused("Wrapper", values, "cannot be told");
}
END_TEST

START_TEST(too_many_values_are_refused)
{
	g_autofree char *large = g_strnfill(PRIV_VALUES_SIZE, 'x');
	const char *values[] = { large, NULL };
	g_autoptr(GError) error = NULL;

	ck_assert(start("Wrapper", values, 0, &error) == NULL);
	ck_assert(strstr(error->message, "more to tell"));
}
END_TEST

START_TEST(input_and_output_are_carried)
{
	g_autofree char *block = g_strnfill(50000, 'x');
	g_autoptr(GError) error = NULL;
	g_autoptr(Command) command = NULL;

	be_smtp_out("Wrapper=cat");
	command = start("Wrapper", NULL, PATIENCE_SECONDS, &error);
	ck_assert(command_write(command, block, 50000, &error));
	ck_assert(command_finish(command, &error));
	ck_assert_uint_eq(command_output(command)->len, 50000);
}
END_TEST

START_TEST(a_command_may_read_nothing)
{
	g_autofree char *block = g_strnfill(300000, 'x');
	g_autoptr(GError) error = NULL;
	g_autoptr(Command) command = NULL;

	be_smtp_out("Wrapper=true");
	command = start("Wrapper", NULL, PATIENCE_SECONDS, &error);
	ck_assert(command_write(command, block, 300000, &error));
	ck_assert(command_finish(command, &error));
	ck_assert(command_succeeded(command));
}
END_TEST

START_TEST(its_exit_and_complaint_are_told)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Command) command = NULL;
	g_autoptr(Status) status = NULL;

	be_smtp_out("Wrapper=sh -c 'echo first >&2; echo no room >&2; "
		    "exit 75'");
	command = start("Wrapper", NULL, PATIENCE_SECONDS, &error);
	ck_assert(command_finish(command, &error));
	ck_assert(!command_succeeded(command));
	status = command_status(command, "uux");
	ck_assert_int_eq(status->outcome, OUTCOME_DEFERRED);
	ck_assert_str_eq(status->why, "uux says that the mail is to be tried "
			 "again later (no room). The mail waits and is tried "
			 "again.");
}
END_TEST

START_TEST(output_has_a_bound)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Command) command = NULL;

	be_smtp_out("Wrapper=yes");
	command = start("Wrapper", NULL, PATIENCE_SECONDS, &error);
	ck_assert(!command_finish(command, &error));
	ck_assert(g_error_matches(error, COMMAND_RUN_ERROR,
				  COMMAND_RUN_ERROR_OUTPUT));
}
END_TEST

/* A command whose output is ours; the first line of it is its pid. */
static Command *
start_to_say_pid(guint seconds, pid_t *ret_pid)
{
	CommandCall call = { .key = "Wrapper", .seconds = seconds,
			     .watched = -1 };
	char line[32] = "";
	Command *command;
	int ends[2];
	guint64 pid;

	ck_assert_int_eq(pipe(ends), 0);
	call.output = ends[1];
	command = command_start(&call, NULL);
	close(ends[1]);
	wait_readable(ends[0]);
	ck_assert_int_gt(read(ends[0], line, sizeof(line) - 1), 0);
	close(ends[0]);
	ck_assert(g_ascii_string_to_unsigned(g_strchomp(line), 10, 1,
					     G_MAXINT32, &pid, NULL));
	*ret_pid = (pid_t)pid;
	return command;
}

static void
assert_ends(pid_t pid)
{
	for (int i = 0; i < PATIENCE_SECONDS * 100; i++) {
		if (kill(pid, 0) < 0 && errno == ESRCH)
			return;
		g_usleep(10000);
	}
	ck_abort_msg("pid %d still lives", (int)pid);
}

/* A shell that will not end by SIGTERM, and says so before it waits. */
#define STUBBORN "Wrapper=sh -c 'trap \"\" TERM; echo $$; " \
		 "while :; do sleep 1; done'"

START_TEST(a_deadline_ends_it)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Command) command = NULL;
	pid_t pid;

	be_smtp_out(STUBBORN);
	command = start_to_say_pid(3, &pid);
	ck_assert(!command_finish(command, &error));
	ck_assert(g_error_matches(error, COMMAND_RUN_ERROR,
				  COMMAND_RUN_ERROR_TIMEOUT));
	assert_ends(pid);
}
END_TEST

START_TEST(it_ends_when_no_longer_wanted)
{
	Command *command;
	pid_t pid;

	be_smtp_out(STUBBORN);
	command = start_to_say_pid(0, &pid);
	command_free(command);
	assert_ends(pid);
}
END_TEST

START_TEST(a_watched_descriptor_ends_it)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Command) command = NULL;
	CommandCall call = { .key = "Wrapper" };
	int pair[2];

	be_smtp_out("Wrapper=sleep 1000");
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	call.watched = pair[0];
	command = command_start(&call, &error);
	close(pair[1]);
	ck_assert(!command_finish(command, &error));
	ck_assert(g_error_matches(error, COMMAND_RUN_ERROR,
				  COMMAND_RUN_ERROR_STOPPED));
	close(pair[0]);
}
END_TEST

START_TEST(it_ends_with_the_daemon)
{
	g_autoptr(Command) command = NULL;
	pid_t pid;

	be_smtp_out(STUBBORN);
	command = start_to_say_pid(0, &pid);
	kill(parent, SIGKILL);
	assert_ends(pid);
}
END_TEST

static const struct {
	const char *settings, *key, *reason;
} refusals[] = {
	{ "User=x", "PasswordCommand", "has no PasswordCommand=" },
	{ "User=x", "Nonsense", "nothing is known" },
	{ "PasswordCommand=true\nOwner=nobody", "PasswordCommand",
	  "run a command as nobody" },
	{ "Wrapper=/nonexistent/program", "Wrapper",
	  "/nonexistent/program: No such file" },
	{ "Wrapper='unended", "Wrapper", "atching quote" },
	{ "Wrapper=true ${LD_PRELOAD}", "Wrapper", "${LD_PRELOAD}" },
	{ "Nonsense=1", "Wrapper", "Nonsense" },
};

START_TEST(refusals_are_sentences)
{
	be_smtp_out(refusals[_i].settings);
	assert_refused(refusals[_i].key, NULL, refusals[_i].reason);
}
END_TEST

START_TEST(a_file_that_others_write_names_nothing)
{
	be_smtp_out("Wrapper=true");
	write_file("routes/asks.conf", "[Relay]\nWrapper=true\n", 0620);
	assert_refused("Wrapper", NULL, "writable by nobody else");
	if (getuid() == 0) {
		g_autofree char *path = g_build_filename(
			paths->config, "routes", "asks.conf", NULL);

		write_file("routes/asks.conf", "[Relay]\nWrapper=true\n",
			   0600);
		ck_assert_int_eq(chown(path, 1, 1), 0);
		assert_refused("Wrapper", NULL, "must belong to");
	}
}
END_TEST

static void
be_local(PrivKind kind)
{
	const char *user = getpwuid(getuid())->pw_name;

	ck_assert_int_eq(spawn(kind, 1, user, &engine_end), 0);
	take_socket(engine_end);
}

START_TEST(the_mda_is_the_mains)
{
	g_autofree char *said = NULL;

	write_file("masqmail.conf", "[Local]\nMda=printf %s mda\n", 0600);
	be_local(PRIV_LOCAL);
	said = run("Mda", NULL);
	ck_assert_str_eq(said, "mda");
	assert_refused("Wrapper", NULL, "nothing is known");
	assert_refused("Alias", NULL, "nothing is known");
}
END_TEST

/* What holds for one user goes before what holds for all. */
START_TEST(a_user_has_an_mda_of_their_own)
{
	g_autofree char *text = g_strdup_printf(
		"[Local]\nMda=printf all\n[Local %s]\nMda=printf own\n",
		getpwuid(getuid())->pw_name);
	g_autofree char *said = NULL;

	write_file("masqmail.conf", text, 0600);
	be_local(PRIV_LOCAL);
	said = run("Mda", NULL);
	ck_assert_str_eq(said, "own");
}
END_TEST

START_TEST(an_alias_is_named_by_its_key)
{
	g_autofree char *aliases = g_build_filename(paths->config, "aliases",
						    NULL);
	g_autofree char *text = g_strdup_printf("[General]\nAliases=%s\n",
						aliases);
	CommandCall call = { .key = "Alias", .argument = "List", .output = -1,
			     .number = 1, .watched = -1 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Command) command = NULL;

	write_file("masqmail.conf", text, 0600);
	write_file("aliases", "list: \"|printf one\", ada, "
		   "\"|printf %s 'two words'\"\n", 0600);
	be_local(PRIV_ALIAS);
	command = command_start(&call, &error);
	ck_assert(command_finish(command, &error));
	ck_assert_str_eq(command_output(command)->str, "two words");
	call.number = 2;
	command_free(command);
	command = command_start(&call, &error);
	ck_assert(!command_finish(command, &error));
	ck_assert(strstr(error->message, "no such command"));
}
END_TEST

static void
assert_worker_dies(const void *bytes, gsize size)
{
	char byte;

	be_smtp_out("Wrapper=true");
	ck_assert_int_eq(send(WORKER_PARENT_FD, bytes, size, 0),
			 (gssize)size);
	assert_exited(1, SIGKILL);
	ck_assert_int_eq(recv(engine_end, &byte, 1, 0), 0);
}

START_TEST(nonsense_ends_the_worker)
{
	assert_worker_dies("nonsense", 8);
}
END_TEST

START_TEST(a_command_without_descriptors_ends_the_worker)
{
	const PrivAsk ask = { .op = PRIV_RUN, .key = "Wrapper" };

	assert_worker_dies(&ask, sizeof(ask));
}
END_TEST

static const struct {
	int status;
	Outcome outcome;
	const char *enhanced;
} exits[] = {
	{ 0, OUTCOME_DELIVERED, "2.0.0" },
	{ EX_NOUSER << 8, OUTCOME_FAILED, "5.1.1" },
	{ EX_NOHOST << 8, OUTCOME_FAILED, "5.1.2" },
	{ EX_UNAVAILABLE << 8, OUTCOME_FAILED, "5.3.0" },
	{ EX_DATAERR << 8, OUTCOME_FAILED, "5.6.0" },
	{ EX_NOPERM << 8, OUTCOME_FAILED, "5.7.0" },
	{ EX_TEMPFAIL << 8, OUTCOME_DEFERRED, "4.3.0" },
	{ EX_CANTCREAT << 8, OUTCOME_DEFERRED, "4.2.0" },
	{ 1 << 8, OUTCOME_DEFERRED, "4.3.0" },
	{ 127 << 8, OUTCOME_DEFERRED, "4.3.0" },
	{ SIGSEGV, OUTCOME_DEFERRED, "4.3.0" },
};

START_TEST(exits_mean_what_sysexits_says)
{
	g_autoptr(Status) status = command_why(exits[_i].status, "uux", "");

	ck_assert_int_eq(status->outcome, exits[_i].outcome);
	ck_assert_str_eq(status->enhanced, exits[_i].enhanced);
	ck_assert(status->outcome == OUTCOME_DELIVERED || *status->why);
}
END_TEST

static Suite *
make_command_suite(void)
{
	Suite *suite = suite_create("command");
	TCase *tcase = tcase_create("with a parent");

	tcase_add_checked_fixture(tcase, fixture_start, fixture_stop);
	tcase_set_timeout(tcase, 4 * PATIENCE_SECONDS);
	tcase_add_test(tcase, the_words_are_those_of_the_file);
	tcase_add_test(tcase, the_environment_is_small);
	tcase_add_test(tcase, values_stand_in_words);
	tcase_add_loop_test(tcase, only_known_clean_values_are_told, 0,
			    G_N_ELEMENTS(bad_values));
	tcase_add_test(tcase, too_many_values_are_refused);
	tcase_add_test(tcase, input_and_output_are_carried);
	tcase_add_test(tcase, a_command_may_read_nothing);
	tcase_add_test(tcase, its_exit_and_complaint_are_told);
	tcase_add_test(tcase, output_has_a_bound);
	tcase_add_test(tcase, a_deadline_ends_it);
	tcase_add_test(tcase, it_ends_when_no_longer_wanted);
	tcase_add_test(tcase, a_watched_descriptor_ends_it);
	tcase_add_test(tcase, it_ends_with_the_daemon);
	tcase_add_loop_test(tcase, refusals_are_sentences, 0,
			    G_N_ELEMENTS(refusals));
	tcase_add_test(tcase, a_file_that_others_write_names_nothing);
	tcase_add_test(tcase, the_mda_is_the_mains);
	tcase_add_test(tcase, a_user_has_an_mda_of_their_own);
	tcase_add_test(tcase, an_alias_is_named_by_its_key);
	tcase_add_test(tcase, nonsense_ends_the_worker);
	tcase_add_test(tcase, a_command_without_descriptors_ends_the_worker);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("exits");
	tcase_add_loop_test(tcase, exits_mean_what_sysexits_says, 0,
			    G_N_ELEMENTS(exits));
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_command_suite());
	int failed;

	signal(SIGPIPE, SIG_IGN);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
