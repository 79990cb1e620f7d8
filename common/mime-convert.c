// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/mime.h"

#include <string.h>

#include "common/header.h"

#define ENCODING "Content-Transfer-Encoding"

struct MimePlan {
	MimeWalker *walker;
	GByteArray *parts; /* by number: whether it is to be encoded */
	gboolean is_8bit, header_8bit;
	MimeFault fault;   /* the first */
};

static gboolean
has_8bit(const char *bytes, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if (bytes[i] & 0x80)
			return TRUE;
	return FALSE;
}

static void
set_fault(MimePlan *plan, MimeFault fault)
{
	if (plan->fault == MIME_FAULT_NONE)
		plan->fault = fault;
}

static void
plan_body(MimePlan *plan, const MimePart *part)
{
	if (part->frozen)
		set_fault(plan, MIME_FAULT_SIGNED);
	else if (part->sealed || part->encoding == MIME_ENCODING_OTHER)
		set_fault(plan, MIME_FAULT_SEALED);
	else if (part->number < plan->parts->len)
		plan->parts->data[part->number] = TRUE;
}

static void
plan_piece(gpointer user, const MimePart *part, MimePieceKind kind,
	   const char *bytes, gsize size)
{
	static const guint8 no = FALSE;
	MimePlan *plan = user;

	if (kind == MIME_PIECE_HEADER && part->number >= MIME_PARTS_MAX)
		set_fault(plan, MIME_FAULT_PARTS);
	else if (kind == MIME_PIECE_HEADER)
		g_byte_array_append(plan->parts, &no, 1);
	if (!has_8bit(bytes, size))
		return;
	plan->is_8bit = TRUE;
	switch (kind) {
	case MIME_PIECE_HEADER:
	case MIME_PIECE_FRAME:
		plan->header_8bit = TRUE;
		set_fault(plan, part->frozen ? MIME_FAULT_SIGNED
					     : MIME_FAULT_HEADER);
		break;
	case MIME_PIECE_BODY:
		plan_body(plan, part);
		break;
	case MIME_PIECE_GAP:
		/* Nobody reads it: its bytes may go. */
		if (part->frozen || part->freezes)
			set_fault(plan, MIME_FAULT_SIGNED);
		break;
	}
}

MimePlan *
mime_plan_new(void)
{
	MimePlan *plan = g_new0(MimePlan, 1);

	plan->walker = mime_walker_new(plan_piece, plan);
	plan->parts = g_byte_array_new();
	return plan;
}

void
mime_plan_free(MimePlan *plan)
{
	if (!plan)
		return;
	mime_walker_free(plan->walker);
	g_byte_array_unref(plan->parts);
	g_free(plan);
}

void
mime_plan_feed(MimePlan *plan, const char *bytes, gsize size)
{
	mime_walker_feed(plan->walker, bytes, size);
}

void
mime_plan_finish(MimePlan *plan)
{
	mime_walker_finish(plan->walker);
}

gboolean
mime_plan_is_8bit(const MimePlan *plan)
{
	return plan->is_8bit;
}

gboolean
mime_plan_header_is_8bit(const MimePlan *plan)
{
	return plan->header_8bit;
}

MimeFault
mime_plan_fault(const MimePlan *plan)
{
	return plan->fault;
}

/* --- the second pass --- */

typedef void (*Encode)(MimeEncoder *encoder, const char *bytes, gsize size,
		       GByteArray *out);
typedef void (*EncodeEnd)(MimeEncoder *encoder, GByteArray *out);

static const struct Coding {
	const char *name;
	Encode encode;
	EncodeEnd end;
} codings[] = {
	{ "base64", mime_base64, mime_base64_end },
	{ "quoted-printable", mime_quote, mime_quote_end },
};

struct MimeConverter {
	const MimePlan *plan;
	MimeWalker *walker;
	GByteArray *out;             /* of the present call */
	const struct Coding *coding; /* of the body under way; NULL: as is */
	MimeEncoder encoder;
};

static gboolean
is_encoded(const MimePlan *plan, const MimePart *part)
{
	return part->number < plan->parts->len &&
	       plan->parts->data[part->number];
}

static void
put(MimeConverter *converter, const void *bytes, gsize size)
{
	g_byte_array_append(converter->out, bytes, size);
}

static void
put_line(MimeConverter *converter, const char *line)
{
	put(converter, line, strlen(line));
	put(converter, "\r\n", 2);
}

/* The label that is true when this conversion is done; NULL: as it is. */
static const char *
new_label(const MimeConverter *converter, const MimePart *part)
{
	if (converter->coding)
		return converter->coding->name;
	if (!part->frozen && (part->encoding == MIME_ENCODING_8BIT ||
			      part->encoding == MIME_ENCODING_BINARY))
		return "7bit";
	return NULL;
}

/* What a message without MIME must have before anything is encoded. */
static void
put_missing(MimeConverter *converter, const MimePart *part,
	    const Header *header)
{
	if (!converter->coding)
		return;
	if (part->message && !header_find(header, "MIME-Version"))
		put_line(converter, "MIME-Version: 1.0");
	/* RFC 1428 4: nobody knows what its letters are. */
	if (!part->typed)
		put_line(converter,
			 "Content-Type: text/plain; charset=unknown-8bit");
}

static void
put_header(MimeConverter *converter, const MimePart *part, const char *bytes,
	   gsize size)
{
	const char *label = new_label(converter, part);
	gsize end = 0;
	g_autoptr(Header) header = header_parse(bytes, size, &end, NULL);

	if (!label || !header) {
		put(converter, bytes, size);
		return;
	}
	for (guint i = 0; i < header->fields->len; i++) {
		const HeaderField *field = header->fields->pdata[i];

		if (!header_field_is(field, ENCODING))
			put(converter, field->text, field->size);
	}
	put_missing(converter, part, header);
	put(converter, ENCODING ": ", strlen(ENCODING ": "));
	put_line(converter, label);
	put(converter, bytes + end, size - end);
}

static void
put_gap(MimeConverter *converter, const char *bytes, gsize size)
{
	for (gsize i = 0; i < size; i++)
		put(converter, bytes[i] & 0x80 ? "?" : bytes + i, 1);
}

static void
end_body(MimeConverter *converter)
{
	if (converter->coding)
		converter->coding->end(&converter->encoder, converter->out);
	converter->coding = NULL;
}

static void
convert_piece(gpointer user, const MimePart *part, MimePieceKind kind,
	      const char *bytes, gsize size)
{
	MimeConverter *converter = user;

	switch (kind) {
	case MIME_PIECE_HEADER:
		end_body(converter);
		if (is_encoded(converter->plan, part))
			converter->coding = &codings[part->text];
		put_header(converter, part, bytes, size);
		break;
	case MIME_PIECE_BODY:
		if (converter->coding)
			converter->coding->encode(&converter->encoder, bytes,
						  size, converter->out);
		else
			put(converter, bytes, size);
		break;
	case MIME_PIECE_FRAME:
		end_body(converter);
		put(converter, bytes, size);
		break;
	case MIME_PIECE_GAP:
		put_gap(converter, bytes, size);
		break;
	}
}

MimeConverter *
mime_converter_new(const MimePlan *plan)
{
	MimeConverter *converter = g_new0(MimeConverter, 1);

	converter->plan = plan;
	converter->walker = mime_walker_new(convert_piece, converter);
	return converter;
}

void
mime_converter_free(MimeConverter *converter)
{
	if (!converter)
		return;
	mime_walker_free(converter->walker);
	g_free(converter);
}

void
mime_converter_feed(MimeConverter *converter, const char *bytes, gsize size,
		    GByteArray *out)
{
	converter->out = out;
	mime_walker_feed(converter->walker, bytes, size);
}

void
mime_converter_finish(MimeConverter *converter, GByteArray *out)
{
	converter->out = out;
	mime_walker_finish(converter->walker);
	end_body(converter);
}
