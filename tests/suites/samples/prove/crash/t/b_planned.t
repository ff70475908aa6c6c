use strict;
use warnings;
use Test::More;

plan tests => 3;
ok(1, "passes");
kill KILL => $$;
