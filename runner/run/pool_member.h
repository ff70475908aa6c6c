/* pool_member.h - the life of a pool's member: brought up when it is first needed, taken down at
 * the end whatever happens.
 *
 *   DOWN --> (wanted, lease taken) RISING --> (`up` is done) PROBED --> (`ready` says so) UP
 *    ^ |                              |                        |                      |
 *    | +--> (another run has it)      +----- it failed --------+---- it died ---------+
 *    | <--------------- AWAY          |                                               |
 *    |                                v                                               |
 *    +---- SETTLING <---- (`down` is done) SINKING <------ (the end) -----------------+
 *    +--> BROKEN: it failed, and is set aside
 *
 * SETTLING waits for what `up` left running to end. Before `up` is started the lease's file says
 * that the member is up: should tanda be killed, the next run knows what to take down. */
#ifndef RUN_POOL_MEMBER_H
#define RUN_POOL_MEMBER_H
#include "runner/record/lease.h"
#include "runner/run/errand.h"
#include "runner/run/pools.h"

enum member_state {
	MEMBER_DOWN,
	MEMBER_RISING,
	MEMBER_PROBED,
	MEMBER_UP,
	MEMBER_SINKING,
	MEMBER_SETTLING,
	MEMBER_AWAY,
	MEMBER_BROKEN,
};

/* A command of a member that runs, and what it was given. */
struct member_errand {
	struct errand *errand; /* NULL: none */
	char **argv, **env;
	char *name, *log_path, *log_name, *tmp_dir;
	uint64_t since_ns, limit_ms;
};

struct member {
	struct pools *pools;
	const struct pool_settings *settings;
	const struct pool_member *config;
	enum member_state state;
	uint32_t user_count; /* seats that are taken: a batch that has it alone takes all */
	uint32_t last_area;  /* that used it; UINT32_MAX: none yet */
	bool is_claimed;     /* in this pass, for somebody earlier in the line */
	bool is_dead;        /* found out while it was used */
	bool is_failed;      /* set aside when it is down */
	bool was_left_up;    /* `down` failed, or was killed */
	uint32_t rise_count;
	struct lease lease;
	struct lease_note holder;    /* AWAY: who has it */
	struct member_errand keeper; /* of `up`: what it left running goes on under it */
	struct member_errand errand; /* `up` until it is done, `ready`, `down` */
	uint64_t until_ns;           /* by when it must be up; of the run's clock */
	uint64_t rest_until_ns;      /* not raised before, so that another run can have it */
	struct loop_timer *timer;
	char *why; /* BROKEN */
};

void member_init(struct member *member, struct pools *pools, const struct pool_settings *settings,
                 const struct pool_member *config);
void member_deinit(struct member *member);

/* From DOWN. */
void member_raise(struct member *member);
/* From DOWN: if a killed run left it up, take it down. */
void member_clean_up(struct member *member);
/* From UP, when nobody uses it. */
void member_sink(struct member *member);
/* It is not what it should be any more: down with it, as soon as nobody uses it. */
void member_bury(struct member *member);
/* Nobody uses it now. */
void member_rest(struct member *member);
/* Tanda is ending: down with it, whatever it does. */
void member_end(struct member *member);
bool member_is_ended(const struct member *member);

/* Start one of its commands; `verb` is "up", "ready", ... */
void member_start(struct member *member, struct member_errand *errand, const char *verb,
                  char *const *templates, uint64_t limit_ms, const struct errand_spec *callbacks);
void member_errand_clear(struct member_errand *errand);

/* ---- pools.c ---- */

struct loop *pools_loop(const struct pools *pools);
const struct command_context *pools_context(const struct pools *pools);
struct recorder *pools_recorder(const struct pools *pools);
bool pools_is_ending(const struct pools *pools);
/* A member's state has changed. */
void pools_step(struct pools *pools);
#endif
