// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/worker/smtpsend-engine.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "common/wire.h"

#define MESSAGE_ID "SMTP-SEND"

typedef struct {
	Sending *sending;
	int fd;
	gboolean given; /* the message was */
} Serving;

static GVariant *
recipient_list(const Sending *sending)
{
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("a(usa{ss})"));
	for (guint i = 0; sending->recipients[i]; i++)
		g_variant_builder_add(&list, "(us@a{ss})", i,
				      sending->recipients[i],
				      g_variant_new("a{ss}", NULL));
	return g_variant_builder_end(&list);
}

static GVariant *
option_dictionary(const Sending *sending)
{
	GVariantBuilder options;

	g_variant_builder_init(&options, G_VARIANT_TYPE("a{ss}"));
	g_variant_builder_add(&options, "{ss}", "body",
			      sending->eight_bit ? "8bitmime" : "7bit");
	return g_variant_builder_end(&options);
}

static GVariant *
job_reply(const Sending *sending)
{
	const char *at = strrchr(sending->recipients[0], '@');
	const char *const none[] = { NULL };
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "id", "s", MESSAGE_ID);
	g_variant_dict_insert(&dict, "size", "t",
			      (guint64)sending->message->len);
	g_variant_dict_insert(&dict, "sender", "s", sending->sender);
	g_variant_dict_insert(&dict, "route", "s", "smtpsend");
	g_variant_dict_insert(&dict, "domain", "s", at ? at + 1 : "");
	g_variant_dict_insert(&dict, "trusted", "b", sending->trusted);
	g_variant_dict_insert(&dict, "trace", "b", !sending->quiet);
	g_variant_dict_insert(&dict, "tls-seen", "^as", none);
	g_variant_dict_insert_value(&dict, "options",
				    option_dictionary(sending));
	g_variant_dict_insert_value(&dict, "recipients",
				    recipient_list(sending));
	return g_variant_dict_end(&dict);
}

static gboolean
reply(Serving *serving, const WirePacket *call, GVariant *body,
      GError **error)
{
	return wire_send(serving->fd, WIRE_REPLY, call->name, call->serial,
			 body, error);
}

static gboolean
answer_job(Serving *serving, const WirePacket *call, GError **error)
{
	gboolean more = !serving->given;

	serving->given = TRUE;
	return reply(serving, call,
		     g_variant_new("(@a{sv})",
				   more ? job_reply(serving->sending)
					: g_variant_new("a{sv}", NULL)),
		     error);
}

static gboolean
answer_fetch(Serving *serving, const WirePacket *call, GError **error)
{
	const GByteArray *message = serving->sending->message;
	guint64 offset;

	g_variant_get(call->body, "(&st)", NULL, &offset);
	offset = MIN(offset, message->len);
	return wire_send_data(serving->fd, message->data + offset,
			      MIN(message->len - offset, WIRE_MAX_DATA),
			      error);
}

static gboolean
answer_verdict(Serving *serving, const WirePacket *call, GError **error)
{
	Sending *sending = serving->sending;
	g_autoptr(GVariant) facts = NULL;
	guint32 number;

	g_variant_get(call->body, "(u@a{sv})", &number, &facts);
	if (number < g_strv_length((char **)sending->recipients)) {
		status_free(sending->verdicts[number]);
		sending->verdicts[number] = status_from_variant(facts);
	}
	return reply(serving, call, g_variant_new("()"), error);
}

/* "31 > EHLO laptop" */
static void
print_trace(const char *line)
{
	g_autofree char *harmless = text_harmless(line);
	char *text = NULL;
	guint64 ms = g_ascii_strtoull(harmless, &text, 10);

	fprintf(stderr, "%3u.%03u %s\n", (guint)(ms / 1000),
		(guint)(ms % 1000), text);
}

static gboolean
answer_report(Serving *serving, const WirePacket *call, GError **error)
{
	Sending *sending = serving->sending;
	g_autoptr(GVariant) facts = NULL;
	const char *line;

	g_variant_get(call->body, "(@a{sv})", &facts);
	if (g_variant_lookup(facts, "trace", "&s", &line))
		print_trace(line);
	if (g_variant_lookup(facts, "fault", "&s", NULL)) {
		status_free(sending->fault);
		sending->fault = status_from_variant(facts);
	}
	return reply(serving, call, g_variant_new("()"), error);
}

static gboolean
answer_ahead(Serving *serving, const WirePacket *call, GError **error)
{
	return reply(serving, call,
		     g_variant_new("(@a{sv})", g_variant_new("a{sv}", NULL)),
		     error);
}

static const struct {
	const char *method;
	gboolean (*answer)(Serving *serving, const WirePacket *call,
			   GError **error);
} answers[] = {
	{ "Ahead", answer_ahead },     { "Fetch", answer_fetch },
	{ "Job", answer_job },         { "Report", answer_report },
	{ "Verdict", answer_verdict },
};

static gboolean
answer(Serving *serving, const WirePacket *call, GError **error)
{
	if (call->kind == WIRE_CALL && wire_check_call(call, NULL, NULL))
		for (guint i = 0; i < G_N_ELEMENTS(answers); i++)
			if (g_str_equal(answers[i].method, call->name))
				return answers[i].answer(serving, call, error);
	g_set_error(error, WIRE_ERROR, WIRE_ERROR_INVALID,
		    "the worker asked for something strange");
	return FALSE;
}

gboolean
sending_serve(Sending *sending, int fd, GError **error)
{
	Serving serving = { .sending = sending, .fd = fd };

	for (;;) {
		g_autoptr(GError) own = NULL;
		g_autoptr(WirePacket) call = wire_receive(fd, &own);

		if (call && answer(&serving, call, &own))
			continue;
		if (g_error_matches(own, WIRE_ERROR, WIRE_ERROR_CLOSED))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&own));
		return FALSE;
	}
}
