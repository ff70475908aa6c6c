#!/usr/bin/env bats

@test "after" {
	[ 1 -eq 1 ]
}
