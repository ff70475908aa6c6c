/* recall.c - see recall.h. */
#include "runner/run/recall.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runner/record/history.h"
#include "runner/run/past.h"
#include "runner/run/project.h"
#include "runner/run/recorder.h"
#include "shards/base/dict.h"
#include "shards/base/mem.h"
#include "shards/model/lookback.h"
#include "tanda/error.h"

enum {
	RUNS_MAX = 20,
	/* A huge suite's runs are looked at as far as this takes: a fraction of a second. */
	ROWS_MAX = 500 * 1000,
};

struct recall {
	const struct ledger *ledger;
	uint32_t tests[RECALLED_MAX];
	char *keys[RECALLED_MAX]; /* "SUITE\nID", by place in `tests` */
	size_t count;
	struct dict places; /* by key */
	struct lookback lookback;
	uint64_t rows;
};

static bool gave_trouble(const struct ledger *ledger, uint32_t test)
{
	const char *reason;
	enum verdict verdict = ledger_verdict(ledger, test, &reason);

	return verdict == VERDICT_FAILED || verdict == VERDICT_ERROR || verdict == VERDICT_FLAKY;
}

static void find_trouble(struct recall *recall)
{
	const struct ledger *ledger = recall->ledger;
	uint32_t test;

	for (test = 0; test < ledger->test_count && recall->count < RECALLED_MAX; test++) {
		const struct test_info *info = &ledger->tests[test].info;
		char *key;

		if (!gave_trouble(ledger, test))
			continue;
		key = lookback_key(text_from(ledger->suites[info->suite].name),
		                   text_from(info->id));
		recall->tests[recall->count] = test;
		recall->keys[recall->count] = key;
		(void)dict_add(&recall->places, text_from(key), recall->count++);
	}
}

static bool on_row(void *data, struct text run_id, const struct history_row *row)
{
	struct recall *recall = data;
	char *key = lookback_key(row->suite, row->id);
	size_t place;

	if (dict_find(&recall->places, text_from(key), &place))
		past_add_row(&recall->lookback, run_id, row);
	free(key);
	return ++recall->rows < ROWS_MAX && recall->lookback.fed_runs <= RUNS_MAX;
}

static int read_history(const struct project *project, struct recall *recall)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	char *path = project_history_path(project);
	struct history *history = NULL;
	int status = -1;

	if (access(path, R_OK) == 0 && history_open(path, &history, &error) == 0) {
		status = history_read_rows(history, on_row, recall, &error);
		history_close(history);
	}
	free(path);
	return status;
}

static void record(const struct recall *recall, struct recorder *recorder)
{
	size_t i;

	for (i = 0; i < recall->count; i++) {
		const struct lookback_test *known =
			lookback_find(&recall->lookback, recall->keys[i]);

		if (known == NULL || known->run_count == 0)
			continue;
		recorder_add(
			recorder,
			(struct event){.kind = EVENT_TEST_RECALLED,
		                       .test_recalled = {recall->tests[i], known->run_count,
		                                         known->failed_count, known->flaky_count}});
	}
}

void recall_trouble(const struct project *project, struct recorder *recorder)
{
	struct recall *recall = mem_calloc(1, sizeof(*recall));
	size_t i;

	recall->ledger = &recorder->ledger;
	dict_init(&recall->places);
	lookback_init(&recall->lookback);
	find_trouble(recall);
	if (recall->count > 0 && read_history(project, recall) == 0) {
		lookback_finish(&recall->lookback);
		record(recall, recorder);
	}
	for (i = 0; i < recall->count; i++)
		free(recall->keys[i]);
	dict_deinit(&recall->places);
	lookback_deinit(&recall->lookback);
	free(recall);
}
