/* lookback_json.c - what past runs tell, for programs; see lookback_report.h. */
#include <jansson.h>
#include <stdlib.h>

#include "runner/report/json_value.h"
#include "runner/report/lookback_report.h"
#include "shards/base/mem.h"

static json_t *name_or_null(const char *name)
{
	return name[0] != '\0' ? json_value_string(name) : json_null();
}

static json_t *run_object(const struct lookback_run *run)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:b}",
	                 "run", json_value_string(run->id), "started_unix_s",
	                 json_value_seconds(run->started_unix_ms * 1000000), "tests",
	                 json_value_number(run->planned), "workers",
	                 json_value_number(run->workers), "predicted_s",
	                 json_value_seconds_if(run->predicted_ns > 0, run->predicted_ns),
	                 "lower_bound_s",
	                 json_value_seconds_if(run->lower_bound_ns > 0, run->lower_bound_ns),
	                 "wall_s", json_value_seconds_if(run->wall_ns > 0, run->wall_ns), "failed",
	                 json_value_number(run->failed), "flaky", json_value_number(run->flaky),
	                 "whole", run->is_whole, "commit", name_or_null(run->commit), "branch",
	                 name_or_null(run->branch), "version", name_or_null(run->version),
	                 "modified", run->is_modified);
}

static json_t *commits_array(const struct lookback *lookback)
{
	size_t count, i;
	struct lookback_commit *commits = lookback_commits(lookback, &count);
	json_t *array = json_array();

	for (i = 0; i < count; i++) {
		const struct lookback_commit *commit = &commits[i];

		json_array_append_new(
			array,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "commit",
		                  json_value_string(commit->newest->commit), "branch",
		                  name_or_null(commit->newest->branch), "version",
		                  name_or_null(commit->newest->version), "runs",
		                  json_value_number(commit->run_count), "tests",
		                  json_value_number(commit->tests), "wall_s",
		                  json_value_seconds_if(commit->wall_ns > 0, commit->wall_ns),
		                  "failed", json_value_number(commit->failed), "flaky",
		                  json_value_number(commit->flaky)));
	}
	free(commits);
	return array;
}

static json_t *runs_array(const struct lookback *lookback)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < lookback->run_count; i++)
		json_array_append_new(array, run_object(&lookback->runs[i]));
	return array;
}

static json_t *accuracy_object(const struct lookback *lookback)
{
	struct lookback_accuracy accuracy = lookback_accuracy(lookback);

	if (accuracy.run_count == 0)
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "runs", json_value_number(accuracy.run_count),
	                 "median_off", json_value_ratio(accuracy.median), "worst_off",
	                 json_value_ratio(accuracy.worst));
}

static json_t *areas_array(const struct lookback *lookback)
{
	uint32_t *order = lookback_areas_by_time(lookback);
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < lookback->area_count; i++) {
		const struct lookback_area *area = &lookback->areas[order[i]];

		json_array_append_new(
			array,
			json_pack("{s:o, s:o, s:o, s:o}", "area", json_value_string(area->name),
		                  "tests", json_value_number(area->test_count), "now_s",
		                  json_value_seconds(area->now_ns), "change",
		                  area->usual_ns > 0
		                          ? json_value_ratio((double)area->compared_now_ns /
		                                                     (double)area->usual_ns -
		                                             1)
		                          : json_null()));
	}
	free(order);
	return array;
}

static json_t *test_object(const struct lookback *lookback, uint32_t index)
{
	const struct lookback_test *test = &lookback->tests[index];
	bool has_time = test->time_count > 0;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "id",
	                 json_value_string(test->id), "suite", json_value_string(test->suite),
	                 "area", json_value_string(lookback->areas[test->area].name), "median_s",
	                 json_value_seconds_if(has_time, lookback_median_ns(test)), "newest_s",
	                 json_value_seconds_if(has_time, test->times_ns[0]), "runs",
	                 json_value_number(test->run_count), "failed",
	                 json_value_number(test->failed_count), "flaky",
	                 json_value_number(test->flaky_count), "changed",
	                 json_value_number(test->changed_count), "quarantine_candidate",
	                 lookback_is_unsteady(test));
}

/* Frees `indexes`. */
static json_t *tests_array(const struct lookback *lookback, uint32_t *indexes, size_t count)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < count; i++)
		json_array_append_new(array, test_object(lookback, indexes[i]));
	free(indexes);
	return array;
}

char *lookback_json(const struct lookback *lookback, const struct lookback_parts *parts)
{
	json_t *root = json_object();
	uint32_t *tests;
	size_t count;

	json_object_set_new(root, "schema", json_string("tanda.history/1"));
	if (parts->runs) {
		json_object_set_new(root, "accuracy", accuracy_object(lookback));
		json_object_set_new(root, "runs", runs_array(lookback));
	}
	if (parts->commits)
		json_object_set_new(root, "commits", commits_array(lookback));
	if (parts->areas)
		json_object_set_new(root, "areas", areas_array(lookback));
	if (parts->slow) {
		tests = lookback_slowest(lookback, lookback->test_count, &count);
		json_object_set_new(root, "slow", tests_array(lookback, tests, count));
	}
	if (parts->flaky) {
		tests = lookback_flakiest(lookback, lookback->test_count, &count);
		json_object_set_new(root, "flaky", tests_array(lookback, tests, count));
	}
	return json_value_dump(root);
}
