#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What it costs to hand in a message of 4 KB, beside what the machine takes
# to run a program at all: /bin/true, and one that links what we link.
. "${0%/*}/../lib.sh"

start_agent
head -c 3900 /dev/zero | tr '\0' 'x' | fold -w 70 >"$scratch/body"
{ printf 'From: ada@home.test\nTo: bob@far.test\nSubject: cost\n\n'
	cat "$scratch/body"; } >"$scratch/message"
"$PYTHON3" - "$scratch/message" <<'END'
import os, statistics, sys, time

def run(argv):
    """Seconds from spawn to exit, the message at standard input."""
    message = os.open(sys.argv[1], os.O_RDONLY)
    begin = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, message, 0)])
    status = os.waitpid(pid, 0)[1]
    took = time.perf_counter() - begin
    os.close(message)
    assert status == 0, argv
    return took

def table(title, rows, base):
    print(title)
    for name, times in rows.items():
        median = statistics.median(times)
        print('  %-28s %7.3f ms  %5.2f x' % (
            name, 1000 * median, median / base))

# In turn, so that what else the machine does falls on all alike.
commands = {
    '/bin/true': ['/bin/true'],
    'sendmail -bV (starts, ends)': ['sendmail', '-bV'],
    'sendmail, 4 KB': ['sendmail', '-i', '-f', 'ada@home.test',
                       'bob@far.test'],
}
times = {name: [] for name in commands}
null = os.open('/dev/null', os.O_WRONLY)
keep = os.dup(1)
os.dup2(null, 1)
for i in range(int(os.environ.get('ROUNDS', '200'))):
    for name, argv in commands.items():
        times[name].append(run(argv))
os.dup2(keep, 1)
table('hand-in, median of %d' % len(times['/bin/true']), times,
      statistics.median(times['/bin/true']))
END
