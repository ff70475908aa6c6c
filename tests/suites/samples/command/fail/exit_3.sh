#!/bin/sh
echo three >&2
exit 3
