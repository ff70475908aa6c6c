use strict;
use warnings;
use Test::More;

use POSIX ();
plan tests => 3;
ok(1, "passes");
POSIX::_exit(0);
