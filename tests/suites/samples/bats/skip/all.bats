#!/usr/bin/env bats

@test "later" {
	skip "TIE-101: not built yet"
}

@test "elsewhere" {
	skip
}
