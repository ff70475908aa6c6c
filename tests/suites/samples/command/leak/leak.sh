#!/bin/sh
# Passes, and leaves a process behind that holds its output open.
sleep 60 &
echo "left $!"
exit 0
