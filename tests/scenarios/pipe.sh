#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A route whose next hop is a command: what it is given, by which words and
# in which environment, and what its exit code means for the mail.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=fax
mkdir "$scratch/out"
cat >"$scratch/fax" <<'END'
#!/bin/sh
# fax DIRECTORY OPTION RECIPIENT
file=$1/${LOCAL:-none}.$$
printf '%s\n' "$#" "$@" >"$file.words"
env | sort >"$file.values"
cat >"$file.message"
mv "$file.message" "$file.mail"
case $LOCAL in
exit-*) echo "this is ${LOCAL#exit-}" >&2; exit "${LOCAL#exit-}" ;;
sleeper) sleep 600 ;;
esac
END
chmod 755 "$scratch/fax"

route()
{
	configure routes/fax.conf '[Match]' 'Recipients=*@fax.test' \
		'[Pipe]' "Command=$scratch/fax $scratch/out -r \${RECIPIENT}" \
		"User=$me" "$@"
}
route
start_agent
join home 10.1.0.2/24

all_out()
{
	cat "$scratch"/out/"$1".*."$2"
}

went_out()
{
	[ "$(count "$scratch"/out/"$1".*.mail)" -ge 1 ]
}

log_says()
{
	masqctl log | grep -F -- "$1" | grep -qF -- "$2"
}

# One word is one word, whatever stands in it; nothing is a shell's.
send ada@home.test '"a $(id);*"@fax.test' 'hello'
eventually went_out 'a $(id);*'
is_exactly "$(all_out 'a $(id);*' words)" \
	"$(printf '3\n%s\n-r\n"a $(id);*"@fax.test' "$scratch/out")"

# A clean environment: what is documented, and nothing of ours.
send ada@home.test 'bob@fax.test' 'hello bob'
eventually went_out bob
all_out bob values | grep -qx 'SENDER=ada@home.test'
all_out bob values | grep -qx 'RECIPIENT=bob@fax.test'
all_out bob values | grep -qx 'DOMAIN=fax.test'
all_out bob values | grep -qx 'ROUTE=fax'
all_out bob values | grep -q '^SIZE=[1-9]'
never grep -rq 'MASQMAIL\|NOTIFY\|PYTHON' "$scratch"/out/bob.*.values
all_out bob mail | grep -qx 'Subject: hello bob'
never grep -q $'\r' "$scratch"/out/bob.*.mail
eventually queue_has 0

# Each recipient has the verdict of its own run.
printf 'Subject: mixed\n\nHello.\n' | sendmail -i -f ada@home.test \
	carol@fax.test exit-67@fax.test exit-75@fax.test
eventually log_says 'to=<carol@fax.test>' sent
eventually log_says 'to=<exit-67@fax.test>' 'no such recipient (this is 67)'
eventually log_says 'to=<exit-75@fax.test>' 'tried again later (this is 75)'
log_says 'to=<exit-67@fax.test>' failed
log_says 'to=<exit-75@fax.test>' retry

# What would be an option is no recipient.
printf 'Subject: option\n\nHello.\n' | sendmail -i -f ada@home.test \
	-- -oQ/tmp@fax.test
eventually log_says 'to=<-oQ/tmp@fax.test>' failed
never went_out -oQ/tmp

# The line of UUCP, and a deadline.
route FromLine=yes Timeout=1
masqctl reload >/dev/null
send ada@home.test dora@fax.test 'uucp'
eventually went_out dora
all_out dora mail | head -n 1 | grep -q '^From ada@home.test ... ... '
send ada@home.test sleeper@fax.test 'too slow'
eventually log_says 'to=<sleeper@fax.test>' 'took too long'

# A script that is wrong loses no mail.
route
masqctl reload >/dev/null
masqctl flush >/dev/null 2>&1 || :
send ada@home.test exit-1@fax.test 'broken'
eventually log_says 'to=<exit-1@fax.test>' 'exit code 1'
log_says 'to=<exit-1@fax.test>' retry
