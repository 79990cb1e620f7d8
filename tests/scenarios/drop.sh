#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mail handed in while nobody is there waits in the drop directory, and is
# taken once the agent starts; a second time while it runs.
. "${0%/*}/../lib.sh"

configure masqmail.conf '[General]' HostName=laptop.test
start_agent
stop_agent

send "$me@laptop.test" "$me@laptop.test" 'nobody is there'
is_exactly "$(count "$spool"/drop/*)" 1

start_agent
eventually delivered_to_maildir 1
maildir_has 'nobody is there'
is_exactly "$(count "$spool"/drop/*)" 0
