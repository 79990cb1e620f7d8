#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A network is shown to the agent once and known from then on: by its router,
# not by its addresses. Who clashes is warned; visits are counted and kept; a
# learned network is renamed and forgotten; what is learned names a profile
# and nothing else.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
network cafe 10.1.0.1/24 02:00:00:00:07:07
sink lan home 10.1.0.1
configure routes/lan.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure profiles/Home.conf '[Use]' Routes=lan Trust=yes
configure profiles/Other.conf '[Match]' Gateway=10.1.0.1

profile_is()
{
	masqctl status --json | grep "\"profile\": *\"$1\"" >/dev/null
}

says()
{
	local text=$1

	shift
	masqctl "$@" >"$scratch/said"
	grep -F -- "$text" "$scratch/said" >/dev/null || {
		cat "$scratch/said"
		return 1
	}
}

refuses()
{
	local text=$1

	shift
	! masqctl "$@" 2>&1 | grep -F -- "$text" >/dev/null || return 0
	return 1
}

start_agent
eventually says 'There is no network' status
refuses 'There is no network here to be learned' learn Home
send ada@home.test bob@far.test first
join home 10.1.0.2/24
eventually profile_is Other

# What would be: nothing is changed by asking.
eventually says 'Gateway=10.1.0.1 02:00:00:00:01:01' learn Home --try
says 'Careful: Here profile Other fits too, with score 6 against 32.' \
	learn Home --try
says 'it would win' learn Home --try --signs Interface
profile_is Other
refuses 'There is no profile Nowhere' learn Nowhere
refuses 'is no profile of a place' learn offline
refuses 'has no sign Ssid' learn Home --signs Ssid
refuses 'cannot name a network' learn Home --as a/b

# Learned: the waiting mail goes, in clear text, for the router is known.
masqctl learn Home --as flat
eventually profile_is Home
eventually sink_has lan first
says 'Home [flat], learned' networks
says 'visits: 1' networks
grep -x Profile=Home "$spool/state/networks/flat.conf"

# The same addresses behind another router: not home. Then home again.
leave home
join cafe 10.1.0.2/24
eventually profile_is Other
leave cafe
join home 10.1.0.2/24
eventually profile_is Home
says 'visits: 2' networks
masqctl rename flat house
says 'Home [house], learned' networks
never says flat networks
says 'visits: 2' networks

# All of it survives a restart.
stop_agent
start_agent
eventually profile_is Home
says 'Home [house], learned' networks
says 'visits: 3' networks
masqctl forget house
eventually profile_is Other
refuses 'No learned network is called house' forget house
[ ! -e "$spool/state/networks/house.conf" ]
