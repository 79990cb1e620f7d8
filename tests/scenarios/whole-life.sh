#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A message is handed in offline, kept, and sent by the route of the network
# that comes up, over verified TLS with a login.
. "${0%/*}/../lib.sh"

network home 10.1.0.1/24 02:00:00:00:01:01
submission isp home 10.1.0.1 smtp.isp.test ada geheim
host smtp.isp.test 10.1.0.1
configure routes/isp.conf '[Relay]' Host=smtp.isp.test User=ada \
	"CaFile=$ca" "Owner=$(id -un)"
secret isp geheim
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp
start_agent

send ada@home.test bob@far.test 'tea at five'
eventually queue_has 1
masqctl queue | grep -q 'waits'
never sink_has isp 'tea at five'

join home 10.1.0.2/24
eventually sink_has isp 'tea at five'
sink_has isp 'X-Mail-Args: <ada@home.test>'
eventually queue_has 0
