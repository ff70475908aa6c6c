#!/usr/bin/env bats

@test "slow" {
	false
}
