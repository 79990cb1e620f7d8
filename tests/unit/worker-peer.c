// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/worker-peer.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/status.h"
#include "common/wire.h"

#define PATIENCE_MS 20000

typedef struct {
	WorkerPeer peer; /* first */
	int fd;
	pid_t pid;
	guint packets;
	gboolean job_given;
	GByteArray *incoming;
} Private;

WorkerPeer *
worker_peer_new(char *program)
{
	Private *private = g_new0(Private, 1);
	WorkerPeer *peer = &private->peer;

	peer->program = program;
	peer->name = "test";
	peer->config = "";
	peer->client_fd = -1;
	peer->refuse = "";
	peer->refusal[0] = "5.7.1";
	peer->refusal[1] = "No";
	peer->calls = g_ptr_array_new_with_free_func(g_free);
	peer->data = g_byte_array_new();
	peer->verdicts = g_hash_table_new_full(NULL, NULL, NULL,
					       (GDestroyNotify)status_free);
	private->incoming = g_byte_array_new();
	private->fd = -1;
	return peer;
}

void
worker_peer_free(WorkerPeer *peer)
{
	Private *private = (Private *)peer;

	g_ptr_array_unref(peer->calls);
	g_byte_array_unref(peer->data);
	g_byte_array_unref(private->incoming);
	g_hash_table_unref(peer->verdicts);
	g_free(peer->program);
	if (peer->job)
		g_variant_unref(peer->job);
	if (private->fd >= 0)
		close(private->fd);
	g_free(peer);
}

static int
config_file(const char *text)
{
	int fd = memfd_create("config", 0);

	ck_assert_int_eq(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

/* In the child: nothing here may fail and go on. */
static void
become_worker(const WorkerPeer *peer, int engine)
{
	g_autofree char *pid = g_strdup_printf("%d", (int)getppid());
	int fds[] = {engine, config_file(peer->config), -1, -1,
		     peer->client_fd};

	for (guint i = 0; i < G_N_ELEMENTS(fds); i++) {
		if (fds[i] < 0)
			fds[i] = open("/dev/null", O_RDWR);
		fds[i] = fcntl(fds[i], F_DUPFD, 20);
	}
	for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
		dup2(fds[i], 3 + i);
	close_range(8, ~0U, 0);
	setenv("MASQMAIL_PARENT", pid, 1);
	if (peer->home)
		setenv("HOME", peer->home, 1);
	execl(peer->program, peer->program, peer->name, NULL);
	_exit(127);
}

void
worker_peer_start(WorkerPeer *peer)
{
	Private *private = (Private *)peer;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    pair),
			 0);
	private->pid = fork();
	if (private->pid == 0)
		become_worker(peer, pair[1]);
	close(pair[1]);
	if (peer->client_fd >= 0)
		close(peer->client_fd);
	private->fd = pair[0];
}

static char *
read_proc(const Private *private, const char *name)
{
	g_autofree char *path =
		g_strdup_printf("/proc/%d/%s", (int)private->pid, name);
	char *text = NULL;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

/* What getrusage tells is that of the forked test, too. */
static void
note_peak(Private *private)
{
	g_autofree char *text = read_proc(private, "status");
	g_autofree char *maps = read_proc(private, "maps");
	const char *line;

	private->peer.sanitized = strstr(maps, "libasan") != NULL;
	line = strstr(text, "VmHWM:");
	ck_assert_ptr_nonnull(line);
	private->peer.peak_kib = strtol(line + strlen("VmHWM:"), NULL, 10);
}

static void
keep_verdict(WorkerPeer *peer, GVariant *body)
{
	g_autoptr(GVariant) dictionary = g_variant_get_child_value(body, 1);
	guint32 number;

	note_peak((Private *)peer);
	g_variant_get_child(body, 0, "u", &number);
	g_hash_table_insert(peer->verdicts, GUINT_TO_POINTER(number),
			    status_from_variant(dictionary));
}

static GVariant *
give_job(Private *private)
{
	gboolean first = !private->job_given;

	private->job_given = TRUE;
	if (first && private->peer.job)
		return g_variant_new("(@a{sv})", private->peer.job);
	return g_variant_new("(@a{sv})",
			     g_variant_new_array(G_VARIANT_TYPE("{sv}"), NULL,
						 0));
}

static GVariant *
reply_to(Private *private, const WirePacket *call)
{
	WorkerPeer *peer = &private->peer;

	if (g_str_equal(call->name, "Job"))
		return give_job(private);
	if (g_str_equal(call->name, "Hello"))
		return g_variant_new("(us)", API_VERSION, "deliver");
	if (g_str_equal(call->name, "Verdict"))
		keep_verdict(peer, call->body);
	if (g_str_equal(call->name, "Submit") ||
	    g_str_equal(call->name, "Reset"))
		g_byte_array_set_size(private->incoming, 0);
	if (!g_str_equal(call->name, "Commit"))
		return g_variant_new("()");
	g_byte_array_append(peer->data, private->incoming->data,
			    private->incoming->len);
	return g_variant_new("(s)", "ID-1");
}

static void
send_part(Private *private, GVariant *body)
{
	guint64 offset;
	gsize left;

	g_variant_get_child(body, 1, "t", &offset);
	ck_assert_uint_le(offset, private->peer.size);
	left = private->peer.size - offset;
	ck_assert(wire_send_data(private->fd, private->peer.bytes + offset,
				 MIN(left, WIRE_MAX_DATA), NULL));
}

static void
answer(Private *private, const WirePacket *packet)
{
	WorkerPeer *peer = &private->peer;
	g_autofree char *text = NULL;

	if (packet->kind == WIRE_DATA) {
		g_byte_array_append(private->incoming, packet->data,
				    packet->size);
		return;
	}
	ck_assert(wire_check_call(packet, NULL, NULL));
	if (g_str_equal(packet->name, "Fetch")) {
		send_part(private, packet->body);
		return;
	}
	text = g_variant_print(packet->body, FALSE);
	g_ptr_array_add(peer->calls,
			g_strdup_printf("%s %s", packet->name, text));
	if (g_str_equal(packet->name, peer->refuse))
		wire_send_failure(private->fd, packet->name, packet->serial,
				  peer->refusal[0], peer->refusal[1], NULL);
	else
		wire_send(private->fd, WIRE_REPLY, packet->name, packet->serial,
			  reply_to(private, packet), NULL);
}

gboolean
worker_peer_serve(WorkerPeer *peer, int milliseconds)
{
	Private *private = (Private *)peer;
	struct pollfd item = {.fd = private->fd, .events = POLLIN};

	while (private->fd >= 0 && poll(&item, 1, milliseconds) > 0) {
		g_autoptr(WirePacket) packet = wire_receive(private->fd, NULL);

		if (packet)
			answer(private, packet);
		if (packet && (!peer->dies_after ||
			       ++private->packets < peer->dies_after))
			continue;
		close(private->fd);
		private->fd = -1;
	}
	return private->fd >= 0;
}

void
worker_peer_finish(WorkerPeer *peer)
{
	Private *private = (Private *)peer;
	int status = 0;

	if (worker_peer_serve(peer, PATIENCE_MS))
		kill(private->pid, SIGKILL);
	ck_assert_int_eq(waitpid(private->pid, &status, 0),
			 private->pid);
	peer->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void
worker_peer_run(WorkerPeer *peer)
{
	worker_peer_start(peer);
	worker_peer_finish(peer);
}

gboolean
worker_peer_was_small(const WorkerPeer *peer, long kib)
{
	return peer->sanitized ||
	       (peer->peak_kib > 0 && peer->peak_kib < kib);
}

guint
worker_peer_count(const WorkerPeer *peer, const char *prefix)
{
	guint n = 0;

	for (guint i = 0; i < peer->calls->len; i++)
		n += g_str_has_prefix(peer->calls->pdata[i], prefix);
	return n;
}
