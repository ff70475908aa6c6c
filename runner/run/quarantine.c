/* quarantine.c - see quarantine.h. */
#include "runner/run/quarantine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/run/project.h"
#include "runner/run/recorder.h"
#include "shards/base/mem.h"

enum { SECONDS_PER_DAY = 86400, WARNED_DAYS = 7 };

static int32_t days_left(const struct quarantine_settings *quarantine, time_t now)
{
	return (int32_t)(quarantine->until_day - (int64_t)now / SECONDS_PER_DAY);
}

static bool means(const struct quarantine_settings *quarantine, const char *path, const char *id)
{
	struct text area;
	size_t i;

	if (quarantine->tests == NULL)
		return true;
	for (i = 0; quarantine->tests[i] != NULL; i++) {
		if (strcmp(quarantine->tests[i], id) == 0 ||
		    glob_match(quarantine->tests[i], path, &area))
			return true;
	}
	return false;
}

/* All of the configuration, numbered from 1 in its order. */
struct numbered {
	const struct area_settings *area;
	const struct quarantine_settings *settings;
	size_t test_count;
};

static struct numbered *number_all(const struct config *config, size_t *ret_count)
{
	struct numbered *all = NULL;
	size_t cap = 0, i, j;

	*ret_count = 0;
	for (i = 0; i < config->area_count; i++) {
		for (j = 0; j < config->areas[i].quarantine_count; j++) {
			all = mem_grow(all, &cap, *ret_count + 1, sizeof(all[0]));
			all[(*ret_count)++] = (struct numbered){
				&config->areas[i], &config->areas[i].quarantines[j], 0};
		}
	}
	return all;
}

const struct quarantine_settings *quarantine_of(const struct project *project,
                                                const struct test *test)
{
	const struct config *config = project->config;
	uint32_t number = test->quarantine;
	size_t i;

	for (i = 0; number > 0 && i < config->area_count; i++) {
		if (number <= config->areas[i].quarantine_count)
			return &config->areas[i].quarantines[number - 1];
		number -= (uint32_t)config->areas[i].quarantine_count;
	}
	return NULL;
}

static void find_tests(struct project *project, struct numbered *all, size_t count)
{
	size_t i, q;

	for (i = 0; i < project->tests.count; i++) {
		struct test *test = &project->tests.tests[i];
		const char *area = test_area_name(&project->tests, test);
		char *path = project_test_file(project, test);

		for (q = 0; q < count && test->quarantine == 0; q++) {
			if (strcmp(all[q].area->name, area) != 0 ||
			    !means(all[q].settings, path, test->id))
				continue;
			test->quarantine = (uint32_t)q + 1;
			all[q].test_count++;
		}
		free(path);
	}
}

static void warn_of(struct project *project, const struct numbered *q, int32_t left)
{
	const char *name = q->area->name, *reason = q->settings->reason;

	if (left < 0)
		project_warn(project,
		             "the quarantine of area '%s' (%s) has expired: its last day was %s, "
		             "and the run fails until it is taken out of tanda.json",
		             name, reason, q->settings->until);
	else if (left <= WARNED_DAYS)
		project_warn(project, "the quarantine of area '%s' (%s) expires in %d %s, on %s",
		             name, reason, left, left == 1 ? "day" : "days", q->settings->until);
}

void quarantine_apply(struct project *project)
{
	bool is_whole = project->tests.count >= project->found_count;
	time_t now = time(NULL);
	struct numbered *all;
	size_t count, i;

	all = number_all(project->config, &count);
	if (count > 0)
		find_tests(project, all, count);
	for (i = 0; i < count; i++) {
		if (all[i].test_count > 0)
			warn_of(project, &all[i], days_left(all[i].settings, now));
		else if (is_whole)
			project_warn(project, "the quarantine of area '%s' (%s) means no test",
			             all[i].area->name, all[i].settings->reason);
	}
	free(all);
}

void quarantine_record(const struct project *project, struct recorder *recorder)
{
	struct numbered *all;
	size_t count, i;

	all = number_all(project->config, &count);
	for (i = 0; i < count; i++)
		recorder_add(recorder,
		             (struct event){
				     .kind = EVENT_QUARANTINE_PLANNED,
				     .quarantine_planned = {
					     .quarantine = (uint32_t)i,
					     .area = text_from(all[i].area->name),
					     .reason = text_from(all[i].settings->reason),
					     .until = text_from(all[i].settings->until),
					     .days_left = days_left(all[i].settings,
		                                                    recorder->clock.started.tv_sec),
				     }});
	free(all);
}
