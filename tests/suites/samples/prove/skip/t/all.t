use strict;
use warnings;
use Test::More;

SKIP: { skip "later", 2; ok(0); ok(0) }
done_testing;
