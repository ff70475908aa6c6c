use strict;
use warnings;
use Test::More;

ok(1, "passes");
is("a\e[31mred\x01 <&]]>", "b", "fails \e[31m\x01");
ok(1, "passes too");
done_testing;
