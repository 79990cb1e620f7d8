// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An engine that knows one fixed queue: it speaks the real wire and answers
 * from a file of GVariant text. What the screens are tested against.
 *
 *	engine SOCKET FIXTURE [MESSAGES]
 *
 * With MESSAGES that many made-up ones stand behind those of the file. Lines
 * on standard input change what it tells:
 *
 *	message {...}	a Message notice with these keys changed or new
 *	gone ID STATE	that message leaves
 *	status {...}	these keys of Status change
 *	networks {...}	these keys of Networks change
 *	log {...}	one more line of the log
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/api.h"
#include "common/wire.h"

#define MAX_PEERS 8
#define LIST_BYTES (64 * 1024)

typedef struct {
	int fd;
	gboolean watches;
} Peer;

typedef struct {
	GVariantDict *fixture;
	GPtrArray *messages; /* of GVariant a{sv} */
	Peer peers[MAX_PEERS];
	guint n_peers;
} Engine;

static GVariant *
part(Engine *engine, const char *name)
{
	GVariant *value =
		g_variant_dict_lookup_value(engine->fixture, name, NULL);

	if (!value)
		g_error("no %s in the fixture", name);
	return value;
}

static char *
text_of(GVariant *record, const char *key)
{
	char *text = NULL;

	g_variant_lookup(record, key, "s", &text);
	return text ? text : g_strdup("");
}

static gint64
number_of(GVariant *record, const char *key)
{
	g_autoptr(GVariant) value = g_variant_lookup_value(record, key, NULL);

	if (!value)
		return 0;
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64))
		return g_variant_get_uint64(value);
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_UINT32))
		return g_variant_get_uint32(value);
	return g_variant_is_of_type(value, G_VARIANT_TYPE_INT64)
		       ? g_variant_get_int64(value)
		       : 0;
}

static GVariant *
with_changes(GVariant *record, GVariant *changes)
{
	GVariantDict dict;
	GVariantIter iter;
	const char *key;
	GVariant *value;

	g_variant_dict_init(&dict, record);
	g_variant_iter_init(&iter, changes);
	while (g_variant_iter_loop(&iter, "{&sv}", &key, &value))
		g_variant_dict_insert_value(&dict, key, value);
	return g_variant_ref_sink(g_variant_dict_end(&dict));
}

static void
tell(Engine *engine, const char *name, GVariant *body)
{
	g_autoptr(GVariant) sunk = g_variant_ref_sink(body);

	for (guint i = 0; i < engine->n_peers; i++)
		if (engine->peers[i].watches)
			wire_send(engine->peers[i].fd, WIRE_NOTICE, name, 0,
				  sunk, NULL);
}

static guint
find(Engine *engine, const char *id)
{
	guint i;

	for (i = 0; i < engine->messages->len; i++) {
		g_autofree char *its =
			text_of(engine->messages->pdata[i], "id");

		if (g_str_equal(its, id))
			break;
	}
	return i;
}

static void
change_message(Engine *engine, GVariant *changes)
{
	g_autofree char *id = text_of(changes, "id");
	guint at = find(engine, id);
	GVariant *old = at < engine->messages->len
				? engine->messages->pdata[at]
				: NULL;
	GVariant *new = with_changes(old, changes);

	if (old) {
		engine->messages->pdata[at] = new;
		g_variant_unref(old);
	} else {
		g_ptr_array_add(engine->messages, new);
	}
	tell(engine, "Message", g_variant_new("(@a{sv})", new));
}

static void
message_leaves(Engine *engine, const char *id, const char *state)
{
	guint at = find(engine, id);
	g_autoptr(GVariant) changes = g_variant_ref_sink(g_variant_new_parsed(
		"{'state': <%s>, 'gone': <true>}", state));
	g_autoptr(GVariant) last = NULL;

	if (at >= engine->messages->len)
		return;
	last = with_changes(engine->messages->pdata[at], changes);
	g_ptr_array_remove_index(engine->messages, at);
	tell(engine, "Message", g_variant_new("(@a{sv})", last));
}

static void
change_part(Engine *engine, const char *name, const char *notice,
	    GVariant *changes)
{
	g_autoptr(GVariant) old = part(engine, name);
	GVariant *new = with_changes(old, changes);

	g_variant_dict_insert_value(engine->fixture, name, new);
	tell(engine, notice, g_variant_new("(@a{sv})", new));
	g_variant_unref(new);
}

static gboolean
word_matches(GVariant *message, const char *word)
{
	g_autofree char *state = text_of(message, "state");
	g_autofree char *to = text_of(message, "to");
	g_autofree char *subject = text_of(message, "subject");

	if (*word == '-')
		return !word_matches(message, word + 1);
	if (g_str_has_prefix(word, "is:"))
		return g_str_equal(state, word + 3);
	if (g_str_has_prefix(word, "to:"))
		return strstr(to, word + 3) != NULL;
	return strstr(to, word) || strstr(subject, word);
}

/* The filter language, as far as tests need it. */
static gboolean
matches(GVariant *message, const char *filter)
{
	g_auto(GStrv) words = g_strsplit(filter, " ", -1);

	for (guint i = 0; words[i]; i++)
		if (*words[i] && !word_matches(message, words[i]))
			return FALSE;
	return TRUE;
}

static const char *sort_column;

static gint
compare(gconstpointer a, gconstpointer b)
{
	GVariant *first = *(GVariant *const *)a;
	GVariant *second = *(GVariant *const *)b;
	const ApiColumn *column = api_column(sort_column);
	g_autofree char *x = text_of(first, sort_column);
	g_autofree char *y = text_of(second, sort_column);
	gint64 m = number_of(first, sort_column);
	gint64 n = number_of(second, sort_column);

	if (*column->type == 's')
		return strcmp(x, y);
	return m < n ? -1 : m > n;
}

static GVariant *
column_value(GVariant *message, const char *name)
{
	const ApiColumn *column = api_column(name);
	GVariant *value = g_variant_lookup_value(message, name, NULL);

	if (value)
		return value;
	switch (*column->type) {
	case 'x':
		return g_variant_ref_sink(g_variant_new_int64(0));
	case 't':
		return g_variant_ref_sink(g_variant_new_uint64(0));
	case 'u':
		return g_variant_ref_sink(g_variant_new_uint32(0));
	}
	return g_variant_ref_sink(g_variant_new_string(""));
}

static GVariant *
tuple_of(GVariant *message, const char *const *columns)
{
	GVariantBuilder tuple;

	g_variant_builder_init(&tuple, G_VARIANT_TYPE_TUPLE);
	for (guint i = 0; columns[i]; i++) {
		g_autoptr(GVariant) value = column_value(message, columns[i]);

		g_variant_builder_add_value(&tuple, value);
	}
	return g_variant_builder_end(&tuple);
}

/* Those that match, in order; the fixture's own order is by next try. */
static GPtrArray *
listed(Engine *engine, GVariant *query)
{
	GPtrArray *rows = g_ptr_array_new();
	const char *filter = "", *order = "next-try";
	gboolean reverse = FALSE;

	g_variant_lookup(query, "filter", "&s", &filter);
	g_variant_lookup(query, "order", "&s", &order);
	g_variant_lookup(query, "reverse", "b", &reverse);
	for (guint i = 0; i < engine->messages->len; i++)
		if (matches(engine->messages->pdata[i], filter))
			g_ptr_array_add(rows, engine->messages->pdata[i]);
	sort_column = order;
	if (!g_str_equal(order, "next-try"))
		g_ptr_array_sort(rows, compare);
	for (guint i = 0; reverse && i < rows->len / 2; i++) {
		gpointer other = rows->pdata[rows->len - 1 - i];

		rows->pdata[rows->len - 1 - i] = rows->pdata[i];
		rows->pdata[i] = other;
	}
	return rows;
}

static GVariant *
list(Engine *engine, GVariant *in)
{
	g_autofree const char **columns = NULL;
	g_autoptr(GVariant) query = NULL;
	g_autoptr(GPtrArray) rows = NULL;
	GVariantBuilder reply;
	const char *after;
	guint n, from = 0;
	gsize size = 0;

	g_variant_get(in, "(^a&s@a{sv}&su)", &columns, &query, &after, &n);
	rows = listed(engine, query);
	for (guint i = 0; *after && i < rows->len; i++) {
		g_autofree char *id = text_of(rows->pdata[i], "id");

		if (g_str_equal(id, after))
			from = i + 1;
	}
	g_variant_builder_init(&reply, G_VARIANT_TYPE("av"));
	for (guint i = from; i < MIN(rows->len, from + n); i++) {
		GVariant *tuple = tuple_of(rows->pdata[i], columns);

		size += g_variant_get_size(tuple);
		if (size > LIST_BYTES) {
			g_variant_unref(g_variant_ref_sink(tuple));
			break;
		}
		g_variant_builder_add(&reply, "v", tuple);
	}
	return g_variant_new("(uav)", rows->len, &reply);
}

static GVariant *
show(Engine *engine, GVariant *in)
{
	g_autoptr(GVariant) recipients = part(engine, "recipients");
	GVariantDict dict;
	const char *id;
	guint at;

	g_variant_get(in, "(&s)", &id);
	at = find(engine, id);
	if (at >= engine->messages->len)
		return NULL;
	g_variant_dict_init(&dict, engine->messages->pdata[at]);
	g_variant_dict_insert_value(&dict, "recipient-list", recipients);
	g_variant_dict_insert_value(
		&dict, "options",
		g_variant_new_parsed("{'body': '8bitmime', 'ret': 'hdrs'}"));
	return g_variant_new("(@a{sv})", g_variant_dict_end(&dict));
}

static const struct {
	const char *verb, *state, *why;
} verbs[] = {
	{ "hold", "held", "You hold it." },
	{ "release", "queued", "It stands in line." },
	{ "retry", "queued", "It stands in line." },
	{ "restore", "queued", "It stands in line." },
	{ "delete", "trash", "You deleted it." },
	{ "edit", "queued", "It stands in line." },
	{ "reroute", "queued", "It stands in line." },
	{ "undo", "held", "You took it back." },
};

static void
act_on(Engine *engine, const char *verb, const char *id)
{
	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++) {
		g_autoptr(GVariant) changes = NULL;

		if (!g_str_equal(verbs[i].verb, verb))
			continue;
		changes = g_variant_ref_sink(g_variant_new_parsed(
			"{'id': <%s>, 'state': <%s>, 'why': <%s>, "
			"'answer': <''>}",
			id, verbs[i].state, verbs[i].why));
		change_message(engine, changes);
		return;
	}
	message_leaves(engine, id, "failed");
}

static GVariant *
act(Engine *engine, GVariant *in)
{
	g_autofree const char **ids = NULL;
	const char *verb;
	GVariantBuilder done;

	g_variant_get(in, "(&s^a&s@a{sv})", &verb, &ids, NULL);
	g_variant_builder_init(&done, G_VARIANT_TYPE_STRING_ARRAY);
	for (guint i = 0; ids[i]; i++) {
		act_on(engine, verb, ids[i]);
		g_variant_builder_add(&done, "s", ids[i]);
	}
	for (guint i = 0; !ids[0] && i < engine->messages->len; i++) {
		g_autofree char *id =
			text_of(engine->messages->pdata[i], "id");

		g_variant_builder_add(&done, "s", id);
	}
	return g_variant_new_parsed("({'done': <%*>, 'refused': <@a(ss) []>},)",
				    g_variant_builder_end(&done));
}

static GVariant *
profile(Engine *engine, GVariant *in)
{
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GVariant) changes = NULL;
	const char *name, *until = "";
	gint64 seconds = 0;

	g_variant_get(in, "(&s@a{sv})", &name, &options);
	g_variant_lookup(options, "until", "&s", &until);
	g_variant_lookup(options, "seconds", "x", &seconds);
	changes = g_variant_ref_sink(g_variant_new_parsed(
		"{'pinned': <%s>, 'pin-until': <%s>, 'profile': <%s>, "
		"'online': <%b>, 'pin-ends': <%x>}",
		name, until,
		g_str_equal(name, "offline") ? ""
		: *name			     ? name
					     : "Home",
		!g_str_equal(name, "offline"),
		seconds ? 1747319520 + seconds : 0));
	change_part(engine, "status", "Status", changes);
	return g_variant_new("()");
}

static GVariant *
hello(Engine *engine, GVariant *in)
{
	const char *roles = getenv("ENGINE_ROLES");

	(void)engine;
	(void)in;
	return g_variant_new("(us)", API_VERSION,
			     roles ? roles : "submit user admin");
}

static GVariant *
one(Engine *engine, const char *name)
{
	GVariant *value = part(engine, name);
	GVariant *body = g_variant_new_tuple(&value, 1);

	g_variant_unref(value);
	return body;
}

static GVariant *
status(Engine *engine, GVariant *in)
{
	(void)in;
	return one(engine, "status");
}

static GVariant *
routes(Engine *engine, GVariant *in)
{
	(void)in;
	return one(engine, "routes");
}

static GVariant *
profiles(Engine *engine, GVariant *in)
{
	(void)in;
	return one(engine, "profiles");
}

static GVariant *
networks(Engine *engine, GVariant *in)
{
	(void)in;
	return one(engine, "networks");
}

/* What was asked is said of what was asked for: name and profile. */
static GVariant *
learn(Engine *engine, GVariant *in)
{
	g_autoptr(GVariant) offer = part(engine, "learn");
	g_autoptr(GVariant) options = g_variant_get_child_value(in, 1);
	g_auto(GVariantDict) reply = G_VARIANT_DICT_INIT(offer);
	g_autofree char *profile = text_of(options, "profile");
	const char *name;

	g_variant_get_child(in, 0, "&s", &name);
	if (*name)
		g_variant_dict_insert(&reply, "name", "s", name);
	if (*profile)
		g_variant_dict_insert(&reply, "profile", "s", profile);
	return g_variant_new("(@a{sv})", g_variant_dict_end(&reply));
}

static GVariant *
nothing(Engine *engine, GVariant *in)
{
	(void)engine;
	(void)in;
	return g_variant_new("()");
}

static GVariant *
explain(Engine *engine, GVariant *in)
{
	(void)in;
	return one(engine, "explain");
}

static GVariant *
transcript(Engine *engine, GVariant *in)
{
	(void)in;
	return one(engine, "transcript");
}

static GVariant *
log_rows(Engine *engine, GVariant *in)
{
	g_autoptr(GVariant) rows = part(engine, "log");
	g_autoptr(GVariant) query = g_variant_get_child_value(in, 0);
	g_autofree char *wanted = text_of(query, "message");
	GVariantBuilder reply;

	g_variant_builder_init(&reply, G_VARIANT_TYPE("aa{sv}"));
	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);
		g_autofree char *id = text_of(row, "id");

		if (!*wanted || g_str_equal(id, wanted))
			g_variant_builder_add_value(&reply, row);
	}
	return g_variant_new("(aa{sv})", &reply);
}

/* All of them, or none for words that are nowhere. */
static GVariant *
history(Engine *engine, GVariant *in)
{
	g_autoptr(GVariant) rows = part(engine, "history");
	g_autoptr(GVariant) query = g_variant_get_child_value(in, 0);
	g_autofree char *words = text_of(query, "words");

	if (g_str_equal(words, "nothing"))
		return g_variant_new_parsed("(@aa{sv} [],)");
	return g_variant_new("(@aa{sv})", rows);
}

static const struct {
	const char *name;
	GVariant *(*answer)(Engine *engine, GVariant *in);
} methods[] = {
	{ "Hello", hello },	  { "List", list },
	{ "Show", show },	  { "Act", act },
	{ "Status", status },	  { "Profile", profile },
	{ "Profiles", profiles }, { "Routes", routes },
	{ "Networks", networks }, { "Explain", explain },
	{ "Learn", learn },	  { "Forget", nothing },
	{ "Rename", nothing },
	{ "Log", log_rows },	  { "History", history },
	{ "Transcript", transcript },
};

static void
fetch(Engine *engine, Peer *peer, GVariant *in)
{
	g_autoptr(GVariant) text = part(engine, "text");
	const char *bytes = g_variant_get_string(text, NULL);
	guint64 offset;

	g_variant_get(in, "(&st)", NULL, &offset);
	offset = MIN(offset, strlen(bytes));
	wire_send_data(peer->fd, bytes + offset, strlen(bytes + offset),
		       NULL);
}

static void
answer(Engine *engine, Peer *peer, const WirePacket *call)
{
	GVariant *body = NULL;

	if (g_str_equal(call->name, "Fetch")) {
		fetch(engine, peer, call->body);
		return;
	}
	if (g_str_equal(call->name, "Watch")) {
		peer->watches = TRUE;
		body = g_variant_new("()");
	}
	for (guint i = 0; i < G_N_ELEMENTS(methods); i++)
		if (g_str_equal(methods[i].name, call->name))
			body = methods[i].answer(engine, call->body);
	if (body)
		wire_send(peer->fd, WIRE_REPLY, call->name, call->serial,
			  body, NULL);
	else
		wire_send_failure(peer->fd, call->name, call->serial, "5.1.0",
				  "There is no such message.", NULL);
}

static void
obey(Engine *engine, const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 3);
	const char *rest = strchr(line, ' ');
	g_autoptr(GVariant) changes = NULL;

	if (g_str_equal(words[0], "gone")) {
		message_leaves(engine, words[1], words[2]);
		return;
	}
	changes = g_variant_parse(G_VARIANT_TYPE_VARDICT, rest ? rest : "",
				  NULL, NULL, NULL);
	if (!changes)
		g_error("not understood: %s", line);
	if (g_str_equal(words[0], "message"))
		change_message(engine, changes);
	else if (g_str_equal(words[0], "status"))
		change_part(engine, "status", "Status", changes);
	else if (g_str_equal(words[0], "networks"))
		change_part(engine, "networks", "Networks", changes);
	else if (g_str_equal(words[0], "log"))
		tell(engine, "Log", g_variant_new("(@a{sv})", changes));
}

static void
make_messages(Engine *engine, guint n)
{
	for (guint i = 0; i < n; i++) {
		g_autofree char *id = g_strdup_printf("8%03X-%04X", i >> 16,
						      i & 0xffff);
		g_autofree char *to =
			g_strdup_printf("user%u@host%u.example", i, i % 97);
		g_autofree char *subject =
			g_strdup_printf("Message number %u", i);

		g_ptr_array_add(
			engine->messages,
			g_variant_ref_sink(g_variant_new_parsed(
				"{'id': <%s>, 'state': <'waits'>, "
				"'to': <%s>, 'subject': <%s>, "
				"'arrived': <int64 %x>, 'size': <uint64 "
				"%t>, 'pending': <uint32 1>, "
				"'recipients': <uint32 1>, 'wait': "
				"<'Work'>}",
				id, to, subject,
				(gint64)(1747319520 - 100 - i),
				(guint64)i)));
	}
}

static Engine *
engine_new(const char *file, guint messages)
{
	Engine *engine = g_new0(Engine, 1);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) all = NULL;
	g_autoptr(GVariant) list_of = NULL;

	if (!g_file_get_contents(file, &text, NULL, &error))
		g_error("%s", error->message);
	all = g_variant_parse(G_VARIANT_TYPE_VARDICT, text, NULL, NULL,
			      &error);
	if (!all)
		g_error("%s: %s", file, error->message);
	engine->fixture = g_variant_dict_new(all);
	engine->messages = g_ptr_array_new();
	list_of = part(engine, "messages");
	for (gsize i = 0; i < g_variant_n_children(list_of); i++)
		g_ptr_array_add(engine->messages,
				g_variant_get_child_value(list_of, i));
	make_messages(engine, messages);
	return engine;
}

static int
listen_on(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, MAX_PEERS) < 0)
		g_error("%s: %s", path, g_strerror(errno));
	return fd;
}

static void
serve(Engine *engine, guint index)
{
	Peer *peer = &engine->peers[index];
	g_autoptr(WirePacket) packet = wire_receive(peer->fd, NULL);

	if (packet && wire_check_call(packet, NULL, NULL)) {
		answer(engine, peer, packet);
		return;
	}
	close(peer->fd);
	*peer = engine->peers[--engine->n_peers];
}

int
main(int argc, char **argv)
{
	struct pollfd items[2 + MAX_PEERS];
	char line[16384];
	Engine *engine;
	int listener;

	if (argc < 3)
		return 64;
	engine = engine_new(argv[2], argc > 3 ? g_ascii_strtoull(argv[3],
								 NULL, 10)
					      : 0);
	listener = listen_on(argv[1]);
	setvbuf(stdin, NULL, _IONBF, 0);
	for (;;) {
		guint n = engine->n_peers;

		items[0] = (struct pollfd){ .fd = STDIN_FILENO,
					    .events = POLLIN };
		items[1] = (struct pollfd){ .fd = listener, .events = POLLIN };
		for (guint i = 0; i < n; i++)
			items[2 + i] =
				(struct pollfd){ .fd = engine->peers[i].fd,
						 .events = POLLIN };
		if (poll(items, 2 + n, -1) < 0)
			continue;
		for (guint i = n; i > 0; i--)
			if (items[1 + i].revents)
				serve(engine, i - 1);
		if (items[1].revents && engine->n_peers < MAX_PEERS)
			engine->peers[engine->n_peers++] = (Peer){
				.fd = accept4(listener, NULL, NULL,
					      SOCK_CLOEXEC),
			};
		if (!items[0].revents)
			continue;
		if (!fgets(line, sizeof(line), stdin))
			return 0;
		obey(engine, g_strchomp(line));
	}
}
