#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Several recipients of one message fare differently: one is delivered, one
# comes back in a bounce that speaks of that one alone, one is tried again
# later and says why. A failed bounce goes nowhere, and is kept for a person.
. "${0%/*}/../lib.sh"

# Refuses no*@ for good and later*@ for now, until $scratch/better exists.
cat >"$scratch/server.py" <<'END'
import os, socketserver, sys
class Talk(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b'\r\n')
    def handle(self):
        self.say('220 mx.far.test')
        data = False
        for line in self.rfile:
            line = line.decode().strip()
            verb = line[:4].upper()
            if data and line != '.':
                continue
            if verb == 'RCPT':
                with open(sys.argv[1] + '/asked', 'a') as asked:
                    asked.write(line + '\n')
            if verb == 'QUIT':
                return self.say('221 bye')
            if verb == 'RCPT' and '<no' in line:
                self.say('550 5.1.1 Nobody of that name')
            elif (verb == 'RCPT' and '<later' in line and
                  not os.path.exists(sys.argv[1] + '/better')):
                self.say('451 4.2.1 The mailbox sleeps')
            elif verb == 'DATA':
                data = True
                self.say('354 go on')
            else:
                data = False
                self.say('250 2.0.0 fine')
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(('127.0.0.1', 2600), Talk).serve_forever()
END
"$PYTHON3" "$scratch/server.py" "$scratch" 2>"$scratch/server.log" &
eventually answers here 127.0.0.1 2600

configure masqmail.conf '[General]' HostName=laptop.test
configure routes/isp.conf '[Relay]' Host=127.0.0.1 Port=2600 Tls=never \
	Insecure=yes
configure profiles/default.conf '[Use]' Routes=isp Trust=yes
network home 10.1.0.1/24 02:00:00:00:01:01
join home 10.1.0.2/24
start_agent

state_of()
{
	masqctl show "$1" --json | "$PYTHON3" -c 'import json, sys
for row in json.load(sys.stdin)["recipient-list"]:
    if row["address"] == sys.argv[1]:
        print(row["state"], row["tries"], row["next-try"] > row["last-try"])
' "$2"
}
is_in()
{
	is_exactly "$(state_of "$1" "$2")" "$3"
}
id_of()
{
	masqctl queue --json | "$PYTHON3" -c 'import json, sys
print(*[row["id"] for row in json.load(sys.stdin)
        if row["subject"].startswith(sys.argv[1])])' "$1"
}

printf 'Subject: mixed\n\nx\n' | sendmail -i -f "$me@laptop.test" \
	yes@far.test no@far.test later@far.test
id=$(id_of mixed)
eventually is_in "$id" later@far.test 'waiting 1 True'
masqctl show "$id" | grep 'The mailbox sleeps' >/dev/null
masqctl queue | grep retry >/dev/null

# The bounce waits for the others no longer than it must: here until one asks.
touch "$scratch/better"
masqctl flush >/dev/null
eventually delivered_to_maildir 1
maildir_has 'Final-Recipient: rfc822; no@far.test'
maildir_has 'Nobody of that name'
never maildir_has 'Final-Recipient: rfc822; later@far.test'
never maildir_has 'Final-Recipient: rfc822; yes@far.test'
eventually queue_has 0
is_exactly "$(grep -c '<yes@' "$scratch/asked")" 1
is_exactly "$(grep -c '<no@' "$scratch/asked")" 1

# Nobody to tell: postmaster is told, and so of the bounce of a bounce.
printf 'Subject: orphan\n\nx\n' | sendmail -i -f '<>' no@far.test
eventually delivered_to_maildir 2
printf 'Subject: twice\n\nx\n' | sendmail -i -f no@far.test no@far.test
eventually delivered_to_maildir 3
eventually queue_has 0
is_exactly "$(grep -c 'by=report' "$HOME/agent.log")" 4
