// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/status.h"

#include "common/text.h"

static const char *const outcome_names[] = {
	[OUTCOME_NONE] = "none",
	[OUTCOME_DELIVERED] = "delivered",
	[OUTCOME_DEFERRED] = "deferred",
	[OUTCOME_FAILED] = "failed",
};

static const char *const fault_names[] = {
	[FAULT_NONE] = "none",       [FAULT_RECIPIENT] = "recipient",
	[FAULT_MESSAGE] = "message", [FAULT_HOST] = "host",
	[FAULT_ROUTE] = "route",     [FAULT_NETWORK] = "network",
};

static const char *const class_defaults[] = {
	[OUTCOME_NONE] = "",
	[OUTCOME_DELIVERED] = "2.0.0",
	[OUTCOME_DEFERRED] = "4.0.0",
	[OUTCOME_FAILED] = "5.0.0",
};

static char *
harmless_or_empty(const char *text)
{
	return text ? text_harmless_clipped(text, STATUS_MAX_TEXT)
		    : g_strdup("");
}

Status *
status_new(Outcome outcome, Fault fault, guint code, const char *enhanced,
	   const char *text, const char *why)
{
	Status *status = g_new0(Status, 1);

	status->outcome = outcome;
	status->fault = fault;
	status->code = code;
	status->enhanced = harmless_or_empty(
		enhanced && *enhanced ? enhanced : class_defaults[outcome]);
	status->text = harmless_or_empty(text);
	status->why = harmless_or_empty(why);
	status->host = g_strdup("");
	status->tls = g_strdup("");
	status->remote_id = g_strdup("");
	return status;
}

Status *
status_copy(const Status *status)
{
	Status *copy = g_new0(Status, 1);

	*copy = *status;
	copy->enhanced = g_strdup(status->enhanced);
	copy->text = g_strdup(status->text);
	copy->why = g_strdup(status->why);
	copy->host = g_strdup(status->host);
	copy->tls = g_strdup(status->tls);
	copy->remote_id = g_strdup(status->remote_id);
	return copy;
}

void
status_free(Status *status)
{
	if (!status)
		return;
	g_free(status->enhanced);
	g_free(status->text);
	g_free(status->why);
	g_free(status->host);
	g_free(status->tls);
	g_free(status->remote_id);
	g_free(status);
}

const char *
outcome_name(Outcome outcome)
{
	return outcome_names[outcome];
}

const char *
fault_name(Fault fault)
{
	return fault_names[fault];
}

Outcome
outcome_from_name(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(outcome_names); i++)
		if (g_str_equal(name, outcome_names[i]))
			return i;
	return OUTCOME_NONE;
}

Fault
fault_from_name(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(fault_names); i++)
		if (g_str_equal(name, fault_names[i]))
			return i;
	return FAULT_NONE;
}

GVariant *
status_to_variant(const Status *status)
{
	GVariantBuilder builder;
	const struct {
		const char *key;
		const char *value;
	} fields[] = {
		{ "outcome", outcome_name(status->outcome) },
		{ "fault", fault_name(status->fault) },
		{ "enhanced", status->enhanced },
		{ "text", status->text },
		{ "why", status->why },
		{ "host", status->host },
		{ "tls", status->tls },
		{ "remote-id", status->remote_id },
	};

	g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
		g_variant_builder_add(&builder, "{sv}", fields[i].key,
				      g_variant_new_string(fields[i].value));
	g_variant_builder_add(&builder, "{sv}", "code",
			      g_variant_new_uint32(status->code));
	return g_variant_builder_end(&builder);
}

static void
take_field(GVariant *dictionary, const char *key, char **field)
{
	const char *value;

	if (!g_variant_lookup(dictionary, key, "&s", &value))
		return;
	g_free(*field);
	*field = text_harmless_clipped(value, STATUS_MAX_TEXT);
}

Status *
status_from_variant(GVariant *dictionary)
{
	const char *outcome = "", *fault = "";
	guint32 code = 0;
	Status *status;

	g_variant_lookup(dictionary, "outcome", "&s", &outcome);
	g_variant_lookup(dictionary, "fault", "&s", &fault);
	g_variant_lookup(dictionary, "code", "u", &code);
	status = status_new(outcome_from_name(outcome),
			    fault_from_name(fault), code, NULL, NULL, NULL);
	take_field(dictionary, "enhanced", &status->enhanced);
	take_field(dictionary, "text", &status->text);
	take_field(dictionary, "why", &status->why);
	take_field(dictionary, "host", &status->host);
	take_field(dictionary, "tls", &status->tls);
	take_field(dictionary, "remote-id", &status->remote_id);
	return status;
}
