use strict;
use warnings;
use Test::More;

ok(1, "passes");
BAIL_OUT("database down");
