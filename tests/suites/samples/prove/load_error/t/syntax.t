use strict;
sub {
