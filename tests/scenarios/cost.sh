#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What it costs to keep a message: one data sync for one alone, few for many
# that come together.
. "${0%/*}/../lib.sh"

start_agent
stop_agent # what only the first start writes is written

# The agent under strace, which says each sync as a line.
strace -f -q -o "$scratch/syncs" -e trace=fsync,fdatasync,sync_file_range \
	--seccomp-bpf masqmaild --user </dev/null >>"$HOME/agent.log" 2>&1 &
tracer=$!
eventually agent_answers

syncs()
{
	grep -c 'sync(' "$scratch/syncs" || :
}

before=$(syncs)
for i in {1..5}; do
	send ada@home.test bob@far.test "alone $i"
done
is_exactly "$(($(syncs) - before))" 5

# Ten senders at once, twenty messages each; who shares depends on the hour.
together()
{
	local before

	before=$(syncs)
	"$PYTHON3" - <<-'END'
	import threading
	from caller import Caller

	def send(number):
	    caller = Caller()
	    caller.call('Hello')
	    for i in range(20):
	        caller.submit('ada@home.test', 'bob@far.test',
	                      b'Subject: %d of %d\r\n\r\n' % (i, number) +
	                      b'x' * 70 * 55 + b'\r\n')

	threads = [threading.Thread(target=send, args=[n]) for n in range(10)]
	for thread in threads:
	    thread.start()
	for thread in threads:
	    thread.join()
	END
	several=$(($(syncs) - before))
	echo "200 messages of ten senders at once: $several syncs"
	[ "$several" -le $((${SANITIZED:+40} + 40)) ]
}
together || together || together
