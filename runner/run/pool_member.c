/* pool_member.c - see pool_member.h. Callbacks record what happened and enter the next state. */
#include "runner/run/pool_member.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	NS_PER_MS = 1000000,
	READY_PAUSE_MS = 200,
	READY_SHORTEST_MS = 1000, /* one answer gets this long, even at the end of the time */
	AWAY_RETRY_MS = 300,
	RISES_MAX = 3, /* of a member that dies again and again */
	HOST_BYTES = 100,
};

static uint64_t now_ns(const struct member *member)
{
	return clock_now_ns(&pools_recorder(member->pools)->clock);
}

static void warn(const struct member *member, const char *what, const char *detail)
{
	char message[TANDA_MESSAGE_MAX];

	snprintf(message, sizeof(message), "member %.200s of pool %.200s %.200s%s%.400s",
	         member->config->name, member->settings->name, what, detail[0] != '\0' ? ": " : "",
	         detail);
	recorder_warn(pools_recorder(member->pools), message);
}

/* ---- commands ---- */

void member_errand_clear(struct member_errand *errand)
{
	mem_free_strings(errand->argv);
	mem_free_strings(errand->env);
	free(errand->name);
	free(errand->log_path);
	free(errand->log_name);
	free(errand->tmp_dir);
	*errand = (struct member_errand){0};
}

void member_start(struct member *member, struct member_errand *errand, const char *verb,
                  char *const *templates, uint64_t limit_ms, const struct errand_spec *callbacks)
{
	const struct command_context *context = pools_context(member->pools);
	const struct pool_held held = {member->settings,
	                               (const struct pool_member *const *)&member->config, 1};
	char *pool = pool_words_file_part(member->settings->name);
	char *name = pool_words_file_part(member->config->name);
	struct errand_spec spec = *callbacks;
	struct pool_words words;

	pool_words_init(&words, &held, 1);
	*errand = (struct member_errand){
		.argv = pool_member_command(member->config, templates),
		.env = command_errand_env(context, words.env),
		.name = mem_printf("pool-%s-%s-%s", pool, name, verb),
		.since_ns = now_ns(member),
		.limit_ms = limit_ms,
	};
	errand->log_name = mem_printf("logs/%s.log", errand->name);
	errand->log_path = mem_printf("%s/%s", context->out_dir, errand->log_name);
	errand->tmp_dir = mem_printf("%s/%s", context->tmp_root, errand->name);
	spec.name = errand->name;
	spec.run_id = context->run_id;
	spec.argv = (const char *const *)errand->argv;
	spec.env = (const char *const *)errand->env;
	spec.dir = context->project->config->root;
	spec.log_path = errand->log_path;
	spec.tmp_dir = errand->tmp_dir;
	spec.run_dir = context->tmp_root;
	spec.limit_ms = limit_ms;
	spec.grace_ms = context->project->config->grace_ms;
	spec.mask = context->project->secrets.mask;
	spec.data = callbacks->data != NULL ? callbacks->data : member;
	errand->errand = errand_new(pools_loop(member->pools), &spec);
	pool_words_deinit(&words);
	free(pool);
	free(name);
}

/* What took its time, for journal and reports; `message` NULL: it went well. */
static void record(const struct member *member, const char *verb, const struct ending *ending,
                   uint64_t since_ns, const char *message)
{
	const struct command_context *context = pools_context(member->pools);
	char *what = mem_printf("pools.%s.%s", member->settings->name, verb);
	char *pool = pool_words_file_part(member->settings->name);
	char *name = pool_words_file_part(member->config->name);
	char *log = mem_printf("logs/pool-%s-%s-%s.log", pool, name, verb);
	char *path = mem_printf("%s/%s", context->out_dir, log);

	recorder_add(
		pools_recorder(member->pools),
		(struct event){.kind = EVENT_ERRAND_ENDED,
	                       .errand_ended = {
				       .what = text_from(what),
				       .subject = text_from(member->config->name),
				       .started_ns = since_ns,
				       .exit_code = ending != NULL    ? ending->exit_code
	                                            : message == NULL ? 0
	                                                              : -1,
				       .message = text_from(message),
				       .log = access(path, F_OK) == 0 ? text_from(log) : TEXT_EMPTY,
			       }});
	free(what);
	free(pool);
	free(name);
	free(log);
	free(path);
}

/* ---- the lease ---- */

static bool has_lease_file(const struct member *member)
{
	return member->settings->lease_dir != NULL || member->settings->up != NULL;
}

/* The folder of its lease file; the caller frees it. Without one that runs share it is the
 * project's own, as two runs in one project have the same members. */
static char *lease_folder(const struct member *member)
{
	const struct config *config = pools_context(member->pools)->project->config;
	const char *dir = member->settings->lease_dir;

	if (dir == NULL)
		return mem_printf("%s/.tanda/pools", config->root);
	return dir[0] == '/' ? mem_strdup(dir) : mem_printf("%s/%s", config->root, dir);
}

static enum lease_answer take_lease(struct member *member, struct lease_note *ret_note,
                                    struct tanda_error *error)
{
	char *dir = lease_folder(member);
	char *name = mem_printf("%s.%s", member->settings->name, member->config->name);
	enum lease_answer answer = lease_take(dir, name, &member->lease, ret_note, error);

	free(dir);
	free(name);
	return answer;
}

static int note_in_lease(struct member *member, bool is_up, struct tanda_error *error)
{
	struct lease_note note = {.pid = (uint64_t)getpid(),
	                          .is_up = is_up && member->settings->down != NULL};

	if (member->lease.fd < 0)
		return 0;
	snprintf(note.run, sizeof(note.run), "%s", pools_context(member->pools)->run_id);
	if (gethostname(note.host, HOST_BYTES) < 0)
		snprintf(note.host, sizeof(note.host), "localhost");
	return lease_write(&member->lease, &note, error);
}

/* ---- the end of a life ---- */

static void set_state(struct member *member, enum member_state state)
{
	member->state = state;
	pools_step(member->pools);
}

static void enter_down(struct member *member)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	if (!member->was_left_up && note_in_lease(member, false, &error) < 0)
		warn(member, "may be taken for one that is up", error.message);
	lease_release(&member->lease);
	member->is_dead = false;
	if (member->rise_count >= RISES_MAX && member->why == NULL)
		member->why = mem_printf("it died %d times", RISES_MAX);
	set_state(member, member->is_failed || member->rise_count >= RISES_MAX ? MEMBER_BROKEN
	                                                                       : MEMBER_DOWN);
}

static void enter_settling(struct member *member)
{
	member->state = MEMBER_SETTLING;
	if (member->keeper.errand != NULL)
		errand_stop(member->keeper.errand, DRIVER_STOP_ORDERLY, SIGTERM);
	else
		enter_down(member);
}

static void on_down_done(void *data, const struct ending *ending)
{
	struct member *member = data;
	char *fault = errand_fault(ending, member->errand.limit_ms);

	member->errand.errand = NULL;
	member->was_left_up = fault != NULL;
	record(member, "down", ending, member->errand.since_ns, fault);
	if (fault != NULL)
		warn(member, "may still be up, as its \"down\"", fault);
	free(fault);
	member_errand_clear(&member->errand);
	enter_settling(member);
}

static void enter_sinking(struct member *member)
{
	static const struct errand_spec callbacks = {.on_done = on_down_done};

	loop_timer_stop(member->timer);
	if (member->settings->down == NULL) {
		enter_settling(member);
		return;
	}
	member->state = MEMBER_SINKING;
	member_start(member, &member->errand, "down", member->settings->down,
	             member->settings->down_ms, &callbacks);
}

/* It does not come up: what there is of it is taken down, and it is not tried again. */
static void enter_failed(struct member *member, const char *verb, const struct ending *ending,
                         const char *fault)
{
	if (pools_is_ending(member->pools)) {
		enter_sinking(member);
		return;
	}
	record(member, verb, ending, member->keeper.since_ns, fault);
	free(member->why);
	member->why = mem_printf("its \"%s\" %s", verb, fault);
	member->is_failed = true;
	warn(member, "is set aside", member->why);
	enter_sinking(member);
}

/* ---- coming up ---- */

/* What is left of its time; 0: no limit. */
static uint64_t left_ms(const struct member *member)
{
	uint64_t now = now_ns(member);

	if (member->settings->up_ms == 0)
		return 0;
	if (now + READY_SHORTEST_MS * (uint64_t)NS_PER_MS >= member->until_ns)
		return READY_SHORTEST_MS;
	return (member->until_ns - now) / NS_PER_MS;
}

static void enter_up(struct member *member)
{
	if (member->settings->up != NULL || member->settings->ready != NULL)
		record(member, "up", NULL, member->keeper.since_ns, NULL);
	if (pools_is_ending(member->pools))
		enter_sinking(member); /* it came too late to be of use */
	else
		set_state(member, MEMBER_UP);
}

static void ask_ready(struct member *member);

static void on_ready_done(void *data, const struct ending *ending)
{
	struct member *member = data;
	char *fault = errand_fault(ending, member->errand.limit_ms);
	bool is_late = member->settings->up_ms > 0 && now_ns(member) >= member->until_ns;

	member->errand.errand = NULL;
	member_errand_clear(&member->errand);
	if (member->is_dead)
		enter_failed(member, "up", NULL,
		             "ended before it was ready: nothing of it runs any more");
	else if (fault == NULL)
		enter_up(member);
	else if (is_late || pools_is_ending(member->pools))
		enter_failed(member, "ready", ending, fault);
	else
		loop_timer_start(member->timer, READY_PAUSE_MS);
	free(fault);
}

static void ask_ready(struct member *member)
{
	static const struct errand_spec callbacks = {.on_done = on_ready_done};

	member_start(member, &member->errand, "ready", member->settings->ready, left_ms(member),
	             &callbacks);
}

static void enter_probed(struct member *member)
{
	member->state = MEMBER_PROBED;
	if (member->settings->ready != NULL && !pools_is_ending(member->pools))
		ask_ready(member);
	else
		enter_up(member);
}

static void on_up_left(void *data)
{
	enter_probed(data);
}

/* `up`, or what it left running, has ended. */
static void on_up_done(void *data, const struct ending *ending)
{
	struct member *member = data;
	char *fault = errand_fault(ending, member->keeper.limit_ms);
	uint64_t since_ns = member->keeper.since_ns;

	member->keeper.errand = NULL;
	member_errand_clear(&member->keeper);
	member->keeper.since_ns = since_ns;
	if (member->state == MEMBER_RISING && fault != NULL)
		enter_failed(member, "up", ending, fault);
	else if (member->state == MEMBER_RISING)
		enter_probed(member);
	else if (member->state == MEMBER_SETTLING)
		enter_down(member);
	else if (member->state == MEMBER_PROBED || member->state == MEMBER_UP)
		member_bury(member);
	free(fault);
}

static void enter_rising(struct member *member)
{
	static const struct errand_spec callbacks = {
		.on_done = on_up_done, .on_left = on_up_left, .keeps_rest = true};
	struct tanda_error error = TANDA_ERROR_INIT;

	member->rise_count++;
	member->keeper.since_ns = now_ns(member);
	member->until_ns = member->keeper.since_ns + member->settings->up_ms * NS_PER_MS;
	if (note_in_lease(member, true, &error) < 0) {
		member->is_failed = true;
		member->why = mem_strdup(error.message);
		warn(member, "is set aside", member->why);
		enter_down(member);
		return;
	}
	if (member->settings->up == NULL) {
		enter_probed(member);
		return;
	}
	member->state = MEMBER_RISING;
	member_start(member, &member->keeper, "up", member->settings->up, member->settings->up_ms,
	             &callbacks);
}

static void on_timer(void *data)
{
	struct member *member = data;

	if (member->state == MEMBER_PROBED && member->is_dead)
		enter_failed(member, "up", NULL,
		             "ended before it was ready: nothing of it runs any more");
	else if (member->state == MEMBER_PROBED)
		ask_ready(member);
	else if (member->state == MEMBER_AWAY)
		set_state(member, MEMBER_DOWN); /* whoever wants it tries again */
}

/* ---- calls ---- */

void member_init(struct member *member, struct pools *pools, const struct pool_settings *settings,
                 const struct pool_member *config)
{
	*member = (struct member){
		.pools = pools,
		.settings = settings,
		.config = config,
		.last_area = UINT32_MAX,
		.lease = {.fd = -1},
		.timer = loop_timer_new(pools_loop(pools), on_timer, member),
	};
}

void member_deinit(struct member *member)
{
	loop_timer_free(member->timer);
	lease_release(&member->lease);
	member_errand_clear(&member->keeper);
	member_errand_clear(&member->errand);
	free(member->why);
}

void member_raise(struct member *member)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	enum lease_answer answer = LEASE_TAKEN;
	struct lease_note note = {.pid = 0};

	if (has_lease_file(member))
		answer = take_lease(member, &note, &error);
	if (answer == LEASE_HELD) {
		member->holder = note;
		member->state = MEMBER_AWAY;
		loop_timer_start(member->timer, AWAY_RETRY_MS);
	} else if (answer == LEASE_FAULT) {
		member->is_failed = true;
		member->why = mem_printf("%s: %s", error.where, error.message);
		warn(member, "is set aside", member->why);
		set_state(member, MEMBER_BROKEN);
	} else if (note.is_up && !member->was_left_up) {
		warn(member, "was left up by a run that was killed", note.run);
		enter_sinking(member);
	} else {
		enter_rising(member);
	}
}

void member_clean_up(struct member *member)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct lease_note note;

	if (member->settings->down == NULL ||
	    take_lease(member, &note, &error) !=
	            LEASE_TAKEN) /* else it is told when it is wanted */
		return;
	if (!note.is_up) {
		lease_release(&member->lease);
		return;
	}
	warn(member, "was left up by a run that was killed", note.run);
	enter_sinking(member);
}

void member_sink(struct member *member)
{
	enter_sinking(member);
}

void member_bury(struct member *member)
{
	member->is_dead = true;
	if (member->state != MEMBER_UP || member->user_count > 0)
		return;
	warn(member, "died", "it is taken down");
	enter_sinking(member);
}

void member_rest(struct member *member)
{
	if (member->is_dead) {
		member_bury(member);
	} else if (member->settings->up == NULL && has_lease_file(member)) {
		member->state = MEMBER_DOWN; /* another run may have it now */
		member->rise_count = 0;
		lease_release(&member->lease);
	}
}

void member_end(struct member *member)
{
	loop_timer_stop(member->timer);
	switch (member->state) {
	case MEMBER_RISING:
		errand_stop(member->keeper.errand, DRIVER_STOP_ORDERLY, SIGTERM);
		break;
	case MEMBER_PROBED:
		if (member->errand.errand != NULL)
			errand_stop(member->errand.errand, DRIVER_STOP_ORDERLY, SIGTERM);
		else
			enter_sinking(member);
		break;
	case MEMBER_UP:
		enter_sinking(member);
		break;
	case MEMBER_AWAY:
		member->state = MEMBER_DOWN;
		break;
	case MEMBER_DOWN:
	case MEMBER_SINKING:
	case MEMBER_SETTLING:
	case MEMBER_BROKEN:
		break;
	}
}

bool member_is_ended(const struct member *member)
{
	return member->state == MEMBER_DOWN || member->state == MEMBER_BROKEN;
}
