/* plan_write.c - a plan on its way into plan.json; see plan_file.h. */
#include <inttypes.h>

#include "runner/record/file.h"
#include "runner/record/jsontext.h"
#include "runner/record/plan_file.h"
#include "tanda/error.h"

enum { NS_PER_MS = 1000000, PERMILLE = 1000, SECONDS_DECIMALS = 3, DIGEST_DIGITS = 16 };

static void put_key(struct text_buf *out, const char *key)
{
	jsontext_put_string(out, text_from(key));
	text_buf_add(out, TEXT_LIT(": "));
}

static void put_text(struct text_buf *out, const char *key, const char *value)
{
	put_key(out, key);
	jsontext_put_string(out, text_from(value));
}

static void put_seconds(struct text_buf *out, const char *key, uint64_t ns)
{
	put_key(out, key);
	jsontext_put_seconds(out, ns / NS_PER_MS + (ns % NS_PER_MS >= NS_PER_MS / 2 ? 1 : 0),
	                     SECONDS_DECIMALS);
}

static void put_efficiency(struct text_buf *out, uint64_t lower_bound_ns, uint64_t makespan_ns)
{
	double permille = plan_efficiency(lower_bound_ns, makespan_ns) * PERMILLE;

	put_key(out, "efficiency");
	jsontext_put_seconds(out, (uint64_t)(permille + 0.5), SECONDS_DECIMALS);
}

static void put_batch(struct text_buf *out, const struct plan_batch *batch)
{
	size_t i;

	text_buf_add_char(out, '{');
	put_text(out, "area", batch->area);
	text_buf_add(out, TEXT_LIT(", "));
	put_text(out, "suite", batch->suite);
	text_buf_add(out, TEXT_LIT(", "));
	put_seconds(out, "expected_s", batch->expected_ns);
	text_buf_add(out, TEXT_LIT(", \"tests\": ["));
	for (i = 0; i < batch->test_count; i++) {
		text_buf_add_str(out, i > 0 ? ",\n        " : "\n        ");
		jsontext_put_string(out, text_from(batch->tests[i]));
	}
	text_buf_add(out, TEXT_LIT("]}"));
}

static void put_shard(struct text_buf *out, const struct plan_shard *shard, size_t number)
{
	size_t i;

	text_buf_printf(out, "{\"index\": %zu, ", number);
	put_text(out, "node", shard->node);
	text_buf_add(out, TEXT_LIT(", "));
	if (shard->begins_ns > 0) {
		put_seconds(out, "begins_s", shard->begins_ns);
		text_buf_add(out, TEXT_LIT(", "));
	}
	put_seconds(out, "expected_s", shard->expected_ns);
	text_buf_add(out, TEXT_LIT(", \"batches\": ["));
	for (i = 0; i < shard->batch_count; i++) {
		text_buf_add_str(out, i > 0 ? ",\n      " : "\n      ");
		put_batch(out, &shard->batches[i]);
	}
	text_buf_add(out, TEXT_LIT("]}"));
}

static void put_point(struct text_buf *out, const struct plan_point *point)
{
	text_buf_printf(out, "{\"workers\": %" PRIu32 ", ", point->workers);
	put_seconds(out, "makespan_s", point->makespan_ns);
	text_buf_add(out, TEXT_LIT(", "));
	put_seconds(out, "lower_bound_s", point->lower_bound_ns);
	text_buf_add(out, TEXT_LIT(", "));
	put_efficiency(out, point->lower_bound_ns, point->makespan_ns);
	text_buf_add_char(out, '}');
}

static void put_sweep(struct text_buf *out, const struct plan *plan)
{
	size_t i;

	text_buf_add(out, TEXT_LIT(",\n  \"sweep\": ["));
	for (i = 0; i < plan->point_count; i++) {
		text_buf_add_str(out, i > 0 ? ",\n    " : "\n    ");
		put_point(out, &plan->points[i]);
	}
	text_buf_add(out, TEXT_LIT("],\n  \"knee\": "));
	if (plan->knee > 0)
		jsontext_put_u64(out, plan->knee);
	else
		text_buf_add(out, TEXT_LIT("null"));
}

static void put_target(struct text_buf *out, const struct plan_target *target)
{
	text_buf_add(out, TEXT_LIT(",\n  \"target\": {"));
	put_seconds(out, "wanted_s", target->wanted_ns);
	text_buf_printf(out, ", \"workers\": %" PRIu32 ", \"reachable\": %s, ", target->workers,
	                target->is_reachable ? "true" : "false");
	put_text(out, "because", target->because);
	text_buf_add_char(out, '}');
}

static void put_strategy(struct text_buf *out, const struct plan_strategy *strategy)
{
	text_buf_add_char(out, '{');
	put_text(out, "name", strategy->name);
	text_buf_add(out, TEXT_LIT(", "));
	put_seconds(out, "makespan_s", strategy->makespan_ns);
	text_buf_add(out, TEXT_LIT(", "));
	put_efficiency(out, strategy->lower_bound_ns, strategy->makespan_ns);
	if (strategy->has_noise) {
		text_buf_add(out, TEXT_LIT(", "));
		put_seconds(out, "median_s", strategy->median_ns);
		text_buf_add(out, TEXT_LIT(", "));
		put_seconds(out, "p95_s", strategy->p95_ns);
	}
	text_buf_add_char(out, '}');
}

static void put_strategies(struct text_buf *out, const struct plan *plan)
{
	size_t i;

	text_buf_add(out, TEXT_LIT(",\n  \"strategies\": ["));
	for (i = 0; i < plan->strategy_count; i++) {
		text_buf_add_str(out, i > 0 ? ",\n    " : "\n    ");
		put_strategy(out, &plan->strategies[i]);
	}
	text_buf_add_char(out, ']');
}

static void put_head(struct text_buf *out, const struct plan *plan)
{
	text_buf_add(out, TEXT_LIT("{\n  \"schema\": \"" PLAN_SCHEMA "\",\n  \"digest\": \""));
	jsontext_put_hex(out, plan_digest(plan), DIGEST_DIGITS);
	text_buf_printf(out, "\",\n  \"workers\": %" PRIu32 ",\n  ", plan->workers);
	put_seconds(out, "makespan_s", plan->makespan_ns);
	text_buf_add(out, TEXT_LIT(",\n  "));
	put_seconds(out, "lower_bound_s", plan->lower_bound_ns);
	text_buf_add(out, TEXT_LIT(",\n  "));
	put_efficiency(out, plan->lower_bound_ns, plan->makespan_ns);
	text_buf_add(out, TEXT_LIT(",\n  \"bound_by\": {"));
	put_text(out, "kind", plan_bound_name(plan->bound_kind));
	text_buf_add(out, TEXT_LIT(", "));
	put_text(out, "what", plan->bound_what != NULL ? plan->bound_what : "");
	text_buf_add_char(out, '}');
}

/* For the eyes of whoever reads the file; nothing goes by it. */
static void put_facts(struct text_buf *out, const struct plan *plan)
{
	text_buf_add(out, TEXT_LIT(",\n  "));
	put_seconds(out, "work_s", plan->work_ns);
	text_buf_add(out, TEXT_LIT(",\n  "));
	put_seconds(out, "start_up_s", plan->start_up_ns);
	if (plan->policy != NULL) {
		text_buf_add(out, TEXT_LIT(",\n  "));
		put_text(out, "policy", plan->policy);
	}
	if (plan->longest.what == NULL)
		return;
	text_buf_add(out, TEXT_LIT(",\n  \"longest\": {"));
	put_text(out, "what", plan->longest.what);
	text_buf_add(out, TEXT_LIT(", "));
	put_seconds(out, "expected_s", plan->longest.ns);
	text_buf_add(out, TEXT_LIT(", \"bounds_from_workers\": "));
	if (plan->longest.workers > 0)
		jsontext_put_u64(out, plan->longest.workers);
	else
		text_buf_add(out, TEXT_LIT("null"));
	text_buf_add_char(out, '}');
}

void plan_file_put(struct text_buf *out, const struct plan *plan)
{
	size_t i;

	put_head(out, plan);
	put_facts(out, plan);
	if (plan->point_count > 0)
		put_sweep(out, plan);
	if (plan->target.is_set)
		put_target(out, &plan->target);
	if (plan->strategy_count > 0)
		put_strategies(out, plan);
	text_buf_add(out, TEXT_LIT(",\n  \"shards\": ["));
	for (i = 0; i < plan->shard_count; i++) {
		text_buf_add_str(out, i > 0 ? ",\n    " : "\n    ");
		put_shard(out, &plan->shards[i], i + 1);
	}
	text_buf_add(out, TEXT_LIT("]\n}\n"));
}

int plan_file_put_whole(struct text_buf *out, const struct plan *plan, const char *where,
                        struct tanda_error *error)
{
	plan_file_put(out, plan);
	if (!out->overflowed)
		return 0;
	tanda_error_set(error, where, "the plan of %zu tests is larger than %zu bytes",
	                plan_test_count(plan), out->max);
	return -1;
}

int plan_file_write(const char *path, const struct plan *plan, struct tanda_error *error)
{
	struct text_buf out;
	int status = -1;

	text_buf_init(&out, PLAN_FILE_MAX_BYTES);
	if (plan_file_put_whole(&out, plan, path, error) == 0)
		status = write_file_aside(path, text_buf_text(&out), error);
	text_buf_deinit(&out);
	return status;
}
