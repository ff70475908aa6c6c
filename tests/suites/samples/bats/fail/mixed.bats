#!/usr/bin/env bats

@test "right" {
	[ 1 -eq 1 ]
}

@test "wrong" {
	echo "seen on the way <&>"
	[ 1 -eq 2 ]
}
