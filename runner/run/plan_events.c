/* plan_events.c - see plan_events.h. */
#include "runner/run/plan_events.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "runner/run/build_info.h"
#include "runner/run/cpus.h"
#include "runner/run/project.h"
#include "runner/run/quarantine.h"
#include "runner/run/recorder.h"
#include "runner/run/resume.h"
#include "runner/run/run.h"
#include "runner/run/sharding.h"
#include "shards/base/mem.h"
#include "shards/plan/estimate.h"

enum { MILLI = 1000, ENV_NAMES_MAX_BYTES = 16 * 1024 };

/* "Linux 6.1.0-18-amd64 x86_64"; the caller frees it. */
static char *system_words(void)
{
	struct utsname names;

	if (uname(&names) < 0)
		return mem_strdup("");
	return mem_printf("%s %s %s", names.sysname, names.release, names.machine);
}

/* "BASE_URL, USER" of what tanda.json sets; values may be secrets. The caller frees it. */
static char *env_names(char *const *env)
{
	struct text_buf names;
	size_t i;

	text_buf_init(&names, ENV_NAMES_MAX_BYTES);
	for (i = 0; env != NULL && env[i] != NULL; i++)
		text_buf_printf(&names, "%s%.*s", i > 0 ? ", " : "", (int)strcspn(env[i], "="),
		                env[i]);
	return text_buf_steal(&names);
}

static void record_suite(const struct plan_events *events, uint32_t index)
{
	const struct suite *suite = &events->project->config->suites[index];
	char *names = env_names(suite->env);

	recorder_add(events->recorder,
	             (struct event){.kind = EVENT_SUITE_PLANNED,
	                            .suite_planned = {
					    .suite = index,
					    .name = text_from(suite->name),
					    .framework = text_from(suite->preset.name),
					    .dir = text_from(suite->dir),
					    .env_names = text_from(names),
					    .batch_max = suite->preset.batch_max,
				    }});
	free(names);
}

static void record_start(const struct plan_events *events)
{
	const struct build_info *build = events->build;
	const struct project *project = events->project;
	const struct planning *planning = &project->planning;
	char started[TIMESTAMP_BYTES];
	char *system = system_words();
	uint32_t i;

	timestamp_format(events->recorder->clock.started, 0, started);
	recorder_add(events->recorder,
	             (struct event){.kind = EVENT_RUN_STARTED,
	                            .run_started = {
					    .run_id = text_from(events->run_id),
					    .name = text_from(project->config->name),
					    .version = text_from(events->options->version),
					    .started = text_from(started),
					    .host = text_from(events->host),
					    .system = text_from(system),
					    .cpus = cpus_available(),
					    .build_version = text_from(build->version),
					    .commit = text_from(build->commit),
					    .branch = text_from(build->branch),
					    .modified = build->is_modified,
					    .ci = text_from(build->server),
					    .build = text_from(build->number),
					    .build_url = text_from(build->url),
					    .build_tag = text_from(build->tag),
					    .build_node = text_from(build->node),
					    .change = text_from(build->change),
					    .fail_on_flaky = events->options->fail_on_flaky,
					    .allow_empty = events->options->allow_empty,
					    .options = text_from(events->options->told),
					    .tmp = text_from(events->tmp_root),
				    }});
	for (i = 0; i < planning->pieces->worker_count; i++) {
		const struct plan_node *node = &planning->nodes[planning->pieces->worker_nodes[i]];

		recorder_add(
			events->recorder,
			(struct event){.kind = EVENT_WORKER_PLANNED,
		                       .worker_planned = {i, text_from(node->name), node->cpus}});
	}
	for (i = 0; i < project->config->suite_count; i++)
		record_suite(events, i);
	for (i = 0; i < planning->pool_count; i++)
		recorder_add(events->recorder,
		             (struct event){.kind = EVENT_POOL_PLANNED,
		                            .pool_planned = {i, text_from(planning->pools[i].name),
		                                             planning->pools[i].member_count}});
	free(system);
}

static void record_test(const struct plan_events *events, uint32_t index)
{
	const struct project *project = events->project;
	const struct test *test = &project->tests.tests[index];
	char *file = project_shown_file(project, test);

	recorder_add(
		events->recorder,
		(struct event){.kind = EVENT_TEST_PLANNED,
	                       .test_planned = {
				       .test = index,
				       .suite = test->suite_index,
				       .id = text_from(test->id),
				       .file = text_from(file),
				       .area = text_from(test_area_name(&project->tests, test)),
				       .expected_ns = test->expected_ns,
				       .expected_known = test->expectation == EXPECTATION_HISTORY,
				       .skip_reason = text_from(test->skip_reason),
				       .quarantine = test->quarantine,
				       .feature = text_from(
					       test->variant > 0
						       ? project->variants[test->variant - 1].label
						       : NULL),
			       }});
	free(file);
}

/* What it asks for, if anything, so that the run's bound can be told from the journal alone. */
static void record_area(const struct plan_events *events, uint32_t index)
{
	const struct plan_area *area = &events->project->planning.areas[index];
	struct text name = text_from(events->project->tests.areas[index]);
	size_t i;

	if (!dict_find(&events->recorder->ledger.area_names, name, &i))
		return; /* no test of it is planned */
	if (area->keep_together || area->cpus > 0)
		recorder_add(
			events->recorder,
			(struct event){.kind = EVENT_AREA_PLANNED,
		                       .area_planned = {name, area->keep_together, area->cpus}});
	for (i = 0; i < area->need_count; i++)
		recorder_add(events->recorder,
		             (struct event){.kind = EVENT_POOL_WANTED,
		                            .pool_wanted = {name, area->needs[i].pool,
		                                            area->needs[i].count}});
}

void plan_events_record(const struct plan_events *events)
{
	const struct project *project = events->project;
	const struct sharding *sharding = project->sharding;
	bool is_founded = estimate_is_founded(&project->tests);
	size_t i;

	record_start(events);
	quarantine_record(project, events->recorder);
	for (i = 0; i < project->tests.count; i++)
		record_test(events, (uint32_t)i);
	for (i = 0; i < project->tests.area_count; i++)
		record_area(events, (uint32_t)i);
	recorder_add(
		events->recorder,
		(struct event){
			.kind = EVENT_PLAN_SEALED,
			.plan_sealed = {
				.test_count = project->tests.count,
				.predicted_ns =
					is_founded ? project->planning.rehearsal.makespan_ns : 0,
				.lower_bound_ns =
					is_founded ? project->planning.rehearsal.bound.ns : 0,
				.digest = ledger_digest(&events->recorder->ledger),
				.shard = sharding != NULL ? sharding->shard.number : 0,
				.shard_count = sharding != NULL ? sharding->shard.count : 0,
				.plan_digest = sharding != NULL ? sharding->plan.digest : 0,
				.plan_tests =
					sharding != NULL ? plan_test_count(&sharding->plan) : 0,
				.found_count = project->found_count,
				.config_digest = resume_config_digest(project),
				.slow_down_milli =
					(uint64_t)(project->planning.input.contention.slow_down *
	                                           MILLI),
			}});
}
