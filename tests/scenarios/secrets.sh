#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where a password may come from: a file, a command, a credential of the
# service, an agent of the session. And where it never is: in the engine.
. "${0%/*}/../lib.sh"

password=x7-correct-horse-battery
network home 10.1.0.1/24 02:00:00:00:01:01
submission isp home 10.1.0.1 smtp.isp.test ada "$password"
host smtp.isp.test 10.1.0.1
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp

# No connection is open any more over which more mail could go.
has_hung_up()
{
	! pgrep -x smtp-out >/dev/null
}

now_route()
{
	configure routes/isp.conf '[Relay]' User=ada "CaFile=$ca" \
		Host=smtp.isp.test "Owner=$(id -un)" "$@"
	masqctl reload >/dev/null
	eventually has_hung_up
	masqctl flush >/dev/null 2>&1 || :
}

waits_because()
{
	masqctl queue --json | grep -qF -- "$1"
}

goes_out()
{
	send ada@home.test bob@far.test "$1"
	eventually sink_has isp "$1"
}

configure routes/isp.conf '[Relay]' User=ada "CaFile=$ca" \
	Host=smtp.isp.test "Owner=$(id -un)"
start_agent
join home 10.1.0.2/24

# Nothing is there, and nobody to ask: it waits and says so.
send ada@home.test bob@far.test 'no password yet'
eventually waits_because 'no agent of that user'
waits_because 'secrets/isp is empty or missing'

# A command, in words and without a shell.
now_route "PasswordCommand=echo $password"
eventually sink_has isp 'no password yet'

# One that fails says why.
now_route "PasswordCommand=sh -c 'echo the box is locked >&2; exit 1'"
send ada@home.test bob@far.test 'locked'
eventually waits_because 'PasswordCommand= failed: the box is locked'
now_route "PasswordCommand=/nonexistent/pass"
eventually waits_because '/nonexistent/pass: No such file'

# A file, and a credential that comes before it.
secret isp "$password"
now_route
eventually sink_has isp 'locked'
stop_agent
secret isp 'not this one'
mkdir "$scratch/credentials"
printf '%s\n' "$password" >"$scratch/credentials/secret.isp"
chmod 400 "$scratch/credentials/secret.isp"
CREDENTIALS_DIRECTORY=$scratch/credentials start_agent
goes_out 'by a credential'
stop_agent

# An agent: not the one that does not know, but the one that came after.
rm "$conf/secrets/isp"
start_agent

agent()
{
	local name=$1

	shift
	: >"$scratch/$name.log"
	"$PYTHON3" "$top_srcdir/tests/agent.py" \
		"$XDG_RUNTIME_DIR/masqmail/agent" "$@" \
		>"$scratch/$name.log" 2>&1 &
	echo $! >"$scratch/$name.pid"
	eventually grep -q waiting "$scratch/$name.log"
}
agent ignorant no 'nobody typed it'
masqctl flush >/dev/null 2>&1 || :
send ada@home.test bob@far.test 'nobody types'
eventually waits_because 'the agent says: nobody typed it'
agent knowing secret "$password"
masqctl resume isp >/dev/null 2>&1 || :
now_route
eventually sink_has isp 'nobody types'
grep -q 'secret; route isp; host smtp.isp.test; user ada; refused no' \
	"$scratch/knowing.log"

# A slip of the fingers is told, and asked for once more.
kill "$(cat "$scratch/knowing.pid")"
agent hasty mistype "$password"
eventually has_hung_up
goes_out 'mistyped'
is_exactly "$(grep -o 'refused [a-z]*' "$scratch/hasty.log")" \
	$'refused no\nrefused yes'
kill "$(cat "$scratch/hasty.pid")"
agent knowing secret "$password"

# What speaks unasked is shown out, and takes nobody's turn.
agent rude speak
eventually grep -q 'shown out' "$scratch/rude.log"
eventually has_hung_up
goes_out 'after the rude one'

# One that hangs up in silence is not waited for.
kill "$(cat "$scratch/knowing.pid")" "$(cat "$scratch/ignorant.pid")"
agent silent silent
eventually has_hung_up
send ada@home.test bob@far.test 'in silence'
eventually grep -q 'secret; route isp' "$scratch/silent.log"
kill "$(cat "$scratch/silent.pid")"
eventually waits_because 'no agent of that user'

# The engine never had it: it is nowhere in its memory, where the name of the
# host is, and in none of the calls in which another login could show it.
agent again secret "$password"
engine=$(pgrep -P "$(cat "$HOME/agent.pid")" -x engine)
strace -f -s 4096 -x -o "$scratch/engine.trace" -p "$engine" \
	2>"$scratch/strace.log" &
tracer=$!
eventually grep -q attached "$scratch/strace.log"
masqctl flush >/dev/null 2>&1 || :
eventually sink_has isp 'in silence'
eventually has_hung_up
goes_out 'while we look'
kill -INT $tracer
wait $tracer 2>/dev/null || :
grep -q 'while we look' "$scratch/engine.trace"
never grep -q -- "$password" "$scratch/engine.trace"
never grep -q -- "$(printf %s "$password" | base64)" "$scratch/engine.trace"
"$PYTHON3" - "$engine" smtp.isp.test "$password" <<-'END'
	import sys

	def memory(pid):
	    with open('/proc/%s/maps' % pid) as maps, \
	            open('/proc/%s/mem' % pid, 'rb', 0) as file:
	        for line in maps:
	            begin, end = (int(n, 16)
	                          for n in line.split()[0].split('-'))
	            # What a sanitizer keeps beside has no end.
	            if end - begin > 1 << 28:
	                continue
	            try:
	                file.seek(begin)
	                yield file.read(end - begin)
	            except (OSError, OverflowError, ValueError):
	                pass

	pid, known, secret = sys.argv[1:]
	everything = list(memory(pid))
	assert any(known.encode() in block for block in everything), 'searched'
	assert not any(secret.encode() in block for block in everything)
END
