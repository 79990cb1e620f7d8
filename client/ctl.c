// SPDX-License-Identifier: GPL-2.0-or-later
#include "build.h"
#include "client/ctl.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/json.h"
#include "common/paths.h"
#include "common/text.h"

#define NARROWEST_TERMINAL 40
#define ANY_NUMBER 10000

const CtlCommand ctl_commands[] = {
	{"status", "", "", 0, 0, FALSE, ctl_status,
	 N_("where we are and how the mail stands")},
	{"queue", N_("[WORD...]"), "limit offline order reverse", 0, ANY_NUMBER,
	 FALSE, ctl_queue, N_("the messages that wait, and why; WORDs filter")},
	{"show", N_("ID"), "transcript", 1, 1, FALSE, ctl_show,
	 N_("all that is known of one message")},
	{"flush", N_("[ID...]"), "route sender to", 0, ANY_NUMBER, FALSE,
	 ctl_flush,
	 N_("try now what waits: these messages, or all")},
	{"hold", N_("ID..."), "all for reason until", 0, ANY_NUMBER, FALSE,
	 ctl_hold,
	 N_("keep messages back until they are released")},
	{"release", N_("ID..."), "all", 0, ANY_NUMBER, FALSE, ctl_release,
	 N_("let held messages go")},
	{"undo", N_("[ID...]"), "", 0, ANY_NUMBER, FALSE, ctl_undo,
	 N_("take back what has not left yet: these, or the last one")},
	{"undo-window", N_("[DURATION | off | default]"), "", 0, 1, FALSE,
	 ctl_undo_window, N_("for how long your mail can be taken back")},
	{"later", N_("ID..."), "all at", 0, ANY_NUMBER, FALSE, ctl_later,
	 N_("send messages at a time to come")},
	{"delete", N_("ID..."), "all", 0, ANY_NUMBER, FALSE, ctl_delete,
	 N_("put messages into the trash, for 24 hours")},
	{"restore", N_("ID..."), "all", 0, ANY_NUMBER, FALSE, ctl_restore,
	 N_("take messages out of the trash")},
	{"bounce", N_("ID..."), "all", 0, ANY_NUMBER, FALSE, ctl_bounce,
	 N_("give up and return messages to their senders")},
	{"edit", N_("ID"), "add remove sender", 1, 1, FALSE, ctl_edit,
	 N_("other recipients, or another sender, for what waits")},
	{"reroute", N_("NAME | auto ID..."), "", 2, ANY_NUMBER, FALSE,
	 ctl_reroute, N_("send messages by a route of your choice")},
	{"profile", N_("[NAME | auto]"), "for until until-change", 0, 1, FALSE,
	 ctl_profile, N_("the profiles; choose one, or follow the network")},
	{"networks", "", "profile", 0, 0, FALSE, ctl_networks,
	 N_("what is seen of the network, and why this profile")},
	{"learn", N_("[PROFILE]"), "any as signs try", 0, 1, FALSE, ctl_learn,
	 N_("know this network from now on, as a place of a profile")},
	{"forget", N_("NETWORK"), "", 1, 1, FALSE, ctl_forget,
	 N_("forget a learned network")},
	{"rename", N_("NETWORK NAME"), "", 2, 2, FALSE, ctl_rename,
	 N_("call a learned network otherwise")},
	{"online", N_("PROFILE | auto"), "", 1, 1, FALSE, ctl_online,
	 N_("for scripts: we are online as this profile, or say no more")},
	{"offline", "", "", 0, 0, FALSE, ctl_offline,
	 N_("for scripts: we are offline")},
	{"hint", N_("WORD [ADDRESS]"), "", 1, 2, FALSE, ctl_hint,
	 N_("tell of the network: portal, internet, metered, unmetered")},
	{"routes", "", "", 0, 0, FALSE, ctl_routes,
	 N_("the ways mail goes out, and their health")},
	{"hosts", N_("[HOST]"), "purge", 0, 1, FALSE, ctl_hosts,
	 N_("the next hops mail went to, and what is known of them")},
	{"explain", N_("ADDRESS | ID"), "from profile sender size", 1, 1, FALSE,
	 ctl_explain, N_("which way mail goes, and why not yet")},
	{"log", N_("[ID | WORD...]"), "from id limit route since to", 0,
	 ANY_NUMBER, FALSE, ctl_log,
	 N_("what happened lately; with WORDs, the mail that is finished")},
	{"watch", "", "", 0, 0, FALSE, ctl_watch,
	 N_("tell what happens from now on, until interrupted")},
	{"reload", "", "", 0, 0, FALSE, ctl_reload,
	 N_("read the configuration anew; what is wrong with it")},
	{"config", "", "", 0, 0, TRUE, ctl_config,
	 N_("every key of the configuration files")},
	{"help", N_("[COMMAND | protocol]"), "", 0, 1, TRUE, ctl_help,
	 N_("this help, a command's, or the protocol's tables")},
	{NULL},
};

const CtlOption ctl_options[] = {
	{"json", NULL, N_("print JSON instead of text")},
	{"help", NULL, N_("say what there is, or what a command takes")},
	{"version", NULL, N_("print the version")},
	{"add", N_("ADDRESS[,...]"), N_("recipients that come")},
	{"all", NULL, N_("all messages one may act on, instead of IDs")},
	{"any", NULL, N_("one of the signs is enough to know the network")},
	{"as", N_("NAME"), N_("call the network so")},
	{"at", N_("TIME"), N_("when: 2h, 14:30, tomorrow 8:00, 2026-12-24")},
	{"for", N_("DURATION"), N_("for so long: 90s, 30m, 2h, 3d")},
	{"from", N_("ADDRESS"),
	 N_("only from this address, or as if it had written it")},
	{"id", N_("ID"), N_("only this message")},
	{"limit", N_("NUMBER"), N_("at most so many lines")},
	{"offline", N_("DIRECTORY"),
	 N_("look into a queue directory, without any daemon")},
	{"order", N_("COLUMN"), N_("sort by a column of the protocol")},
	{"profile", N_("NAME"), N_("as if this profile were active")},
	{"purge", NULL, N_("drop what is known, of this host or of all")},
	{"reason", N_("TEXT"), N_("why, for whoever looks later")},
	{"remove", N_("ADDRESS[,...]"), N_("recipients that go")},
	{"reverse", NULL, N_("the other way round")},
	{"route", N_("NAME"), N_("only what goes by this route")},
	{"sender", N_("ADDRESS"),
	 N_("as if, or so that, it came from this address")},
	{"signs", N_("KEY,KEY"), N_("know the network by these signs only")},
	{"since", N_("DURATION"), N_("not older than this")},
	{"size", N_("SIZE"), N_("as if it were so large: 200K, 3M")},
	{"to", N_("ADDRESS"), N_("only what goes or went to this address")},
	{"try", NULL, N_("say what would happen, change nothing")},
	{"transcript", NULL, N_("what was said when it was last tried")},
	{"until", N_("network | changed | TIME"),
	 N_("pin until the network changes, or until you change it; hold "
	    "until that time")},
	{"until-change", NULL, N_("the same as --until changed")},
	{NULL},
};

G_DEFINE_QUARK(masqmail - ctl - error, ctl_error)

gboolean
ctl_fail(GError **error, int exit_code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_propagate_error(error, g_error_new_valist(CTL_ERROR, exit_code,
						    format, arguments));
	va_end(arguments);
	return FALSE;
}

const char *
ctl_option(const Ctl *ctl, const char *name)
{
	return g_hash_table_lookup(ctl->options, name);
}

GVariant *
ctl_call(Ctl *ctl, const char *method, GVariant *body, GError **error)
{
	g_autoptr(GVariant) reply =
		client_call(ctl->client, method, body, error);

	if (!reply)
		return NULL;
	if (!g_variant_n_children(reply))
		return g_steal_pointer(&reply);
	return g_variant_get_child_value(reply, 0);
}

void
ctl_print_json(GVariant *value)
{
	g_autoptr(GString) json = g_string_new(NULL);

	json_append(json, value);
	puts(json->str);
}

static guint
terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ||
	    !size.ws_col)
		return 0;
	return MAX(size.ws_col, NARROWEST_TERMINAL);
}

static gboolean
connect_to_daemon(Ctl *ctl, GError **error)
{
	g_autoptr(Paths) paths = paths_client();
	g_autoptr(GError) why = NULL;

	ctl->client = client_connect(paths->submit, geteuid(), &why);
	if (ctl->client)
		return TRUE;
	return ctl_fail(error, EX_UNAVAILABLE,
			_("the mail daemon does not answer (%s).\n"
			  "Mail you send meanwhile is kept. Start it with: "
			  "%s"),
			why->message,
			paths->user ? "systemctl --user start masqmail"
				    : "systemctl start masqmail");
}

/* What the engine refused, it said in a sentence of its own. */
static int
complain(const GError *error)
{
	g_autofree char *enhanced = NULL;
	g_autofree char *sentence = NULL;
	int code = EXIT_FAILURE;

	if (error->domain == CTL_ERROR)
		code = error->code;
	if (g_error_matches(error, WIRE_ERROR, WIRE_ERROR_CLOSED) ||
	    g_error_matches(error, WIRE_ERROR, WIRE_ERROR_TIMEOUT))
		code = EX_UNAVAILABLE;
	if (g_error_matches(error, WIRE_ERROR, WIRE_ERROR_REMOTE)) {
		sentence = g_strdup(wire_remote_parts(error, &enhanced));
		if (g_str_has_prefix(enhanced, "5.7."))
			code = EX_NOPERM;
	}
	if (!sentence)
		sentence = g_strdup(error->message);
	/* Our own sentences have line ends; a foreign one is one line. */
	if (error->domain != CTL_ERROR) {
		char *harmless = text_harmless(sentence);

		g_free(sentence);
		sentence = harmless;
	}
	fprintf(stderr, "masqctl: %s\n", sentence);
	if (code == EX_NOPERM)
		fputs(_("Root, the group masqmail and who stands in Admins "
			"of masqmail.conf may.\n"),
		      stderr);
	return code;
}

static gboolean
run(Ctl *ctl, int argc, char **argv, GError **error)
{
	const CtlCommand *command;

	if (!ctl_parse(ctl, argc, argv, &command, error))
		return FALSE;
	if (ctl_option(ctl, "version")) {
		puts("masqctl " PACKAGE_VERSION);
		return TRUE;
	}
	if (!command->alone && !ctl_option(ctl, "offline") &&
	    !connect_to_daemon(ctl, error))
		return FALSE;
	return command->run(ctl, error);
}

int
main(int argc, char **argv)
{
	Ctl ctl = {
		.options = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
						 g_free),
		.width = terminal_width(),
		.now = g_get_real_time() / G_USEC_PER_SEC,
	};
	g_autoptr(GError) error = NULL;
	int code = EXIT_SUCCESS;

	setlocale(LC_ALL, "");
	bindtextdomain(PACKAGE, LOCALEDIR);
	bind_textdomain_codeset(PACKAGE, "UTF-8");
	textdomain(PACKAGE);
	if (!run(&ctl, argc, argv, &error))
		code = error ? complain(error) : EXIT_FAILURE;
	if (fflush(stdout) || ferror(stdout)) {
		perror("masqctl");
		code = EX_IOERR;
	}
	client_free(ctl.client);
	g_hash_table_unref(ctl.options);
	g_strfreev(ctl.arguments);
	return code;
}
