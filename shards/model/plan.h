/* plan.h - a plan as plain data: who runs what, how long it takes, and what bounds it.
 *
 * plan.json holds it, the screens show it, `run --shard` and `merge --plan` go by it. How it comes
 * about is shards/plan's; here it is only kept, so that every room may see it. */
#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLAN_SHARDS_MAX = 10000, PLAN_POINTS_MAX = 10000, PLAN_STRATEGIES_MAX = 100 };

/* What no order of the same pieces can get around. */
enum plan_bound_kind {
	PLAN_BOUND_TOTAL,   /* all the work, shared out evenly */
	PLAN_BOUND_LONGEST, /* the longest piece */
	PLAN_BOUND_POOL,    /* what must be taken in turns */
	PLAN_BOUND_LABEL,   /* what only some nodes can run */
};

/* Tests of one suite and one area. All strings of a plan are owned by it. */
struct plan_batch {
	char *area;
	char *suite;
	char **tests; /* ids, longest first */
	size_t test_count, test_cap;
	uint64_t expected_ns;
};

struct plan_shard {
	char *node;
	uint64_t begins_ns;   /* its node is not there before */
	uint64_t expected_ns; /* start-ups included */
	struct plan_batch *batches;
	size_t batch_count, batch_cap;
};

/* The outlook with this many workers. */
struct plan_point {
	uint32_t workers;
	uint64_t makespan_ns;
	uint64_t lower_bound_ns;
};

/* The same tests, shared out by another rule. */
struct plan_strategy {
	char *name;
	uint64_t makespan_ns;
	uint64_t lower_bound_ns; /* of the same tests on the same workers: for its efficiency */
	bool has_noise;
	uint64_t median_ns; /* of the makespans when the times are wrong by chance */
	uint64_t p95_ns;    /* the 95th percentile of the same */
};

/* The piece that bounds the plan from so many workers on; more of them bring nothing. */
struct plan_longest {
	char *what;       /* a test, or an area that is kept together; NULL: there is none */
	uint64_t ns;      /* with its start-up */
	uint32_t workers; /* from here on it is the bound; 0: never, something else is */
	bool is_area;
	bool is_one_case; /* there is nothing to split */
};

struct plan_target {
	bool is_set;
	bool is_reachable;
	uint64_t wanted_ns;
	uint32_t workers; /* the fewest that reach it; of one that cannot be reached: all that help
	                   */
	char *because;    /* one sentence */
};

struct plan {
	uint64_t digest; /* plan_digest(), as the file tells it */
	uint32_t workers;
	uint64_t makespan_ns;
	uint64_t lower_bound_ns;
	enum plan_bound_kind bound_kind;
	char *bound_what; /* the piece, pool or label; "" for the total */
	/* For the eyes; plan.json has them, too, but nothing goes by them. */
	uint64_t work_ns;     /* all tests, one after the other, without any start-up */
	uint64_t start_up_ns; /* of all batches */
	size_t batch_count;
	char *policy; /* how the queue hands out, and why so, in words; NULL: it does not */
	struct plan_longest longest;
	struct plan_shard *shards;
	size_t shard_count, shard_cap;
	struct plan_point *points; /* the sweep, by number of workers */
	size_t point_count, point_cap;
	uint32_t knee; /* more workers than this bring little; 0: not asked for */
	struct plan_target target;
	struct plan_strategy *strategies;
	size_t strategy_count, strategy_cap;
};

void plan_init(struct plan *plan);
void plan_deinit(struct plan *plan);

/* Each returns the new, empty element, valid until the next one is added; names are copied. */
struct plan_shard *plan_add_shard(struct plan *plan, const char *node);
struct plan_batch *plan_add_batch(struct plan_shard *shard, const char *area, const char *suite);
void plan_add_test(struct plan_batch *batch, const char *id);
struct plan_point *plan_add_point(struct plan *plan, uint32_t workers);
struct plan_strategy *plan_add_strategy(struct plan *plan, const char *name);

size_t plan_shard_test_count(const struct plan_shard *shard);
size_t plan_test_count(const struct plan *plan);

/* Which tests the plan has and how they are shared out, as one number: the same for equal shards,
 * whatever the order of the tests within them; times do not matter. O(n). */
uint64_t plan_digest(const struct plan *plan);

/* Lower bound / makespan, at most 1; 1 when there is nothing to do. */
double plan_efficiency(uint64_t lower_bound_ns, uint64_t makespan_ns);

/* "total", "longest", "pool", "label": the words of plan.json. */
const char *plan_bound_name(enum plan_bound_kind kind);
bool plan_bound_from_name(const char *name, enum plan_bound_kind *ret_kind);
#endif
