// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/race.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "common/error.h"

typedef struct {
	const GArray *addresses;
	const RaceRules *rules;
	int fds[RACE_MAX]; /* -1: failed, or not begun */
	guint count;
	guint begun;
	gint64 end;        /* monotonic microseconds */
	gint64 next;       /* when the next one begins */
	int code;          /* errno of what is to be told; 0: none yet */
	const char *step;  /* what gave it */
} Race;

gboolean
race_is_no_network(int code)
{
	switch (code) {
	case ENETUNREACH:
	case ENETDOWN:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
	case EPERM:
	case EACCES:
		return TRUE;
	default:
		return FALSE;
	}
}

/*
 * What an address of the family that this network lacks says must not hide
 * what another one said.
 */
static void
note_failure(Race *race, guint number, int code, const char *step)
{
	if (race->fds[number] >= 0)
		close(race->fds[number]);
	race->fds[number] = -1;
	race->next = 0;
	if (race->code && !race_is_no_network(race->code))
		return;
	if (race->code && race_is_no_network(code))
		return;
	race->code = code;
	race->step = step;
}

/* The own address of that family; FALSE: there are some, but none of it. */
static gboolean
find_source(const RaceRules *rules, int family, const DnsAddress **ret_source)
{
	*ret_source = NULL;
	if (!rules->sources || rules->sources->len == 0)
		return TRUE;
	for (guint i = 0; i < rules->sources->len && !*ret_source; i++) {
		const DnsAddress *source =
			&g_array_index(rules->sources, DnsAddress, i);

		if (source->socket.any.sa_family == family)
			*ret_source = source;
	}
	return *ret_source != NULL;
}

static int
open_socket(int family)
{
	const int yes = 1;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);

	/* We write whole batches; a last short packet must not wait. */
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return fd;
}

/* Begin with the next address. */
static void
begin_next(Race *race)
{
	guint number = race->begun++;
	DnsAddress to = g_array_index(race->addresses, DnsAddress, number);
	const DnsAddress *source;
	int family = to.socket.any.sa_family;

	race->next = g_get_monotonic_time() + RACE_STAGGER_MS * 1000;
	if (!find_source(race->rules, family, &source)) {
		note_failure(race, number, EAFNOSUPPORT, "SourceAddress");
		return;
	}
	race->fds[number] = open_socket(family);
	if (race->fds[number] < 0) {
		note_failure(race, number, errno, "socket");
		return;
	}
	if (source && bind(race->fds[number], &source->socket.any,
			   source->size) < 0) {
		note_failure(race, number, errno, "SourceAddress");
		return;
	}
	/* The port stands at the same place in both families. */
	to.socket.in.sin_port = htons(race->rules->port);
	if (connect(race->fds[number], &to.socket.any, to.size) < 0 &&
	    errno != EINPROGRESS)
		note_failure(race, number, errno, "connect");
}

static gboolean
is_running(const Race *race)
{
	for (guint i = 0; i < race->begun; i++)
		if (race->fds[i] >= 0)
			return TRUE;
	return FALSE;
}

/* Milliseconds until something is to be done without any event. */
static int
time_left(const Race *race)
{
	gint64 now = g_get_monotonic_time();
	gint64 until = race->begun < race->count ? MIN(race->next, race->end)
						 : race->end;

	return until <= now ? 0 : (int)((until - now + 999) / 1000);
}

/* What became of the connections that poll() spoke of; its number or -1. */
static int
find_winner(Race *race, const struct pollfd *items)
{
	for (guint i = 0; i < race->begun; i++) {
		int result = 0;
		socklen_t size = sizeof(result);

		if (race->fds[i] < 0 || !items[i].revents)
			continue;
		getsockopt(race->fds[i], SOL_SOCKET, SO_ERROR, &result,
			   &size);
		if (result == 0)
			return i;
		note_failure(race, i, result, "connect");
	}
	return -1;
}

/* Wait for an event; the number of the first that is connected, or -1. */
static int
wait_once(Race *race, gboolean *ret_stopped)
{
	struct pollfd items[RACE_MAX + 1];

	for (guint i = 0; i < race->begun; i++)
		items[i] = (struct pollfd){ .fd = race->fds[i],
					    .events = POLLOUT };
	items[race->begun] = (struct pollfd){ .fd = race->rules->watched,
					      .events = POLLRDHUP };
	if (poll(items, race->begun + 1, time_left(race)) <= 0)
		return -1;
	*ret_stopped = items[race->begun].revents != 0;
	return *ret_stopped ? -1 : find_winner(race, items);
}

/* The number of the connection that stands first, or -1. */
static int
run(Race *race, gboolean *ret_stopped)
{
	int winner = -1;

	while (winner < 0 && !*ret_stopped) {
		gint64 now = g_get_monotonic_time();

		if (now >= race->end)
			return -1;
		if (race->begun < race->count && now >= race->next)
			begin_next(race);
		else if (!is_running(race))
			return -1;
		else
			winner = wait_once(race, ret_stopped);
	}
	return winner;
}

static void
set_failure(const Race *race, gboolean stopped, GError **error)
{
	if (stopped) {
		g_set_error(error, STREAM_ERROR, STREAM_ERROR_STOPPED,
			    "told to stop");
	} else if (race->code &&
		   !(is_running(race) && race_is_no_network(race->code))) {
		errno = race->code;
		error_set_errno(error, "%s", race->step);
	} else {
		g_set_error(error, STREAM_ERROR, STREAM_ERROR_TIMEOUT,
			    "no answer in time");
	}
}

Stream *
race_connect(const GArray *addresses, const RaceRules *rules,
	     DnsAddress *ret_winner, GError **error)
{
	Race race = { .addresses = addresses, .rules = rules,
		      .count = MIN(addresses->len, RACE_MAX),
		      .end = g_get_monotonic_time() +
			     rules->seconds * G_USEC_PER_SEC };
	gboolean stopped = FALSE;
	Stream *stream = NULL;
	int winner;

	for (guint i = 0; i < RACE_MAX; i++)
		race.fds[i] = -1;
	winner = run(&race, &stopped);
	if (winner >= 0) {
		stream = stream_new(race.fds[winner]);
		stream_watch(stream, rules->watched);
		*ret_winner = g_array_index(addresses, DnsAddress, winner);
		race.fds[winner] = -1;
	} else {
		set_failure(&race, stopped, error);
	}
	for (guint i = 0; i < race.begun; i++)
		if (race.fds[i] >= 0)
			close(race.fds[i]);
	return stream;
}
