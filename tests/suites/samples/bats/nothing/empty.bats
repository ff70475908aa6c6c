#!/usr/bin/env bats

# No test yet.
