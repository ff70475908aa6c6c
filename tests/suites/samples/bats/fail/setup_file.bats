#!/usr/bin/env bats

setup_file() {
	echo no database
	return 1
}

@test "one" {
	[ 1 -eq 1 ]
}

@test "two" {
	[ 1 -eq 1 ]
}
