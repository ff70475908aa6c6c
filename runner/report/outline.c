/* outline.c - see outline.h. */
#include "runner/report/outline.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

enum { PERCENT = 100 };

uint64_t outline_time_ns(const struct view *view, uint32_t test)
{
	const struct attempt *last = ledger_decisive_attempt(view->ledger, test);

	return last != NULL ? last->time_ns : 0;
}

uint64_t outline_work_ns(const struct view *view, uint32_t test)
{
	const struct attempt *last = ledger_decisive_attempt(view->ledger, test);

	return last != NULL ? ledger_attempt_ns(view->ledger, last) : 0;
}

static void list_tests(struct outline *outline)
{
	size_t tests = outline->view->ledger->test_count, i;
	size_t filled[VERDICT_COUNT] = {0};

	for (i = 0; i < VERDICT_COUNT; i++)
		outline->lists[i].tests =
			mem_calloc(outline->lists[i].count, sizeof(outline->lists[i].tests[0]));
	for (i = 0; i < tests; i++) {
		enum verdict verdict = outline->verdicts[i];

		outline->lists[verdict].tests[filled[verdict]++] = (uint32_t)i;
	}
}

/* Insert into the few slowest, longest first; of equal ones the earlier in the plan. */
static void note_slow(struct outline *outline, uint32_t test, uint64_t time_ns)
{
	size_t at = outline->slowest_count;

	while (at > 0 && outline_time_ns(outline->view, outline->slowest[at - 1]) < time_ns)
		at--;
	if (at == OUTLINE_SLOWEST_MAX)
		return;
	if (outline->slowest_count < OUTLINE_SLOWEST_MAX)
		outline->slowest_count++;
	memmove(outline->slowest + at + 1, outline->slowest + at,
	        (outline->slowest_count - at - 1) * sizeof(outline->slowest[0]));
	outline->slowest[at] = test;
}

static uint64_t work_of(const struct ledger *ledger, const struct ledger_test *test)
{
	const struct attempt *attempt;
	uint64_t work_ns = 0;

	for (attempt = test->first_attempt; attempt != NULL; attempt = attempt->next)
		work_ns += ledger_attempt_ns(ledger, attempt);
	return work_ns;
}

static void count_area(struct outline *outline, uint32_t test, uint64_t time_ns)
{
	const struct ledger *ledger = outline->view->ledger;
	const struct ledger_test *planned = &ledger->tests[test];
	struct outline_area *area = &outline->areas[planned->info.area];

	area->verdicts[outline->verdicts[test]]++;
	area->work_ns += work_of(ledger, planned);
	if (time_ns > area->longest_ns)
		area->longest_ns = time_ns;
}

/* Returns by how many percent the expected time was off. */
static uint64_t error_percent(uint64_t expected_ns, uint64_t time_ns)
{
	uint64_t off_ns = expected_ns > time_ns ? expected_ns - time_ns : time_ns - expected_ns;

	return off_ns >= time_ns ? PERCENT
	                         : (uint64_t)((double)off_ns * PERCENT / (double)time_ns + 0.5);
}

void outline_init(struct outline *outline, const struct view *view)
{
	const struct ledger *ledger = view->ledger;
	uint64_t percents = 0;
	uint32_t i;

	*outline = (struct outline){.view = view};
	outline->verdicts = mem_calloc(ledger->test_count, sizeof(outline->verdicts[0]));
	outline->reasons = mem_calloc(ledger->test_count, sizeof(outline->reasons[0]));
	outline->areas = mem_calloc(ledger->area_count, sizeof(outline->areas[0]));
	for (i = 0; i < ledger->test_count; i++) {
		const struct test_info *info = &ledger->tests[i].info;
		uint64_t time_ns = outline_time_ns(view, i);

		outline->verdicts[i] = ledger_verdict(ledger, i, &outline->reasons[i]);
		outline->lists[outline->verdicts[i]].count++;
		count_area(outline, i, time_ns);
		if (time_ns > 0)
			note_slow(outline, i, time_ns);
		if (info->expected_known && time_ns > 0 && outline->verdicts[i] == VERDICT_PASSED) {
			outline->errors.known_count++;
			percents += error_percent(info->expected_ns, time_ns);
		}
	}
	list_tests(outline);
	if (outline->errors.known_count > 0)
		outline->errors.percent = percents / outline->errors.known_count;
	if (ledger->worker_count > 0)
		outline->share_ns = view->totals.busy_ns / ledger->worker_count;
}

void outline_deinit(struct outline *outline)
{
	size_t i;

	for (i = 0; i < VERDICT_COUNT; i++)
		free(outline->lists[i].tests);
	free(outline->verdicts);
	free(outline->reasons);
	free(outline->areas);
	*outline = (struct outline){0};
}
