/* plan_file.c - a plan read back from plan.json, where nothing is taken on trust; see plan_file.h.
 */
#include "runner/record/plan_file.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/record/jsonfile.h"
#include "shards/base/dict.h"
#include "shards/base/mem.h"
#include "shards/model/test.h"
#include "tanda/error.h"

enum { DIGEST_DIGITS = 16, PLACE_MAX_BYTES = 120, NAME_MAX_BYTES = 4096 };

/* Thirty years: nobody waits longer, and a wrong unit is noticed. */
static const double seconds_max = 1e9;

struct reading {
	const char *path;
	struct plan *plan;
	struct dict seen; /* "SUITE\nID" */
	char **keys;      /* owns what `seen` borrows */
	size_t key_count, key_cap;
	struct tanda_error *error;
};

/* Where in the file: "shards[2].batches[0]"; "" is the top. */
struct place {
	char text[PLACE_MAX_BYTES];
};

static struct place inside(const struct place *outer, const char *key, size_t index)
{
	struct place place;

	snprintf(place.text, sizeof(place.text), "%.60s%s%.20s[%zu]", outer->text,
	         outer->text[0] != '\0' ? "." : "", key, index);
	return place;
}

static int fail(const struct reading *r, const struct place *place, const char *key,
                const char *expected, const json_t *got)
{
	tanda_error_set(r->error, r->path, "%s%s%s: expected %s, got %s", place->text,
	                place->text[0] != '\0' && key[0] != '\0' ? "." : "", key, expected,
	                jsonfile_type_word(got));
	return -1;
}

/* ---- values ---- */

static int take_seconds(const struct reading *r, const struct place *place, json_t *object,
                        const char *key, uint64_t *ret_ns)
{
	const json_t *value = json_object_get(object, key);
	double seconds = json_number_value(value);

	if (!json_is_number(value) || !(seconds >= 0 && seconds <= seconds_max))
		return fail(r, place, key, "seconds, 0 or more", value);
	*ret_ns = (uint64_t)(seconds * 1e9 + 0.5);
	return 0;
}

static int take_count(const struct reading *r, const struct place *place, json_t *object,
                      const char *key, uint32_t *ret_count)
{
	const json_t *value = json_object_get(object, key);
	json_int_t count = json_integer_value(value);

	if (!json_is_integer(value) || count < 0 || count > TESTS_MAX)
		return fail(r, place, key, "a whole number, 0 or more", value);
	*ret_count = (uint32_t)count;
	return 0;
}

/* Borrowed from `object`. */
static int take_name(const struct reading *r, const struct place *place, json_t *object,
                     const char *key, const char **ret_name)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value) || json_string_length(value) > NAME_MAX_BYTES)
		return fail(r, place, key, "a text of at most 4096 bytes", value);
	*ret_name = json_string_value(value);
	return 0;
}

/* An array of at most `most` elements; one that is not there is empty if it `may_miss`. */
static int take_array(const struct reading *r, const struct place *place, json_t *object,
                      const char *key, size_t most, bool may_miss, json_t **ret_array)
{
	json_t *array = json_object_get(object, key);

	if (array == NULL && may_miss) {
		*ret_array = NULL;
		return 0;
	}
	if (!json_is_array(array))
		return fail(r, place, key, "an array", array);
	if (json_array_size(array) > most) {
		tanda_error_set(r->error, r->path, "%s%s%s: %zu elements, at most %zu are allowed",
		                place->text, place->text[0] != '\0' ? "." : "", key,
		                json_array_size(array), most);
		return -1;
	}
	*ret_array = array;
	return 0;
}

static int check_object(const struct reading *r, const struct place *place, const json_t *value)
{
	return json_is_object(value) ? 0 : fail(r, place, "", "an object", value);
}

/* ---- shards ---- */

/* Each test once in the whole plan. */
static int note_test(struct reading *r, const struct place *place, const char *suite,
                     const char *id)
{
	char *key = mem_printf("%s\n%s", suite, id);

	if (!dict_add(&r->seen, text_from(key), 0)) {
		tanda_error_set(r->error, r->path,
		                "%s: the test '%s' of suite '%s' is in the plan twice", place->text,
		                id, suite);
		free(key);
		return -1;
	}
	r->keys = mem_grow(r->keys, &r->key_cap, r->key_count + 1, sizeof(r->keys[0]));
	r->keys[r->key_count++] = key;
	return 0;
}

static int read_test(struct reading *r, const struct place *batch_place, size_t index,
                     const json_t *value, struct plan_batch *batch)
{
	struct place place = inside(batch_place, "tests", index);

	if (!json_is_string(value) || json_string_length(value) == 0 ||
	    json_string_length(value) > TEST_ID_MAX_BYTES)
		return fail(r, &place, "", "a test's id of 1 to 4096 bytes", value);
	if (r->key_count >= TESTS_MAX) {
		tanda_error_set(r->error, r->path, "more than %d tests", TESTS_MAX);
		return -1;
	}
	if (note_test(r, &place, batch->suite, json_string_value(value)) < 0)
		return -1;
	plan_add_test(batch, json_string_value(value));
	return 0;
}

static int read_batch(struct reading *r, const struct place *place, json_t *value,
                      struct plan_shard *shard)
{
	const char *area, *suite;
	struct plan_batch *batch;
	uint64_t expected_ns;
	json_t *tests;
	size_t i;

	if (check_object(r, place, value) < 0 || take_name(r, place, value, "area", &area) < 0 ||
	    take_name(r, place, value, "suite", &suite) < 0 ||
	    take_seconds(r, place, value, "expected_s", &expected_ns) < 0 ||
	    take_array(r, place, value, "tests", TESTS_MAX, false, &tests) < 0)
		return -1;
	batch = plan_add_batch(shard, area, suite);
	batch->expected_ns = expected_ns;
	for (i = 0; i < json_array_size(tests); i++) {
		if (read_test(r, place, i, json_array_get(tests, i), batch) < 0)
			return -1;
	}
	return 0;
}

/* Shards are numbered 1, 2, 3...: a missing one would be a missing part of the plan. */
static int read_shard(struct reading *r, size_t index, json_t *value)
{
	struct place place = inside(&(struct place){""}, "shards", index);
	uint64_t expected_ns;
	uint32_t number;
	struct plan_shard *shard;
	const char *node;
	json_t *batches;
	size_t i;

	if (check_object(r, &place, value) < 0 ||
	    take_count(r, &place, value, "index", &number) < 0 ||
	    take_name(r, &place, value, "node", &node) < 0 ||
	    take_seconds(r, &place, value, "expected_s", &expected_ns) < 0 ||
	    take_array(r, &place, value, "batches", TESTS_MAX, false, &batches) < 0)
		return -1;
	if (number != index + 1) {
		tanda_error_set(r->error, r->path, "%s.index: expected %zu, got %" PRIu32,
		                place.text, index + 1, number);
		return -1;
	}
	shard = plan_add_shard(r->plan, node);
	shard->expected_ns = expected_ns;
	for (i = 0; i < json_array_size(batches); i++) {
		struct place batch_place = inside(&place, "batches", i);

		if (read_batch(r, &batch_place, json_array_get(batches, i), shard) < 0)
			return -1;
	}
	return 0;
}

static int read_shards(struct reading *r, json_t *root)
{
	const struct place top = {""};
	json_t *shards;
	size_t i;

	if (take_array(r, &top, root, "shards", PLAN_SHARDS_MAX, false, &shards) < 0)
		return -1;
	if (json_array_size(shards) == 0) {
		tanda_error_set(r->error, r->path, "shards: expected at least one");
		return -1;
	}
	for (i = 0; i < json_array_size(shards); i++) {
		if (read_shard(r, i, json_array_get(shards, i)) < 0)
			return -1;
	}
	return 0;
}

/* ---- the outlook ---- */

static int read_sweep(const struct reading *r, json_t *root)
{
	const struct place top = {""};
	const json_t *knee = json_object_get(root, "knee");
	json_t *points;
	size_t i;

	if (take_array(r, &top, root, "sweep", PLAN_POINTS_MAX, true, &points) < 0)
		return -1;
	for (i = 0; i < json_array_size(points); i++) {
		struct place place = inside(&top, "sweep", i);
		json_t *value = json_array_get(points, i);
		struct plan_point *point = plan_add_point(r->plan, 0);

		if (check_object(r, &place, value) < 0 ||
		    take_count(r, &place, value, "workers", &point->workers) < 0 ||
		    take_seconds(r, &place, value, "makespan_s", &point->makespan_ns) < 0 ||
		    take_seconds(r, &place, value, "lower_bound_s", &point->lower_bound_ns) < 0)
			return -1;
	}
	if (knee == NULL || json_is_null(knee))
		return 0;
	return take_count(r, &top, root, "knee", &r->plan->knee);
}

static int read_target(const struct reading *r, json_t *root)
{
	const struct place place = {"target"};
	struct plan_target *target = &r->plan->target;
	json_t *value = json_object_get(root, "target");
	const char *because;

	if (value == NULL)
		return 0;
	if (check_object(r, &place, value) < 0 ||
	    take_seconds(r, &place, value, "wanted_s", &target->wanted_ns) < 0 ||
	    take_count(r, &place, value, "workers", &target->workers) < 0 ||
	    take_name(r, &place, value, "because", &because) < 0)
		return -1;
	if (!json_is_boolean(json_object_get(value, "reachable")))
		return fail(r, &place, "reachable", "true or false",
		            json_object_get(value, "reachable"));
	target->is_reachable = json_is_true(json_object_get(value, "reachable"));
	target->because = mem_strdup(because);
	target->is_set = true;
	return 0;
}

static int read_strategy(const struct reading *r, const struct place *place, json_t *value)
{
	struct plan_strategy *strategy;
	const char *name;

	if (check_object(r, place, value) < 0 || take_name(r, place, value, "name", &name) < 0)
		return -1;
	strategy = plan_add_strategy(r->plan, name);
	strategy->lower_bound_ns = r->plan->lower_bound_ns;
	strategy->has_noise = json_object_get(value, "median_s") != NULL;
	if (take_seconds(r, place, value, "makespan_s", &strategy->makespan_ns) < 0)
		return -1;
	if (!strategy->has_noise)
		return 0;
	if (take_seconds(r, place, value, "median_s", &strategy->median_ns) < 0)
		return -1;
	return take_seconds(r, place, value, "p95_s", &strategy->p95_ns);
}

static int read_strategies(const struct reading *r, json_t *root)
{
	const struct place top = {""};
	json_t *strategies;
	size_t i;

	if (take_array(r, &top, root, "strategies", PLAN_STRATEGIES_MAX, true, &strategies) < 0)
		return -1;
	for (i = 0; i < json_array_size(strategies); i++) {
		struct place place = inside(&top, "strategies", i);

		if (read_strategy(r, &place, json_array_get(strategies, i)) < 0)
			return -1;
	}
	return 0;
}

/* ---- the whole ---- */

static int check_schema(const struct reading *r, const json_t *root)
{
	const char *schema = json_string_value(json_object_get(root, "schema"));

	if (!json_is_object(root))
		return fail(r, &(struct place){""}, "the file", "an object", root);
	if (schema != NULL && strcmp(schema, PLAN_SCHEMA) == 0)
		return 0;
	tanda_error_set(r->error, r->path, "schema: expected \"" PLAN_SCHEMA "\", got %s%.80s%s",
	                schema != NULL ? "\"" : "", schema != NULL ? schema : "nothing",
	                schema != NULL ? "\"" : "");
	tanda_error_hint(r->error, "a plan is written by: tanda plan --shards N -o %.200s",
	                 r->path);
	return -1;
}

static int read_head(const struct reading *r, json_t *root)
{
	const struct place top = {""}, bound = {"bound_by"};
	json_t *bound_by = json_object_get(root, "bound_by");
	const char *kind, *what;

	if (take_count(r, &top, root, "workers", &r->plan->workers) < 0 ||
	    take_seconds(r, &top, root, "makespan_s", &r->plan->makespan_ns) < 0 ||
	    take_seconds(r, &top, root, "lower_bound_s", &r->plan->lower_bound_ns) < 0 ||
	    check_object(r, &bound, bound_by) < 0 ||
	    take_name(r, &bound, bound_by, "kind", &kind) < 0 ||
	    take_name(r, &bound, bound_by, "what", &what) < 0)
		return -1;
	if (!plan_bound_from_name(kind, &r->plan->bound_kind)) {
		tanda_error_set(r->error, r->path,
		                "bound_by.kind: expected total, longest, pool or label, got "
		                "'%.80s'",
		                kind);
		return -1;
	}
	r->plan->bound_what = mem_strdup(what);
	return 0;
}

static int check_digest(const struct reading *r, json_t *root)
{
	const char *told;
	char digits[DIGEST_DIGITS + 1];

	if (take_name(r, &(struct place){""}, root, "digest", &told) < 0)
		return -1;
	r->plan->digest = plan_digest(r->plan);
	snprintf(digits, sizeof(digits), "%016" PRIx64, r->plan->digest);
	if (strcmp(told, digits) == 0)
		return 0;
	tanda_error_set(r->error, r->path,
	                "its digest is '%.40s', but that of its shards is '%s': the file was cut "
	                "or changed",
	                told, digits);
	tanda_error_hint(r->error, "write it anew: tanda plan --shards %zu -o %.200s",
	                 r->plan->shard_count, r->path);
	return -1;
}

int plan_file_read(const char *path, struct plan *ret_plan, struct tanda_error *error)
{
	struct plan plan;
	struct reading r = {.path = path, .plan = &plan, .error = error};
	json_t *root;
	int status = -1;
	size_t i;

	if (jsonfile_load(path, PLAN_FILE_MAX_BYTES, &root, error) < 0)
		return -1;
	plan_init(&plan);
	dict_init(&r.seen);
	if (check_schema(&r, root) == 0 && read_head(&r, root) == 0 && read_shards(&r, root) == 0 &&
	    read_sweep(&r, root) == 0 && read_target(&r, root) == 0 &&
	    read_strategies(&r, root) == 0)
		status = check_digest(&r, root);
	dict_deinit(&r.seen);
	for (i = 0; i < r.key_count; i++)
		free(r.keys[i]);
	free(r.keys);
	json_decref(root);
	if (status == 0)
		*ret_plan = plan;
	else
		plan_deinit(&plan);
	return status;
}
