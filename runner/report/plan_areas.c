/* plan_areas.c - see plan_areas.h. */
#include "runner/report/plan_areas.h"

#include <stdlib.h>
#include <string.h>

#include "runner/report/console.h"
#include "shards/base/mem.h"
#include "shards/base/span.h"

enum { AREAS_SHOWN = 4 };

struct load {
	uint64_t ns;
	uint32_t area;
	uint32_t count;
};

static int longest_first(const void *left, const void *right)
{
	const struct load *a = left, *b = right;

	if (a->ns != b->ns)
		return a->ns > b->ns ? -1 : 1;
	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return (a->area > b->area) - (a->area < b->area);
}

static bool find_suite(const struct test_list *tests, const char *name, uint32_t *ret_suite)
{
	size_t i;

	for (i = 0; i < tests->suite_count; i++) {
		if (strcmp(tests->suites[i], name) == 0) {
			*ret_suite = (uint32_t)i;
			return true;
		}
	}
	return false;
}

static void count_batch(struct load *loads, const struct plan_batch *batch,
                        const struct test_list *tests)
{
	size_t index, i;
	uint32_t suite;

	if (!find_suite(tests, batch->suite, &suite))
		return;
	for (i = 0; i < batch->test_count; i++) {
		if (!test_list_find(tests, suite, batch->tests[i], &index))
			continue;
		loads[tests->tests[index].area_index].ns += tests->tests[index].expected_ns;
		loads[tests->tests[index].area_index].count++;
	}
}

void plan_areas_add(struct text_buf *out, const struct plan_shard *shard,
                    const struct test_list *tests)
{
	struct load *loads = mem_calloc(tests->area_count, sizeof(loads[0]));
	size_t used = 0, i;

	for (i = 0; i < tests->area_count; i++)
		loads[i].area = (uint32_t)i;
	for (i = 0; i < shard->batch_count; i++)
		count_batch(loads, &shard->batches[i], tests);
	if (tests->area_count > 0)
		qsort(loads, tests->area_count, sizeof(loads[0]), longest_first);
	while (used < tests->area_count && loads[used].count > 0)
		used++;
	for (i = 0; i < used && i < AREAS_SHOWN; i++) {
		text_buf_add_str(out, i > 0 ? ", " : "");
		console_clean_name(out, text_from(tests->areas[loads[i].area]));
		text_buf_add_char(out, ' ');
		span_add(out, loads[i].ns);
	}
	if (used > AREAS_SHOWN)
		text_buf_printf(out, ", +%zu", used - AREAS_SHOWN);
	free(loads);
}
