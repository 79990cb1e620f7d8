#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# From a default route to the first SMTP connection: at a known place whose
# gateway's neighbour entry is there, at one whose gateway has yet to be
# asked, and soon after another switch. ARRIVALS=20 of each.
. "${0%/*}/../lib.sh"

arrivals=${ARRIVALS:-10}
network home 10.1.0.1/24 02:00:00:00:01:01
configure routes/isp.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp Trust=yes

# Takes a message a connection, and says when each began.
there home "$PYTHON3" - >"$scratch/accepted" 2>"$scratch/server.log" <<'END' &
import socket, threading, time
def serve(connection):
    lines = connection.makefile('rwb', buffering=0)
    lines.write(b'220 home\r\n')
    for line in lines:
        word = line[:4].upper()
        if word == b'DATA':
            lines.write(b'354 go on\r\n')
            while lines.readline() not in (b'.\r\n', b''):
                pass
        lines.write(b'221 bye\r\n' if word == b'QUIT' else b'250 ok\r\n')
        if word == b'QUIT':
            break
    connection.close()

server = socket.create_server(('10.1.0.1', 25))
while True:
    connection, _ = server.accept()
    print(time.time_ns(), flush=True)
    threading.Thread(target=serve, args=[connection], daemon=True).start()
END
eventually answers home 10.1.0.1 25
start_agent

accepted() { [ "$(wc -l <"$scratch/accepted")" -gt "$1" ]; }

# arrive KNOWN PAUSE: prints milliseconds
arrive()
{
	local begin before

	before=$(wc -l <"$scratch/accepted")
	send ada@home.test bob@far.test x
	ip address add 10.1.0.2/24 dev home
	ip link set home up
	[ "$1" != known ] || ip neighbour replace 10.1.0.1 dev home \
		lladdr 02:00:00:00:01:01 nud reachable
	begin=$(date +%s%N)
	ip route add default via 10.1.0.1 dev home
	eventually accepted "$before"
	echo $((($(tail -n 1 "$scratch/accepted") - begin) / 1000000))
	eventually queue_has 0
	ip link set home down
	ip address flush dev home
	sleep "$2"
}
measure()
{
	local i

	for ((i = 0; i < arrivals; i++)); do
		arrive "$1" "$2"
	done | sort -n >"$scratch/times"
	awk -v what="$3" '{ t[NR] = $1 }
		END { printf "%-36s median %4d ms, worst %4d ms, %d times\n",
			what, t[int((NR + 1) / 2)], t[NR], NR }' \
		"$scratch/times"
}
measure unknown 11 'gateway asked, long after a switch'
measure known 11 'gateway known, long after a switch'
measure unknown 0.3 'soon after another switch'
