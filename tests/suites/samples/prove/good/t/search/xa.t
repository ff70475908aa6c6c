use strict;
use warnings;
use Test::More;

plan tests => 1;
ok(1, "same title");
