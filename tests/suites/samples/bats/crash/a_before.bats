#!/usr/bin/env bats

@test "before" {
	[ 1 -eq 1 ]
}
