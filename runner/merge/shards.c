/* shards.c - see shards.h. */
#include "runner/merge/shards.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/junit/properties.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { MESSAGE_BYTES = 600, DIGEST_BYTES = 32 };

void shards_init(struct shards *shards)
{
	*shards = (struct shards){0};
	dict_init(&shards->tests);
}

void shards_deinit(struct shards *shards)
{
	size_t i;

	for (i = 0; i < shards->test_count; i++)
		free(shards->test_keys[i]);
	free(shards->test_keys);
	free(shards->list);
	dict_deinit(&shards->tests);
	shards_init(shards);
}

/* "3/8" */
static bool parse_shard(struct text text, struct shard_seen *seen)
{
	const char *slash = text.len > 0 ? memchr(text.ptr, '/', text.len) : NULL;
	uint64_t number, count;
	size_t at;

	if (slash == NULL)
		return false;
	at = (size_t)(slash - text.ptr);
	if (!text_to_u64((struct text){text.ptr, at}, &number) ||
	    !text_to_u64(text_from_offset(text, at + 1), &count) || number == 0 ||
	    count > UINT32_MAX || number > UINT32_MAX)
		return false;
	seen->number = (uint32_t)number;
	seen->count = (uint32_t)count;
	return true;
}

/* Takes over `key`. */
static void note_test(struct shards *shards, char *key)
{
	if (!dict_add(&shards->tests, text_from(key), 0)) {
		free(key);
		return;
	}
	shards->test_keys = mem_grow(shards->test_keys, &shards->test_cap, shards->test_count + 1,
	                             sizeof(shards->test_keys[0]));
	shards->test_keys[shards->test_count++] = key;
}

/* A test is known by its id in its suite, where tanda's own report tells them; in others' reports
 * a suite's file or name has to do. */
static void note_tests(struct shards *shards, const struct part *part)
{
	struct text suite = part_property(part, "tanda.suite");
	bool has_tests = false;
	size_t i;

	for (i = 0; i < part->property_count; i++) {
		const struct junit_property *property = &part->properties[i];

		if (!property_is_test(property->name))
			continue;
		note_test(shards,
		          mem_printf("%.*s\n%.*s", TEXT_ARG(suite), TEXT_ARG(property->value)));
		has_tests = true;
	}
	if (has_tests && suite.len > 0)
		return;
	if (part->file.len > 0)
		note_test(shards, mem_printf("%.*s\n%.*s", TEXT_ARG(suite), TEXT_ARG(part->file)));
	note_test(shards, mem_printf("%.*s\n%.*s", TEXT_ARG(suite), TEXT_ARG(part->name)));
}

/* Add a part to what is known of a shard. */
static void note_shard(struct shards *shards, struct shard_seen seen)
{
	size_t i = shards->count;

	/* Reports come one after the other, so its other parts are among the last. */
	while (i > 0 && strcmp(shards->list[i - 1].source, seen.source) == 0) {
		struct shard_seen *last = &shards->list[--i];

		if (last->number == seen.number && last->count == seen.count &&
		    text_equal(last->run, seen.run) && text_equal(last->digest, seen.digest)) {
			last->case_count += seen.case_count;
			return;
		}
	}
	shards->list =
		mem_grow(shards->list, &shards->cap, shards->count + 1, sizeof(shards->list[0]));
	shards->list[shards->count++] = seen;
}

/* A suite of a merged report may be of several: a file whose tests were shared out. */
void shards_note(struct shards *shards, const struct part *part)
{
	struct shard_seen seen = {
		.run = part_property(part, "tanda.run"),
		.digest = part_property(part, "tanda.plan"),
		.source = part->source,
		.case_count = part->counts.tests,
		.is_empty = text_equal_str(part_property(part, "tanda.planned"), "0"),
	};
	bool is_named = false;
	size_t i;

	note_tests(shards, part);
	for (i = 0; i < part->property_count; i++) {
		if (!text_equal_str(part->properties[i].name, "tanda.shard") ||
		    !parse_shard(part->properties[i].value, &seen))
			continue;
		note_shard(shards, seen);
		is_named = true;
	}
	if (!is_named)
		note_shard(shards, seen);
}

int shards_check_digests(const struct shards *shards, const struct plan *plan,
                         struct tanda_error *error)
{
	char wanted[DIGEST_BYTES] = "";
	const char *of = "the plan";
	size_t i;

	if (plan != NULL)
		snprintf(wanted, sizeof(wanted), "%016" PRIx64, plan_digest(plan));
	for (i = 0; i < shards->count; i++) {
		const struct shard_seen *seen = &shards->list[i];

		if (seen->digest.len == 0 || text_equal_str(seen->digest, wanted))
			continue;
		if (wanted[0] == '\0') {
			snprintf(wanted, sizeof(wanted), "%.*s", TEXT_ARG(seen->digest));
			of = seen->source;
			continue;
		}
		tanda_error_set(error, seen->source,
		                "it is of plan %.*s, but %s is %s%s: their shards do not add up",
		                TEXT_ARG(seen->digest), of, plan != NULL ? "" : "of plan ", wanted);
		tanda_error_hint(error, "all jobs need the same tests and times: hand one plan "
		                        "file to all of them (tanda run --plan)");
		return -1;
	}
	return 0;
}

/* The first report of a shard, of another run than `not_of` unless that is NULL. */
static const struct shard_seen *find(const struct shards *shards, uint32_t number, uint32_t count,
                                     const struct shard_seen *not_of)
{
	size_t i;

	for (i = 0; i < shards->count; i++) {
		const struct shard_seen *seen = &shards->list[i];

		if (seen->number == number && seen->count == count &&
		    (not_of == NULL || !text_equal(seen->run, not_of->run)))
			return seen;
	}
	return NULL;
}

static uint64_t cases_of(const struct shards *shards, uint32_t number, uint32_t count)
{
	uint64_t cases = 0;
	size_t i;

	for (i = 0; i < shards->count; i++) {
		if (shards->list[i].number == number && shards->list[i].count == count)
			cases += shards->list[i].case_count;
	}
	return cases;
}

static bool may_be_empty(const struct plan *plan, uint32_t number)
{
	return plan != NULL && number <= plan->shard_count &&
	       plan_shard_test_count(&plan->shards[number - 1]) == 0;
}

static void check_number(const struct shards *shards, uint32_t number, uint32_t count,
                         const struct plan *plan, shards_fault_fn on_fault, void *data)
{
	const struct shard_seen *seen = find(shards, number, count, NULL), *other;
	char subject[40], message[MESSAGE_BYTES];

	snprintf(subject, sizeof(subject), "shard %u/%u", number, count);
	if (seen == NULL) {
		if (!may_be_empty(plan, number))
			on_fault(data, "tanda.MissingShard", subject, "no report is of it");
		return;
	}
	other = find(shards, number, count, seen);
	if (other != NULL) {
		snprintf(message, sizeof(message), "it is there twice, of different runs: %s, %s",
		         seen->source, other->source);
		on_fault(data, "tanda.DuplicateShard", subject, message);
	}
	if (cases_of(shards, number, count) == 0 && !may_be_empty(plan, number) &&
	    !seen->is_empty) {
		snprintf(message, sizeof(message), "it tells of no case: %s", seen->source);
		on_fault(data, "tanda.EmptyShard", subject, message);
	}
}

/* Not one report names a shard: then the plan is of a whole run, or of another runner's, and its
 * tests alone are what can be accounted for. */
static bool names_none(const struct shards *shards)
{
	size_t i;

	for (i = 0; i < shards->count; i++) {
		if (shards->list[i].number > 0)
			return false;
	}
	return true;
}

void shards_check_numbers(const struct shards *shards, uint32_t count, const struct plan *plan,
                          shards_fault_fn on_fault, void *data)
{
	char message[MESSAGE_BYTES];
	uint32_t number;
	size_t i;

	if (plan != NULL && names_none(shards))
		return;
	for (number = 1; number <= count; number++)
		check_number(shards, number, count, plan, on_fault, data);
	for (i = 0; i < shards->count; i++) {
		const struct shard_seen *seen = &shards->list[i];

		if (seen->count == count && seen->number <= count)
			continue;
		if (seen->number == 0)
			snprintf(message, sizeof(message),
			         "no property tanda.shard tells which shard it is of");
		else
			snprintf(message, sizeof(message),
			         "it is of shard %u/%u, where %u shards are expected", seen->number,
			         seen->count, count);
		on_fault(data, "tanda.UnexpectedShard", seen->source, message);
	}
}

static bool is_told(const struct shards *shards, const char *suite, const char *id)
{
	char *with_suite = mem_printf("%s\n%s", suite, id), *alone = mem_printf("\n%s", id);
	size_t index;
	bool told = dict_find(&shards->tests, text_from(with_suite), &index) ||
	            dict_find(&shards->tests, text_from(alone), &index);

	free(with_suite);
	free(alone);
	return told;
}

static void check_batch(const struct shards *shards, const struct plan_batch *batch, size_t number,
                        shards_fault_fn on_fault, void *data)
{
	char message[MESSAGE_BYTES];
	size_t i;

	for (i = 0; i < batch->test_count; i++) {
		if (is_told(shards, batch->suite, batch->tests[i]))
			continue;
		snprintf(message, sizeof(message),
		         "planned for shard %zu, suite %.200s, but no report tells of it", number,
		         batch->suite);
		on_fault(data, "tanda.NoResult", batch->tests[i], message);
	}
}

void shards_check_tests(const struct shards *shards, const struct plan *plan,
                        shards_fault_fn on_fault, void *data)
{
	size_t i, j;

	for (i = 0; i < plan->shard_count; i++) {
		for (j = 0; j < plan->shards[i].batch_count; j++)
			check_batch(shards, &plan->shards[i].batches[j], i + 1, on_fault, data);
	}
}
