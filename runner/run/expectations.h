/* expectations.h - what past runs tell of a project: times of tests, start-ups, how well all of it
 * is known. */
#ifndef RUN_EXPECTATIONS_H
#define RUN_EXPECTATIONS_H
#include <stdbool.h>

struct project;

/* This machine's own history first, the portable timings file for what that does not know. No fault
 * here may fail a run: it becomes a warning. */
void expectations_read(struct project *project);

/* The portable file alone, which all jobs of a CI may share; false when there is none, or it cannot
 * be read. */
bool expectations_read_shared(struct project *project);

/* Warn of times that a plan should not be built upon: too few, or all the same. */
void expectations_judge(struct project *project);

/* With the plan rehearsed: warn of what is not expected to end within its limit, the run's or the
 * tests' own. */
void expectations_judge_limits(struct project *project);
#endif
