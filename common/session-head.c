// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The header section of the running message: held back until it is whole,
 * looked at for loops and for what people are shown, completed when it is an
 * own submission (RFC 6409 8). All other mail passes byte for byte.
 */
#include <string.h>

#include "common/address.h"
#include "common/header.h"
#include "common/session-private.h"
#include "common/when.h"

/* Whether the empty line behind the header has come; not before @from. */
static gboolean
has_empty_line(const GByteArray *head, gsize from)
{
	if (head->len == 0)
		return FALSE;
	return (head->len >= 2 && !memcmp(head->data, "\r\n", 2)) ||
	       memmem(head->data + from, head->len - from, "\r\n\r\n", 4);
}

static guint
count_received(const Header *header)
{
	guint hops = 0;

	for (guint i = 0; i < header->fields->len; i++)
		hops += header_field_is(header->fields->pdata[i], "Received");
	return hops;
}

static void
describe(Session *session, const Header *header)
{
	static const struct {
		const char *key, *field;
	} shown[] = {{"subject", "Subject"}, {"from", "From"}};

	g_autofree char *authors = header_authors(header);

	session->late = g_variant_dict_new(NULL);
	if (*authors)
		g_variant_dict_insert(session->late, "authors", "s", authors);
	for (guint i = 0; i < G_N_ELEMENTS(shown); i++) {
		g_autofree char *value = header_display(header, shown[i].field);

		if (*value)
			g_variant_dict_insert(session->late, shown[i].key, "s",
					      value);
	}
}

static void
complete(Session *session, Header *header)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *postmaster =
		address_qualify("postmaster", session->domain);
	const HeaderFacts facts = {
		.author = *session->sender ? session->sender : postmaster,
		.domain = session->domain,
		.now = g_date_time_to_unix(now),
		.zone = g_date_time_get_utc_offset(now) / G_USEC_PER_SEC,
		.chance = (guint64)g_random_int() << 32 | g_random_int(),
	};

	header_complete(header, &facts);
}

/* Deferred-Delivery is for us, and does not travel. */
static void
defer(Session *session, Header *header)
{
	const HeaderField *field = header_find(header, "Deferred-Delivery");
	g_autofree char *value = field ? header_value(field) : NULL;
	gint64 when;

	if (!value)
		return;
	if (!when_parse_date(value, &when)) {
		session_give_up(session, 554, "5.6.0",
				"Deferred-Delivery is no date as in mail");
		return;
	}
	header_remove(header, "Deferred-Delivery");
	g_variant_dict_insert(session->late, "not-before", "x", when);
}

/* The completed header, then what of the body came with it. */
static GByteArray *
rebuild(const Header *header, const GByteArray *head, gsize end)
{
	GByteArray *whole = g_byte_array_sized_new(head->len + 512);

	header_append(header, whole);
	if (head->len - end < 2 || memcmp(head->data + end, "\r\n", 2))
		g_byte_array_append(whole, (const guint8 *)"\r\n", 2);
	g_byte_array_append(whole, head->data + end, head->len - end);
	return whole;
}

GByteArray *
session_end_head(Session *session)
{
	g_autoptr(GByteArray) head = g_steal_pointer(&session->head);
	g_autoptr(GError) error = NULL;
	gsize end = 0;
	g_autoptr(Header) header =
		header_parse((const char *)head->data, head->len, &end, &error);

	if (!header) {
		session_give_up(session, 554, "5.6.0",
				"Too many header fields");
		return g_steal_pointer(&head);
	}
	if (count_received(header) > SMTP_HOPS_MAX)
		session_give_up(session, 554, "5.4.6",
				"The message goes round in a circle: it "
				"passed too many mail servers");
	if (session->domain && session->config.own &&
	    !header_find(header, "Received")) {
		complete(session, header);
		describe(session, header);
		defer(session, header);
		return rebuild(header, head, end);
	}
	describe(session, header);
	return g_steal_pointer(&head);
}

gboolean
session_take_head(Session *session, const guint8 *bytes, gsize size)
{
	gsize before = session->head->len;

	g_byte_array_append(session->head, bytes, size);
	if (has_empty_line(session->head, before > 3 ? before - 3 : 0))
		return TRUE;
	if (session->head->len > HEADER_SIZE_MAX) {
		session_give_up(session, 552, "5.3.4",
				"The header section is too large");
		return TRUE;
	}
	return FALSE;
}
