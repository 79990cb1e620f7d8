// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One fingerprint held against one place. The half of profile.c that knows
 * the conditions one by one; only profile.c calls it.
 */
#ifndef MASQMAIL_ENGINE_PROFILE_MATCH_H
#define MASQMAIL_ENGINE_PROFILE_MATCH_H

#include "daemon/engine/profile.h"

/*
 * (transfer full). @fingerprint held against every link that is up; the
 * result is that of the link it fits best. With no such link nothing
 * matches, but the conditions are listed all the same.
 */
Candidate *profile_match(const Profile *profile,
			 const Fingerprint *fingerprint,
			 const NetworkState *network);

/* (transfer full). The profile "default", which every network fits. */
Candidate *profile_match_fallback(const Profile *profile,
				  const NetworkState *network);
void candidate_free(Candidate *candidate);

#endif
