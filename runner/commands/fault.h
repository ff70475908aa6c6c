/* fault.h - an error as the user sees it: what, where, and what to do about it. */
#ifndef COMMANDS_FAULT_H
#define COMMANDS_FAULT_H
#include <stdbool.h>

#include "shards/base/text.h"
#include "tanda/error.h"

/* Append it in the one style that all errors have:
 *
 *   error[E012]: unknown key "comand" in suites.api
 *     --> tanda.json:7:7
 *      |
 *    7 |       "comand": ["pytest", "{ids}"],
 *      |       ^^^^^^^^
 *      = help: did you mean "command"?
 *
 * The excerpt is read from the file, if the place is one with a line. Everything in it may be a
 * stranger's and is made harmless. */
void fault_add(struct text_buf *out, const struct tanda_error *error, bool color);
#endif
