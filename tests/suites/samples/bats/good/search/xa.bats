#!/usr/bin/env bats

@test "add" {
	[ 1 -eq 1 ]
}
