/* lookback_commits.c - runs by what they tested; see lookback.h. */
#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"
#include "shards/model/lookback.h"

static struct lookback_commit *find_commit(struct lookback_commit *commits, size_t count,
                                           const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(commits[i].newest->commit, name) == 0)
			return &commits[i];
	}
	return NULL;
}

static bool counts(const struct lookback_run *run)
{
	return run->is_whole && !run->is_modified && run->wall_ns > 0;
}

static int compare_spans(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* Of the commit's runs that count and held its most tests. */
static void sum_up(const struct lookback *lookback, struct lookback_commit *commit, uint64_t *walls)
{
	size_t count = 0, i;

	for (i = 0; i < lookback->run_count; i++) {
		const struct lookback_run *run = &lookback->runs[i];

		if (strcmp(run->commit, commit->newest->commit) != 0 || !counts(run) ||
		    run->planned != commit->tests)
			continue;
		if (count == 0) {
			commit->failed = run->failed;
			commit->flaky = run->flaky;
		}
		walls[count++] = run->wall_ns;
	}
	if (count == 0)
		return;
	qsort(walls, count, sizeof(walls[0]), compare_spans);
	commit->wall_ns = (walls[(count - 1) / 2] + walls[count / 2]) / 2;
}

struct lookback_commit *lookback_commits(const struct lookback *lookback, size_t *ret_count)
{
	struct lookback_commit *commits = mem_calloc(lookback->run_count, sizeof(commits[0]));
	uint64_t *walls = mem_calloc(lookback->run_count, sizeof(walls[0]));
	size_t count = 0, i;

	for (i = 0; i < lookback->run_count; i++) {
		const struct lookback_run *run = &lookback->runs[i];
		struct lookback_commit *commit = find_commit(commits, count, run->commit);

		if (run->commit[0] == '\0')
			continue;
		if (commit == NULL) {
			commit = &commits[count++];
			commit->newest = run;
		}
		commit->run_count++;
		if (counts(run) && run->planned > commit->tests)
			commit->tests = run->planned;
	}
	for (i = 0; i < count; i++)
		sum_up(lookback, &commits[i], walls);
	free(walls);
	*ret_count = count;
	return commits;
}
