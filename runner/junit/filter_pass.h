/* filter_pass.h - the filter's quick way through what needs no change: most of a report. */
#ifndef JUNIT_FILTER_PASS_H
#define JUNIT_FILTER_PASS_H
#include <stddef.h>

#include "runner/junit/filter.h"

/* Hand on as much of the window, from `pos` on, as goes out as it is, through tags and texts
 * alike. Returns how many bytes; 0 where the next one needs a closer look, or a limit is near. */
size_t filter_pass(struct filter *filter);

/* How many bytes from `pos` on may go out as they are in the present state, in any script. */
size_t filter_plain_run(const struct filter *filter);
/* Characters that XML forbids. */
bool filter_forbids_control(uint32_t code);
bool filter_forbids_high(uint32_t code);
/* Does it begin an element's name? */
bool filter_begins_name(char c);

/* Text that is taken aside (see struct filter_aside): from now on, until it ends. Ending puts a
 * hidden character in its place; both do nothing when nothing is to be done. */
void filter_aside_begin(struct filter *filter);
void filter_aside_end(struct filter *filter);
/* `bytes` of the window, as they are. */
void filter_aside_add(struct filter *filter, struct text bytes);
/* Make room for more: what was taken goes. */
void filter_aside_compact(struct filter *filter);
#endif
