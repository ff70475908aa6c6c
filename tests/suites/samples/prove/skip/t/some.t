use strict;
use warnings;
use Test::More;

ok(1, "passes");
SKIP: { skip "later", 1; ok(0, "skipped") }
TODO: { local $TODO = "not yet"; ok(0, "to do") }
done_testing;
