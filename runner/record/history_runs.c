/* history_runs.c - runs as a whole: what was predicted of them, and what became of it. */
#include "runner/record/history_store.h"

#include "tanda/error.h"

int history_describe_run(struct history *history, const struct history_run *run,
                         struct tanda_error *error)
{
	const uint64_t values[] = {run->planned,        run->workers,  run->predicted_ns,
	                           run->lower_bound_ns, run->wall_ns,  run->failed,
	                           run->flaky,          run->is_whole, run->is_modified};
	const struct text texts[] = {run->commit, run->branch, run->version, run->url};
	const int count = sizeof(values) / sizeof(values[0]);
	const int text_count = sizeof(texts) / sizeof(texts[0]);
	sqlite3_stmt *describe;
	int i;

	if (!history->is_in_run) {
		tanda_error_set(error, history->path, "no run is being recorded");
		return -1;
	}
	describe = history_statement(history, STATEMENT_DESCRIBE_RUN, error);
	if (describe == NULL)
		return history_abandon(history);
	for (i = 0; i < count; i++)
		history_bind_u64(describe, i + 1, values[i]);
	for (i = 0; i < text_count; i++)
		history_bind_text(describe, count + i + 1, texts[i]);
	sqlite3_bind_int64(describe, count + text_count + 1, history->run);
	return history_run(history, describe, error) < 0 ? history_abandon(history) : 0;
}

int history_read_runs(struct history *history, history_run_fn on_run, void *data,
                      struct tanda_error *error)
{
	sqlite3_stmt *rows = history_statement(history, STATEMENT_DESCRIPTIONS, error);
	int status;

	if (rows == NULL)
		return -1;
	while ((status = history_next(history, rows, error)) > 0) {
		const struct history_run run = {
			.run_id = history_column_text(rows, 0),
			.started_unix_ms = history_column_u64(rows, 1),
			.planned = history_column_u64(rows, 2),
			.workers = history_column_u64(rows, 3),
			.predicted_ns = history_column_u64(rows, 4),
			.lower_bound_ns = history_column_u64(rows, 5),
			.wall_ns = history_column_u64(rows, 6),
			.failed = history_column_u64(rows, 7),
			.flaky = history_column_u64(rows, 8),
			.is_whole = history_column_u64(rows, 9) != 0,
			.is_modified = history_column_u64(rows, 10) != 0,
			.commit = history_column_text(rows, 11),
			.branch = history_column_text(rows, 12),
			.version = history_column_text(rows, 13),
			.url = history_column_text(rows, 14),
		};

		if (!on_run(data, &run)) {
			sqlite3_reset(rows);
			return 0;
		}
	}
	return status;
}
