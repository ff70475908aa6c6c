/* planned.c - see planned.h. */
#include "shards/model/planned.h"

#include "shards/base/mem.h"
#include "shards/model/node_life.h"
#include "tanda/error.h"

/* What a journal is believed; a plan has far fewer (plan/input.h). */
enum { WORKERS_TOLD_MAX = 100000, POOLS_TOLD_MAX = 10000, QUARANTINES_TOLD_MAX = 100000 };

static char *dup_if_told(struct text text)
{
	return text_is_empty(text) ? NULL : text_dup(text);
}

int planned_apply_run_started(struct ledger *ledger, const struct event_run_started *e,
                              struct tanda_error *error)
{
	if (ledger->run_id != NULL) {
		tanda_error_set(error, NULL, "the run starts a second time");
		return -1;
	}
	ledger->run_id = text_dup(e->run_id);
	ledger->name = text_dup(e->name);
	ledger->version = text_dup(e->version);
	ledger->started = text_dup(e->started);
	ledger->host = text_dup(e->host);
	ledger->build = (struct ledger_build){
		.version = dup_if_told(e->build_version),
		.commit = dup_if_told(e->commit),
		.branch = dup_if_told(e->branch),
		.ci = dup_if_told(e->ci),
		.number = dup_if_told(e->build),
		.url = dup_if_told(e->build_url),
		.tag = dup_if_told(e->build_tag),
		.node = dup_if_told(e->build_node),
		.change = dup_if_told(e->change),
		.is_modified = e->modified,
	};
	ledger->fail_on_flaky = e->fail_on_flaky;
	ledger->allow_empty = e->allow_empty;
	return 0;
}

int planned_apply_worker_planned(struct ledger *ledger, const struct event_worker_planned *e,
                                 struct tanda_error *error)
{
	if (e->worker != ledger->worker_count || e->worker >= WORKERS_TOLD_MAX) {
		tanda_error_set(error, NULL, "worker %u is planned out of order", e->worker);
		return -1;
	}
	ledger->workers = mem_grow(ledger->workers, &ledger->worker_cap, ledger->worker_count + 1,
	                           sizeof(ledger->workers[0]));
	ledger->workers[ledger->worker_count++] =
		(struct ledger_worker){.node = text_dup(e->node),
	                               .node_number = node_life_add_worker(ledger, e->node),
	                               .node_cpus = e->cpus};
	return 0;
}

static void add_suite(struct ledger *ledger, const struct event_suite_planned *e)
{
	ledger->suites = mem_grow(ledger->suites, &ledger->suite_cap, ledger->suite_count + 1,
	                          sizeof(ledger->suites[0]));
	ledger->suites[ledger->suite_count++] = (struct ledger_suite){
		.name = text_dup(e->name),
		.framework = text_dup(e->framework),
		.dir = text_dup(e->dir),
		.batch_max = e->batch_max,
	};
}

int planned_apply_suite_planned(struct ledger *ledger, const struct event_suite_planned *e,
                                struct tanda_error *error)
{
	if (e->suite != ledger->suite_count || e->suite >= SUITES_MAX) {
		tanda_error_set(error, NULL, "suite %u is planned out of order", e->suite);
		return -1;
	}
	add_suite(ledger, e);
	return 0;
}

int planned_apply_pool_planned(struct ledger *ledger, const struct event_pool_planned *e,
                               struct tanda_error *error)
{
	if (ledger->is_sealed || e->pool != ledger->pool_count || e->pool >= POOLS_TOLD_MAX) {
		tanda_error_set(error, NULL, "pool %u is planned out of order", e->pool);
		return -1;
	}
	ledger->pools = mem_grow(ledger->pools, &ledger->pool_cap, ledger->pool_count + 1,
	                         sizeof(ledger->pools[0]));
	ledger->pools[ledger->pool_count++] =
		(struct ledger_pool){.name = text_dup(e->name), .members = e->members};
	return 0;
}

int planned_apply_quarantine(struct ledger *ledger, const struct event_quarantine_planned *e,
                             struct tanda_error *error)
{
	if (ledger->is_sealed || e->quarantine != ledger->quarantine_count ||
	    e->quarantine >= QUARANTINES_TOLD_MAX) {
		tanda_error_set(error, NULL, "quarantine %u is planned out of order",
		                e->quarantine);
		return -1;
	}
	ledger->quarantines =
		mem_grow(ledger->quarantines, &ledger->quarantine_cap, ledger->quarantine_count + 1,
	                 sizeof(ledger->quarantines[0]));
	ledger->quarantines[ledger->quarantine_count++] = (struct ledger_quarantine){
		.area = text_dup(e->area),
		.reason = text_dup(e->reason),
		.until = text_dup(e->until),
		.days_left = e->days_left,
	};
	return 0;
}

static uint32_t area_index(struct ledger *ledger, struct text name)
{
	size_t index;

	if (dict_find(&ledger->area_names, name, &index))
		return (uint32_t)index;
	ledger->areas = mem_grow(ledger->areas, &ledger->area_cap, ledger->area_count + 1,
	                         sizeof(ledger->areas[0]));
	index = ledger->area_count++;
	ledger->areas[index] = (struct ledger_area){.name = text_dup(name)};
	(void)dict_add(&ledger->area_names, text_from(ledger->areas[index].name), index);
	return (uint32_t)index;
}

static struct ledger_test *add_test(struct ledger *ledger)
{
	ledger->tests = mem_grow(ledger->tests, &ledger->test_cap, ledger->test_count + 1,
	                         sizeof(ledger->tests[0]));
	ledger->tests[ledger->test_count] = (struct ledger_test){0};
	return &ledger->tests[ledger->test_count++];
}

/* Tests whose line in the journal could not be read still count: they hold their place. */
static void add_unreadable_tests(struct ledger *ledger, size_t count)
{
	if (ledger->test_count < count && ledger->suite_count == 0)
		add_suite(ledger, &(struct event_suite_planned){.name = TEXT_LIT("(unknown)")});
	while (ledger->test_count < count) {
		size_t number = ledger->test_count;
		struct ledger_test *test = add_test(ledger);

		test->info.id =
			mem_printf("(test %zu: its line in the journal is damaged)", number);
		test->info.file = mem_strdup("");
		test->info.area = area_index(ledger, TEXT_LIT("(unknown)"));
	}
}

int planned_apply_test_planned(struct ledger *ledger, const struct event_test_planned *e,
                               struct tanda_error *error)
{
	struct ledger_test *test;

	if (ledger->is_sealed || e->test < ledger->test_count || e->test >= TESTS_MAX ||
	    e->suite >= ledger->suite_count || e->quarantine > ledger->quarantine_count) {
		tanda_error_set(error, NULL, "test %u ('%.*s') is planned out of order", e->test,
		                TEXT_ARG(e->id));
		return -1;
	}
	add_unreadable_tests(ledger, e->test);
	test = add_test(ledger);
	test->info = (struct test_info){
		.id = text_dup(e->id),
		.suite = e->suite,
		.area = area_index(ledger, e->area),
		.expected_ns = e->expected_ns,
		.expected_known = e->expected_known,
		.quarantine = e->quarantine,
	};
	if (!text_is_empty(e->feature))
		test->info.feature = text_dup(e->feature);
	if (e->quarantine > 0)
		ledger->quarantines[e->quarantine - 1].tests++;
	test->info.file = text_equal(e->id, e->file) ? test->info.id : text_dup(e->file);
	if (!text_is_empty(e->skip_reason))
		test->skip_reason = text_dup(e->skip_reason);
	ledger->areas[test->info.area].tests++;
	return 0;
}

/* The area of that name, if tests of it are planned and more may be. */
static struct ledger_area *open_area(struct ledger *ledger, struct text name,
                                     struct tanda_error *error)
{
	size_t index;

	if (!ledger->is_sealed && dict_find(&ledger->area_names, name, &index))
		return &ledger->areas[index];
	tanda_error_set(error, NULL, "needs of area '%.*s' are planned out of order",
	                TEXT_ARG(name));
	return NULL;
}

int planned_apply_area_planned(struct ledger *ledger, const struct event_area_planned *e,
                               struct tanda_error *error)
{
	struct ledger_area *area = open_area(ledger, e->area, error);

	if (area == NULL)
		return -1;
	area->keep_together = e->keep_together;
	area->cpus = e->cpus;
	return 0;
}

int planned_apply_pool_wanted(struct ledger *ledger, const struct event_pool_wanted *e,
                              struct tanda_error *error)
{
	struct ledger_area *area = open_area(ledger, e->area, error);

	if (area == NULL)
		return -1;
	if (e->pool >= ledger->pool_count || e->count > ledger->pools[e->pool].members ||
	    area->want_count >= ledger->pool_count) {
		tanda_error_set(error, NULL, "area '%s' wants %u of pool %u, which it can't have",
		                area->name, e->count, e->pool);
		return -1;
	}
	area->wants = mem_grow(area->wants, &area->want_cap, area->want_count + 1,
	                       sizeof(area->wants[0]));
	area->wants[area->want_count++] = (struct ledger_want){e->pool, e->count};
	return 0;
}

int planned_apply_plan_sealed(struct ledger *ledger, const struct event_plan_sealed *e,
                              struct tanda_error *error)
{
	if (ledger->is_sealed || e->test_count < ledger->test_count || e->test_count > TESTS_MAX) {
		tanda_error_set(error, NULL, "a plan of %llu tests is sealed over %zu",
		                (unsigned long long)e->test_count, ledger->test_count);
		return -1;
	}
	add_unreadable_tests(ledger, (size_t)e->test_count);
	ledger->is_sealed = true;
	ledger->predicted_ns = e->predicted_ns;
	ledger->lower_bound_ns = e->lower_bound_ns;
	ledger->digest = e->digest;
	ledger->slow_down_milli = e->slow_down_milli;
	ledger->found_count = e->found_count;
	ledger->config_digest = e->config_digest;
	ledger->shard = (struct ledger_shard){
		.number = e->shard,
		.count = e->shard_count,
		.plan_digest = e->plan_digest,
		.plan_tests = e->plan_tests,
	};
	return 0;
}
