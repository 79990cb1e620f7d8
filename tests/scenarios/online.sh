#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whether we are online is said by others: by a script of ppp's, by a file, by
# a command, by an mserver on the router. A pin goes before them all, a script
# before the file, the file before the rest; each is named where the choice is
# explained.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
sink lan home 10.1.0.1
host smtp.isp.test 10.1.0.1
# Clear text to a name of the LAN: trusted for its router.
configure routes/lan.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure profiles/Home.conf '[Match]' Gateway=02:00:00:00:01:01 '[Use]' \
	Routes=lan Trust=yes
configure profiles/Dial.conf '[Use]' Routes=lan
mkdir "$scratch/run"
online()
{
	configure masqmail.conf '[General]' HostName=laptop.test '[Online]' "$@"
}

profile_is()
{
	masqctl status --json | grep "\"profile\": *\"$1\"" >/dev/null
}

says()
{
	local text=$1

	shift
	masqctl "$@" | grep -F -- "$text" >/dev/null
}

# A file says it, before any sign of the network.
online "File=$scratch/run/online"
start_agent
join home 10.1.0.2/24
eventually says "offline because the file $scratch/run/online says so" networks
send ada@home.test bob@far.test first
echo Home >"$scratch/run/online"
eventually profile_is Home
eventually sink_has lan first
says "applies because the file $scratch/run/online says so" networks
rm "$scratch/run/online"
eventually profile_is ''
printf 'Nowhere\n' >"$scratch/run/new"
mv "$scratch/run/new" "$scratch/run/online"
eventually says 'there is no such profile' networks

# A script knows better; its word survives a restart.
masqctl offline
eventually says 'offline because a script says so' networks
send ada@home.test bob@far.test second
echo Home >"$scratch/run/online"
stop_agent
start_agent
eventually says 'offline because a script says so' networks
sendmail -qo Home
eventually sink_has lan second
says 'applies because a script says so' networks
never masqctl online Nowhere 2>/dev/null
masqctl online Dial
eventually profile_is Dial
masqctl online auto
eventually says "applies because the file" networks

# A pin goes before them all.
masqctl profile offline --until changed
eventually says 'was chosen by hand' networks
masqctl profile auto
eventually profile_is Home

# A command, run by the parent; what it prints is the profile.
cat >"$scratch/online.sh" <<-END
	#!/bin/sh
	cat "$scratch/run/state"
END
chmod +x "$scratch/online.sh"
online "Command=$scratch/online.sh"
reload_agent
eventually says 'offline because the command of [Online] says so' networks
echo Home >"$scratch/run/state"
send ada@home.test bob@far.test third
masqctl flush >/dev/null
eventually profile_is Home
eventually sink_has lan third
says 'because the command of [Online] says so' networks

# An mserver, which tells the connection's name.
cat >"$scratch/mserver.py" <<'END'
import socketserver, sys
class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b'masqdialer mserver\nREADY\n')
        for line in self.rfile:
            with open(sys.argv[1]) as state:
                answer = state.read()
            with open(sys.argv[1] + '.asked', 'a') as asked:
                asked.write(line.decode())
            if line.strip() == b'QUIT':
                return
            self.wfile.write(answer.encode() if line.strip() == b'STAT'
                             else b'ERROR\n')
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(('10.1.0.1', 224), Talk).serve_forever()
END
printf 'DOWN\n' >"$scratch/run/mserver"
there home "$PYTHON3" "$scratch/mserver.py" "$scratch/run/mserver" &
eventually answers home 10.1.0.1 224
online Mserver=10.1.0.1
reload_agent
eventually says 'offline because the mserver 10.1.0.1 says so' networks
send ada@home.test bob@far.test fourth
printf 'UP Home:117\n' >"$scratch/run/mserver"
masqctl flush >/dev/null
eventually profile_is Home
eventually sink_has lan fourth
says 'because the mserver 10.1.0.1 says so' networks
grep -x STAT "$scratch/run/mserver.asked" >/dev/null
grep -x QUIT "$scratch/run/mserver.asked" >/dev/null
is_exactly "$("$scratch/libexec/mservdetect" 10.1.0.1 224)" Home
printf 'garbage\n' >"$scratch/run/mserver"
never "$scratch/libexec/mservdetect" 10.1.0.1 224 2>/dev/null
masqctl flush >/dev/null
eventually profile_is ''
eventually grep -F 'it said "garbage"' "$HOME/agent.log"
