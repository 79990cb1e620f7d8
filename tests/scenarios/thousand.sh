#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A thousand messages that waited go to one smart host over few connections,
# with about one round trip a message, and in order for each recipient.
. "${0%/*}/../lib.sh"

messages=${MESSAGES:-1000}
patience=$((patience * 4))
network home 10.1.0.1/24 02:00:00:00:01:01
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp Trust=yes
configure routes/isp.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
there home "$PYTHON3" "$top_srcdir/tests/scenarios/counting-sink.py" \
	10.1.0.1 25 1 "$scratch/counts" >>"$scratch/sink.log" 2>&1 &
eventually answers home 10.1.0.1 25
start_agent

# In one SMTP dialogue with sendmail -bs, while offline.
{
	echo 'EHLO laptop.test'
	for ((i = 0; i < messages; i++)); do
		printf 'MAIL FROM:<ada@home.test>\r\n'
		printf 'RCPT TO:<r%d@far.test>\r\nDATA\r\n' $((i % 7))
		printf 'Subject: %06d\r\n\r\nHello.\r\n.\r\n' $i
	done
	echo QUIT
} | sendmail -bs >"$scratch/bs.log"
eventually queue_has "$messages"

join home 10.1.0.2/24
all_went()
{
	[ "$(wc -l <"$scratch/counts.order")" = "$messages" ]
}
eventually queue_has 0
eventually all_went 2>/dev/null

read -r connections taken turns most <"$scratch/counts"
echo "$taken messages, $connections connections, $turns turns, at most" \
	"$most commands at once"
[ "$taken" -eq "$messages" ]
[ "$connections" -le 10 ]
# MAIL, RCPT and DATA come together, and behind the message before.
[ "$most" -ge 3 ]
[ "$turns" -le $((messages + messages / 10 + connections * 4)) ]
# Nothing was lost, nothing came twice, nothing overtook.
[ "$(sort -u "$scratch/counts.order" | wc -l)" -eq "$messages" ]
for r in {0..6}; do
	grep "^r$r@" "$scratch/counts.order" | sort -c
done
