// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/dns-query.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "daemon/worker/dns.h"
#include "daemon/worker/stream.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define PORT_DNS 53
#define MAX_SECONDS 5
#define MAX_ROUNDS 2
#define MAX_REPLY (64 * 1024)

/* One question on its way to one server. */
typedef struct {
	DnsAnswer *answer;
	int fd;          /* -1: this server has said what it will */
	guint16 id;
	gboolean done;   /* no server needs to be asked any more */
	gint64 since;    /* when A of the same name was found; 0: not yet */
} Question;

typedef struct {
	const DnsServers *servers;
	Question questions[DNS_MAX_QUESTIONS];
	guint count;
	int watched;
	gboolean stopped;
} Asking;

/* --- the servers ---------------------------------------------------------- */

static gboolean
parse_server(const char *text, DnsAddress *ret_address)
{
	g_auto(GStrv) parts = g_strsplit(text, "%", 2);
	DnsAddress address = { 0 };

	if (!parts[0])
		return FALSE;
	g_strlcpy(address.text, parts[0], sizeof(address.text));
	if (inet_pton(AF_INET, parts[0], &address.socket.in.sin_addr) == 1) {
		address.socket.in.sin_family = AF_INET;
		address.socket.in.sin_port = htons(PORT_DNS);
		address.size = sizeof(address.socket.in);
	} else if (inet_pton(AF_INET6, parts[0],
			     &address.socket.in6.sin6_addr) == 1) {
		address.socket.in6.sin6_family = AF_INET6;
		address.socket.in6.sin6_port = htons(PORT_DNS);
		address.size = sizeof(address.socket.in6);
		if (parts[1])
			address.socket.in6.sin6_scope_id =
				if_nametoindex(parts[1]);
	} else {
		return FALSE;
	}
	*ret_address = address;
	return TRUE;
}

static guint
option_number(const char *word, const char *name, guint most, guint otherwise)
{
	if (!g_str_has_prefix(word, name))
		return otherwise;
	return CLAMP(g_ascii_strtoull(word + strlen(name), NULL, 10), 1,
		     most);
}

/* "nameserver ADDRESS", "options timeout:N attempts:N"; see resolv.conf(5) */
static void
parse_line(DnsServers *servers, const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \t\r", -1);
	gboolean server = g_strcmp0(words[0], "nameserver") == 0;

	if (!server && g_strcmp0(words[0], "options") != 0)
		return;
	for (char **word = words + 1; *word; word++) {
		DnsAddress address;

		if (!server) {
			servers->seconds = option_number(*word, "timeout:",
							 MAX_SECONDS,
							 servers->seconds);
			servers->rounds = option_number(*word, "attempts:",
							MAX_ROUNDS,
							servers->rounds);
		} else if (servers->servers->len < DNS_MAX_SERVERS &&
			   parse_server(*word, &address)) {
			g_array_append_val(servers->servers, address);
		}
	}
}

DnsServers *
dns_servers_parse(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	DnsServers *servers = g_new0(DnsServers, 1);

	servers->servers = g_array_new(FALSE, FALSE, sizeof(DnsAddress));
	servers->seconds = MAX_SECONDS;
	servers->rounds = MAX_ROUNDS;
	for (char **line = lines; *line; line++)
		parse_line(servers, *line);
	if (servers->servers->len == 0)
		parse_line(servers, "nameserver 127.0.0.1");
	servers->local = TRUE;
	for (guint i = 0; i < servers->servers->len; i++)
		servers->local = servers->local &&
				 dns_is_loopback(&g_array_index(
					 servers->servers, DnsAddress, i));
	return servers;
}

DnsServers *
dns_servers_load(void)
{
	g_autofree char *text = NULL;

	g_file_get_contents(RESOLV_CONF, &text, NULL, NULL);
	return dns_servers_parse(text ? text : "");
}

void
dns_servers_free(DnsServers *servers)
{
	if (!servers)
		return;
	g_array_unref(servers->servers);
	g_free(servers);
}

/* --- a question by TCP ---------------------------------------------------- */

static gboolean
read_all(Stream *stream, guint8 *buffer, gsize size)
{
	while (size > 0) {
		gssize got = stream_read(stream, buffer, size, NULL);

		if (got <= 0)
			return FALSE;
		buffer += got;
		size -= got;
	}
	return TRUE;
}

/* Length and packet (RFC 1035 4.2.2); FALSE: no answer. */
static gboolean
exchange(Stream *stream, Question *question)
{
	guint8 packet[2 + DNS_MAX_QUESTION], length[2];
	gsize size = dns_packet_ask(packet + 2, question->id,
				    question->answer);
	g_autofree guint8 *reply = g_malloc(MAX_REPLY);

	packet[0] = size >> 8;
	packet[1] = size & 0xff;
	if (!stream_write(stream, packet, size + 2, NULL) ||
	    !read_all(stream, length, sizeof(length)))
		return FALSE;
	size = length[0] << 8 | length[1];
	if (!read_all(stream, reply, size) ||
	    !dns_packet_is_reply(reply, size, question->id, question->answer))
		return FALSE;
	dns_packet_read(reply, size, question->answer);
	return TRUE;
}

static gboolean
ask_by_tcp(Asking *asking, Question *question, const DnsAddress *server)
{
	guint seconds = asking->servers->seconds;
	g_autoptr(GError) error = NULL;
	g_autoptr(Stream) stream =
		stream_connect(&server->socket.any, server->size, seconds,
			       asking->watched, &error);

	if (!stream)
		return FALSE;
	stream_set_deadline(stream, seconds);
	return exchange(stream, question);
}

/* --- many questions by UDP ------------------------------------------------ */

static void
hang_up(Question *question)
{
	if (question->fd >= 0)
		close(question->fd);
	question->fd = -1;
}

static void
send_question(Question *question, const DnsAddress *server)
{
	guint8 packet[DNS_MAX_QUESTION];
	gsize size;

	/* Port by the kernel and id by chance: nobody else can answer. */
	if (getrandom(&question->id, sizeof(question->id), 0) < 0)
		return;
	size = dns_packet_ask(packet, question->id, question->answer);
	if (size == 0) {
		question->answer->result = DNS_FAILED;
		question->done = TRUE;
		return;
	}
	question->fd = socket(server->socket.any.sa_family,
			      SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (question->fd < 0)
		return;
	if (connect(question->fd, &server->socket.any, server->size) < 0 ||
	    send(question->fd, packet, size, MSG_NOSIGNAL) < 0)
		hang_up(question);
}

/* Who failed may have a neighbour that does better. */
static void
take_reply(Asking *asking, Question *question, const DnsAddress *server,
	   const guint8 *packet, gsize size)
{
	DnsAnswer *answer = question->answer;

	if (!dns_packet_is_reply(packet, size, question->id, answer))
		return;
	hang_up(question);
	if (dns_packet_is_cut(packet, size)) {
		if (!ask_by_tcp(asking, question, server))
			return;
	} else {
		dns_packet_read(packet, size, answer);
	}
	answer->secure = answer->secure && asking->servers->local;
	question->done = answer->result != DNS_FAILED;
}

static void
receive(Asking *asking, Question *question, const DnsAddress *server)
{
	guint8 packet[4096];
	gssize got = recv(question->fd, packet, sizeof(packet), 0);

	if (got < 0)
		hang_up(question); /* nobody listens there */
	else
		take_reply(asking, question, server, packet, got);
}

/* When A came, AAAA of the same name is not worth a long wait. */
static void
note_found(Asking *asking, const DnsAnswer *found)
{
	if (found->type != DNS_TYPE_A || found->result != DNS_FOUND)
		return;
	for (guint i = 0; i < asking->count; i++) {
		Question *other = &asking->questions[i];

		if (other->answer->type == DNS_TYPE_AAAA && !other->since &&
		    g_str_equal(other->answer->name, found->name))
			other->since = g_get_monotonic_time();
	}
}

/* Microseconds until @question is given up; 0: no more is awaited. */
static gint64
time_left(const Question *question, gint64 end)
{
	gint64 left;

	if (question->fd < 0)
		return 0;
	if (question->since)
		end = MIN(end, question->since + DNS_PATIENCE_MS * 1000);
	left = end - g_get_monotonic_time();
	return MAX(left, 0);
}

/* Wait for any answer; FALSE: none is awaited any more. */
static gboolean
wait_once(Asking *asking, const DnsAddress *server, gint64 end)
{
	struct pollfd items[DNS_MAX_QUESTIONS + 1];
	gint64 longest = 0;
	guint i;

	for (i = 0; i < asking->count; i++) {
		gint64 left = time_left(&asking->questions[i], end);

		longest = MAX(longest, left);
		items[i] = (struct pollfd){
			.fd = left ? asking->questions[i].fd : -1,
			.events = POLLIN };
	}
	if (!longest)
		return FALSE;
	items[i] = (struct pollfd){ .fd = asking->watched,
				    .events = POLLRDHUP };
	if (poll(items, asking->count + 1, (longest + 999) / 1000) <= 0)
		return TRUE;
	asking->stopped = items[asking->count].revents != 0;
	for (i = 0; i < asking->count && !asking->stopped; i++) {
		if (!items[i].revents)
			continue;
		receive(asking, &asking->questions[i], server);
		note_found(asking, asking->questions[i].answer);
	}
	return !asking->stopped;
}

static void
ask_server(Asking *asking, const DnsAddress *server, guint round)
{
	gint64 end = g_get_monotonic_time() +
		     asking->servers->seconds * G_USEC_PER_SEC;

	for (guint i = 0; i < asking->count; i++) {
		Question *question = &asking->questions[i];

		/* Once all have failed, it is the name's fault. */
		if (!question->done && !question->since &&
		    !(round > 0 && question->answer->result == DNS_FAILED))
			send_question(question, server);
	}
	while (wait_once(asking, server, end))
		;
	for (guint i = 0; i < asking->count; i++)
		hang_up(&asking->questions[i]);
}

gboolean
dns_ask(const DnsServers *servers, GPtrArray *answers, int watched)
{
	Asking asking = { .servers = servers, .watched = watched,
			  .count = MIN(answers->len, DNS_MAX_QUESTIONS) };
	guint tries = servers->rounds * servers->servers->len;

	for (guint i = 0; i < asking.count; i++)
		asking.questions[i] =
			(Question){ .answer = answers->pdata[i], .fd = -1 };
	for (guint i = 0; i < tries && !asking.stopped; i++)
		ask_server(&asking,
			   &g_array_index(servers->servers, DnsAddress,
					  i % servers->servers->len),
			   i / servers->servers->len);
	return !asking.stopped;
}
