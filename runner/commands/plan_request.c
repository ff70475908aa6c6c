/* plan_request.c - see plan_request.h. */
#include "runner/commands/plan_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/config/config.h"
#include "shards/base/mem.h"
#include "shards/plan/input.h"
#include "tanda/error.h"

enum { NS_PER_MS = 1000000 };

static const double noise_max = 3;

static bool to_count(struct text text, uint32_t most, uint32_t *ret_count)
{
	uint64_t value;

	if (!text_to_u64(text, &value) || value < 1 || value > most)
		return false;
	*ret_count = (uint32_t)value;
	return true;
}

/* "4" or "1-16". */
static int parse_jobs(const char *value, struct plan_request *request, struct tanda_error *error)
{
	const char *dash = strchr(value, '-');
	struct text first = text_from(value);
	uint32_t from, to;

	if (dash != NULL)
		first.len = (size_t)(dash - value);
	if (!to_count(first, WORKERS_MAX, &from) ||
	    (dash != NULL && !to_count(text_from(dash + 1), WORKERS_MAX, &to)) ||
	    (dash != NULL && to < from)) {
		tanda_error_set(error, "-j",
		                "expected workers, such as 4, or a range, such as 1-16, of at most "
		                "%d; got '%.80s'",
		                WORKERS_MAX, value);
		return -1;
	}
	if (dash == NULL) {
		request->workers = from;
		return 0;
	}
	if (to - from >= SWEEP_POINTS_MAX) {
		tanda_error_set(error, "-j", "%s is %u numbers of workers, at most %d are tried",
		                value, to - from + 1, SWEEP_POINTS_MAX);
		return -1;
	}
	request->outlook.first = from;
	request->outlook.last = to;
	return 0;
}

static int parse_time(const char *flag, const char *value, uint64_t *ret_ns,
                      struct tanda_error *error)
{
	uint64_t ms;

	if (duration_parse(text_from(value), &ms) && ms > 0) {
		*ret_ns = ms * NS_PER_MS;
		return 0;
	}
	tanda_error_set(error, flag, "expected a time, such as 90s or 10m, got '%.80s'", value);
	return -1;
}

static int parse_noise(const char *value, double *ret_noise, struct tanda_error *error)
{
	char *end;

	errno = 0;
	*ret_noise = strtod(value, &end);
	if (errno == 0 && end != value && *end == '\0' && *ret_noise >= 0 &&
	    *ret_noise <= noise_max)
		return 0;
	tanda_error_set(error, "--noise",
	                "expected how wrong times are, such as 0.2 for 20%%, at most %.0f; got "
	                "'%.80s'",
	                noise_max, value);
	return -1;
}

static int parse_shards(const char *value, uint32_t *ret_count, struct tanda_error *error)
{
	if (to_count(text_from(value), PLAN_SHARDS_MAX, ret_count))
		return 0;
	tanda_error_set(error, "--shards", "expected a number from 1 to %d, got '%.80s'",
	                PLAN_SHARDS_MAX, value);
	return -1;
}

/* Two that cannot both be meant. */
static int check_pairs(const struct options *options, struct tanda_error *error)
{
	const struct {
		const char *a, *b;
		bool both;
	} pairs[] = {
		{"--shards", "-j", options->shards != NULL && options->plan_jobs != NULL},
		{"--shards", "--nodes", options->shards != NULL && options->nodes != NULL},
		{"--shards", "--compare", options->shards != NULL && options->compare},
		{"--shards", "--target", options->shards != NULL && options->target != NULL},
		{"--shards", "--noise", options->shards != NULL && options->noise != NULL},
		{"-j", "--nodes", options->plan_jobs != NULL && options->nodes != NULL},
		{"--explain", "--shards", options->explain != NULL && options->shards != NULL},
		{"--explain", "--json", options->explain != NULL && options->json},
		{"--explain", "-o", options->explain != NULL && options->plan_out != NULL},
		{"--explain", "--target", options->explain != NULL && options->target != NULL},
		{"--explain", "--compare", options->explain != NULL && options->compare},
		{"--explain", "--noise", options->explain != NULL && options->noise != NULL},
		{"--area", "--junit", options->from_reports && options->areas.count > 0},
		{"--tag", "--junit", options->from_reports && options->tag != NULL},
		{"--match", "--junit", options->from_reports && options->match != NULL},
		{"--failed", "--junit", options->from_reports && options->only_failed},
		{"--from-file", "--junit", options->from_reports && options->from_file != NULL},
	};
	size_t i;

	for (i = 0; i < countof(pairs); i++) {
		if (!pairs[i].both)
			continue;
		tanda_error_set(error, pairs[i].a, "it cannot go with %s", pairs[i].b);
		return -1;
	}
	if (options->start_up == NULL || options->from_reports)
		return 0;
	tanda_error_set(error, "--start-up",
	                "it goes with --junit only: a project's own cost is learned");
	return -1;
}

static uint32_t most_workers(const struct plan_request *request)
{
	if (request->shard_count > 0)
		return request->shard_count;
	return request->outlook.last > 0 ? request->outlook.last : request->workers;
}

/* Who asks for nothing in particular also sees what other numbers of workers would bring. */
static void set_sweep(const struct options *options, struct plan_request *request)
{
	bool is_bare = options->plan_jobs == NULL && options->nodes == NULL;

	if (is_bare && request->shard_count == 0 && options->explain == NULL) {
		request->outlook.first = 1;
		request->outlook.last = SWEEP_LAST;
	}
}

int plan_request_parse(const struct options *options, struct plan_request *ret_request,
                       struct tanda_error *error)
{
	struct plan_request request = {
		.outlook = {.wants_strategies = options->compare, .noise = -1}};

	if (check_pairs(options, error) < 0)
		return -1;
	if (options->plan_jobs != NULL && parse_jobs(options->plan_jobs, &request, error) < 0)
		return -1;
	if (options->explain != NULL && request.outlook.last > request.outlook.first) {
		tanda_error_set(error, "--explain",
		                "it tells of one plan: give -j one number of workers");
		return -1;
	}
	if (options->target != NULL &&
	    parse_time("--target", options->target, &request.outlook.target_ns, error) < 0)
		return -1;
	if (options->start_up != NULL &&
	    parse_time("--start-up", options->start_up, &request.start_up_ns, error) < 0)
		return -1;
	if (options->noise != NULL &&
	    parse_noise(options->noise, &request.outlook.noise, error) < 0)
		return -1;
	if (options->shards != NULL &&
	    parse_shards(options->shards, &request.shard_count, error) < 0)
		return -1;
	request.outlook.wants_strategies |= options->noise != NULL;
	/* Before the unasked sweep: the plan is that of the run. */
	request.most_workers = most_workers(&request);
	set_sweep(options, &request);
	*ret_request = request;
	return 0;
}
