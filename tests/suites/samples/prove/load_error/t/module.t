use strict;
use warnings;
use Tanda::Gone;
