// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/sendmail-envelope.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "common/address.h"
#include "common/hostname.h"

void
envelope_free(Envelope *envelope)
{
	if (!envelope)
		return;
	g_free(envelope->domain);
	g_free(envelope->sender);
	g_free(envelope->author);
	g_free(envelope->name);
	if (envelope->recipients)
		g_ptr_array_unref(envelope->recipients);
	g_free(envelope);
}

Config *
envelope_config(const SendmailOptions *options, const Paths *paths,
		GError **error)
{
	g_autofree char *usual =
		g_build_filename(paths->config, "masqmail.conf", NULL);
	Config *config;

	if (options->config) {
		config = config_load(CONFIG_MAIN, options->config, error);
		if (!config)
			sendmail_wrap(error, EX_CONFIG);
		return config;
	}
	config = config_load(CONFIG_MAIN, usual, NULL);
	return config ? config : config_new(CONFIG_MAIN);
}

/* The account's login name, or its number when nobody gave it a name. */
static char *
login_name(const struct passwd *account)
{
	if (account && *account->pw_name)
		return g_strdup(account->pw_name);
	return g_strdup_printf("uid-%u", (guint)getuid());
}

/* GECOS: up to the first comma, where '&' is the login name. */
static char *
gecos_name(const struct passwd *account)
{
	GString *name = g_string_new(NULL);

	for (const char *at = account && account->pw_gecos ?
				      account->pw_gecos :
				      "";
	     *at && *at != ','; at++) {
		if (*at != '&') {
			g_string_append_c(name, *at);
			continue;
		}
		g_string_append_c(name, g_ascii_toupper(*account->pw_name));
		g_string_append(name, account->pw_name + 1);
	}
	return g_string_free(name, FALSE);
}

static char *
full_name(const SendmailOptions *options, const struct passwd *account)
{
	const char *variable = g_getenv("NAME");

	if (options->full_name)
		return g_strdup(options->full_name);
	if (variable && *variable)
		return g_strdup(variable);
	return gecos_name(account);
}

/* "-f Name <a@b>", "-f ada", "-f <>", "-f ''". */
static char *
read_sender(const char *text, const char *domain, GError **error)
{
	g_autoptr(GPtrArray) list =
		address_list_parse(text, strlen(text), error);
	const Mailbox *mailbox;

	if (!list) {
		g_prefix_error(error, "sender ");
		sendmail_wrap(error, EX_DATAERR);
		return NULL;
	}
	if (list->len > 1) {
		sendmail_fail(error, EX_DATAERR,
			      "sender \"%s\" is more than one address", text);
		return NULL;
	}
	if (list->len == 0)
		return g_strdup("");
	mailbox = g_ptr_array_index(list, 0);
	return address_qualify(mailbox->address, domain);
}

/*
 * "From ada Thu Feb 29 ... remote from host": who sent it by UUCP, as a path
 * of hosts (RFC 976). (transfer full) (nullable)
 */
static char *
rmail_sender(const char *line)
{
	g_auto(GStrv) words = NULL;
	g_autofree char *copy = g_strdup(line ? line : "");
	const char *remote;

	g_strchomp(copy);
	words = g_strsplit(copy, " ", -1);
	if (!words[0] || !words[1] || !*words[1])
		return NULL;
	remote = strstr(copy, " remote from ");
	if (!remote)
		return g_strdup(words[1]);
	return g_strdup_printf("%s!%s", remote + strlen(" remote from "),
			       words[1]);
}

/*
 * Sender and author. The account is only looked up when something must be
 * made of it: a look-up may go far.
 */
static gboolean
find_sender(Envelope *envelope, const SendmailOptions *options,
	    const Header *header, const char *mbox_line, GError **error)
{
	g_autofree char *rmail = options->mode == MODE_RMAIL ?
					 rmail_sender(mbox_line) :
					 NULL;
	const char *given = options->sender ? options->sender : rmail;
	const struct passwd *account = NULL;
	g_autofree char *login = NULL;

	if (!given || !header_find(header, "From"))
		account = getpwuid(getuid());
	login = login_name(account);
	envelope->name = full_name(options, account);
	envelope->sender = read_sender(given ? given : login,
				       envelope->domain, error);
	if (!envelope->sender)
		return FALSE;
	envelope->author = *envelope->sender ?
				   g_strdup(envelope->sender) :
				   address_qualify(login, envelope->domain);
	return TRUE;
}

/* Adds @address unless it is among them: domains have no case. */
static void
add_once(Envelope *envelope, GHashTable *seen, const char *address)
{
	g_autofree char *whole = address_qualify(address, envelope->domain);
	g_autofree char *local = address_local(whole);
	g_autofree char *domain =
		g_ascii_strdown(address_domain(whole), -1);

	if (!g_hash_table_add(seen, address_join(local, domain)))
		return;
	g_ptr_array_add(envelope->recipients, g_steal_pointer(&whole));
}

/* All arguments; the bad ones are all named, so that one look is enough. */
static gboolean
read_arguments(const SendmailOptions *options, GPtrArray *addresses,
	       GError **error)
{
	g_autoptr(GString) bad = g_string_new(NULL);

	for (guint i = 0; i < options->arguments->len; i++) {
		const char *text =
			g_ptr_array_index(options->arguments, i);
		g_autoptr(GError) why = NULL;
		g_autoptr(GPtrArray) list =
			address_list_parse(text, strlen(text), &why);

		if (!list)
			g_string_append_printf(bad, "%s%s",
					       bad->len ? "; " : "",
					       why->message);
		for (guint n = 0; list && n < list->len; n++) {
			const Mailbox *mailbox = g_ptr_array_index(list, n);

			if (*mailbox->address)
				g_ptr_array_add(addresses,
						g_strdup(mailbox->address));
		}
	}
	return bad->len == 0 ||
	       sendmail_fail(error, EX_DATAERR, "%s", bad->str);
}

/* Those of the arguments and, with -t, of @header (nullable). */
static gboolean
gather_recipients(Envelope *envelope, const SendmailOptions *options,
		const Header *header, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) addresses =
		g_ptr_array_new_with_free_func(g_free);

	if (!read_arguments(options, addresses, error))
		return FALSE;
	if (header && options->extract &&
	    !header_recipients(header, addresses, error)) {
		sendmail_wrap(error, EX_DATAERR);
		return FALSE;
	}
	for (guint i = 0; i < addresses->len; i++)
		add_once(envelope, seen, g_ptr_array_index(addresses, i));
	return TRUE;
}

static gboolean
find_recipients(Envelope *envelope, const SendmailOptions *options,
		const Header *header, GError **error)
{
	if (!gather_recipients(envelope, options, header, error))
		return FALSE;
	if (envelope->recipients->len == 0)
		return sendmail_fail(error, EX_USAGE,
				     "no recipients: name them as arguments, "
				     "or use -t and a header with To, Cc or "
				     "Bcc");
	if (envelope->recipients->len > ADDRESS_LIST_MAX)
		return sendmail_fail(error, EX_USAGE,
				     "more than %d recipients",
				     ADDRESS_LIST_MAX);
	return TRUE;
}

static Envelope *
envelope_new(const SendmailOptions *options, const Paths *paths,
	     GError **error)
{
	g_autoptr(Config) config = envelope_config(options, paths, error);
	Envelope *envelope;

	if (!config)
		return NULL;
	envelope = g_new0(Envelope, 1);
	envelope->domain = hostname_for_mail(config);
	envelope->recipients = g_ptr_array_new_with_free_func(g_free);
	return envelope;
}

GPtrArray *
envelope_addresses(const SendmailOptions *options, const Paths *paths,
		   GError **error)
{
	g_autoptr(Envelope) envelope = envelope_new(options, paths, error);

	if (!envelope || !gather_recipients(envelope, options, NULL, error))
		return NULL;
	return g_steal_pointer(&envelope->recipients);
}

Envelope *
envelope_find(const SendmailOptions *options, const Paths *paths,
	      const Header *header, const char *mbox_line, GError **error)
{
	g_autoptr(Envelope) envelope = envelope_new(options, paths, error);

	if (!envelope)
		return NULL;
	if (!find_sender(envelope, options, header, mbox_line, error) ||
	    !find_recipients(envelope, options, header, error))
		return NULL;
	return g_steal_pointer(&envelope);
}
