/* merged.h - junit.xml of a run, made from its journal and the ledger that it comes to. */
#ifndef RUN_MERGED_H
#define RUN_MERGED_H
#include <stdint.h>

#include "runner/run/run_facts.h"
#include "shards/model/event.h"
#include "shards/model/ledger.h"

struct tanda_error;

/* Where a case stands in the journal. */
struct case_ref {
	uint64_t offset;
	uint64_t key; /* hash of class name and name, to find it in other attempts */
	uint32_t batch;
	uint32_t test; /* or TEST_UNPLANNED */
	enum case_status status;
	uint64_t time_ns;
};

/* The run as its journal tells it; texts of the cases stay in the file. */
struct run_record {
	struct ledger ledger;
	struct run_facts facts;
	struct case_ref *cases; /* in the order of the journal */
	size_t case_count, case_cap;
	uint64_t damaged_count; /* lines that could not be read */
	char first_damage[256];
	char refused[256]; /* the first event that contradicts the others; "" */
};

/* Read a journal whole. Damaged or contradicting lines are passed over and counted. */
int run_record_read(const char *journal_path, struct run_record *record, struct tanda_error *error)
	__attribute__((warn_unused_result));
void run_record_deinit(struct run_record *record);

/* Write junit.xml: a suite per test file, in the order of the plan, unplanned cases last. Equal
 * journals give equal bytes. */
int merged_write(const struct run_record *record, const char *journal_path, const char *path,
                 struct tanda_error *error) __attribute__((warn_unused_result));
#endif
