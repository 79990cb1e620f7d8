#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who runs their own agent is its postmaster and its root.
. "${0%/*}/../lib.sh"

start_agent
send ada@far.test postmaster@laptop.test 'to whom it concerns'
eventually delivered_to_maildir 1
maildir_has "Delivered-To: $me@laptop.test"
send ada@far.test root 'cron: nothing to do'
eventually delivered_to_maildir 2
eventually queue_has 0
masqctl explain postmaster | grep -qF "$me@laptop.test"
