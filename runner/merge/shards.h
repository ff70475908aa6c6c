/* shards.h - which shards of a run the reports are of, and which should be there. */
#ifndef MERGE_SHARDS_H
#define MERGE_SHARDS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/merge/part.h"
#include "shards/base/dict.h"
#include "shards/model/plan.h"

struct tanda_error;

/* One shard as one report tells of it. */
struct shard_seen {
	uint32_t number, count; /* K/N; 0: the report names none */
	struct text run, digest;
	const char *source;
	uint64_t case_count;
	bool is_empty; /* it says itself that nothing was planned for it */
};

struct shards {
	struct shard_seen *list;
	size_t count, cap;
	struct dict tests; /* that the reports tell of; see shards_note() */
	char **test_keys;
	size_t test_count, test_cap;
};

/* Called for each fault; `type` is the one of the case that shall tell of it. */
typedef void (*shards_fault_fn)(void *data, const char *type, const char *subject,
                                const char *message);

void shards_init(struct shards *shards);
void shards_deinit(struct shards *shards);
/* Take a part into account, by its properties tanda.shard, tanda.run, tanda.plan, tanda.suite,
 * tanda.test (one for each test), tanda.planned. Borrows from it. */
void shards_note(struct shards *shards, const struct part *part);
/* Do they belong together? Fails when reports are of several plans, or of another than `plan`
 * (may be NULL). */
int shards_check_digests(const struct shards *shards, const struct plan *plan,
                         struct tanda_error *error) __attribute__((warn_unused_result));
/* Name every shard of 1..count that is missing, twice there, not expected or empty. A shard is
 * allowed to be empty when `plan` or the shard itself says so. With a plan, reports that name
 * no shard at all are taken by their tests alone. */
void shards_check_numbers(const struct shards *shards, uint32_t count, const struct plan *plan,
                          shards_fault_fn on_fault, void *data);
/* Name every planned test that no report tells of. */
void shards_check_tests(const struct shards *shards, const struct plan *plan,
                        shards_fault_fn on_fault, void *data);
#endif
