#!/usr/bin/env bats

@test "fine" {
	[ 1 -eq 1 ]
}
