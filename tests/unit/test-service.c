// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/service.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/listen.h"

static char *top;

static void
setup(void)
{
	top = g_dir_make_tmp("test-service-XXXXXX", NULL);
	g_unsetenv("NOTIFY_SOCKET");
	g_unsetenv("LISTEN_FDS");
	g_unsetenv("MASQMAIL_RESTARTS");
}

static void
teardown(void)
{
	g_autofree char *socket = g_build_filename(top, "notify", NULL);
	g_autofree char *lock = g_build_filename(top, "lock", NULL);

	g_unlink(socket);
	g_unlink(lock);
	g_rmdir(top);
	g_free(top);
}

/* What systemd would hold; @abstract ones have no file. */
static int
be_manager(gboolean abstract)
{
	g_autofree char *path = abstract ?
		g_strdup_printf("@masqmail-test-%d", (int)getpid()) :
		g_build_filename(top, "notify", NULL);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strlen(path));
	if (abstract)
		address.sun_path[0] = '\0';
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(G_STRUCT_OFFSET(struct sockaddr_un,
					  sun_path) + strlen(path))), 0);
	g_setenv("NOTIFY_SOCKET", path, TRUE);
	return fd;
}

START_TEST(a_manager_is_told)
{
	char text[64] = "";
	int manager = be_manager(_i == 1);

	ck_assert(service_is_managed());
	service_ready(-1);
	ck_assert_int_gt(recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT),
			 0);
	ck_assert_str_eq(text, "READY=1\nSTATUS=Serving");
	close(manager);
}
END_TEST

static const char *const deaf[] = {
	NULL, "", "relative", "/no/such/socket",
	"/longer/than/any/address/of/a/socket/can/be/in/the/unix/domain/longer/"
	"than/any/address/of/a/socket/can/be/in/the/unix/domain",
};

START_TEST(without_one_nothing_happens)
{
	if (deaf[_i] != NULL)
		g_setenv("NOTIFY_SOCKET", deaf[_i], TRUE);
	service_notify("READY=1");
	ck_assert_int_eq(service_is_managed(), deaf[_i] != NULL);
}
END_TEST

/* Whether a socket that was handed over to @pid, 0 for us, is found. */
static gboolean
look_for_listener(int pid, const char *count, gboolean same)
{
	g_autofree char *who = g_strdup_printf("%d", pid ? pid : getpid());
	ListenAddress address;
	struct sockaddr_in *in = (struct sockaddr_in *)&address.storage;
	int fd = socket(AF_INET, SOCK_STREAM, 0), found;

	listen_resolve("127.0.0.1:1", "127.0.0.1", &address);
	in->sin_port = 0;
	if (bind(fd, (struct sockaddr *)in, address.size) < 0 ||
	    getsockname(fd, (struct sockaddr *)in, &address.size) < 0)
		return FALSE;
	dup2(fd, 3);
	g_setenv("LISTEN_PID", who, TRUE);
	g_setenv("LISTEN_FDS", count, TRUE);
	if (!same)
		in->sin_port ^= 1;
	found = service_listener((struct sockaddr *)in, address.size);
	return found >= 0 && (fcntl(found, F_GETFD) & FD_CLOEXEC) != 0;
}

static const struct {
	int pid;
	const char *count;
	gboolean same;
	gboolean found;
} listener_rows[] = {
	{ 0, "1", TRUE, TRUE },
	{ 0, "1", FALSE, FALSE },
	{ 0, "0", TRUE, FALSE },
	{ 0, "65", TRUE, FALSE },
	{ 0, "x", TRUE, FALSE },
	{ 1, "1", TRUE, FALSE },
};

/* In a child: descriptor 3 is in use here. */
START_TEST(a_socket_handed_over_is_used)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(look_for_listener(listener_rows[_i].pid,
					listener_rows[_i].count,
					listener_rows[_i].same));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), listener_rows[_i].found);
}
END_TEST

/* Whether another process gets the lock as well. */
static gboolean
another_gets(const char *path)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(service_lock(path, NULL) ? 0 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status) == 0;
}

START_TEST(there_is_one_at_a_time)
{
	g_autofree char *path = g_build_filename(top, "lock", NULL);

	ck_assert(another_gets(path));
	ck_assert(service_lock(path, NULL));
	ck_assert(!another_gets(path));
}
END_TEST

/* The exit code of the foreground. */
static int
detach(gboolean ready)
{
	int status, fd;
	pid_t pid = fork();

	if (pid == 0) {
		fd = service_detach();
		if (ready)
			service_ready(fd);
		_exit(7);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

START_TEST(the_foreground_stays_until_all_is_ready)
{
	ck_assert_int_eq(detach(TRUE), 0);
	ck_assert_int_eq(detach(FALSE), 1);
	g_setenv("MASQMAIL_RESTARTS", "1", TRUE);
	ck_assert_int_eq(detach(TRUE), 7);
}
END_TEST

static Suite *
make_service_suite(void)
{
	Suite *suite = suite_create("service");
	TCase *tc = tcase_create("service");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_manager_is_told, 0, 2);
	tcase_add_loop_test(tc, without_one_nothing_happens, 0,
			    G_N_ELEMENTS(deaf));
	tcase_add_loop_test(tc, a_socket_handed_over_is_used, 0,
			    G_N_ELEMENTS(listener_rows));
	tcase_add_test(tc, there_is_one_at_a_time);
	tcase_add_test(tc, the_foreground_stays_until_all_is_ready);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(make_service_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
