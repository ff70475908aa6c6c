#!/usr/bin/env bats

@test "before" {
	[ 1 -eq 1 ]
}

@test "crash" {
	kill -KILL $$
}

@test "after" {
	[ 1 -eq 1 ]
}
