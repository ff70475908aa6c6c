#!/bin/sh
# Not text: NUL, ESC, bytes that are no UTF-8, a carriage return.
printf 'nul \000 esc \033[31mred\033[0m latin \361 cr \r end\n'
exit 1
