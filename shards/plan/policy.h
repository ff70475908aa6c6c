/* policy.h - the queue's settings: how much a worker gets first, and how the rest is cut.
 *
 * No fixed rule is right everywhere: one test at a time is best when starting costs nothing, nearly
 * the whole share at once when it costs much. rehearse.h tries a handful and takes the best. */
#ifndef PLAN_POLICY_H
#define PLAN_POLICY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum policy_kind {
	POLICY_SINGLES, /* one piece a batch */
	POLICY_GUIDED,  /* batches shrink with what is left (Polychronopoulos and Kuck 1987) */
	POLICY_SHARES, /* first most of each worker's even share, its longest pieces; then guided */
	POLICY_ASSIGNED, /* each worker runs what it was given, and nothing else */
};

/* How even shares are cut (shares.h). */
enum share_rule {
	SHARE_EVEN,    /* longest first to the least loaded, then moves and swaps */
	SHARE_CAREFUL, /* the same, with less beside what may take much longer than expected */
	SHARE_PACKED,  /* suite by suite and area by area, one worker after the other, so that a
	                  worker starts few suites and holds few areas */
};
enum { SHARE_RULES = SHARE_PACKED + 1 };

struct policy {
	enum policy_kind kind;
	enum share_rule shares;  /* SHARES: how they are cut */
	uint32_t first_permille; /* SHARES: of a worker's share that it gets at its first request */
	/* GUIDED and the rest of SHARES: a batch holds what waits, divided by this many hundredths
	 * times the workers, but at least this many start-ups' worth. */
	uint32_t divisor_percent;
	uint32_t least_start_ups;
	/* Batches of one area where there is a choice; shares packed suite by suite, area by area.
	 */
	bool keeps_areas;
	const uint32_t *assigned; /* ASSIGNED: by test, its worker; borrowed */
};

/* In words, for people: "one test at a time", "90 % of each worker's share first, the rest ...". */
enum { POLICY_WORDS_MAX = 160 };
void policy_words(const struct policy *policy, char *words, size_t size);
#endif
