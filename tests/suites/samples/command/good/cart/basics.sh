#!/bin/sh
echo fine
exit 0
