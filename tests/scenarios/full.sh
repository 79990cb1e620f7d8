#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The disk of the queue is full: who sends is told to try again, what is on
# its way is finished and written down, nothing half stays behind, and with
# room again all goes on by itself.
. "${0%/*}/../lib.sh"

# Answers the final dot only once $scratch/go exists.
cat >"$scratch/server.py" <<'END'
import os, socketserver, sys, time
class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b'220 mx.far.test\r\n')
        data = False
        for line in self.rfile:
            if data and line != b'.\r\n':
                continue
            if data:
                open(sys.argv[1] + '/dots', 'a').write('.')
                while not os.path.exists(sys.argv[1] + '/go'):
                    time.sleep(0.02)
            data = line[:4] == b'DATA'
            self.wfile.write(b'354 go on\r\n' if data else b'250 fine\r\n')
socketserver.ThreadingTCPServer(('127.0.0.1', 2600), Talk).serve_forever()
END
"$PYTHON3" "$scratch/server.py" "$scratch" 2>"$scratch/server.log" &
eventually answers here 127.0.0.1 2600
dots()
{
	[ "$(cat "$scratch/dots" 2>/dev/null)" = "$1" ]
}

mkdir -p "$spool"
mount -t tmpfs -o size=16m,mode=700 tmpfs "$spool"
configure masqmail.conf '[General]' HostName=laptop.test \
	Listen=loopback:2525 SizeLimit=4M
configure routes/isp.conf '[Relay]' Host=127.0.0.1 Port=2600 Tls=never \
	Insecure=yes
configure profiles/default.conf '[Use]' Routes=isp Trust=yes
network home 10.1.0.1/24 02:00:00:00:01:01
join home 10.1.0.2/24
start_agent
engine=$(pgrep -P "$(cat "$HOME/agent.pid")")

fill()
{
	head -c 64M /dev/zero >"$spool/filler" 2>/dev/null || :
	is_exactly "$(df --output=avail "$spool" | tail -n 1 | tr -d ' ')" 0
}

# exits CODE WORDS COMMAND...
exits()
{
	local want=$1 words=$2 code=0

	shift 2
	"$@" 2>"$scratch/said" || code=$?
	cat "$scratch/said"
	is_exactly "$code" "$want" && grep -q "$words" "$scratch/said"
}

send "$me@laptop.test" bob@far.test 'under way'
eventually dots .
fill
exits 75 disk send "$me@laptop.test" bob@far.test 'no room'
"$PYTHON3" - "$me@laptop.test" <<'END'
import smtplib, sys
with smtplib.SMTP('127.0.0.1', 2525) as smtp:
    smtp.ehlo()
    code, text = smtp.mail(sys.argv[1])
    if code == 250:
        code, text = smtp.rcpt(sys.argv[1])
    if code == 250:
        code, text = smtp.data(b'Subject: no room\r\n\r\nx\r\n')
    print(code, text)
    assert code == 452 and b'4.3.1' in text
END
masqctl status | grep -i disk
queue_has 1

# The answer that comes now has its place.
touch "$scratch/go"
eventually queue_has 0
grep -q '^masqmail-engine: sent ' "$HOME/agent.log"

# Killed and started while it is full: nothing is sent twice, all answers.
kill_agent
start_agent
engine=$(pgrep -P "$(cat "$HOME/agent.pid")")
queue_has 0
exits 75 disk send "$me@laptop.test" bob@far.test 'no room'

# It fills up while a large message comes in: nothing of that stays.
large()
{
	printf 'Subject: large\n\n'
	head -c 1500K /dev/zero | tr '\0' 'x' | fold -w 70
	sleep 0.5
	fill
	head -c 1500K /dev/zero | tr '\0' 'x' | fold -w 70
}
rm "$spool/filler"
large >"$scratch/large" # also fills
rm "$spool/filler"
used=$(du -sk "$spool" | cut -f 1)
mkfifo "$scratch/pipe"
large >"$scratch/pipe" &
exits 75 disk send "$me@laptop.test" bob@far.test '' "$scratch/pipe"
wait $!
rm "$spool/filler"
is_exactly "$(count "$spool"/queue/tmp/*)" 0
is_exactly "$(count "$spool"/drop/*)" 0
[ "$(du -sk "$spool" | cut -f 1)" -le $((used + 1024)) ] # the reserve

# With room again all goes on by itself.
send "$me@laptop.test" "$me@laptop.test" 'room again'
send "$me@laptop.test" "$me@laptop.test" '' "$scratch/large"
eventually delivered_to_maildir 2
eventually queue_has 0
dots .
is_exactly "$engine" "$(pgrep -P "$(cat "$HOME/agent.pid")" -f '^engine')"
stop_agent
umount "$spool"
