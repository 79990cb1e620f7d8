#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where bytes cost, large mail waits and says for what; it goes from another
# place, or when the way is not metered any more. Its owner may send it by a
# route of their choice all the same.
. "${0%/*}/../lib.sh"

network phone 10.1.0.1/24 02:00:00:00:01:01
network home 10.2.0.1/24 02:00:00:00:02:01
sink spy phone 10.1.0.1
sink lan home 10.2.0.1
configure routes/phone.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure routes/home.conf '[Relay]' Host=10.2.0.1 Port=25 Tls=never \
	Insecure=yes
configure profiles/Phone.conf '[Match]' Gateway=02:00:00:00:01:01 '[Use]' \
	Routes=phone Trust=yes SizeLimit=200K MeteredLimit=20K
configure profiles/Home.conf '[Match]' Gateway=02:00:00:00:02:01 '[Use]' \
	Routes=home Trust=yes

says()
{
	local text=$1

	shift
	masqctl "$@" | grep -F -- "$text" >/dev/null
}

# letter NAME KILOBYTES
letter()
{
	{
		printf 'Subject: %s\n\n' "$1"
		head -c $(($2 * 1024)) /dev/zero | tr '\0' x | fold -w 70
	} >"$scratch/$1.eml"
	send ada@home.test bob@far.test "$1" "$scratch/$1.eml"
}

start_agent
join phone 10.1.0.2/24
eventually says 'profile Phone' status
masqctl hint metered
says 'metered' status
letter small. 4
letter middle. 60
letter large. 400
eventually sink_has spy small.
eventually queue_has 2
says 'larger than 20K, which is all that leaves from here (profile "Phone")' \
	queue middle
never sink_has spy middle.

# Not metered any more: only the profile's own limit is left.
masqctl hint unmetered
eventually sink_has spy middle.
queue_has 1
says 'larger than 200K' explain bob@far.test --size 400K
never says 'larger than' explain bob@far.test --size 100K
never sink_has spy large.

# From another place it goes.
leave phone
join home 10.2.0.2/24
eventually sink_has lan large.
eventually queue_has 0
