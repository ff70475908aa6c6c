use strict;
use warnings;
use Test::More;

ok(1, "same title");
done_testing;
