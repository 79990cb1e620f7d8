#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the desktop says over D-Bus: sleep waits for the message that is on
# its way and for no other, search domains are a sign of the place, portal
# and price of the network are told. Services come and go, and so does the
# bus: then the agent knows what the kernel knows.
. "${0%/*}/../lib.sh"

mount -t tmpfs none /run
mkdir /run/dbus
cat >"$scratch/bus.conf" <<'END'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
END
dbus-daemon --config-file="$scratch/bus.conf" --nofork --nopidfile \
	>"$scratch/bus.log" 2>&1 &
bus=$!
eventually test -S /run/dbus/system_bus_socket
mkfifo "$scratch/desktop"
"$top_builddir/tests/unit/fake-bus" <"$scratch/desktop" \
	>"$scratch/desktop.log" 2>&1 &
exec 5>"$scratch/desktop"
ln -s "$(built bus)" "$scratch/libexec/bus"

says()
{
	masqctl "$1" | tr -s '\n ' ' ' | grep -F -- "$2" >/dev/null
}
# what_happened LINE...: all that the desktop saw of us
what_happened()
{
	is_exactly "$(cat "$scratch/desktop.log")" "$(printf '%s\n' "$@")"
}
running() { pgrep -P "$(cat "$HOME/agent.pid")" -x bus >/dev/null; }

network home 10.1.0.1/24 02:00:00:00:01:01
sink isp home 10.1.0.1 25 -w 2
configure routes/isp.conf '[Relay]' Host=10.1.0.1 Port=25 Tls=never \
	Insecure=yes
configure profiles/Home.conf '[Match]' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp Trust=yes
configure profiles/Corp.conf '[Match]' 'Domain=corp.test' \
	'Gateway=10.1.0.1 02:00:00:00:01:01' '[Use]' Routes=isp Trust=yes
join home 10.1.0.2/24
start_agent
eventually running
never says networks 'The desktop says'

# Services that come later are heard.
echo enter >&5
eventually what_happened held
echo 'set Connectivity 4' >&5
eventually says networks 'the Internet is reached'
echo 'set Metered 3' >&5
eventually says networks 'paid by volume'
eventually says status 'Home'
echo "set Domains [(2,'corp.test',false),(2,'far.test',true)]" >&5
eventually says status 'Corp'
echo "set Domains []" >&5
eventually says status 'Home'

# The message on its way holds sleep back, the next one waits for morning.
connected()
{
	there home ss -Htn state established sport = :25 | grep . >/dev/null
}
send ada@home.test bob@far.test 'the last one'
eventually connected
echo sleep >&5
eventually grep -q ': sleep ' "$HOME/agent.log"
send ada@home.test bob@far.test 'the first one'
eventually what_happened held 'let go'
sink_has isp 'the last one'
never sink_has isp 'the first one'
queue_has 1
echo wake >&5
eventually sink_has isp 'the first one'
eventually what_happened held 'let go' held

# What the services said is forgotten with them, and all with the bus.
echo leave >&5
eventually what_happened held 'let go' held 'let go'
eventually never says networks 'paid by volume'
echo enter >&5
eventually says networks 'paid by volume'
kill $bus
wait $bus || :
eventually never running
eventually never says networks 'The desktop says'
send ada@home.test bob@far.test 'without a bus'
eventually sink_has isp 'without a bus'
