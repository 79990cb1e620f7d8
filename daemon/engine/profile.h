// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which profile belongs to a place, and why. Pure: a network's state, the
 * profiles, a pin and the last choice by hand go in; the active profile
 * comes out with every condition that was held against the place. Knows
 * alone the weights of the signs and the rules for ties; see
 * masqmail-network(7).
 */
#ifndef MASQMAIL_ENGINE_PROFILE_H
#define MASQMAIL_ENGINE_PROFILE_H

#include <glib.h>

#include "common/config.h"
#include "daemon/engine/network.h"

/* The built-in profile that keeps all far mail, and the fallback's name. */
#define PROFILE_OFFLINE "offline"
#define PROFILE_DEFAULT "default"
#define PROFILE_TOLD_BYTES (40 * 1024) /* of candidates in one packet */

/* Bounds of a configuration. */
#define PROFILE_MAX_FINGERPRINTS 64
#define PROFILE_MAX_CONDITIONS 64 /* per fingerprint */

/* How much a sign says. "all" sums them, "any" takes the best. */
enum {
	WEIGHT_VPN = 64,
	WEIGHT_GATEWAY_MAC = 32,
	WEIGHT_SSID_KEY = 16,
	WEIGHT_SSID_OPEN = 12,
	WEIGHT_VIRTUAL_MAC = 12, /* VRRP, HSRP: the same at many sites */
	WEIGHT_BSSID = 8,
	WEIGHT_DOMAIN = 8,
	WEIGHT_GATEWAY_IP = 6,
	WEIGHT_SUBNET = 4,
	WEIGHT_TYPE = 2,
	WEIGHT_INTERFACE = 2,
	WEIGHT_SECURITY = 0, /* a demand, no sign */
};

typedef enum {
	CONDITION_SSID,
	CONDITION_BSSID,
	CONDITION_GATEWAY,
	CONDITION_SUBNET,
	CONDITION_INTERFACE,
	CONDITION_TYPE,
	CONDITION_VPN,
	CONDITION_DOMAIN,
	CONDITION_SECURITY,
} ConditionKind;

/* One key of a fingerprint; any of its values will do. */
typedef struct {
	ConditionKind kind;
	GPtrArray *values; /* of ConditionValue, owned */
} Condition;

typedef struct {
	char *text; /* as written */
	NetAddress address; /* gateway (family 0: only a MAC), subnet */
	gboolean has_mac;
	guint8 mac[NETWORK_MAC_SIZE]; /* gateway, BSSID */
	guint8 ssid[NETWORK_SSID_SIZE];
	guint8 ssid_length;
	LinkType type;
	WifiSecurity security;
} ConditionValue;

typedef struct {
	char *name;   /* "office" of [Match office]; "" of [Match] */
	gboolean any; /* Mode=any: one condition is enough */
	GPtrArray *conditions; /* of Condition, owned */
} Fingerprint;

/* A network that was learned: it belongs to a profile, by name only. */
typedef struct {
	char *name;
	char *profile;
	gint64 learned;  /* Unix seconds */
	Fingerprint *fingerprint; /* of the same name, owned */
} KnownNetwork;

typedef struct {
	char *name;
	int priority;
	gboolean trust;  /* Trust=yes */
	guint64 size_limit; /* bytes; larger mail waits here; 0: none */
	guint64 metered_limit; /* the same where the way out is metered */
	char **routes;   /* names, in order; never NULL */
	GPtrArray *fingerprints; /* of Fingerprint, owned */
	char *error;     /* why it is disabled: it is never chosen; or NULL */
} Profile;

Profile *profile_new(const char *name);
void profile_free(Profile *profile);

/*
 * A profile of its loaded file (transfer full). NULL with a CONFIG_ERROR
 * that names group and key when a value makes no sense; the caller then
 * keeps profile_new() with .error set, so that people see it.
 */
Profile *profile_from_config(const Config *config, const char *name,
			     GError **error);

/* (transfer full) */
Fingerprint *fingerprint_new(const char *name, gboolean any);
void fingerprint_free(Fingerprint *fingerprint);
gboolean fingerprint_has(const Fingerprint *fingerprint, ConditionKind kind);

/*
 * Add a fingerprint (transfer none) (nullable at the bound), or a key such
 * as "Gateway" to one. FALSE with a CONFIG_ERROR for an unknown key, a
 * value that cannot be read, or a bound that is reached.
 */
Fingerprint *profile_add_fingerprint(Profile *profile, const char *name,
				     gboolean any);
gboolean fingerprint_add(Fingerprint *fingerprint, const char *key,
			 const char *const *values, GError **error);

/* Add all signs of @group of a file. */
gboolean fingerprint_read(Fingerprint *fingerprint, const Config *config,
			  const char *group, GError **error);

/* One condition held against one link. */
typedef struct {
	ConditionKind kind;
	gboolean matched;
	gboolean unknown; /* not matched only because it is not known yet */
	guint weight;     /* what it gives when it matches */
	char *words;      /* 'gateway MAC is 3c:a6:2f:01:51:0c' */
} ConditionResult;

/* One fingerprint held against the place, at the link it fits best. */
typedef struct {
	const Profile *profile; /* (transfer none) */
	char *fingerprint;      /* name; "" of [Match] */
	gboolean learned;       /* of a KnownNetwork of that name */
	gboolean matched;
	gboolean possible;      /* what is not known yet may still match */
	gboolean fallback;      /* the profile "default", matched always */
	guint score;
	guint strength;  /* the heaviest single sign that matched */
	int link;        /* index; 0: none */
	guint32 metric;  /* of that link's default route; G_MAXUINT32 */
	GPtrArray *conditions; /* of ConditionResult */
} Candidate;

typedef enum {
	CHOSEN_OFFLINE,  /* no network, or nothing matched */
	CHOSEN_PIN,
	CHOSEN_SAID,     /* a script, file, command or mserver said so */
	CHOSEN_ONLY,     /* the only one that matched */
	CHOSEN_PRIORITY, /* this and the next decided the tie */
	CHOSEN_SCORE,
	CHOSEN_METRIC,
	CHOSEN_LAST,
	CHOSEN_NAME,
	CHOSEN_FALLBACK, /* the profile "default" */
} ChosenBy;

typedef struct {
	char *profile;    /* name; PROFILE_OFFLINE when there is none */
	const Profile *active; /* (nullable): NULL when offline */
	char *fingerprint; /* of the profile, that matched; or "" */
	ChosenBy by;
	guint score;
	guint strength;   /* heaviest sign for the active profile here */
	gboolean trusted; /* Trust=yes, and this link deserves it; also of
	                     the place seen while offline by hand */
	gboolean complete; /* a known fingerprint matches, nothing unknown */
	gboolean awaited;  /* a place would fit, were its gateway known */
	gboolean usable;   /* far mail can go: a default route, or a place
	                      known by its signs that has none */
	char *seen;       /* what the place looks like without the pin */
	GPtrArray *candidates; /* of Candidate, best first */
	GPtrArray *why;   /* of char *: plain sentences, for people */
} ProfileChoice;

typedef struct {
	const NetworkState *network;
	GPtrArray *profiles;    /* of Profile */
	const char *pin;        /* a profile's name, or NULL */
	const char *last_chosen; /* by hand, or NULL */
	GPtrArray *known;       /* of KnownNetwork; (nullable) */
	const char *said;       /* PROFILE_OFFLINE, a profile, or NULL */
	const char *said_by;    /* who: "the file /run/online" */
} ProfileInput;

/*
 * Decide. (transfer full); it points into the profiles of @input, so it
 * must go before they do. A pin on an unknown profile is said and ignored.
 */
ProfileChoice *profile_choose(const ProfileInput *input);
void profile_choice_free(ProfileChoice *choice);

/*
 * Put candidates, chosen and why into the dictionary of Networks (see
 * common/api.c).
 */
void profile_choice_add_to(const ProfileChoice *choice, GVariantDict *dict);

/* (nullable) (transfer none) */
const Profile *profile_find(GPtrArray *profiles, const char *name);
/* (nullable): the best candidate of that profile here. */
const Candidate *profile_choice_candidate(const ProfileChoice *choice,
					  const char *profile);

/* (nullable): the candidate of that fingerprint. */
const Candidate *
profile_choice_fingerprint(const ProfileChoice *choice, const char *profile,
			   const char *fingerprint, gboolean learned);

/* (transfer full). Its signs in one line, for lists. */
char *fingerprint_summary(const Fingerprint *fingerprint);
char *profile_summary(const Profile *profile);

/* "Ssid", "Gateway", ...: the configuration's key. */
const char *condition_key(ConditionKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fingerprint, fingerprint_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Profile, profile_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProfileChoice, profile_choice_free)

#endif
