#!/bin/sh
# deploy.sh PORT: one environment of the shop, for acceptance tests. It runs until whoever deployed it ends it.
set -eu
cd "$(dirname "$0")"
python3 -B -m shop --port "$1" --test-doors &
