#!/usr/bin/env bats

@test "colour" {
	printf '\033[31mred\033[0m\n'
	false
}
