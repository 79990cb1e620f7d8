// SPDX-License-Identifier: GPL-2.0-or-later
#include "common/rewrite.h"

#include <string.h>

#include "common/address.h"
#include "common/header.h"

#define GROUP "Rewrite"

typedef struct {
	char *pattern; /* glob of an address, or of a local part alone */
	char *local;   /* (nullable): the local part stays */
	char *domain;
} Rule;

struct Rewrite {
	GPtrArray *rules[REWRITE_FIELDS]; /* of Rule, in order */
};

static const char *const keys[REWRITE_FIELDS] = {
	[REWRITE_FROM] = "From",
	[REWRITE_SENDER] = "Sender",
	[REWRITE_REPLY_TO] = "ReplyTo",
	[REWRITE_FOLLOWUP_TO] = "MailFollowupTo",
	[REWRITE_RETURN_PATH] = "ReturnPath",
};

static void
rule_free(gpointer data)
{
	Rule *rule = data;

	g_free(rule->pattern);
	g_free(rule->local);
	g_free(rule->domain);
	g_free(rule);
}

void
rewrite_free(Rewrite *rewrite)
{
	if (!rewrite)
		return;
	for (guint i = 0; i < REWRITE_FIELDS; i++)
		g_ptr_array_unref(rewrite->rules[i]);
	g_free(rewrite);
}

/* --- the rules ------------------------------------------------------------ */

static gboolean
refuse(const char *key, const char *text, GError **error)
{
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
		    "[" GROUP "] %s: \"%s\" is no rule such as "
		    "ada@laptop:ada@uni.example or *:*@uni.example", key,
		    text);
	return FALSE;
}

/* "PATTERN:ADDRESS"; an address literal may have colons, an address none. */
static gboolean
add_rule(GPtrArray *rules, const char *key, const char *text, GError **error)
{
	const char *colon = strrchr(text, ':');
	g_autofree char *local = NULL;
	Rule *rule;

	if (!colon || colon == text || !address_is_valid(colon + 1) ||
	    rules->len >= REWRITE_MAX_RULES)
		return refuse(key, text, error);
	local = address_local(colon + 1);
	rule = g_new0(Rule, 1);
	rule->pattern = g_strndup(text, colon - text);
	if (!g_str_equal(local, "*"))
		rule->local = g_steal_pointer(&local);
	rule->domain = g_strdup(address_domain(colon + 1));
	g_ptr_array_add(rules, rule);
	return TRUE;
}

static gboolean
add_rules(GPtrArray *rules, const Config *config, const char *key,
	  GError **error)
{
	g_auto(GStrv) list = config_list(config, GROUP, key);

	for (char **text = list; *text; text++)
		if (!add_rule(rules, key, *text, error))
			return FALSE;
	return TRUE;
}

/* The domain of whatever no other rule has changed. */
static gboolean
add_domain(GPtrArray *rules, const Config *config, GError **error)
{
	g_autofree char *domain = config_string(config, GROUP, "Domain");
	g_autofree char *text = NULL;

	if (!domain || !*domain)
		return TRUE;
	text = g_strconcat("*:*@", domain, NULL);
	return add_rule(rules, "Domain", text, error);
}

/* The field's own rules come before those for all fields. */
Rewrite *
rewrite_from_config(const Config *config, GError **error)
{
	g_autoptr(Rewrite) rewrite = g_new0(Rewrite, 1);
	guint rules = 0;

	for (guint i = 0; i < REWRITE_FIELDS; i++)
		rewrite->rules[i] = g_ptr_array_new_with_free_func(rule_free);
	for (guint i = 0; i < REWRITE_FIELDS; i++) {
		GPtrArray *list = rewrite->rules[i];

		if (!add_rules(list, config, keys[i], error) ||
		    !add_rules(list, config, "Addresses", error) ||
		    !add_domain(list, config, error))
			return NULL;
		rules += list->len;
	}
	return rules ? g_steal_pointer(&rewrite) : NULL;
}

/* --- one address ---------------------------------------------------------- */

static gboolean
fits(const Rule *rule, const char *whole, const char *local)
{
	if (*address_domain(rule->pattern))
		return address_matches(whole, rule->pattern);
	return address_matches(local, rule->pattern);
}

/* (transfer none) (nullable) */
static const Rule *
find_rule(const Rewrite *rewrite, const OwnAddresses *own,
	  RewriteField field, const char *address)
{
	const GPtrArray *rules = rewrite->rules[field];
	const char *host = own->names && *own->names ? *own->names : "";
	g_autofree char *whole = NULL;
	g_autofree char *local = NULL;

	if (!*address || !own_has(own, address))
		return NULL;
	whole = address_qualify(address, host);
	local = address_local(address);
	for (guint i = 0; i < rules->len; i++)
		if (fits(rules->pdata[i], whole, local))
			return rules->pdata[i];
	return NULL;
}

char *
rewrite_address(const Rewrite *rewrite, const OwnAddresses *own,
		RewriteField field, const char *address)
{
	const Rule *rule = find_rule(rewrite, own, field, address);
	g_autofree char *local = NULL;

	if (!rule)
		return NULL;
	local = rule->local ? g_strdup(rule->local) : address_local(address);
	return address_join(local, rule->domain);
}

/* --- one field ------------------------------------------------------------ */

/* Where the two halves of an addr-spec stand in its bytes. */
typedef struct {
	gsize local, local_end;
	gsize domain, domain_end; /* the same when there is none */
} Parts;

/* Behind the quoted string, comment or literal at @at. */
static gsize
skip_token(const char *text, gsize at, gsize end)
{
	char open = text[at], close = open == '[' ? ']' : open;
	guint depth = 1;

	if (open != '"' && open != '(' && open != '[')
		return at + 1;
	for (at++; at < end; at++) {
		if (text[at] == '\\')
			at++;
		else if (open == '(' && text[at] == '(')
			depth++;
		else if (open == '(' && text[at] == ')' && --depth == 0)
			return at + 1;
		else if (open != '(' && text[at] == close)
			return at + 1;
	}
	return end;
}

static gboolean
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Comments and blanks around the halves belong to neither. */
static Parts
find_parts(const char *text, gsize start, gsize end)
{
	Parts parts = { 0 };
	gboolean behind = FALSE, any = FALSE;

	for (gsize at = start; at < end;) {
		gsize next = skip_token(text, at, end);

		if (text[at] == '@' && !behind) {
			behind = TRUE;
			any = FALSE;
		} else if (!is_blank(text[at]) && text[at] != '(') {
			if (!any && behind)
				parts.domain = at;
			else if (!any)
				parts.local = at;
			any = TRUE;
			*(behind ? &parts.domain_end : &parts.local_end) =
				next;
		}
		at = next;
	}
	return parts;
}

static void
append(GString *to, const char *bytes, gsize size)
{
	g_string_append_len(to, bytes, size);
}

#define MOST 998 /* bytes of a line, RFC 5322 2.1.1 */

/* Bytes from the last line end of @text, and to the next one. */
static gsize
column_of(const GString *text)
{
	const char *end = g_strrstr_len(text->str, text->len, "\n");

	return end ? (gsize)(text->str + text->len - end) - 1 : text->len;
}

/*
 * Append the addr-spec @spec with its new halves. An address that would
 * make its line too long begins the next one: there may be blanks in front
 * of any.
 */
static void
append_spec(GString *to, const char *text, gsize start, gsize end,
	    gsize line_end, const Rule *rule)
{
	Parts parts = find_parts(text, start, end);
	g_autofree char *local =
		rule->local ? address_join(rule->local, "")
			    : g_strndup(text + parts.local,
					parts.local_end - parts.local);
	gsize longer = strlen(local) + 1 + strlen(rule->domain);

	append(to, text + start, parts.local - start);
	if (column_of(to) + longer + line_end - parts.local_end > MOST)
		g_string_append(to, "\r\n ");
	g_string_append(to, local);
	if (parts.domain_end) {
		append(to, text + parts.local_end,
		       parts.domain - parts.local_end);
		g_string_append(to, rule->domain);
		append(to, text + parts.domain_end, end - parts.domain_end);
	} else {
		g_string_append_printf(to, "@%s", rule->domain);
		append(to, text + parts.local_end, end - parts.local_end);
	}
}

static gsize
next_line_end(const char *text, gsize at, gsize size)
{
	const char *end = memchr(text + at, '\n', size - at);

	return end ? (gsize)(end - text) : size;
}

/* (transfer full) (nullable): the new value; NULL: the old one stays. */
static GString *
rewrite_value(const Rewrite *rewrite, const OwnAddresses *own,
	      RewriteField field, const char *text, gsize size)
{
	g_autoptr(GPtrArray) list = address_list_parse(text, size, NULL);
	GString *value = NULL;
	gsize done = 0;

	for (guint i = 0; list && i < list->len; i++) {
		const Mailbox *one = list->pdata[i];
		gsize end = one->addr_start + one->addr_size;
		const Rule *rule =
			find_rule(rewrite, own, field, one->address);

		if (!rule)
			continue;
		if (!value)
			value = g_string_new(NULL);
		append(value, text + done, one->addr_start - done);
		append_spec(value, text, one->addr_start, end,
			    next_line_end(text, end, size), rule);
		done = end;
	}
	if (value)
		append(value, text + done, size - done);
	return value;
}

/* --- the header ----------------------------------------------------------- */

static const struct {
	const char *name;
	RewriteField field;
} fields[] = {
	{ "From", REWRITE_FROM },
	{ "Resent-From", REWRITE_FROM },
	{ "Sender", REWRITE_SENDER },
	{ "Resent-Sender", REWRITE_SENDER },
	{ "Reply-To", REWRITE_REPLY_TO },
	{ "Resent-Reply-To", REWRITE_REPLY_TO },
	{ "Mail-Followup-To", REWRITE_FOLLOWUP_TO },
};

static GString *
rewrite_field(const Rewrite *rewrite, const OwnAddresses *own,
	      const HeaderField *field)
{
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
		if (header_field_is(field, fields[i].name))
			return rewrite_value(rewrite, own, fields[i].field,
					     field->text + field->value_start,
					     field->size - field->value_start);
	return NULL;
}

gboolean
rewrite_header(const Rewrite *rewrite, const OwnAddresses *own,
	       const char *bytes, gsize size, GByteArray *out)
{
	gsize end;
	g_autoptr(Header) header = header_parse(bytes, size, &end, NULL);
	gboolean changed = FALSE;

	for (guint i = 0; header && i < header->fields->len; i++) {
		const HeaderField *field = header->fields->pdata[i];
		GString *value = rewrite_field(rewrite, own, field);

		if (!value) {
			g_byte_array_append(out, (guint8 *)field->text,
					    field->size);
			continue;
		}
		changed = TRUE;
		g_byte_array_append(out, (guint8 *)field->text,
				    field->value_start);
		g_byte_array_append(out, (guint8 *)value->str, value->len);
		g_string_free(value, TRUE);
	}
	if (!header)
		end = 0;
	g_byte_array_append(out, (const guint8 *)bytes + end, size - end);
	return changed;
}
