#!/usr/bin/env bats

@test "with space" {
	[ 1 -eq 1 ]
}

@test "it's" {
	[ 1 -eq 1 ]
}

@test "a.b" {
	[ 1 -eq 1 ]
}

@test "a+b" {
	[ 1 -eq 1 ]
}

@test "[x]" {
	[ 1 -eq 1 ]
}

@test "(y)*" {
	[ 1 -eq 1 ]
}

@test "^z$" {
	[ 1 -eq 1 ]
}

@test "one|two" {
	[ 1 -eq 1 ]
}

@test "-k" {
	[ 1 -eq 1 ]
}

@test "--filter" {
	[ 1 -eq 1 ]
}

@test "<&>" {
	[ 1 -eq 1 ]
}

@test "]]>" {
	[ 1 -eq 1 ]
}

@test "ñandú" {
	[ 1 -eq 1 ]
}

@test "日本" {
	[ 1 -eq 1 ]
}

@test "{id}" {
	[ 1 -eq 1 ]
}

@test "%s" {
	[ 1 -eq 1 ]
}

@test 'say "hi"' {
	[ 1 -eq 1 ]
}
