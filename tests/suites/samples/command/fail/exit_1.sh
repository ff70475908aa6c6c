#!/bin/sh
echo 'expected 2, got <1> & more'
exit 1
