/* pools_state.h - the inside of the pools, shared by its files. */
#ifndef RUN_POOLS_STATE_H
#define RUN_POOLS_STATE_H
#include "runner/run/pool_member.h"

struct pool {
	const struct pool_settings *settings;
	struct member *members;
	uint32_t largest_need; /* of any area */
	bool has_told_wait;    /* for members that other runs hold */
};

enum request_state { REQUEST_NONE, REQUEST_WAITING, REQUEST_GRANTED, REQUEST_NEVER };

/* What one worker asks for, or holds. */
struct request {
	enum request_state state;
	uint64_t number; /* its place in the line */
	uint64_t since_ns;
	const struct plan_need *needs;
	size_t need_count;
	uint32_t area;
	struct member **members; /* held; need by need */
	size_t member_count;
	struct pool_words words;
	char *why;
	/* pools_check() */
	size_t next_check;
	struct member_errand probe;
	pools_checked_fn on_checked;
	void *check_data;
};

struct pools {
	struct pools_options options;
	struct pool *pools;
	size_t pool_count;
	struct request *requests; /* by worker */
	uint64_t next_number;
	bool is_stepping, is_stale; /* a change within a step makes it look again */
	bool is_closing, is_hurried;
};

/* ---- pool_grant.c ---- */

/* How many members a need is for. */
uint32_t pool_need_members(const struct plan_need *need);
/* All or nothing. What a request that comes away empty could have had is claimed: nobody behind it
 * in the line may have that. */
bool pool_grant(struct pools *pools, struct request *request);
/* Take (1) or leave (-1) the seats of all members that it holds. */
void pool_seat(struct request *request, int sign);
void pool_tell_words(struct pools *pools, struct request *request);
#endif
