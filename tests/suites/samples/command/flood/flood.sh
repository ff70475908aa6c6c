#!/bin/sh
# Ten million bytes, then passes.
head -c 10000000 /dev/zero | tr '\0' x
echo
echo last line
exit 0
