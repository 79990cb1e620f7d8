// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/link.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <glib-unix.h>

#include "common/client.h"
#include "common/wire.h"

#define MAX_UNANSWERED 8    /* calls the engine holds of us at once */
#define MAX_WAITING 256     /* calls waiting for their turn */
#define PACKETS_A_TURN 64   /* then the keyboard gets its chance */
#define RETRIES 6           /* after the socket appeared */
#define RETRY_FIRST_MS 50   /* bind(2) comes before listen(2) */
#define DIRECTORY_EVENTS (IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF)

typedef struct {
	const ApiMethod *method;
	GVariant *body;
	LinkReply reply;
	gpointer data;
	GDestroyNotify destroy;
} Call;

struct Link {
	char *path;
	LinkEvents events;
	gpointer data;
	Client *client; /* NULL while down */
	guint reader, writer, watcher, retry;
	int inotify;
	guint retries;
	guint32 serial;
	GQueue *waiting; /* of Call, not sent yet */
	GQueue *sent;    /* of Call */
};

static void link_try(Link *link);

static void
call_free(gpointer data)
{
	Call *call = data;

	if (call->destroy)
		call->destroy(call->data);
	g_clear_pointer(&call->body, g_variant_unref);
	g_free(call);
}

Link *
link_new(const char *path, const LinkEvents *events, gpointer data)
{
	Link *link = g_new0(Link, 1);

	link->path = g_strdup(path);
	link->events = *events;
	link->data = data;
	link->inotify = -1;
	link->waiting = g_queue_new();
	link->sent = g_queue_new();
	return link;
}

static void
remove_source(guint *source)
{
	if (*source)
		g_source_remove(*source);
	*source = 0;
}

static void
forget_calls(Link *link)
{
	Call *call;

	while ((call = g_queue_pop_head(link->sent)))
		call_free(call);
	while ((call = g_queue_pop_head(link->waiting)))
		call_free(call);
}

static void
stop_watching(Link *link)
{
	remove_source(&link->watcher);
	remove_source(&link->retry);
	if (link->inotify >= 0)
		close(link->inotify);
	link->inotify = -1;
}

static void
disconnect(Link *link)
{
	remove_source(&link->reader);
	remove_source(&link->writer);
	g_clear_pointer(&link->client, client_free);
	forget_calls(link);
}

void
link_free(Link *link)
{
	if (!link)
		return;
	disconnect(link);
	stop_watching(link);
	g_queue_free(link->waiting);
	g_queue_free(link->sent);
	g_free(link->path);
	g_free(link);
}

gboolean
link_is_up(const Link *link)
{
	return link->client != NULL;
}

guint
link_roles(const Link *link)
{
	return link->client ? client_roles(link->client) : 0;
}

static gboolean
on_directory(gint fd, GIOCondition condition, gpointer data)
{
	char events[4096]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	Link *link = data;

	(void)condition;
	while (read(fd, events, sizeof(events)) > 0)
		continue;
	link->retries = 0;
	link_try(link);
	return G_SOURCE_CONTINUE;
}

/* The nearest directory above the socket that exists. */
static void
watch_directory(Link *link)
{
	g_autofree char *directory = g_path_get_dirname(link->path);

	if (link->inotify < 0) {
		link->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (link->inotify < 0)
			return;
		link->watcher = g_unix_fd_add(link->inotify, G_IO_IN,
					      on_directory, link);
	}
	while (inotify_add_watch(link->inotify, directory,
				 DIRECTORY_EVENTS) < 0) {
		char *above = g_path_get_dirname(directory);

		if (g_str_equal(above, directory)) {
			g_free(above);
			return;
		}
		g_free(directory);
		directory = above;
	}
}

static void
go_down(Link *link, const char *why)
{
	g_autofree char *reason = g_strdup(why);

	disconnect(link);
	watch_directory(link);
	link->events.down(link->data, reason);
}

static void
send_waiting(Link *link)
{
	while (link->client && link->waiting->length &&
	       link->sent->length < MAX_UNANSWERED) {
		Call *call = g_queue_peek_head(link->waiting);
		g_autoptr(GError) error = NULL;

		if (!wire_send(client_fd(link->client), WIRE_CALL,
			       call->method->name, ++link->serial,
			       call->body, &error)) {
			if (!g_error_matches(error, WIRE_ERROR,
					     WIRE_ERROR_AGAIN))
				go_down(link, error->message);
			return;
		}
		g_queue_pop_head(link->waiting);
		g_queue_push_tail(link->sent, call);
	}
}

static gboolean
on_writable(gint fd, GIOCondition condition, gpointer data)
{
	Link *link = data;

	(void)fd;
	(void)condition;
	link->writer = 0;
	send_waiting(link);
	return G_SOURCE_REMOVE;
}

/* Whether something stayed behind because the socket was full. */
static void
send_later(Link *link)
{
	if (link->client && !link->writer && link->waiting->length &&
	    link->sent->length < MAX_UNANSWERED)
		link->writer = g_unix_fd_add(client_fd(link->client),
					     G_IO_OUT, on_writable, link);
}

static gboolean
take_answer(Link *link, const WirePacket *packet, GError **error)
{
	g_autoptr(GError) refused = NULL;
	g_autoptr(GVariant) bytes = NULL;
	Call *call = g_queue_pop_head(link->sent);

	if (!call) {
		g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
			    "the mail daemon answered without being asked");
		return FALSE;
	}
	if (packet->kind == WIRE_DATA)
		bytes = g_variant_ref_sink(g_variant_new_fixed_array(
			G_VARIANT_TYPE_BYTE, packet->data, packet->size, 1));
	if (!wire_check_reply(packet, call->method, &refused) &&
	    !g_error_matches(refused, WIRE_ERROR, WIRE_ERROR_REMOTE)) {
		call_free(call);
		g_propagate_error(error, g_steal_pointer(&refused));
		return FALSE;
	}
	if (call->reply)
		call->reply(call->data,
			    refused ? NULL
			    : bytes ? bytes
				    : packet->body,
			    refused);
	call_free(call);
	return TRUE;
}

static gboolean
take_packet(Link *link, GError **error)
{
	g_autoptr(WirePacket) packet =
		wire_receive(client_fd(link->client), error);

	if (!packet)
		return FALSE;
	if (packet->kind != WIRE_NOTICE)
		return take_answer(link, packet, error);
	if (!wire_check_notice(packet, error)) {
		/* A newer daemon may tell more than we understand. */
		if (!api_notice(packet->name)) {
			g_clear_error(error);
			return TRUE;
		}
		return FALSE;
	}
	link->events.notice(link->data, packet->name, packet->body);
	return TRUE;
}

static gboolean
on_readable(gint fd, GIOCondition condition, gpointer data)
{
	Link *link = data;
	g_autoptr(GError) error = NULL;

	(void)fd;
	(void)condition;
	for (guint i = 0; i < PACKETS_A_TURN && link->client && !error; i++)
		take_packet(link, &error);
	if (!link->client)
		return G_SOURCE_REMOVE;
	if (!error || g_error_matches(error, WIRE_ERROR, WIRE_ERROR_AGAIN)) {
		send_waiting(link);
		send_later(link);
		return G_SOURCE_CONTINUE;
	}
	link->reader = 0;
	go_down(link, error->message);
	return G_SOURCE_REMOVE;
}

static gboolean
on_retry(gpointer data)
{
	Link *link = data;

	link->retry = 0;
	link_try(link);
	return G_SOURCE_REMOVE;
}

/* Each time twice as long, RETRIES times: then only the directory counts. */
static void
try_later(Link *link)
{
	remove_source(&link->retry);
	if (link->retries >= RETRIES)
		return;
	link->retry = g_timeout_add(RETRY_FIRST_MS << link->retries++,
				    on_retry, link);
}

static void
connected(Link *link)
{
	int fd = client_fd(link->client);

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	stop_watching(link);
	link->retries = 0;
	link->reader = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR,
				     on_readable, link);
	link->events.up(link->data);
}

static void
link_try(Link *link)
{
	g_autoptr(GError) error = NULL;

	if (link->client)
		return;
	/* Watch first: what appears after a failed attempt is not missed. */
	watch_directory(link);
	link->client = client_connect(link->path, geteuid(), &error);
	if (link->client) {
		connected(link);
		return;
	}
	if (g_file_test(link->path, G_FILE_TEST_EXISTS))
		try_later(link);
	link->events.down(link->data, error->message);
}

void
link_start(Link *link)
{
	link_try(link);
}

void
link_call(Link *link, const char *method, GVariant *body, LinkReply reply,
	  gpointer data, GDestroyNotify destroy)
{
	Call *call = g_new0(Call, 1);

	call->method = api_method(method);
	call->body = g_variant_ref_sink(body);
	call->reply = reply;
	call->data = data;
	call->destroy = destroy;
	g_assert(call->method);
	if (!link->client || link->waiting->length >= MAX_WAITING) {
		call_free(call);
		return;
	}
	g_queue_push_tail(link->waiting, call);
	send_waiting(link);
	send_later(link);
}
