// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The worker of local delivery: runs as the recipient, with nothing that is
 * not theirs, puts each message of its jobs into their mailbox and says
 * what came of it. The environment holds HOME; what kind of mailbox it is
 * stands in masqmail.conf.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/address.h"
#include "common/error.h"
#include "common/log.h"
#include "daemon/worker/local-choice.h"
#include "daemon/worker/local-deliver.h"
#include "daemon/worker/local-forward.h"
#include "daemon/worker/worker.h"

#define LOCK_WAIT_S 30

typedef struct {
	Worker *worker;
	LocalSettings *settings;
	/* While a message is delivered. */
	Job *job;
} Local;

static GBytes *
fetch(void *user, guint64 offset, GError **error)
{
	Local *local = user;
	g_autoptr(WirePacket) packet =
		worker_fetch(local->worker, local->job, offset, error);

	return packet ? g_bytes_new(packet->data, packet->size) : NULL;
}

/* --- one recipient -------------------------------------------------------- */

static const char *
original_address(const JobRecipient *recipient)
{
	const char *original =
		g_hash_table_lookup(recipient->options, "original");

	return original ? original : recipient->address;
}

/* What a command may know of the mail. (transfer full) */
static char **
command_values(const Local *local, const JobRecipient *recipient,
	       const LocalChoice *choice)
{
	GPtrArray *values = g_ptr_array_new();
	g_autofree char *part = address_local(recipient->address);

	g_ptr_array_add(values, g_strconcat("SENDER=", local->job->sender,
					    NULL));
	g_ptr_array_add(values, g_strconcat("RECIPIENT=", recipient->address,
					    NULL));
	g_ptr_array_add(values, g_strconcat("ORIGINAL_RECIPIENT=",
					    original_address(recipient),
					    NULL));
	g_ptr_array_add(values, g_strconcat("LOCAL=", part, NULL));
	g_ptr_array_add(values, g_strconcat("DOMAIN=",
					    address_domain(recipient->address),
					    NULL));
	g_ptr_array_add(values, g_strconcat("EXTENSION=", choice->extension,
					    NULL));
	g_ptr_array_add(values, g_strconcat("MESSAGE_ID=", local->job->id,
					    NULL));
	g_ptr_array_add(values, NULL);
	return (char **)g_ptr_array_free(values, FALSE);
}

static gboolean
put_into(Local *local, JobRecipient *recipient, LocalChoice *choice,
	 GError **error)
{
	g_auto(GStrv) values = command_values(local, recipient, choice);
	gboolean command = choice->kind == &box_command;
	LocalDelivery delivery = {
		.kind = choice->kind,
		.target = {.home = local->settings->home,
			   .path = choice->path,
			   .sender = local->job->sender,
			   .now = g_get_real_time() / G_USEC_PER_SEC,
			   .lock_wait = LOCK_WAIT_S,
			   .seen = choice->sent,
			   .call = command ? &choice->call : NULL},
		.address = choice->sent ? NULL : recipient->address,
		.envelope_to = local->settings->envelope_to
				       ? original_address(recipient) : NULL,
		.fetch = fetch,
		.user = local,
	};
	g_autoptr(Status) status = NULL;

	choice->call.values = (const char *const *)values;
	choice->call.watched = worker_fd(local->worker);
	status = local_deliver(&delivery, error);
	return status &&
	       worker_verdict(local->worker, recipient, status, error);
}

static void
add_target(GVariantBuilder *list, const AliasTarget *target)
{
	GVariantDict options;
	const char *address = "";

	g_variant_dict_init(&options, NULL);
	switch (target->kind) {
	case ALIAS_ADDRESS:
	case ALIAS_EXACT:
		address = target->text;
		break;
	case ALIAS_COMMAND:
	case ALIAS_PATH:
		g_variant_dict_insert(&options, "target", "s", target->text);
		break;
	case ALIAS_BLACKHOLE:
	case ALIAS_INCLUDE:
	case ALIAS_FAIL:
		g_variant_dict_clear(&options);
		return;
	}
	g_variant_builder_add(list, "(s@a{sv})", address,
			      g_variant_dict_end(&options));
}

static gboolean
tell_forward(Local *local, JobRecipient *recipient, const Alias *forward,
	     GError **error)
{
	const LocalDelivery delivery = {.address = recipient->address,
					.fetch = fetch,
					.user = local};
	g_autoptr(Status) circle = NULL;
	GVariantBuilder list;

	if (!local_check_circle(&delivery, local->settings->host, &circle,
				error))
		return FALSE;
	if (circle)
		return worker_verdict(local->worker, recipient, circle,
				      error);
	g_variant_builder_init(&list, G_VARIANT_TYPE("a(sa{sv})"));
	for (guint i = 0; i < forward->targets->len; i++)
		add_target(&list, forward->targets->pdata[i]);
	return worker_expand(local->worker, recipient,
			     g_variant_builder_end(&list), error);
}

static gboolean
deliver_to(Local *local, JobRecipient *recipient, GError **error)
{
	g_autoptr(LocalChoice) choice =
		local_choose(local->settings, recipient);

	if (choice->status)
		return worker_verdict(local->worker, recipient,
				      choice->status, error);
	if (choice->forward)
		return tell_forward(local, recipient, choice->forward, error);
	return put_into(local, recipient, choice, error);
}

static gboolean
deliver(Local *local, GError **error)
{
	GPtrArray *recipients = local->job->recipients;

	for (guint i = 0; i < recipients->len; i++)
		if (!deliver_to(local, recipients->pdata[i], error))
			return FALSE;
	return TRUE;
}

/*
 * With a configuration that cannot be read nobody knows which mailbox is
 * meant: mail must not go where it is not looked for.
 */
static gboolean
put_off(Local *local, const GError *cause, GError **error)
{
	g_autofree char *why = g_strdup_printf(
		"Mail for this machine cannot be delivered: %s. It waits "
		"until that is put right.", cause->message);
	g_autoptr(Status) status = status_new(OUTCOME_DEFERRED, FAULT_ROUTE,
					      0, "4.3.5", cause->message, why);

	return worker_verdict_rest(local->worker, local->job, status, error);
}

/* --- confinement ---------------------------------------------------------- */

/* Where a path leads: the folder it is in, and what it is a link to. */
static void
add_place(GPtrArray *places, const Local *local, const char *path)
{
	const char *inside = g_str_has_prefix(path, "~/") ? path + 2 : path;
	g_autofree char *whole =
		g_path_is_absolute(inside)
			? g_strdup(inside)
			: g_build_filename(local->settings->home, inside,
					   NULL);
	char *real = realpath(whole, NULL);

	if (g_str_has_suffix(whole, "/"))
		whole[strlen(whole) - 1] = '\0';
	g_ptr_array_add(places, g_path_get_dirname(whole));
	if (real)
		g_ptr_array_add(places, real);
}

static void
add_forward(GPtrArray *places, const Local *local)
{
	g_autoptr(Alias) forward =
		forward_read(local->settings->home, "", NULL);
	g_autofree char *name = g_build_filename(local->settings->home,
						 FORWARD_FILE, NULL);
	char *real = realpath(name, NULL);

	if (real)
		g_ptr_array_add(places, real);
	for (guint i = 0; forward && i < forward->targets->len; i++) {
		const AliasTarget *target = forward->targets->pdata[i];

		if (target->kind == ALIAS_PATH)
			add_place(places, local, target->text);
	}
}

/* What the aliases name, and a .forward+x. */
static void
add_targets(GPtrArray *places, const Local *local, const Job *job)
{
	for (guint i = 0; i < job->recipients->len; i++) {
		const JobRecipient *recipient = job->recipients->pdata[i];
		const char *target =
			g_hash_table_lookup(recipient->options, "target");

		if (target && *target != '|')
			add_place(places, local, target);
	}
}

/*
 * What is confined is a bug of ours, not the recipient: all that is theirs
 * to reach stays reachable where mail may lie. A link of their own to
 * another disk leads outside the home. Nothing of a message was read yet.
 */
static gboolean
confine(const Local *local, const Job *job, GError **error)
{
	const guint all = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_MOVE;
	g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(free);
	g_autoptr(GArray) paths =
		g_array_new(FALSE, FALSE, sizeof(SandboxPath));

	if (!local->settings)
		return worker_confine(local->worker, NULL, 0, error);
	g_ptr_array_add(places, g_strdup(local->settings->home));
	add_place(places, local, local->settings->path);
	if (local->settings->sent_copy)
		add_place(places, local, local->settings->sent_copy);
	add_forward(places, local);
	add_targets(places, local, job);
	for (guint i = 0; i < places->len; i++) {
		const SandboxPath path = {places->pdata[i], all};

		g_array_append_val(paths, path);
	}
	return worker_confine(local->worker, (SandboxPath *)paths->data,
			      paths->len, error);
}

/* --- all of them ---------------------------------------------------------- */

/*
 * The engine's death is nobody's fault: what is not judged is tried again.
 * @cause (nullable) keeps us from delivering.
 */
static gboolean
work(Local *local, const GError *cause, GError **error)
{
	for (gboolean confined = FALSE;; confined = TRUE) {
		g_autoptr(Job) job = worker_next_job(local->worker, error);
		gboolean delivered;

		if (!job || (!confined && !confine(local, job, error)))
			return FALSE;
		local->job = job;
		delivered = cause ? put_off(local, cause, error) :
				    deliver(local, error);
		local->job = NULL;
		if (!delivered)
			return FALSE;
	}
}

static gboolean
read_settings(Local *local, const Config *config, GError **error)
{
	const char *home = g_getenv("HOME");
	const char *mode = g_getenv("MASQMAIL_MODE");

	if (!home || !g_path_is_absolute(home)) {
		errno = ENOENT;
		return error_set_errno(error, "the home directory of %s",
				       local->worker->name);
	}
	local->settings = local_settings_new(config, local->worker->name, home,
					     g_strcmp0(mode, "user") == 0);
	return TRUE;
}

static int
run(Local *local, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(Config) config = config_load_fd(CONFIG_MAIN, WORKER_CONFIG_FD,
						  "masqmail.conf", &cause);

	if (config && !read_settings(local, config, error))
		return EX_OSERR;
	work(local, cause, error);
	if (*error)
		return EX_TEMPFAIL;
	return config ? EX_OK : EX_CONFIG;
}

int
main(int argc, char **argv)
{
	Local local = {.worker = worker_start(argc, argv)};
	g_autoptr(GError) error = NULL;
	int code;

	g_set_prgname("local");
	/* A file-size limit is an error of write, not a death. */
	signal(SIGXFSZ, SIG_IGN);
	umask(007);
	code = run(&local, &error);
	/* A daemon that stops is no problem. */
	if (error && !g_error_matches(error, WIRE_ERROR, WIRE_ERROR_CLOSED))
		log_problem("local", 0, "user=%s %s", local.worker->name,
			    error->message);
	worker_free(local.worker);
	local_settings_free(local.settings);
	return code;
}
