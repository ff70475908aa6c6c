#!/usr/bin/env bats

load no_such_helper

@test "never" {
	[ 1 -eq 1 ]
}
