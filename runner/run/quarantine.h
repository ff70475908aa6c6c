/* quarantine.h - which tests may fail for a while, as tanda.json has it. */
#ifndef RUN_QUARANTINE_H
#define RUN_QUARANTINE_H
#include <stdint.h>
#include <time.h>

struct project;
struct quarantine_settings;
struct recorder;
struct test;

/* Give each test of the project the number of its quarantine. Warns of one that has expired or
 * soon will, and of one that names no test where the selection leaves none out. */
void quarantine_apply(struct project *project);

/* The one that the test is in; NULL: none. */
const struct quarantine_settings *quarantine_of(const struct project *project,
                                                const struct test *test);

/* Write all quarantines of the configuration down, in the order of their numbers. */
void quarantine_record(const struct project *project, struct recorder *recorder);
#endif
