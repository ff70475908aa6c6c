/* run_record.c - a journal read back: its ledger, and where its cases stand. See merged.h. */
#include <stdio.h>
#include <stdlib.h>

#include "runner/record/journal.h"
#include "runner/run/merged.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

static uint64_t case_key(const struct case_result *result)
{
	return dict_hash(result->classname) * UINT64_C(0x9e3779b97f4a7c15) +
	       dict_hash(result->name);
}

static void keep_case(struct run_record *record, const struct event_case_reported *e,
                      uint64_t offset)
{
	record->cases = mem_grow(record->cases, &record->case_cap, record->case_count + 1,
	                         sizeof(record->cases[0]));
	record->cases[record->case_count++] = (struct case_ref){
		.offset = offset,
		.key = case_key(&e->result),
		.batch = e->batch,
		.test = e->test,
		.status = e->result.status,
		.time_ns = e->result.time_ns,
	};
}

/* What open batches told comes again: their tanda died. */
static void drop_orphans(struct run_record *record)
{
	size_t kept = 0, i;

	for (i = 0; i < record->case_count; i++) {
		if (!record->ledger.batches[record->cases[i].batch].is_orphan)
			record->cases[kept++] = record->cases[i];
	}
	record->case_count = kept;
}

static bool on_event(void *data, const struct event *event, uint64_t offset)
{
	struct run_record *record = data;
	struct tanda_error error = TANDA_ERROR_INIT;
	uint64_t stale = record->ledger.stale;

	if (ledger_apply(&record->ledger, event, &error) < 0) {
		record->damaged_count++;
		if (record->refused[0] == '\0')
			snprintf(record->refused, sizeof(record->refused), "%.250s", error.message);
		return true;
	}
	run_facts_take(&record->facts, event);
	if (event->kind == EVENT_RUN_RESUMED)
		drop_orphans(record);
	if (event->kind == EVENT_CASE_REPORTED && record->ledger.stale == stale)
		keep_case(record, &event->case_reported, offset);
	return true;
}

int run_record_read(const char *journal_path, struct run_record *record, struct tanda_error *error)
{
	struct journal_summary summary;

	*record = (struct run_record){0};
	ledger_init(&record->ledger);
	if (journal_read(journal_path, on_event, record, &summary, error) < 0) {
		run_record_deinit(record);
		return -1;
	}
	record->damaged_count += summary.damaged_count;
	snprintf(record->first_damage, sizeof(record->first_damage), "%s",
	         summary.damaged_count > 0 ? summary.first_damage : record->refused);
	return 0;
}

void run_record_deinit(struct run_record *record)
{
	ledger_deinit(&record->ledger);
	run_facts_deinit(&record->facts);
	free(record->cases);
	*record = (struct run_record){0};
}
