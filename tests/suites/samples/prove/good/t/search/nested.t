use strict;
use warnings;
use Test::More;

subtest "inner" => sub { ok(1, "deep"); ok(1, "deeper") };
ok(1, "outer");
done_testing;
