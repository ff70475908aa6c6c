/* account.h - what each report was worth, in warnings and, so that nothing is lost, in cases. */
#ifndef MERGE_ACCOUNT_H
#define MERGE_ACCOUNT_H
#include "runner/merge/gather.h"
#include "runner/merge/inputs.h"
#include "runner/merge/merge.h"
#include "runner/merge/shards.h"

/* Cases of tanda's own stand in a suite of this name. */
#define ACCOUNT_SUITE "tanda.merge"

struct account {
	const struct merge_request *request;
	struct merge_result *result;
	struct gatherer *gatherer; /* for the cases that are made */
	struct gathered *made;
};

/* Decide about each report, in their order: drop those that are the same as an earlier one and
 * those that were found but are no reports; tell of those that are not whole, in a case of type
 * tanda.BadReport or tanda.EmptyReport. Fills result->files. */
void account_reports(struct account *account, const struct inputs *inputs,
                     struct gathered *gathered);
/* Tell of a fault that is no report's: a shards_fault_fn with the account as its data. */
void account_fault(void *data, const char *type, const char *subject, const char *message);
#endif
