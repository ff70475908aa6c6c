#!/usr/bin/env bats

# bats test_tags=smoke
@test "tagged" {
	[ 1 -eq 1 ]
}

@test "untagged" {
	[ 1 -eq 1 ]
}
