// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls are pipelined: for a small message Hello, Submit, all Recipients and
 * the data go out before the first answer is read. Only Commit waits for
 * them, for a refused recipient must leave nothing behind.
 */
#include "client/sendmail-submit.h"

#include <string.h>

#include "common/drop.h"

typedef struct {
	const SendmailOptions *options;
	const Paths *paths;
	const Envelope *envelope;
	Letter *letter;
	GByteArray *head; /* the completed header and the empty line */
	char key[DROP_NAME_LENGTH + 1];
	Client *client;
	gboolean small;   /* fits a socket that nobody reads */
	gboolean greeted; /* the answer to Hello was read */
	gboolean whole; /* the letter can still be dropped as a whole */
	guint answered; /* recipients whose answer was read */
	guint asked;
	GString *refused; /* "address: why; ..." */
	int refusal;      /* exit status of the first final one */
} Submission;

/* One option of Submit. */
static void
add_string(GVariantDict *dictionary, const char *key, const char *value)
{
	if (value && *value)
		g_variant_dict_insert(dictionary, key, "s", value);
}

static const char *
body_kind(const Letter *letter)
{
	return letter->input.is_8bit ? "8bitmime" : "7bit";
}

static gboolean
needs_utf8(const Envelope *envelope)
{
	gboolean needs = !g_str_is_ascii(envelope->sender);

	for (guint i = 0; i < envelope->recipients->len && !needs; i++)
		needs = !g_str_is_ascii(
			g_ptr_array_index(envelope->recipients, i));
	return needs;
}

/* Two letters of LC_ALL, LC_MESSAGES or LANG; "" when there are none. */
static char *
language(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES",
					     "LANG" };

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *value = g_getenv(names[i]);

		if (value && *value)
			return g_ascii_islower(value[0]) &&
					       g_ascii_islower(value[1]) ?
				       g_strndup(value, 2) :
				       g_strdup("");
	}
	return g_strdup("");
}

/* Submit's options: what the drop file must carry too. (floating) */
static GVariant *
make_options(const Submission *s)
{
	GVariantDict dictionary;
	g_autofree char *subject =
		header_display(s->letter->header, "Subject");
	g_autofree char *from = header_display(s->letter->header, "From");
	g_autofree char *authors = header_authors(s->letter->header);
	g_autofree char *spoken = language();

	g_variant_dict_init(&dictionary, NULL);
	add_string(&dictionary, "subject", subject);
	add_string(&dictionary, "from", from);
	add_string(&dictionary, "authors", authors);
	add_string(&dictionary, "envid", s->options->envid);
	add_string(&dictionary, "ret", s->options->ret);
	add_string(&dictionary, "language", spoken);
	if (s->letter->at_end)
		add_string(&dictionary, "body", body_kind(s->letter));
	if (needs_utf8(s->envelope))
		g_variant_dict_insert(&dictionary, "smtputf8", "b", TRUE);
	if (s->letter->not_before)
		g_variant_dict_insert(&dictionary, "not-before", "x",
				      s->letter->not_before);
	if (s->options->require_tls)
		g_variant_dict_insert(&dictionary, "requiretls", "b", TRUE);
	if (s->options->queue_only)
		g_variant_dict_insert(&dictionary, "queue-only", "b", TRUE);
	return g_variant_dict_end(&dictionary);
}

static GVariant *
with_key(const Submission *s)
{
	g_autoptr(GVariant) options = g_variant_ref_sink(make_options(s));
	GVariantDict dictionary;

	g_variant_dict_init(&dictionary, options);
	add_string(&dictionary, "key", s->key);
	return g_variant_dict_end(&dictionary);
}

static gboolean
is_refusal(const GError *error)
{
	return g_error_matches(error, WIRE_ERROR, WIRE_ERROR_REMOTE);
}

/* An answer to Recipient: a refusal is noted, only a lost engine fails. */
static gboolean
read_recipient(Submission *s, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(WirePacket) packet = client_wait(s->client, &why);
	const char *address = g_ptr_array_index(s->envelope->recipients,
						s->answered++);

	if (packet)
		return TRUE;
	if (!is_refusal(why)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return FALSE;
	}
	sendmail_wrap(&why, EX_UNAVAILABLE);
	if (s->refusal == 0 || s->refusal == EX_TEMPFAIL)
		s->refusal = why->code;
	g_string_append_printf(s->refused, "%s%s: %s",
			       s->refused->len ? "; " : "", address,
			       why->message);
	return TRUE;
}

static gboolean
read_recipients(Submission *s, guint until, GError **error)
{
	while (s->answered < until)
		if (!read_recipient(s, error))
			return FALSE;
	return TRUE;
}

static GVariant *
recipient_options(const Submission *s)
{
	GVariantDict dictionary;

	g_variant_dict_init(&dictionary, NULL);
	add_string(&dictionary, "notify", s->options->notify);
	return g_variant_dict_end(&dictionary);
}

/* The engine must be known to listen before it is sent more than a bit. */
static gboolean
greet(Submission *s, GError **error)
{
	if (s->greeted)
		return TRUE;
	s->greeted = client_greet(s->client, error);
	return s->greeted;
}

static gboolean
send_envelope(Submission *s, GError **error)
{
	const GPtrArray *recipients = s->envelope->recipients;
	g_autoptr(WirePacket) answer = NULL;

	if (!s->small && !greet(s, error))
		return FALSE;
	if (!client_send(s->client, "Submit",
			 g_variant_new("(s@a{sv})", s->envelope->sender,
				       with_key(s)),
			 error))
		return FALSE;
	while (s->asked < recipients->len) {
		/* The first answer is Submit's. */
		if (s->asked == SUBMIT_PIPELINED &&
		    !(answer = client_wait(s->client, error)))
			return FALSE;
		if (s->asked >= SUBMIT_PIPELINED &&
		    !read_recipients(s, s->asked + 1 - SUBMIT_PIPELINED,
				     error))
			return FALSE;
		if (!client_send(s->client, "Recipient",
				 g_variant_new("(s@a{sv})",
					       g_ptr_array_index(recipients,
								 s->asked++),
					       recipient_options(s)),
				 error))
			return FALSE;
	}
	return TRUE;
}

/* All answers to the envelope. FALSE names every refused recipient. */
static gboolean
read_envelope(Submission *s, GError **error)
{
	g_autoptr(WirePacket) answer = NULL;

	if (!greet(s, error))
		return FALSE;
	if (s->asked <= SUBMIT_PIPELINED &&
	    !(answer = client_wait(s->client, error)))
		return FALSE;
	if (!read_recipients(s, s->asked, error))
		return FALSE;
	return s->refused->len == 0 ||
	       sendmail_fail(error, s->refusal, "nothing was queued: %s",
			     s->refused->str);
}

/* One packet when it fits: each wakes the engine. */
static gboolean
send_gathered(Submission *s, GError **error)
{
	Letter *letter = s->letter;
	gsize body = letter->bytes->len - letter->body;
	g_autoptr(GByteArray) all = NULL;

	if (s->head->len + body <= WIRE_MAX_DATA) {
		all = g_byte_array_sized_new(s->head->len + body);
		g_byte_array_append(all, s->head->data, s->head->len);
		g_byte_array_append(all, letter->bytes->data + letter->body,
				    body);
		return client_send_data(s->client, all->data, all->len, error);
	}
	return client_send_data(s->client, s->head->data, s->head->len,
				error) &&
	       client_send_data(s->client, letter->bytes->data + letter->body,
				letter->bytes->len - letter->body, error);
}

/* What does not fit into memory: only once all recipients are taken. */
static gboolean
send_rest(Submission *s, guint64 *size, GError **error)
{
	Letter *letter = s->letter;

	while (!letter->at_end) {
		s->whole = FALSE;
		if (!letter_read(letter, error) ||
		    !client_send_data(s->client, letter->bytes->data,
				      letter->bytes->len, error))
			return FALSE;
		*size += letter->bytes->len;
	}
	return TRUE;
}

static gboolean
describe(Submission *s, GError **error)
{
	GVariantDict dictionary;

	g_variant_dict_init(&dictionary, NULL);
	add_string(&dictionary, "body", body_kind(s->letter));
	return client_send(s->client, "Describe",
			   g_variant_new("(@a{sv})",
					 g_variant_dict_end(&dictionary)),
			   error);
}

static char *
commit(Submission *s, guint64 size, gboolean late, GError **error)
{
	g_autoptr(WirePacket) described = NULL, answer = NULL;
	char *id;

	if ((late && !describe(s, error)) ||
	    !client_send(s->client, "Commit", g_variant_new("(t)", size),
			 error))
		return NULL;
	if (late && !(described = client_wait(s->client, error)))
		return NULL;
	answer = client_wait(s->client, error);
	if (!answer)
		return NULL;
	g_variant_get(answer->body, "(s)", &id);
	return id;
}

static gboolean
to_engine(Submission *s, char **ret_id, GError **error)
{
	Letter *letter = s->letter;
	gboolean late = !letter->at_end;
	guint64 size = s->head->len + letter->bytes->len - letter->body;

	s->small = !late && size <= WIRE_MAX_DATA &&
		   s->envelope->recipients->len <= SUBMIT_PIPELINED;
	client_set_timeout(s->client, SUBMIT_ANSWER_MS);
	if (!send_envelope(s, error))
		return FALSE;
	if (late ? !read_envelope(s, error) || !send_gathered(s, error) :
		   !send_gathered(s, error) || !read_envelope(s, error))
		return FALSE;
	if (!send_rest(s, &size, error))
		return FALSE;
	*ret_id = commit(s, size, late, error);
	return *ret_id != NULL;
}

/* A flag is there or not. (transfer full) */
static char *
option_text(GVariant *value)
{
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING))
		return g_variant_dup_string(value, NULL);
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_INT64))
		return g_strdup_printf("%" G_GINT64_FORMAT,
				       g_variant_get_int64(value));
	return g_strdup("yes");
}

static gboolean
drop_options(DropWriter *drop, const Submission *s, GError **error)
{
	g_autoptr(GVariant) options = g_variant_ref_sink(make_options(s));
	GVariantIter iter;
	const char *key;
	GVariant *value;

	g_variant_iter_init(&iter, options);
	while (g_variant_iter_loop(&iter, "{&sv}", &key, &value)) {
		g_autofree char *name = g_strconcat("Option-", key, NULL);
		g_autofree char *text = option_text(value);

		if (!drop_add(drop, name, text, error)) {
			g_variant_unref(value);
			return FALSE;
		}
	}
	return !s->options->notify ||
	       drop_add(drop, "Option-notify", s->options->notify, error);
}

static gboolean
drop_envelope(DropWriter *drop, const Submission *s, GError **error)
{
	const GPtrArray *recipients = s->envelope->recipients;

	if (!drop_add(drop, "Sender", s->envelope->sender, error))
		return FALSE;
	for (guint i = 0; i < recipients->len; i++)
		if (!drop_add(drop, "Recipient",
			      g_ptr_array_index(recipients, i), error))
			return FALSE;
	return drop_options(drop, s, error);
}

static gboolean
drop_letter(DropWriter *drop, const Submission *s, GError **error)
{
	Letter *letter = s->letter;

	if (!drop_write(drop, s->head->data, s->head->len, error) ||
	    !drop_write(drop, letter->bytes->data + letter->body,
			letter->bytes->len - letter->body, error))
		return FALSE;
	while (!letter->at_end)
		if (!letter_read(letter, error) ||
		    !drop_write(drop, letter->bytes->data,
				letter->bytes->len, error))
			return FALSE;
	return drop_commit(drop, error);
}

/* @away says why the engine could not take it. */
static gboolean
to_drop(const Submission *s, const GError *away, GError **error)
{
	g_autoptr(DropWriter) drop = NULL;
	g_autoptr(GError) why = NULL;

	/* The system's exists; one's own may not yet. */
	if (s->paths->user)
		g_mkdir_with_parents(s->paths->drop, 0700);
	drop = drop_create_again(s->paths->drop, s->key, &why);
	if (!drop)
		return sendmail_fail(error, EX_TEMPFAIL,
				     "%s; and it cannot be left in the drop "
				     "directory (%s). Is masqmail running? In "
				     "a container, bind-mount %s",
				     away->message, why->message,
				     s->paths->submit);
	if (drop_envelope(drop, s, error) && drop_letter(drop, s, error))
		return TRUE;
	sendmail_wrap(error, EX_TEMPFAIL);
	return FALSE;
}

void
submit_link_open(SubmitLink *link, const Paths *paths)
{
	*link = (SubmitLink){ NULL, NULL };
	link->client = sendmail_open(paths, &link->away);
}

void
submit_link_close(SubmitLink *link)
{
	g_clear_pointer(&link->client, client_free);
	g_clear_error(&link->away);
}

static gboolean
hand_over(Submission *s, const SubmitLink *link, char **ret_id,
	  GError **error)
{
	g_autoptr(GError) why = NULL;

	s->client = link->client;
	if (!s->client)
		return to_drop(s, link->away, error);
	if (to_engine(s, ret_id, &why))
		return TRUE;
	/*
	 * The engine went away in between. If it has the message already,
	 * it knows its key and takes it once.
	 */
	if (s->whole && !is_refusal(why) && why->domain != SENDMAIL_ERROR)
		return to_drop(s, why, error);
	g_propagate_error(error, g_steal_pointer(&why));
	sendmail_wrap(error, EX_TEMPFAIL);
	return FALSE;
}

gboolean
submit_letter(const SendmailOptions *options, const Paths *paths,
	      const Envelope *envelope, Letter *letter, SubmitLink *link,
	      char **ret_id, GError **error)
{
	Submission s = {
		.options = options,
		.paths = paths,
		.envelope = envelope,
		.letter = letter,
		.whole = TRUE,
	};
	g_autoptr(GByteArray) head = g_byte_array_new();
	g_autoptr(GString) refused = g_string_new(NULL);

	header_append(letter->header, head);
	g_byte_array_append(head, (const guint8 *)"\r\n", 2);
	s.head = head;
	s.refused = refused;
	drop_make_key(s.key);
	*ret_id = NULL;
	return hand_over(&s, link, ret_id, error);
}
