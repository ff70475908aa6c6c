#!/bin/sh
# As leak.sh, but in a session of its own and with its output closed.
setsid sleep 60 </dev/null >/dev/null 2>&1 &
exit 0
