/* area_guess.h - functional areas out of names alone, when nothing else is known of the tests. */
#ifndef DISCOVER_AREA_GUESS_H
#define DISCOVER_AREA_GUESS_H
#include <stddef.h>

/* The area of each of `count` names: paths, dotted classes, "a::b" or "a > b". It is the first
 * folder (package, module) that tells the names apart; one that holds more than half of them is
 * told apart by the folders inside it. What all names have in front is left out. Returns `count`
 * owned strings, never empty. O(n log n). */
char **area_guess(const char *const *names, size_t count);
#endif
