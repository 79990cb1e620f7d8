// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ends are known before anything else is read: of a dead message neither
 * text nor body matters any more (its body may be a hole). Then all M, for
 * a large message stands in a segment with a higher number than the marks
 * that follow it; then the marks, in the order of the log.
 */
#include "daemon/engine/queue-replay.h"

#include <string.h>

#include "common/text.h"

typedef struct {
	Replay *replay;
	GHashTable *ends;   /* id -> Segment of its E */
	GHashTable *latest; /* id -> its last sound M: Place */
	gint64 keys_since;
	Guard *guard; /* (nullable) */
} Reading;

static void G_GNUC_PRINTF(2, 3)
say(Replay *replay, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(replay->sentences,
			g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

Scan *
replay_scan(const Replay *replay, guint64 number)
{
	for (guint i = 0; i < replay->scans->len; i++) {
		Scan *scan = replay->scans->pdata[i];

		if (scan->number == number)
			return scan;
	}
	return NULL;
}

/*
 * Say it once: a start that finds the copy there has nothing new to tell.
 * Offline there are no copies, so it is said each time.
 */
static void
keep(Replay *replay, Scan *scan, guint64 offset, guint64 size,
     const char *what)
{
	g_autofree char *name = NULL;

	if (replay->corrupt < 0)
		say(replay, "%s (segment %" G_GUINT64_FORMAT ", offset %"
		    G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT " bytes).", what,
		    scan->number, offset, size);
	else if (replay_keep(replay->corrupt, scan, offset, size, &name))
		say(replay, "%s; kept as corrupt/%s.", what, name);
}

static void
tell_damage(Replay *replay, Scan *scan)
{
	for (guint i = 0; i < scan->damage->len; i++) {
		Range *range = &g_array_index(scan->damage, Range, i);

		keep(replay, scan, range->from, range->to - range->from,
		     "A part of the queue is damaged; mail that was in it is "
		     "lost");
	}
	if (scan->failed)
		say(replay, "The disk refused to read all of segment %"
		    G_GUINT64_FORMAT "; mail in it waits for a restart.",
		    scan->number);
	else if (!scan->has_line && scan->size >= RECORD_LINE_SIZE)
		say(replay, "Segment %" G_GUINT64_FORMAT " has lost its key; "
		    "its sound part was read.", scan->number);
	if (scan->end < scan->size &&
	    (scan->torn_record || !scan->has_line || scan->line.large))
		keep(replay, scan, scan->end, scan->size - scan->end,
		     "The end of the queue was not written whole (power "
		     "failure?); no mail that was accepted should be in it");
}

static gboolean
read_scans(Replay *replay, int directory, GError **error)
{
	g_autoptr(GArray) numbers = scan_numbers(directory, error);

	if (!numbers)
		return FALSE;
	for (guint i = 0; i < numbers->len; i++) {
		guint64 number = g_array_index(numbers, guint64, i);
		Scan *scan = scan_segment(directory, number, error);
		Segment *segment;

		if (!scan)
			return FALSE;
		g_ptr_array_add(replay->scans, scan);
		segment = index_segment(replay->index, number);
		segment->size = scan->size;
		if (scan->failed) /* what was not read must not go */
			segment->living++;
		if (scan->has_line)
			replay->last_id = MAX(replay->last_id,
					      scan->line.last_id);
	}
	return TRUE;
}

typedef void (*PlaceFunc)(Reading *reading, Scan *scan, Segment *segment,
			  Place *place);

static void
each_place(Reading *reading, PlaceFunc function)
{
	GPtrArray *scans = reading->replay->scans;

	for (guint i = 0; i < scans->len; i++) {
		Scan *scan = scans->pdata[i];
		Segment *segment = index_segment(reading->replay->index,
						 scan->number);

		if (!scan_open(scan, NULL))
			continue;
		for (guint j = 0; j < scan->places->len; j++)
			function(reading, scan, segment,
				 &g_array_index(scan->places, Place, j));
		scan_close(scan);
	}
}

static void
note_ended(Reading *reading, guint64 id, Segment *segment)
{
	g_hash_table_replace(reading->ends, g_memdup2(&id, sizeof(id)),
			     segment);
}

static void
read_keys(Reading *reading, Scan *scan, Place *place)
{
	g_autofree char *text = NULL;
	g_autoptr(GPtrArray) lines = NULL;

	if (!place->record.text_size ||
	    place->record.time / G_USEC_PER_SEC < reading->keys_since)
		return;
	text = scan_text(scan, place);
	if (!text)
		return;
	lines = record_parse_keys(text, place->record.text_size);
	g_ptr_array_extend_and_steal(reading->replay->keys,
				     g_steal_pointer(&lines));
}

static void
read_ends(Reading *reading, Scan *scan, Place *place, Segment *segment)
{
	g_autofree char *text = scan_text(scan, place);
	guint64 id;

	for (gsize i = 0; text && i + 8 <= place->record.text_size; i += 8) {
		memcpy(&id, text + i, 8);
		note_ended(reading, GUINT64_FROM_LE(id), segment);
	}
}

/* Ids, ends and where the last copy of each M is. */
static void
first_pass(Reading *reading, Scan *scan, Segment *segment, Place *place)
{
	Record *record = &place->record;

	switch (record->type) {
	case RECORD_MESSAGE:
		reading->replay->last_id = MAX(reading->replay->last_id,
					       record->id);
		g_hash_table_replace(reading->latest, &record->id, place);
		break;
	case RECORD_END:
		note_ended(reading, record->id, segment);
		read_keys(reading, scan, place);
		break;
	case RECORD_ENDS:
		read_ends(reading, scan, place, segment);
		break;
	case RECORD_KEYS:
		read_keys(reading, scan, place);
		break;
	case RECORD_VERDICT:
	case RECORD_ACTION:
	case RECORD_STATE:
	case RECORD_INDEX:
	case RECORD_SEAL:
		break;
	}
}

/* What is wrong with this M; NULL if nothing. @ret_message (transfer full) */
static const char *
read_message(Scan *scan, Place *place, Message **ret_message)
{
	g_autofree char *text = scan_text(scan, place);

	if (text)
		*ret_message = record_parse_message(place->record.id, text,
						    place->record.text_size);
	if (!*ret_message)
		return "has a damaged envelope";
	/* Only here can a body be torn; elsewhere it was synced. */
	if (!scan->sealed && !scan_check_body(scan, place))
		return "is not whole";
	return NULL;
}

static void
keep_message(Reading *reading, Scan *scan, Place *place, const char *wrong)
{
	guint64 from = MIN(place->offset, record_body_offset(&place->record,
							     place->offset));
	guint64 to = place->offset + record_span(&place->record);
	char id[TEXT_ID_SIZE];
	g_autofree char *what =
		g_strdup_printf("Message %s %s and is not delivered",
				text_id(place->record.id, id), wrong);

	keep(reading->replay, scan, from, to - from, what);
}

static void
second_pass(Reading *reading, Scan *scan, Segment *segment, Place *place)
{
	Record *record = &place->record;
	g_autoptr(Message) message = NULL;
	Segment *end;
	const char *wrong;
	Entry *entry;

	if (record->type != RECORD_MESSAGE)
		return;
	end = g_hash_table_lookup(reading->ends, &record->id);
	if (end) {
		index_dead(reading->replay->index, record->id, segment, end);
		return;
	}
	if (g_hash_table_lookup(reading->latest, &record->id) != place) {
		index_ghost(reading->replay->index, record->id, segment);
		return;
	}
	wrong = guard_pass(reading->guard, scan->number, place->offset) ?
			read_message(scan, place, &message) :
			"ended masqmail twice";
	if (wrong) {
		if (!scan->failed)
			keep_message(reading, scan, place, wrong);
		return;
	}
	message->size = record->body_size;
	entry = index_add(reading->replay->index, record->id,
			  g_steal_pointer(&message), segment);
	entry->body_offset = record_body_offset(record, place->offset);
	entry->body_size = record->body_size;
	entry->body_crc = record->body_crc;
}

static void
replay_state(Reading *reading, Entry *entry, Segment *segment,
	     const char *text, gsize size)
{
	Message *state = text ? record_parse_message(entry->id, text, size) :
				NULL;

	if (!state) {
		g_autoptr(Action) held = action_new(
			ACTION_HELD, 0, 0,
			"A disk fault destroyed the record of who got this "
			"message already; release it to send it to all.");

		message_act(entry->message, held);
		index_mark(reading->replay->index, entry, segment);
		return;
	}
	state->size = entry->message->size;
	message_free(entry->message);
	entry->message = state;
	index_state(reading->replay->index, entry, segment);
}

static void
replay_verdict(Entry *entry, const Record *record, const char *text)
{
	GPtrArray *recipients = entry->message->recipients;

	if (record->number < recipients->len)
		record_apply_change(recipients->pdata[record->number],
				    record->detail, text, record->text_size);
}

static void
replay_action(Entry *entry, const char *text, gsize size)
{
	g_autoptr(Action) action = text ? record_parse_action(text, size) :
					  NULL;

	if (action)
		message_act(entry->message, action);
}

static gboolean
is_mark(RecordType type)
{
	return type == RECORD_VERDICT || type == RECORD_ACTION ||
	       type == RECORD_STATE;
}

static void
third_pass(Reading *reading, Scan *scan, Segment *segment, Place *place)
{
	Record *record = &place->record;
	g_autofree char *text = NULL;
	Entry *entry = is_mark(record->type) ?
			       index_find(reading->replay->index, record->id) :
			       NULL;

	if (!entry)
		return;
	if (guard_pass(reading->guard, scan->number, place->offset))
		text = scan_text(scan, place);
	if (record->type == RECORD_STATE) {
		replay_state(reading, entry, segment, text,
			     record->text_size);
		return;
	}
	if (record->type == RECORD_VERDICT)
		replay_verdict(entry, record, text);
	else
		replay_action(entry, text, record->text_size);
	index_mark(reading->replay->index, entry, segment);
}

/* "ID NUMBER ...": these recipients of that message were told. */
static void
apply_answers(Replay *replay, const char *answers)
{
	g_auto(GStrv) words = g_strsplit(answers, " ", -1);
	guint64 id, number;
	Entry *entry;

	if (!words[0] || !text_parse_id(words[0], &id))
		return;
	entry = index_find(replay->index, id);
	for (char **at = words + 1; entry && *at; at++) {
		RecipientChange change;
		Recipient *recipient;

		if (!g_ascii_string_to_unsigned(
			    *at, 10, 0, entry->message->recipients->len - 1,
			    &number, NULL))
			continue;
		recipient = entry->message->recipients->pdata[number];
		change = recipient_change(recipient);
		change.state = RECIPIENT_BOUNCED;
		recipient_apply(recipient, &change);
	}
}

static gint
compare_messages(gconstpointer a, gconstpointer b)
{
	const Message *one = *(Message *const *)a, *two = *(Message *const *)b;

	return one->id < two->id ? -1 : one->id > two->id;
}

static void
collect_messages(Replay *replay)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, replay->index->entries);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		g_ptr_array_add(replay->messages, ((Entry *)value)->message);
	g_ptr_array_sort(replay->messages, compare_messages);
	for (guint i = 0; i < replay->messages->len; i++) {
		const char *answers = message_option(
			replay->messages->pdata[i], "answers");

		if (answers)
			apply_answers(replay, answers);
	}
}

static Replay *
replay_new(int corrupt)
{
	Replay *replay = g_new0(Replay, 1);

	replay->corrupt = corrupt;
	replay->index = index_new();
	replay->scans =
		g_ptr_array_new_with_free_func((GDestroyNotify)scan_free);
	replay->messages = g_ptr_array_new_with_free_func(
		(GDestroyNotify)message_free);
	replay->sentences = g_ptr_array_new_with_free_func(g_free);
	replay->keys = g_ptr_array_new_with_free_func(
		(GDestroyNotify)record_key_line_free);
	return replay;
}

void
replay_free(Replay *replay)
{
	if (!replay)
		return;
	index_free(replay->index);
	g_ptr_array_unref(replay->scans);
	if (replay->messages)
		g_ptr_array_unref(replay->messages);
	g_ptr_array_unref(replay->sentences);
	g_ptr_array_unref(replay->keys);
	g_free(replay);
}

Replay *
replay_read(int directory, int corrupt, gint64 keys_since, Guard *guard,
	    GError **error)
{
	g_autoptr(Replay) replay = replay_new(corrupt);
	g_autoptr(GHashTable) ends = g_hash_table_new_full(
		g_int64_hash, g_int64_equal, g_free, NULL);
	g_autoptr(GHashTable) latest = g_hash_table_new(g_int64_hash,
							g_int64_equal);
	Reading reading = { replay, ends, latest, keys_since, guard };

	if (!read_scans(replay, directory, error))
		return NULL;
	each_place(&reading, first_pass);
	each_place(&reading, second_pass);
	each_place(&reading, third_pass);
	collect_messages(replay);
	for (guint i = 0; i < replay->scans->len; i++) {
		Scan *scan = replay->scans->pdata[i];

		if (scan_open(scan, NULL))
			tell_damage(replay, scan);
		scan_close(scan);
	}
	return g_steal_pointer(&replay);
}
