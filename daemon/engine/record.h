// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The records of the queue log: encode, decode, check. Pure: bytes and
 * values, no file. Only this codec and the queue know the format; this head
 * and masqmail-queue(5) are its definition.
 *
 * A segment file begins with RECORD_LINE_SIZE bytes: the same text line
 * twice, each padded with blanks to half of that and ended by a newline:
 *
 *	masqmail-queue 1 log KEY LAST-ID CRC
 *
 * "log" is an ordinary segment, "large" one that holds a single large
 * message. KEY is the segment's random 128-bit key in hexadecimal, LAST-ID
 * the highest message id given out before, so that ids stay unique when all
 * older segments are gone and the clock was set back; CRC is the CRC-32C of
 * what stands before it. The second copy is read when the first is damaged.
 *
 * Then records follow without gaps. All numbers are little-endian:
 *
 *	 0  4  magic 9d 6d 71 52
 *	 4  1  type, a letter (below)
 *	 5  1  detail: the recipient's new state (V), or RECORD_BODY_BEFORE (M)
 *	 6  2  zero
 *	 8  4  bytes of text, directly behind the header
 *	12  4  number: the recipient (V), how many (L, K, Z)
 *	16  8  bytes of body: behind the text, or before the header (M only)
 *	24  8  message id; in Z the offset of the I record
 *	32  8  time of the record, microseconds since 1970
 *	40  4  CRC-32C of the text
 *	44  4  CRC-32C of the body
 *	48  4  CRC-32C of the header's bytes 0 to 47
 *	52  4  zero
 *	56  8  tag: SipHash-2-4, under the segment's key, of the header's
 *	       bytes 0 to 55 and of the record's offset (8 bytes)
 *
 *	M  message: its text block; then the body, as it goes out
 *	V  what one recipient became
 *	A  an action upon the message
 *	S  the message's whole state; outdates all V, A and S before it
 *	E  end: nothing is owed any more; text "Key", "Uid" if it had a key
 *	L  a list of ids (8 bytes each) that ended, re-appended from a segment
 *	   that was to go
 *	K  submission keys of messages that ended lately, re-appended
 *	I  the index: a copy of every header before it, in order
 *	Z  the seal, the last 64 bytes of a segment that is full
 *
 * An author of mail knows the magic and the CRC, not the key: a record
 * counts only with a true tag. Text is lines "Name: value", where control
 * characters and backslashes are written \xHH; unknown names are skipped.
 */
#ifndef MASQMAIL_ENGINE_RECORD_H
#define MASQMAIL_ENGINE_RECORD_H

#include <glib.h>

#include "daemon/engine/change.h"
#include "daemon/engine/message.h"

#define RECORD_HEADER_SIZE 64
#define RECORD_LINE_SIZE 256
#define RECORD_TEXT_MAX (16 * 1024 * 1024)
#define RECORD_BODY_BEFORE 1

typedef enum {
	RECORD_MESSAGE = 'M',
	RECORD_VERDICT = 'V',
	RECORD_ACTION = 'A',
	RECORD_STATE = 'S',
	RECORD_END = 'E',
	RECORD_ENDS = 'L',
	RECORD_KEYS = 'K',
	RECORD_INDEX = 'I',
	RECORD_SEAL = 'Z',
} RecordType;

typedef struct {
	RecordType type;
	guint8 detail;
	guint32 number;
	guint32 text_size;
	guint64 body_size;
	guint64 id;
	gint64 time; /* microseconds since 1970 */
	guint32 text_crc;
	guint32 body_crc;
} Record;

typedef struct {
	guint8 bytes[16];
} RecordKey;

typedef struct {
	RecordKey key;
	guint64 last_id;
	gboolean large;
} RecordLine;

/* CRC-32C of @size bytes, going on from @crc (0 at the beginning). */
guint32 record_crc(guint32 crc, const void *bytes, gsize size);

/* SipHash-2-4 of @size bytes under @key. */
guint64 record_tag(const RecordKey *key, const void *bytes, gsize size);

/* Write the header of @record as it stands at @offset of its segment. */
void record_encode(const Record *record, const RecordKey *key,
		   guint64 offset, guint8 out[RECORD_HEADER_SIZE]);

/*
 * Read a header. FALSE, and @ret_record untouched, unless magic, type, CRC,
 * zeros and tag are true. @key NULL: the segment's key is lost, and the tag
 * cannot be checked.
 */
gboolean record_decode(const guint8 in[RECORD_HEADER_SIZE],
		       const RecordKey *key, guint64 offset,
		       Record *ret_record);

/* Bytes from the beginning of the header to the next record's. */
guint64 record_span(const Record *record);

/* Where the body of @record, whose header is at @offset, begins. */
guint64 record_body_offset(const Record *record, guint64 offset);

/*
 * The first true record header within @bytes, which stand at @offset of
 * the segment; -1 if there is none. Only headers that lie in @bytes whole
 * are found.
 */
gssize record_search(const guint8 *bytes, gsize size, const RecordKey *key,
		     guint64 offset);

void record_line_encode(const RecordLine *line,
			guint8 out[RECORD_LINE_SIZE]);
/* FALSE, and @ret_line untouched, when both copies are damaged. */
gboolean record_line_decode(const guint8 in[RECORD_LINE_SIZE],
			    RecordLine *ret_line);

/* --- texts ------------------------------------------------------------- */

/*
 * (transfer full). The text of M and S: the envelope and every state. An
 * active recipient is written as waiting.
 */
GString *record_text_message(const Message *message);

/*
 * (transfer full) (nullable). The message of such a text, with @id; NULL if
 * it makes no sense. Its size is not in the text.
 */
Message *record_parse_message(guint64 id, const char *text, gsize size);

/* (transfer full). The text of V. */
GString *record_text_change(const RecipientChange *change);

/*
 * Apply the change of a V record to @recipient; @state comes from the
 * header, so that it counts even when the text (NULL then) was lost.
 */
gboolean record_apply_change(Recipient *recipient, RecipientState state,
			     const char *text, gsize size);

/* (transfer full). The text of A, and back; NULL if it makes no sense. */
GString *record_text_action(const Action *action);
Action *record_parse_action(const char *text, gsize size);

/*
 * (transfer full). One line of the texts of E and K: who submitted @id
 * under which key, and when it ended (Unix seconds).
 */
typedef struct {
	guint64 id;
	uid_t uid;
	gint64 ended;
	char *key;
} RecordKeyLine;

void record_key_line_free(RecordKeyLine *line); /* takes NULL */
void record_text_key(GString *text, const RecordKeyLine *line);
/* (transfer full): an array of RecordKeyLine that frees them. */
GPtrArray *record_parse_keys(const char *text, gsize size);

#endif
