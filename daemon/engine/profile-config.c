// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Profiles of their configuration: what each value of a [Match] must look
 * like. Everything else only meets values that were read here.
 */
#include "daemon/engine/profile.h"

#include <string.h>

/* Keys whose values are taken as they stand. */
static gboolean
read_text(const char *text, ConditionValue *value)
{
	(void)value;
	return *text != '\0';
}

static gboolean
read_ssid(const char *text, ConditionValue *value)
{
	return net_ssid_parse(text, value->ssid, &value->ssid_length);
}

static gboolean
read_mac(const char *text, ConditionValue *value)
{
	value->has_mac = net_mac_parse(text, value->mac);
	return value->has_mac;
}

/* An address, a MAC, or both with blanks between. */
static gboolean
read_gateway(const char *text, ConditionValue *value)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
	guint seen = 0;

	for (char **word = words; *word; word++) {
		if (!**word)
			continue;
		if (!value->has_mac && read_mac(*word, value))
			seen++;
		else if (value->address.family == 0 && !strchr(*word, '/') &&
			 net_address_parse(*word, &value->address))
			seen++;
		else
			return FALSE;
	}
	return seen > 0;
}

static gboolean
read_subnet(const char *text, ConditionValue *value)
{
	return net_address_parse(text, &value->address);
}

static gboolean
read_type(const char *text, ConditionValue *value)
{
	return link_type_from_name(text, &value->type) &&
	       value->type != LINK_LOOPBACK;
}

static gboolean
read_security(const char *text, ConditionValue *value)
{
	return wifi_security_from_name(text, &value->security) &&
	       value->security != WIFI_UNKNOWN;
}

static const struct {
	gboolean (*read)(const char *text, ConditionValue *value);
	const char *should_be;
} readers[] = {
	[CONDITION_SSID] = { read_ssid, "a Wi-Fi name of at most 32 bytes" },
	[CONDITION_BSSID] = { read_mac, "an access point such as "
					"00:11:22:33:44:55" },
	[CONDITION_GATEWAY] = { read_gateway,
				"an address, a MAC such as "
				"00:11:22:33:44:55, or both" },
	[CONDITION_SUBNET] = { read_subnet, "a subnet such as 10.1.0.0/16" },
	[CONDITION_INTERFACE] = { read_text, "the name of an interface" },
	[CONDITION_TYPE] = { read_type, "wired or wifi" },
	[CONDITION_VPN] = { read_text, "the name of an interface" },
	[CONDITION_DOMAIN] = { read_text, "a domain" },
	[CONDITION_SECURITY] = { read_security,
				 "open, owe, wep, psk, sae or 802.1x" },
};

static void
value_free(gpointer data)
{
	ConditionValue *value = data;

	g_free(value->text);
	g_free(value);
}

static gboolean
find_kind(const char *key, ConditionKind *ret_kind)
{
	for (ConditionKind kind = CONDITION_SSID; kind <= CONDITION_SECURITY;
	     kind++) {
		if (!g_str_equal(condition_key(kind), key))
			continue;
		*ret_kind = kind;
		return TRUE;
	}
	return FALSE;
}

static gboolean
add_value(Condition *condition, const char *text, GError **error)
{
	ConditionValue *value = g_new0(ConditionValue, 1);

	value->text = g_strdup(text);
	g_ptr_array_add(condition->values, value);
	if (readers[condition->kind].read(text, value))
		return TRUE;
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
		    "%s=%s: this should be %s", condition_key(condition->kind),
		    text, readers[condition->kind].should_be);
	return FALSE;
}

gboolean
fingerprint_add(Fingerprint *fingerprint, const char *key,
		const char *const *values, GError **error)
{
	Condition *condition;
	ConditionKind kind;

	if (!find_kind(key, &kind) || !values[0] ||
	    g_strv_length((char **)values) > PROFILE_MAX_CONDITIONS ||
	    fingerprint->conditions->len == PROFILE_MAX_CONDITIONS) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
			    "%s: this is no sign of a network, or too many",
			    key);
		return FALSE;
	}
	condition = g_new0(Condition, 1);
	condition->kind = kind;
	condition->values = g_ptr_array_new_with_free_func(value_free);
	g_ptr_array_add(fingerprint->conditions, condition);
	for (; *values; values++)
		if (!add_value(condition, *values, error))
			return FALSE;
	return TRUE;
}

/* One value or several: the file's type of key says which. */
static char **
get_values(const Config *config, const char *group, ConditionKind kind)
{
	char **values;

	if (!config_has(config, group, condition_key(kind)))
		return g_new0(char *, 1);
	if (kind != CONDITION_SSID && kind != CONDITION_TYPE &&
	    kind != CONDITION_SECURITY)
		return config_list(config, group, condition_key(kind));
	values = g_new0(char *, 2);
	values[0] = config_string(config, group, condition_key(kind));
	return values;
}

gboolean
fingerprint_read(Fingerprint *fingerprint, const Config *config,
		 const char *group, GError **error)
{
	for (ConditionKind kind = CONDITION_SSID; kind <= CONDITION_SECURITY;
	     kind++) {
		g_auto(GStrv) values = get_values(config, group, kind);

		if (!values[0])
			continue;
		if (!fingerprint_add(fingerprint, condition_key(kind),
				     (const char *const *)values, error)) {
			g_prefix_error(error, "[%s] ", group);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
is_any(const Config *config, const char *group)
{
	g_autofree char *mode = config_string(config, group, "Mode");

	return g_str_equal(mode, "any");
}

static gboolean
add_group(Profile *profile, const Config *config, const char *group,
	  GError **error)
{
	const char *name = strchr(group, ' ');
	Fingerprint *fingerprint = profile_add_fingerprint(
		profile, name ? name + 1 : "", is_any(config, group));

	if (!fingerprint) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
			    "more than %d groups [Match]",
			    PROFILE_MAX_FINGERPRINTS);
		return FALSE;
	}
	return fingerprint_read(fingerprint, config, group, error);
}

Profile *
profile_from_config(const Config *config, const char *name, GError **error)
{
	g_autoptr(Profile) profile = profile_new(name);
	g_auto(GStrv) groups = config_groups(config);

	if (g_str_equal(name, PROFILE_OFFLINE)) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
			    "the profile \"%s\" is built in; choose another "
			    "name", name);
		return NULL;
	}
	g_strfreev(profile->routes);
	profile->routes = config_list(config, "Use", "Routes");
	profile->trust = config_boolean(config, "Use", "Trust");
	profile->priority = config_number(config, "Use", "Priority");
	profile->size_limit = config_number(config, "Use", "SizeLimit");
	profile->metered_limit =
		config_number(config, "Use", "MeteredLimit");
	for (char **group = groups; *group; group++)
		if (g_str_has_prefix(*group, "Match") &&
		    !add_group(profile, config, *group, error))
			return NULL;
	return g_steal_pointer(&profile);
}

static void
append_signs(GString *line, const Fingerprint *fingerprint)
{
	for (guint i = 0; i < fingerprint->conditions->len; i++) {
		const Condition *condition =
			fingerprint->conditions->pdata[i];
		const ConditionValue *value = condition->values->pdata[0];

		g_string_append_printf(line, "%s%s %s%s", i ? ", " : "",
				       condition_key(condition->kind),
				       value->text,
				       condition->values->len > 1 ? "..." :
								    "");
	}
}

char *
fingerprint_summary(const Fingerprint *fingerprint)
{
	GString *line = g_string_new(NULL);

	append_signs(line, fingerprint);
	return g_string_free(line, FALSE);
}

char *
profile_summary(const Profile *profile)
{
	GString *line = g_string_new(NULL);

	for (guint i = 0; i < profile->fingerprints->len; i++) {
		if (i)
			g_string_append(line, "; or ");
		append_signs(line, profile->fingerprints->pdata[i]);
	}
	if (profile->fingerprints->len == 0)
		g_string_append(line,
				g_str_equal(profile->name, PROFILE_DEFAULT) ?
					"wherever no other profile matches" :
					"only when chosen by hand");
	return g_string_free(line, FALSE);
}
