use strict;
use warnings;
use Test::More;

ok(1, "same title");
is(1 + 1, 2, "adds");
done_testing;
