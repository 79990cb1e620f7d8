#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A message of 25 MB goes in by sendmail and by SMTP, to a smart host and to a
# mailbox, whole, and no process on its way takes 12 MB of memory for it.
. "${0%/*}/../lib.sh"

configure masqmail.conf '[General]' HostName=laptop.test \
	Listen=loopback:2525
network home 10.1.0.1/24 02:00:00:00:01:01
submission isp home 10.1.0.1 smtp.isp.test ada geheim
host smtp.isp.test 10.1.0.1
configure routes/isp.conf '[Relay]' Host=smtp.isp.test User=ada \
	"CaFile=$ca" "Owner=$me"
secret isp geheim
configure profiles/default.conf '[Use]' Routes=isp
join home 10.1.0.2/24
start_agent

# The most that each of our programs ever had, looked at all the time.
touch "$scratch/look"
"$PYTHON3" - "$scratch" >"$scratch/peaks" <<'END' &
import glob, os, re, sys, time
peaks = {}
while os.path.exists(sys.argv[1] + '/look'):
    for path in glob.glob('/proc/[0-9]*/status'):
        try:
            text = open(path).read()
        except OSError:
            continue
        peak = re.search(r'VmHWM:\s*(\d+)', text)
        name = text.split()[1]
        if peak:
            peaks[name] = max(peaks.get(name, 0), int(peak.group(1)))
    time.sleep(0.005)
for name, peak in peaks.items():
    print(name, peak)
END
looker=$!

{ printf 'Subject: large\n\n'; head -c 18900000 /dev/urandom | base64 -w 76; } \
	>"$scratch/message"
sendmail -i -f "$me@laptop.test" bob@far.test "$me@laptop.test" \
	<"$scratch/message"
"$PYTHON3" - "$me@laptop.test" "$scratch/message" <<'END'
import smtplib, sys
with smtplib.SMTP('127.0.0.1', 2525) as smtp:
    smtp.sendmail(sys.argv[1], [sys.argv[1]], open(sys.argv[2]).read())
END
eventually queue_has 0
rm "$scratch/look"
wait $looker

# Whatever header came on top, the body is what it was.
body()
{
	tr -d '\r' <"$1" | sed '1,/^$/d' | head -c 25000000
}
for file in "$HOME"/Maildir/new/* "$scratch"/isp.mail/*; do
	cmp <(body "$file") <(body "$scratch/message")
done
delivered_to_maildir 2
sink_got isp 1
grep -E '^(engine|masqmail|sendmail|smtp-|local)' "$scratch/peaks"
for name in engine masqmaild sendmail smtp-in smtp-out local; do
	peak=$(awk -v name=$name '$1 == name { print $2 }' "$scratch/peaks")
	[ -n "$peak" ]
	[ -n "${SANITIZED-}" ] || [ "$peak" -lt 12288 ]
done
