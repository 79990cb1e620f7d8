// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sendmail command: every program on the machine that sends mail runs
 * it, with the options of forty years, a hundred times in a row, from cron
 * or from a web server's sandbox. It starts fast, says nothing when all is
 * well, and exits 0 only when the message is on the disk.
 */
#include "build.h"

#include "client/sendmail.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client/sendmail-aliases.h"
#include "client/sendmail-envelope.h"
#include "client/sendmail-hosts.h"
#include "client/sendmail-later.h"
#include "client/sendmail-letter.h"
#include "client/sendmail-options.h"
#include "client/sendmail-queue.h"
#include "client/sendmail-smtp.h"
#include "client/sendmail-submit.h"
#include "common/text.h"


extern char **environ;

/*
 * A descriptor 0 to 2 that the caller closed would be given to the next
 * file we open. In its place comes one that fails in the way it is used.
 */
static void
fill_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == 0 ? O_WRONLY : O_RDWR) < 0)
			_exit(EX_OSERR);
	close_range(3, ~0U, 0);
}

static gboolean
is_kept(const char *variable)
{
	static const char *const kept[] = {
		"HOME=",     "LANG=",     "LANGUAGE=", "LC_",  "LOGNAME=",
		"MASQMAIL_", "NAME=",     "TZ=",       "USER=", "XDG_",
	};

	for (guint i = 0; i < G_N_ELEMENTS(kept); i++)
		if (g_str_has_prefix(variable, kept[i]))
			return TRUE;
	return FALSE;
}

/* What we need not know cannot mislead us. */
static void
reduce_environment(void)
{
	char **to = environ;

	for (char **from = environ; *from; from++)
		if (is_kept(*from))
			*to++ = *from;
	*to = NULL;
}

static void
complete_header(Header *header, const Envelope *envelope)
{
	time_t now = time(NULL);
	struct tm tm;
	HeaderFacts facts = {
		.author = envelope->author,
		.name = envelope->name,
		.domain = envelope->domain,
		.now = now,
		.zone = localtime_r(&now, &tm) ? tm.tm_gmtoff : 0,
	};

	while (getrandom(&facts.chance, sizeof(facts.chance), 0) !=
	       sizeof(facts.chance))
		;
	header_complete(header, &facts);
}

static gboolean
hand_in(const SendmailOptions *options, const Paths *paths, GError **error)
{
	g_autoptr(Letter) letter =
		letter_new(STDIN_FILENO, options->dots_are_text);
	g_auto(SubmitLink) link = { NULL, NULL };
	g_autoptr(Envelope) envelope = NULL;
	g_autofree char *id = NULL;

	if (isatty(STDIN_FILENO) && !options->silent)
		fputs("Write the message, then a line with only \".\" or "
		      "Ctrl-D.\n",
		      stderr);
	if (!letter_gather(letter, error))
		return FALSE;
	submit_link_open(&link, paths);
	envelope = envelope_find(options, paths, letter->header,
				 letter->mbox_line, error);
	if (!envelope)
		return FALSE;
	if (!options->as_it_is)
		complete_header(letter->header, envelope);
	if (!later_find(options, letter, error))
		return FALSE;
	/* Whoever closes its terminal now has mailed all the same. */
	signal(SIGHUP, SIG_IGN);
	if (!submit_letter(options, paths, envelope, letter, &link, &id, error))
		return FALSE;
	if (options->verbose)
		fprintf(stderr, "sendmail: %s%s\n", id ? "queued as " : "",
			id ? id : "left for the mail daemon, which is away");
	return TRUE;
}

static gboolean
show_help(void)
{
	g_autofree char *text = sendmail_options_help();

	fputs(text, stdout);
	return TRUE;
}

static gboolean
run_mode(const SendmailOptions *options, GError **error)
{
	g_autoptr(Paths) paths = paths_client();

	switch (options->mode) {
	case MODE_SUBMIT:
	case MODE_RMAIL:
		return hand_in(options, paths, error);
	case MODE_SMTP:
		return smtp_serve(options, paths, error);
	case MODE_QUEUE:
		return queue_list(paths, error);
	case MODE_ACT:
		return queue_act(options, paths, error);
	case MODE_EXPLAIN:
		return queue_explain(options, paths, error);
	case MODE_ALIASES:
		return aliases_check(error);
	case MODE_HOSTS:
		return hosts_list(options, paths, error);
	case MODE_PURGE:
		return hosts_purge(options, paths, error);
	case MODE_HELP:
		return show_help();
	case MODE_VERSION:
		puts(PACKAGE_NAME " " PACKAGE_VERSION);
		return TRUE;
	}
	g_assert_not_reached();
}

static void
complain(const char *text)
{
	g_autofree char *line = text_harmless(text);

	fprintf(stderr, "sendmail: %s\n", line);
}

/* What was asked for was also said: a full pipe's loss is a failure. */
static gboolean
flush_output(GError **error)
{
	return fflush(stdout) == 0 ||
	       sendmail_fail(error, EX_IOERR,
			     "standard output cannot be written");
}

int
main(int argc, char **argv)
{
	g_autoptr(SendmailOptions) options = NULL;
	g_autoptr(GError) error = NULL;

	fill_descriptors();
	reduce_environment();
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	options = sendmail_options_parse(argc, argv, &error);
	for (guint i = 0; options && i < options->warnings->len; i++)
		complain(g_ptr_array_index(options->warnings, i));
	if (options && run_mode(options, &error) && flush_output(&error))
		return EX_OK;
	if (!options || !options->silent)
		complain(error->message);
	return error->domain == SENDMAIL_ERROR ? error->code : EX_SOFTWARE;
}
