#!/bin/sh
echo 'no printer here'
exit 77
