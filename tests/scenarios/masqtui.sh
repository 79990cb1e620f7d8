#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# masqtui on the real daemon: there before it, what waits offline and why, a
# message held, deleted and brought back, a network that comes, mail that
# leaves, the daemon gone and back.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
sink isp home 10.1.0.1
configure routes/isp.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes "Owner=$me"
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp Trust=yes
# It is there before the daemon, and before the folder of its socket.
cat >"$scratch/early.screen" <<'END'
attach
wait The mail daemon is not running.
wait OFFLINE  no profile (auto)
wait Nothing waits.
keys q
exit 0
END
{ sleep 1; start_agent; } &
starting=$!
"$top_builddir/tests/screens/play" "$scratch/early.screen"
wait $starting

send ada@home.test bob@far.test 'tea at five'
send ada@home.test eve@far.test 'the other one'

cat >"$scratch/offline.screen" <<'END'
attach
wait OFFLINE
wait z waits
wait tea at five
wait There is no network
keys H
wait Held 1 mail.  masqctl hold
wait held
keys u
wait Released
keys d
wait Deleted
keys u
wait Brought back
keys F4
type subject:other
keys Enter
wait 1 matches
keys Enter
wait [Recipients]
wait eve@far.test
keys Tab
wait the other one
keys Esc 2
wait smarthost
keys 3
wait no way out of this machine
keys 4
wait restored
keys q
exit 0
END
"$top_builddir/tests/screens/play" "$scratch/offline.screen"

# It watches while the network comes.
cat >"$scratch/online.screen" <<'END'
attach
wait 2 in queue
wait ONLINE  Home (auto)
wait ✓ sent
wait 0 in queue
keys 3
wait 10.1.0.1   02:00:00:00:01:01
keys 2 t
type carl@far.test
keys Enter
wait → isp
keys p
wait Switch profile
keys End Enter
wait (pinned)
keys @
wait masqctl profile offline --until network
keys Esc p 0 Enter
wait Home (auto)
keys 1 q
exit 0
END
{ sleep 1; join home 10.1.0.2/24; } &
"$top_builddir/tests/screens/play" "$scratch/online.screen"
sink_has isp 'tea at five'
sink_has isp 'the other one'

# The daemon goes away and comes back.
cat >"$scratch/away.screen" <<'END'
attach
wait ONLINE  Home (auto)
wait NO DAEMON
wait is back
wait ONLINE  Home (auto)
keys q
exit 0
END
{ sleep 1; stop_agent; sleep 1; start_agent; } &
"$top_builddir/tests/screens/play" "$scratch/away.screen"
