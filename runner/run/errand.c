/* errand.c - see errand.h. */
#include "runner/run/errand.h"

#include <stdlib.h>

#include "shards/base/mem.h"
#include "tanda/error.h"

enum { LOG_MAX_BYTES = 16 * 1024 * 1024 };

struct errand {
	struct errand_spec spec;
	struct loop *loop;
	struct driver *driver;
	struct assignment assignment;
	struct ending ending;
	char *message, *leaked; /* own what `ending` points at */
	char *key;
	bool is_submitted, has_ended;
	bool is_stopped; /* asked for, perhaps before it could begin */
	enum driver_stop stop_how;
	int stop_signal;
};

static void take_ending(struct errand *errand, const struct ending *ending)
{
	errand->has_ended = true;
	errand->ending = *ending;
	errand->message = mem_strdup(ending->message);
	errand->leaked = mem_strdup(ending->leaked);
	errand->ending.message = errand->message;
	errand->ending.leaked = errand->leaked;
	errand->driver->ops->close(errand->driver);
}

static void refuse(struct errand *errand, const char *why)
{
	take_ending(errand,
	            &(struct ending){
			    .kind = ENDING_REFUSED, .exit_code = -1, .message = why, .leaked = ""});
}

static void on_opened(void *data, const struct node_answer *answer)
{
	struct errand *errand = data;

	if (answer->is_reachable)
		errand->driver->ops->prepare(errand->driver);
	else
		refuse(errand, answer->why);
}

static void on_prepared(void *data, const struct node_readiness *readiness)
{
	if (!readiness->is_ready)
		refuse(data, readiness->why);
}

static void on_slot_ready(void *data, uint32_t slot)
{
	struct errand *errand = data;

	(void)slot;
	if (errand->is_submitted || errand->has_ended)
		return;
	errand->is_submitted = true;
	errand->driver->ops->submit(errand->driver, &errand->assignment);
	if (errand->is_stopped)
		errand_stop(errand, errand->stop_how, errand->stop_signal);
}

static void on_slot_lost(void *data, uint32_t slot, const char *why)
{
	struct errand *errand = data;

	(void)slot;
	if (!errand->has_ended)
		refuse(errand, why);
}

static void on_started(const struct assignment *assignment, const char *handle)
{
	(void)assignment;
	(void)handle;
}

static void on_output(const struct assignment *assignment, struct text output)
{
	(void)assignment;
	(void)output;
}

static void on_left(const struct assignment *assignment)
{
	struct errand *errand = assignment->data;

	errand->spec.on_left(errand->spec.data);
}

static void on_ended(const struct assignment *assignment, const struct ending *ending)
{
	take_ending(assignment->data, ending);
}

/* In a turn of its own: the driver is still at work when it says that it is closed. */
static void finish_errand(void *data)
{
	struct errand *errand = data;

	errand->driver->ops->free(errand->driver);
	errand->spec.on_done(errand->spec.data, &errand->ending);
	free(errand->message);
	free(errand->leaked);
	free(errand->key);
	free(errand);
}

static void on_closed(void *data)
{
	struct errand *errand = data;

	loop_defer(errand->loop, finish_errand, errand);
}

static void make_assignment(struct errand *errand)
{
	const struct errand_spec *spec = &errand->spec;

	errand->key = mem_printf("%s.%s", spec->run_id, spec->name);
	errand->assignment = (struct assignment){
		.key = errand->key,
		.argv = spec->argv,
		.env = spec->env,
		.dir = spec->dir,
		.report_dir = spec->tmp_dir, /* it reports nothing */
		.tmp_dir = spec->tmp_dir,
		.run_dir = spec->run_dir,
		.log_path = spec->log_path,
		.limit_ms = spec->limit_ms,
		.grace_ms = spec->grace_ms,
		.log_max_bytes = LOG_MAX_BYTES,
		.keeps_rest = spec->keeps_rest,
		.data = errand,
	};
}

struct errand *errand_new(struct loop *loop, const struct errand_spec *spec)
{
	struct errand *errand = mem_calloc(1, sizeof(*errand));
	const struct driver_listener listener = {
		.on_opened = on_opened,
		.on_prepared = on_prepared,
		.on_slot_ready = on_slot_ready,
		.on_slot_lost = on_slot_lost,
		.on_started = on_started,
		.on_output = on_output,
		.on_left = on_left,
		.on_ended = on_ended,
		.on_closed = on_closed,
		.data = errand,
	};

	errand->spec = *spec;
	errand->loop = loop;
	make_assignment(errand);
	errand->driver = local_driver_new(loop, &listener, errand->key, 1);
	errand->driver->mask = spec->mask;
	errand->driver->ops->open(errand->driver);
	return errand;
}

void errand_stop(struct errand *errand, enum driver_stop how, int signal_number)
{
	errand->is_stopped = true;
	errand->stop_how = how;
	errand->stop_signal = signal_number;
	if (errand->is_submitted && !errand->has_ended)
		errand->driver->ops->cancel(errand->driver, &errand->assignment, how,
		                            signal_number);
}

void errand_pause(struct errand *errand)
{
	errand->driver->ops->pause(errand->driver);
}

void errand_resume(struct errand *errand)
{
	errand->driver->ops->resume(errand->driver);
}

char *errand_fault(const struct ending *ending, uint64_t limit_ms)
{
	if (ending->timed_out)
		return mem_printf("was not done after %llu.%llu s",
		                  (unsigned long long)(limit_ms / 1000),
		                  (unsigned long long)(limit_ms % 1000 / 100));
	if (ending->kind == ENDING_REFUSED)
		return mem_printf("could not be started: %s", ending->message);
	if (ending->kind == ENDING_LOST)
		return mem_printf("was lost: %s", ending->message);
	if (ending->kind == ENDING_CANCELLED)
		return mem_strdup("was stopped");
	if (ending->signal != 0)
		return mem_printf("was killed by signal %d", ending->signal);
	if (ending->kind == ENDING_CRASHED)
		return mem_printf("could not be watched: %s", ending->message);
	return ending->exit_code != 0 ? mem_printf("exited %d", ending->exit_code) : NULL;
}
