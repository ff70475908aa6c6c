/* hook_point.c - see hook_point.h. */
#include "runner/run/hook_point.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

enum { LOG_MAX_BYTES = 16 * 1024 * 1024 };

const struct hook_settings *point_settings(const struct point *point)
{
	return &point->c->project->config->hooks[point->scope];
}

struct executor *point_executor(const struct point *point)
{
	return &point->c->executors[point->index];
}

/* Where its commands run; NULL: not on a node. */
struct run_node *point_node(const struct point *point)
{
	if (point->scope == HOOK_WORKER)
		return point_executor(point)->node;
	return point->scope == HOOK_NODE ? &point->c->nodes[point->index] : NULL;
}

bool point_is_elsewhere(const struct point *point)
{
	const struct run_node *node = point_node(point);

	return node != NULL && !run_node_is_local(node);
}

/* "checkout", "agent-1", "worker 3"; "" for the run. The caller frees it. */
char *point_subject(const struct point *point)
{
	switch (point->scope) {
	case HOOK_AREA:
		return mem_strdup(point->c->project->tests.areas[point->index]);
	case HOOK_NODE:
		return mem_strdup(point_node(point)->settings->name);
	case HOOK_WORKER:
		return mem_printf("worker %u", point->index);
	case HOOK_RUN:
	case HOOK_SCOPES:
		break;
	}
	return mem_strdup("");
}

bool point_is_running(const struct point *point)
{
	return point->command.errand != NULL || point->command.node != NULL;
}

/* ---- the command ---- */

void point_clear(struct point *point)
{
	struct hook_command *command = &point->command;
	size_t i;

	for (i = 0; i < HOOK_ENTRIES_MAX; i++)
		free(command->entries[i]);
	mem_free_strings(command->env);
	free(command->name);
	free(command->log_name);
	free(command->log_path);
	free(command->tmp_dir);
	free(command->key);
	*command = (struct hook_command){0};
}

static void fill_entries(const struct point *point, struct hook_command *command, const char *when)
{
	const struct command_context *context = point->c->options->context;
	const struct run_node *node = point_node(point);
	size_t count = 0;

	command->entries[count++] =
		mem_printf("TANDA_HOOK=%s.%s", hook_scope_name(point->scope), when);
	if (point->scope == HOOK_AREA)
		command->entries[count++] =
			mem_printf("TANDA_AREA=%s", point->c->project->tests.areas[point->index]);
	if (node != NULL)
		command->entries[count++] = mem_printf("TANDA_NODE=%s", node->settings->name);
	if (point->scope == HOOK_WORKER)
		command->entries[count++] =
			mem_printf("TANDA_WORKER=%u", context->worker_base + point->index);
}

static void make_command(struct point *point, const char *when)
{
	const struct command_context *context = point->c->options->context;
	struct hook_command *command = &point->command;
	const struct run_node *node = point_node(point);
	char *subject = point_subject(point), *part = pool_words_file_part(subject);

	*command = (struct hook_command){
		.name = mem_printf("hook-%s%s%s-%s", hook_scope_name(point->scope),
	                           part[0] != '\0' ? "-" : "", part, when),
		.since_ns = clock_now_ns(&point->c->recorder->clock),
	};
	command->log_name = mem_printf("logs/%s.log", command->name);
	command->log_path = mem_printf("%s/%s", context->out_dir, command->log_name);
	command->tmp_dir = mem_printf("%s/%s", context->tmp_root, command->name);
	command->key = mem_printf("%s.%s", context->run_id, command->name);
	fill_entries(point, command, when);
	command->env = command_hook_env(context, command->entries,
	                                node != NULL ? node->settings->env : NULL,
	                                point_is_elsewhere(point));
	free(subject);
	free(part);
}

static void on_done(void *data, const struct ending *ending)
{
	struct point *point = data;

	point->command.errand = NULL;
	point_ended(point, ending);
}

static void start_here(struct point *point, char *const *argv)
{
	struct hook_command *command = &point->command;
	const struct command_context *context = point->c->options->context;
	const struct errand_spec spec = {
		.name = command->name,
		.run_id = context->run_id,
		.argv = (const char *const *)argv,
		.env = (const char *const *)command->env,
		.dir = context->project->config->root,
		.log_path = command->log_path,
		.tmp_dir = command->tmp_dir,
		.run_dir = context->tmp_root,
		.limit_ms = point_settings(point)->limit_ms,
		.grace_ms = context->project->config->grace_ms,
		.mask = context->project->secrets.mask,
		.on_done = on_done,
		.data = point,
	};

	command->errand = errand_new(point->c->loop, &spec);
}

/* One that runs no more tests, as it could not be made ready, is there to be cleared away. */
static bool takes_hooks(const struct executor *executor)
{
	return executor->is_ready && (executor->is_given_up ||
	                              (!executor->is_lost && executor->node->state == NODE_IS_UP));
}

/* A slot of the node that takes an assignment: the worker's own, or any. */
static struct executor *free_executor(const struct point *point, struct run_node *node)
{
	uint32_t i;

	if (point->scope == HOOK_WORKER) {
		struct executor *own = point_executor(point);

		return takes_hooks(own) ? own : NULL;
	}
	for (i = 0; i < node->executor_count; i++) {
		if (takes_hooks(&node->executors[i]))
			return &node->executors[i];
	}
	return NULL;
}

static bool start_there(struct point *point, struct run_node *node, char *const *argv)
{
	struct hook_command *command = &point->command;
	const struct command_context *context = point->c->options->context;
	struct executor *executor = free_executor(point, node);

	if (executor == NULL)
		return false;
	command->assignment = (struct assignment){
		.key = command->key,
		.slot = executor->index,
		.argv = (const char *const *)argv,
		.own_env = (const char *const *)command->env,
		.work_dir = NODE_WORKSPACE,
		.report_dir = command->tmp_dir,
		.log_path = command->log_path,
		.limit_ms = point_settings(point)->limit_ms,
		.grace_ms = context->project->config->grace_ms,
		.log_max_bytes = LOG_MAX_BYTES,
	};
	command->node = node;
	executor->is_ready = false;
	node->given_count++;
	node->driver->ops->submit(node->driver, &command->assignment);
	return true;
}

/* False: its node is not there to run it. */
bool point_start(struct point *point, char *const *argv, const char *when)
{
	make_command(point, when);
	if (!point_is_elsewhere(point)) {
		start_here(point, argv);
		return true;
	}
	if (start_there(point, point_node(point), argv))
		return true;
	point_clear(point);
	return false;
}

void point_stop(struct point *point, enum driver_stop how, int signal_number)
{
	struct run_node *node = point->command.node;

	if (point->command.errand != NULL)
		errand_stop(point->command.errand, how, signal_number);
	else if (node != NULL)
		node->driver->ops->cancel(node->driver, &point->command.assignment, how,
		                          signal_number);
}
