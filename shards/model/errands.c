/* errands.c - see errands.h. */
#include "shards/model/errands.h"

#include <stdlib.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

/* What a journal is believed. */
enum { ERRANDS_TOLD_MAX = 1000000 };

int errands_apply_test_dropped(struct ledger *ledger, const struct event_test_dropped *e,
                               struct tanda_error *error)
{
	if (e->test >= ledger->test_count) {
		tanda_error_set(error, NULL, "test %u is dropped, but is not planned", e->test);
		return -1;
	}
	free(ledger->tests[e->test].drop_reason);
	ledger->tests[e->test].drop_reason = text_dup(e->reason);
	return 0;
}

static char *dup_or_null(struct text text)
{
	return text_is_empty(text) ? NULL : text_dup(text);
}

void errands_apply_ended(struct ledger *ledger, const struct event_errand_ended *e, uint64_t at_ns)
{
	if (ledger->errand_count == ERRANDS_TOLD_MAX)
		return;
	ledger->errands = mem_grow(ledger->errands, &ledger->errand_cap, ledger->errand_count + 1,
	                           sizeof(ledger->errands[0]));
	ledger->errands[ledger->errand_count++] = (struct ledger_errand){
		.what = text_dup(e->what),
		.subject = text_dup(e->subject),
		.started_ns = e->started_ns < at_ns ? e->started_ns : at_ns,
		.ended_ns = at_ns,
		.exit_code = e->exit_code,
		.is_fault = e->is_fault,
		.message = dup_or_null(e->message),
		.log = dup_or_null(e->log),
	};
}

void errands_free(struct ledger *ledger)
{
	size_t i;

	for (i = 0; i < ledger->errand_count; i++) {
		free(ledger->errands[i].what);
		free(ledger->errands[i].subject);
		free(ledger->errands[i].message);
		free(ledger->errands[i].log);
	}
	free(ledger->errands);
}
