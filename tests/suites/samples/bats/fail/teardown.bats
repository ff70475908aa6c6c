#!/usr/bin/env bats

teardown() {
	return 1
}

@test "fails in teardown" {
	[ 1 -eq 1 ]
}
