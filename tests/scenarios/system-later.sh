#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Several people and one mail system: each has an undo window of their own,
# nobody's retry lifts the pause of another's route, and a bounce speaks the
# words of the house.
. "${0%/*}/../system-lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
submission isp home 10.1.0.1 smtp.isp.test ada geheim
host smtp.isp.test 10.1.0.1
configure masqmail.conf '[General]' HostName=laptop.test UndoWindow=10m
configure routes/isp.conf '[Match]' 'Users=*' '[Relay]' Host=smtp.isp.test \
	User=ada "CaFile=$ca" Owner=alice
secret isp wrong
configure profiles/Home.conf '[Match]' 'Subnet=10.1.0.0/24' '[Use]' Routes=isp
configure templates/bounce 'Subject: House rules${:subject}' '' 'Dear sender!'
chmod 755 "$conf" "$conf/templates"
chmod 644 "$conf/templates/bounce"
start_daemon

# ---- the undo window is that of each
hand_in alice bob@laptop.test 'too early'
by alice masqctl queue is:undo | grep -q 'too early'
by bob masqctl undo-window off | grep -q 'at once'
hand_in bob alice@laptop.test 'no doubts'
eventually mailbox_has alice 1
# What the system's own users send waits for nobody.
printf 'Subject: from cron\n\nx\n' |
	sendmail -f root@laptop.test bob@laptop.test
eventually mailbox_has bob 1
# Nobody takes back what is another's.
by bob masqctl undo >/dev/null
by alice masqctl queue is:undo | grep -q 'too early'
by alice masqctl undo
by alice masqctl queue is:held | grep -q 'too early'
by alice masqctl delete --all >/dev/null
by alice masqctl undo-window off >/dev/null

# ---- a bounce in the words of the house
hand_in alice nobody-there@laptop.test 'a slip'
eventually mailbox_has alice 2
grep -q '^Subject: House rules: a slip' /var/mail/alice
grep -q '^Dear sender!' /var/mail/alice

# ---- a paused route is its owner's to try again
join home 10.1.0.2/24
hand_in alice carol@far.test 'from alice'
refused()
{
	is_exactly "$(masqctl log --limit 1000 | grep -c 'fault=route')" "$1"
}
paused()
{
	masqctl routes --json | grep -q '"state":"paused"'
}
eventually refused 1
eventually paused
hand_in bob dave@far.test 'from bob'
by bob masqctl flush | grep -q '^1 message'
id_of()
{
	by "$1" masqctl queue --json "$2" | "$PYTHON3" -c '
import json, sys
print(json.load(sys.stdin)[0]["id"])'
}
by bob masqctl flush "$(id_of bob to:dave)" | grep -q '^1 message'
paused
refused 1
by alice masqctl flush "$(id_of alice to:carol)" | grep -q '^1 message'
eventually refused 2
