// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mail addresses: which bytes are one, what two of them have in common, and
 * where they stand in a header field or on a command line. The only place
 * that knows the grammars of RFC 5321 (Mailbox) and RFC 5322 (address-list),
 * both with the UTF-8 of RFC 6531 and 6532. Pure; nothing is looked up.
 *
 * An envelope address is a NUL-terminated string "local@domain" in its
 * simplest form, "local" alone where it may be unqualified, or "" for the
 * null sender. It never holds a control character, and it may begin with
 * any character an address may, '-', '|' and '/' too: it is never a
 * command, an option or a file.
 */
#ifndef MASQMAIL_COMMON_ADDRESS_H
#define MASQMAIL_COMMON_ADDRESS_H

#include <glib.h>

#define ADDRESS_ERROR (address_error_quark())

typedef enum {
	ADDRESS_ERROR_MALFORMED, /* the text is no address or list of them */
	ADDRESS_ERROR_TOO_MANY,  /* more than ADDRESS_LIST_MAX */
} AddressError;

GQuark address_error_quark(void);

/*
 * RFC 5321 4.5.3.1 asks for 64 bytes of local part; senders that hide a
 * recipient in theirs (VERP) need more.
 */
#define ADDRESS_LOCAL_MAX 128
#define ADDRESS_DOMAIN_MAX 255
#define ADDRESS_LABEL_MAX 63
#define ADDRESS_LIST_MAX 10000

/*
 * How many bytes at the start of @text are a local part (dot-string or
 * quoted string), or a domain or address literal; 0 if none. RFC 5321 4.1.2.
 */
gsize address_scan_local(const char *text);
gsize address_scan_domain(const char *text);

/* Whether @address is a whole RFC 5321 Mailbox, "local@domain". */
gboolean address_is_valid(const char *address);

/* The same, or a local part alone. The empty string is neither. */
gboolean address_is_valid_or_local(const char *address);

/* Behind the last '@' outside quotes; "" when unqualified. (transfer none) */
const char *address_domain(const char *address);

/* (transfer full). The local part without quotes and backslashes. */
char *address_local(const char *address);

/* (transfer full). local@domain, @local quoted where it must be; without
 * '@' when @domain is "". */
char *address_join(const char *local, const char *domain);

/* (transfer full). The simplest form: no needless quotes. @address must be
 * valid or local. */
char *address_simplest(const char *address);

/* (transfer full). @address, with "@domain" added when it has none. "" (the
 * null sender) stays. */
char *address_qualify(const char *address, const char *domain);

/*
 * Whether both reach the same mailbox for all that a stranger can know:
 * domains without case, local parts byte for byte.
 */
gboolean address_equal(const char *a, const char *b);

/* The same for our own hosts, where the local part has no case either. */
gboolean address_equal_locally(const char *a, const char *b);

/* Whether @domain is one of @domains (NULL-terminated, without case). */
gboolean address_domain_in(const char *domain, const char *const *domains);

/*
 * Whether all of @address fits @pattern, without case: '*' stands for any
 * bytes, '?' for one character: "*@corp.example". Linear in memory, at most
 * quadratic in time.
 */
gboolean address_matches(const char *address, const char *pattern);

/* Whether @address has a byte outside ASCII (RFC 6531 needed). */
gboolean address_needs_utf8(const char *address);

/*
 * One mailbox of an address list, as spans (bytes from the start of the
 * text) and as the envelope address they mean: comments, folding and routes
 * taken out, quotes only where needed, "" for <>.
 */
typedef struct {
	gsize start, size;           /* all of it, up to the comma */
	gsize addr_start, addr_size; /* addr-spec, inside < > if there are */
	gsize name_start, name_size; /* display name or, without one, the
	                                comment behind; size 0 if none */
	char *address;
} Mailbox;

void mailbox_free(Mailbox *mailbox);

/*
 * (transfer full) (element-type Mailbox). Every mailbox of @text, in order,
 * groups opened, empty places skipped: a header body (folded, with comments,
 * encoded words, obsolete routes: RFC 5322 3.4 and 4.4) or an argument
 * ("Name <a@b>, c"). Members without a domain stay without. NULL with
 * ADDRESS_ERROR when any part is malformed: half a list is none.
 */
GPtrArray *address_list_parse(const char *text, gsize size, GError **error);

/*
 * (transfer full). The display name of @mailbox as plain text on one line:
 * quotes, backslashes and folding taken out, made harmless (text.h), encoded
 * words left as they are. "" when it has none.
 */
char *mailbox_name(const Mailbox *mailbox, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mailbox, mailbox_free)

#endif
