#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The first classic set-up: a workstation alone, behind a router that dials.
# The router's mserver says whether it is online; mail for far goes to the
# provider then and waits meanwhile. Mail for the LAN goes at once, online or
# not, and mail for people here never leaves.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
there home ip address add 10.1.0.7/24 dev wire
there home ip address add 10.1.0.25/24 dev wire
submission isp home 10.1.0.25 smtp.isp.test ada geheim
sink printer home 10.1.0.7
host smtp.isp.test 10.1.0.25
cat >"$scratch/mserver.py" <<'END'
import socketserver, sys
class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b'READY\n')
        for line in self.rfile:
            if line.strip() != b'STAT':
                return
            with open(sys.argv[1]) as state:
                self.wfile.write(state.read().encode())
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(('10.1.0.1', 224), Talk).serve_forever()
END
echo DOWN >"$scratch/state"
there home "$PYTHON3" "$scratch/mserver.py" "$scratch/state" &
eventually answers home 10.1.0.1 224

configure masqmail.conf '[General]' HostName=laptop.test \
	'LocalNets=lan.test' PermanentRoutes=lan '[Online]' Mserver=10.1.0.1
configure routes/lan.conf '[Relay]' Host=10.1.0.7 Port=25 Tls=never \
	Insecure=yes
configure routes/isp.conf '[Relay]' Host=smtp.isp.test User=ada \
	"CaFile=$ca" "Owner=$me"
secret isp geheim
configure profiles/dsl.conf '[Match]' Gateway=02:00:00:00:01:01 '[Use]' \
	Routes=isp Trust=yes
start_agent
join home 10.1.0.2/24

says()
{
	local text=$1

	shift
	masqctl "$@" | grep -F -- "$text" >/dev/null
}
eventually says 'offline because the mserver 10.1.0.1 says so' networks

# The router is offline: near and here at once, far waits and says why.
send ada@laptop.test bob@far.test far-1.
send ada@laptop.test pin@lan.test near-1.
send ada@laptop.test "$me" here-1.
eventually maildir_has here-1.
eventually sink_has printer near-1.
eventually queue_has 1
never sink_has isp far-1.
says 'no network' explain bob@far.test || says 'waits' explain bob@far.test

# It dials: the daemon hears of it at its next question, here at once.
echo 'UP dsl:3' >"$scratch/state"
masqctl flush >/dev/null
eventually sink_has isp far-1.
eventually queue_has 0
never sink_has printer far-1.
never sink_has isp near-1.
says 'because the mserver 10.1.0.1 says so' networks

# And hangs up again.
echo DOWN >"$scratch/state"
masqctl flush >/dev/null
eventually says 'offline because the mserver' networks
send ada@laptop.test bob@far.test far-2.
send ada@laptop.test pin@lan.test near-2.
eventually sink_has printer near-2.
eventually queue_has 1
never sink_has isp far-2.
