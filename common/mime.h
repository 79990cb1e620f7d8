// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parts of a message, found without changing a byte: where headers,
 * bodies and boundary lines begin and end, however they are nested. On it
 * stands the one conversion we do: a message with bytes beyond ASCII for a
 * next hop that takes none (RFC 6152 3), part by part, by quoted-printable
 * for text and base64 for the rest. The only place that knows MIME's
 * structure. Pure, and streaming: it holds one header, one line and a flag
 * for each part.
 *
 * Two passes over the message: mime_plan_* looks which parts are to be
 * encoded and whether all can be, mime_converter_* does it.
 */
#ifndef MASQMAIL_COMMON_MIME_H
#define MASQMAIL_COMMON_MIME_H

#include <glib.h>

#define MIME_DEPTH_MAX 64       /* parts in parts; deeper ones stay closed */
#define MIME_PARTS_MAX 20000    /* that can be told apart */
#define MIME_HEADER_MAX (1024 * 1024) /* bytes of one header */
#define MIME_BOUNDARY_MAX 200   /* RFC 2046 says 70; some write more */

/* --- the walker: mime.c, mime-part.c --- */

typedef enum {
	MIME_LEAF,      /* it has a body of its own */
	MIME_MULTIPART, /* parts between boundary lines */
	MIME_MESSAGE,   /* message/rfc822: a message is its body */
} MimeKind;

typedef enum {
	MIME_ENCODING_7BIT, /* said, or meant by saying nothing */
	MIME_ENCODING_8BIT,
	MIME_ENCODING_BINARY,
	MIME_ENCODING_OTHER, /* encoded already, or in an unknown way */
} MimeEncoding;

typedef struct {
	guint number; /* in the order of their headers; 0: the message */
	MimeKind kind;
	MimeEncoding encoding;
	gboolean text;     /* text/anything */
	gboolean typed;    /* it has a Content-Type */
	gboolean message;  /* its header is a message's, with MIME-Version */
	gboolean digest;   /* multipart/digest: its parts are messages */
	gboolean freezes;  /* multipart/signed or /encrypted */
	gboolean frozen;   /* inside one: not to be changed by a byte */
	gboolean sealed;   /* its type or header forbids to encode it */
} MimePart;

typedef enum {
	MIME_PIECE_HEADER, /* all of it, with the empty line that ends it */
	MIME_PIECE_BODY,   /* of a leaf */
	MIME_PIECE_FRAME,  /* boundary lines, each with the line end before */
	MIME_PIECE_GAP,    /* before the first part and behind the last */
} MimePieceKind;

/*
 * One piece after the other; together they are the input, byte for byte. No
 * piece is empty but the header of a part that has none.
 */
typedef void (*MimeTake)(gpointer user, const MimePart *part,
			 MimePieceKind kind, const char *bytes, gsize size);

typedef struct MimeWalker MimeWalker;

MimeWalker *mime_walker_new(MimeTake take, gpointer user);
void mime_walker_free(MimeWalker *walker);

/* @bytes may be split anywhere; lines end in CRLF, or LF. */
void mime_walker_feed(MimeWalker *walker, const char *bytes, gsize size);
void mime_walker_finish(MimeWalker *walker);

/*
 * What the header (@size @bytes) of a part tells of it, of which number,
 * frozen and message are set already. *@ret_boundary (transfer full) is the
 * whole delimiter "--x" of a multipart, else NULL. @in_digest: without a
 * Content-Type it is a message.
 */
void mime_part_read(MimePart *part, const char *bytes, gsize size,
		    gboolean in_digest, char **ret_boundary);

/* --- the encoders: mime-encode.c --- */

/* Zeroed memory is the beginning. */
typedef struct {
	gsize column;
	guchar held[57]; /* base64: less than a line; else a blank or CR */
	gsize n_held;
} MimeEncoder;

/* Lines of at most 76 characters. A bare CR or LF stays what it is. */
void mime_quote(MimeEncoder *encoder, const char *bytes, gsize size,
		GByteArray *out);
void mime_quote_end(MimeEncoder *encoder, GByteArray *out);

void mime_base64(MimeEncoder *encoder, const char *bytes, gsize size,
		 GByteArray *out);
void mime_base64_end(MimeEncoder *encoder, GByteArray *out);

/* --- from 8 bits to 7: mime-convert.c --- */

/* Why a message cannot be converted. */
typedef enum {
	MIME_FAULT_NONE,
	MIME_FAULT_HEADER, /* bytes beyond ASCII in a header field */
	MIME_FAULT_SIGNED, /* ... in what is signed or encrypted */
	MIME_FAULT_SEALED, /* ... in a part that must not be encoded */
	MIME_FAULT_PARTS,  /* more than MIME_PARTS_MAX */
} MimeFault;

typedef struct MimePlan MimePlan;

MimePlan *mime_plan_new(void);
void mime_plan_free(MimePlan *plan);
void mime_plan_feed(MimePlan *plan, const char *bytes, gsize size);
void mime_plan_finish(MimePlan *plan);

/* After mime_plan_finish. Whether there is any byte beyond ASCII, */
gboolean mime_plan_is_8bit(const MimePlan *plan);
/* ... in a header, and of a message of any depth; */
gboolean mime_plan_header_is_8bit(const MimePlan *plan);
/* and whether a conversion can take them all away. */
MimeFault mime_plan_fault(const MimePlan *plan);

typedef struct MimeConverter MimeConverter;

/* @plan (transfer none) is of the same message, and without fault. */
MimeConverter *mime_converter_new(const MimePlan *plan);
void mime_converter_free(MimeConverter *converter);

/* The message once more; what is to be sent is appended to @out. */
void mime_converter_feed(MimeConverter *converter, const char *bytes,
			 gsize size, GByteArray *out);
void mime_converter_finish(MimeConverter *converter, GByteArray *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MimeWalker, mime_walker_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MimePlan, mime_plan_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MimeConverter, mime_converter_free)

#endif
