#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One's own agent follows its owner's .forward as well, and gives mail to an
# MDA: both as the owner, who is the only one there.
. "${0%/*}/../lib.sh"

cat >"$scratch/take" <<'END'
#!/bin/sh
{ echo "uid=$(id -u) home=$HOME extension=$EXTENSION"; cat; } >"$1.new" &&
	mv "$1.new" "$1"
END
chmod 755 "$scratch/take"
configure masqmail.conf '[Local]' Delivery=maildir
start_agent

send "$me@laptop.test" "$me@laptop.test" 'plain'
eventually delivered_to_maildir 1

umask 077
printf '%s\n' '~/file' "\"|$scratch/take $HOME/taken\"" "\\$me" \
	>"$HOME/.forward"
send "$me@laptop.test" "$me+x@laptop.test" 'forwarded'
eventually test -e "$HOME/taken"
eventually delivered_to_maildir 2
eventually grep -qs 'Subject: forwarded' "$HOME/file"
grep -q "^uid=$(id -u) home=$HOME " "$HOME/taken"
grep -q '^Subject: forwarded' "$HOME/taken"
eventually queue_has 0

rm "$HOME/.forward" "$HOME/taken"
configure masqmail.conf '[Local]' Delivery=maildir \
	"Mda=$scratch/take $HOME/taken"
reload_agent
send "$me@laptop.test" "$me@laptop.test" 'by the MDA'
eventually grep -qs '^Subject: by the MDA' "$HOME/taken"
grep -q "^Delivered-To: $me@laptop.test" "$HOME/taken"
eventually queue_has 0
delivered_to_maildir 2
