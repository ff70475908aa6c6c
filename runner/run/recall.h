/* recall.h - what the history knows of the tests that gave trouble, for the reports. */
#ifndef RUN_RECALL_H
#define RUN_RECALL_H

struct project;
struct recorder;

/* Record a TEST_RECALLED for each test that failed, was in error or flaky and ran before; the
 * newest twenty runs are looked at. A history that cannot be read tells nothing. */
void recall_trouble(const struct project *project, struct recorder *recorder);
#endif
