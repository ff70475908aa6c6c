use strict;
use warnings;
use Test::More;

ok(1, $_) for "with space", "<&\"'>", "(a+b)? [x] {y} ^\$|", "#hash", "a # skip b", "back\\slash", "]]>", "7";
done_testing;
