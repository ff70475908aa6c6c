#!/bin/sh
# Needs a time limit; SIGTERM is enough.
echo started
exec sleep 60
