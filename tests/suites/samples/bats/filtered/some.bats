#!/usr/bin/env bats

# bats test_tags=fast
@test "fast" {
	true
}

@test "slow" {
	false
}
