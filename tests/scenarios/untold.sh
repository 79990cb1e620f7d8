#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A sender who cannot be told: the postmaster is told instead, nothing is tried
# in a circle. A message to thousands goes in several transactions.
. "${0%/*}/../lib.sh"

sink bad here 127.0.0.1 2601 -f RCPT
sink good here 127.0.0.1 2602
configure routes/bad.conf '[Match]' 'Recipients=*@bad.test' '[Relay]' \
	Host=127.0.0.1 Port=2601 Tls=never Insecure=yes
configure routes/good.conf '[Match]' 'Recipients=*@good.test' '[Relay]' \
	Host=127.0.0.1 Port=2602 Tls=never Insecure=yes
configure profiles/default.conf '[Use]' 'Routes=bad;good' Trust=yes
configure masqmail.conf '[General]' HostName=laptop.test
network home 10.1.0.1/24 02:00:00:00:01:01
join home 10.1.0.2/24
start_agent
masqctl profile default
masqctl watch >"$scratch/watch.log" &

send stranger@laptop.test bob@bad.test
eventually delivered_to_maildir 1
maildir_has 'To: postmaster@laptop.test'
maildir_has 'its sender could not be told'
eventually queue_has 0
# And now it is quiet: nobody starts one worker after another.
before=$(cat /proc/sys/kernel/ns_last_pid)
sleep 2
[ $(($(cat /proc/sys/kernel/ns_last_pid) - before)) -lt 20 ]

# Told while somebody watches: the message ends before its worker does.
send "$me@laptop.test" bob@bad.test
eventually delivered_to_maildir 2
eventually queue_has 0

{
	printf 'Subject: many\nBcc: '
	for ((i = 0; i < 3000; i++)); do
		printf 'a-rather-long-name-of-somebody-%04d@good.test,\n ' $i
	done
	printf 'last@good.test\n\nx\n'
} | sendmail -i -t -f "$me@laptop.test"
eventually queue_has 0
sink_has good 'last@good.test'
sink_has good 'somebody-2999@good.test'

# An answer about thousands is bounded, and is an answer.
ids=()
for ((i = 1000; i < 4000; i++)); do
	ids+=("ABCDEFG-$i")
done
masqctl hold "${ids[@]}" >"$scratch/held.log" 2>&1 || :
grep -q 'ABCDEFG-1000' "$scratch/held.log"

# What a file gains is served without a word to the parent.
configure masqmail.conf '[General]' HostName=laptop.test \
	'Listen=127.0.0.1:2526'
eventually answers here 127.0.0.1 2526
