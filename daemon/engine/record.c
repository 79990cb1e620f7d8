// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/engine/record.h"

#include <stdio.h>
#include <string.h>

#define CRC_AT 48   /* header bytes the CRC covers */
#define TAG_AT 56   /* header bytes the tag covers */
#define LINE_HALF (RECORD_LINE_SIZE / 2)

static const guint8 magic[4] = { 0x9d, 'm', 'q', 'R' };
static const char types[] = "MVASELKIZ";

static void
put32(guint8 *at, guint32 value)
{
	value = GUINT32_TO_LE(value);
	memcpy(at, &value, sizeof(value));
}

static void
put64(guint8 *at, guint64 value)
{
	value = GUINT64_TO_LE(value);
	memcpy(at, &value, sizeof(value));
}

static guint32
get32(const guint8 *at)
{
	guint32 value;

	memcpy(&value, at, sizeof(value));
	return GUINT32_FROM_LE(value);
}

static guint64
get64(const guint8 *at)
{
	guint64 value;

	memcpy(&value, at, sizeof(value));
	return GUINT64_FROM_LE(value);
}

static guint64
header_tag(const guint8 *header, const RecordKey *key, guint64 offset)
{
	guint8 tagged[TAG_AT + 8];

	memcpy(tagged, header, TAG_AT);
	put64(tagged + TAG_AT, offset);
	return record_tag(key, tagged, sizeof(tagged));
}

void
record_encode(const Record *record, const RecordKey *key, guint64 offset,
	      guint8 out[RECORD_HEADER_SIZE])
{
	memset(out, 0, RECORD_HEADER_SIZE);
	memcpy(out, magic, sizeof(magic));
	out[4] = record->type;
	out[5] = record->detail;
	put32(out + 8, record->text_size);
	put32(out + 12, record->number);
	put64(out + 16, record->body_size);
	put64(out + 24, record->id);
	put64(out + 32, record->time);
	put32(out + 40, record->text_crc);
	put32(out + 44, record->body_crc);
	put32(out + CRC_AT, record_crc(0, out, CRC_AT));
	put64(out + TAG_AT, header_tag(out, key, offset));
}

static gboolean
header_is_true(const guint8 *in, const RecordKey *key, guint64 offset)
{
	if (memcmp(in, magic, sizeof(magic)) || !in[4] ||
	    !strchr(types, in[4]))
		return FALSE;
	if (in[6] || in[7] || get32(in + 52))
		return FALSE;
	if (get32(in + CRC_AT) != record_crc(0, in, CRC_AT))
		return FALSE;
	return !key || get64(in + TAG_AT) == header_tag(in, key, offset);
}

/* What no writer of ours ever wrote, tag or not. */
static gboolean
makes_sense(const Record *record, guint64 offset)
{
	if (record->text_size > RECORD_TEXT_MAX ||
	    record->body_size > G_MAXINT64 / 2)
		return FALSE;
	if (record->type != RECORD_MESSAGE)
		return record->body_size == 0;
	return !(record->detail & RECORD_BODY_BEFORE) ||
	       record->body_size <= offset;
}

gboolean
record_decode(const guint8 in[RECORD_HEADER_SIZE], const RecordKey *key,
	      guint64 offset, Record *ret_record)
{
	Record record;

	if (!header_is_true(in, key, offset))
		return FALSE;
	record = (Record){
		.type = in[4],
		.detail = in[5],
		.text_size = get32(in + 8),
		.number = get32(in + 12),
		.body_size = get64(in + 16),
		.id = get64(in + 24),
		.time = get64(in + 32),
		.text_crc = get32(in + 40),
		.body_crc = get32(in + 44),
	};
	if (!makes_sense(&record, offset))
		return FALSE;
	*ret_record = record;
	return TRUE;
}

static gboolean
body_is_before(const Record *record)
{
	return record->type == RECORD_MESSAGE &&
	       (record->detail & RECORD_BODY_BEFORE);
}

guint64
record_span(const Record *record)
{
	guint64 span = RECORD_HEADER_SIZE + (guint64)record->text_size;

	return body_is_before(record) ? span : span + record->body_size;
}

guint64
record_body_offset(const Record *record, guint64 offset)
{
	if (body_is_before(record))
		return offset - record->body_size;
	return offset + RECORD_HEADER_SIZE + record->text_size;
}

gssize
record_search(const guint8 *bytes, gsize size, const RecordKey *key,
	      guint64 offset)
{
	gsize at = 0;
	Record record;

	while (at + RECORD_HEADER_SIZE <= size) {
		const guint8 *hit = memchr(bytes + at, magic[0],
					   size - at - RECORD_HEADER_SIZE + 1);

		if (!hit)
			return -1;
		at = hit - bytes;
		if (record_decode(hit, key, offset + at, &record))
			return at;
		at++;
	}
	return -1;
}

void
record_line_encode(const RecordLine *line, guint8 out[RECORD_LINE_SIZE])
{
	g_autoptr(GString) text = g_string_new("masqmail-queue 1 ");
	gsize checked;

	g_string_append(text, line->large ? "large " : "log ");
	for (guint i = 0; i < sizeof(line->key.bytes); i++)
		g_string_append_printf(text, "%02x", line->key.bytes[i]);
	g_string_append_printf(text, " %" G_GUINT64_FORMAT " ",
			       line->last_id);
	checked = text->len;
	g_string_append_printf(text, "%08x",
			       record_crc(0, text->str, checked));
	g_assert(text->len < LINE_HALF);
	memset(out, ' ', RECORD_LINE_SIZE);
	memcpy(out, text->str, text->len);
	out[LINE_HALF - 1] = '\n';
	memcpy(out + LINE_HALF, out, LINE_HALF);
}

static gboolean
parse_key(const char *hex, RecordKey *ret_key)
{
	if (strlen(hex) != 2 * sizeof(ret_key->bytes))
		return FALSE;
	for (guint i = 0; i < sizeof(ret_key->bytes); i++) {
		int high = g_ascii_xdigit_value(hex[2 * i]);
		int low = g_ascii_xdigit_value(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return FALSE;
		ret_key->bytes[i] = high << 4 | low;
	}
	return TRUE;
}

static gboolean
decode_half(const guint8 *in, RecordLine *ret_line)
{
	g_autofree char *text = g_strndup((const char *)in, LINE_HALF - 1);
	g_auto(GStrv) words = g_strsplit(g_strchomp(text), " ", 7);
	RecordLine line = { .large = FALSE };
	guint64 crc;

	if (in[LINE_HALF - 1] != '\n' || g_strv_length(words) != 6 ||
	    !g_str_equal(words[0], "masqmail-queue") ||
	    !g_str_equal(words[1], "1") || !parse_key(words[3], &line.key))
		return FALSE;
	if (!g_ascii_string_to_unsigned(words[4], 10, 0, G_MAXUINT64,
					&line.last_id, NULL) ||
	    !g_ascii_string_to_unsigned(words[5], 16, 0, G_MAXUINT32, &crc,
					NULL) ||
	    crc != record_crc(0, text, strlen(text) - strlen(words[5])))
		return FALSE;
	line.large = g_str_equal(words[2], "large");
	*ret_line = line;
	return TRUE;
}

gboolean
record_line_decode(const guint8 in[RECORD_LINE_SIZE], RecordLine *ret_line)
{
	return decode_half(in, ret_line) ||
	       decode_half(in + LINE_HALF, ret_line);
}
