/* node_probe.c - see node_probe.h. */
#include "runner/run/node_probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runner/config/config.h"
#include "runner/exec/driver.h"
#include "runner/exec/jenkins/token.h"
#include "runner/exec/loop.h"
#include "runner/record/file.h"
#include "runner/run/cpus.h"
#include "runner/run/node_access.h"
#include "runner/run/project.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

extern char **environ;

enum {
	COMMAND_LIMIT_MS = 60 * 1000,
	ANSWER_LIMIT_MS = 110 * 1000, /* from a workspace that is ready; a controller may queue */
	LOG_MAX_BYTES = 256 * 1024,
	KEY_MAX_BYTES = 160,
	ARGUMENTS_BEFORE_PROGRAMS = 5,
};

/* In POSIX sh; its arguments: where batches have their folders, then a folder and a program each.
 * `times` is asked in the shell itself, for in a subshell it would count anew. */
static const char script[] =
	"say() { printf 'tanda-probe %s\\t%s\\n' \"$1\" \"$2\"; }\n"
	"say clock \"$(date +%s)\"\n"
	"sh=$(command -v sh); say sh \"$(readlink -f \"$sh\" 2>/dev/null || echo \"$sh\")\"\n"
	"for p in tar rsync git; do\n"
	"  ! command -v $p >/dev/null 2>&1 ||\n"
	"    say $p \"$($p --version 2>&1 </dev/null | sed -n 1p)\"\n"
	"done\n"
	"say free \"$(df -Pk \"$1\" 2>/dev/null | sed -n '$s/.* \\([0-9][0-9]*\\)  *[0-9]*% .*/\\1/p')\"\n"
	"say cpus \"$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null)\"\n"
	"shift; n=0\n"
	"while [ $# -ge 2 ]; do\n"
	"  (cd \"$1\" 2>/dev/null && command -v -- \"$2\" >/dev/null 2>&1) || say missing $n\n"
	"  n=$((n + 1)); shift 2\n"
	"done\n"
	"printf 'tanda-probe before\\t'; times\n"
	"i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done\n"
	"printf 'tanda-probe after\\t'; times\n"
	"say done ''\n";

/* One node while it is asked. */
struct asking {
	struct node_probe *probe;
	struct loop *loop;
	struct loop_timer *patience;
	struct node_setup setup;
	char *token;
	struct driver *driver;
	struct assignment assignment;
	char key[KEY_MAX_BYTES];
	char **argv;
	char *report_dir, *tmp_dir, *log_path;
	uint64_t asked_ns;
	int64_t submitted_s;
	bool is_submitted, is_over;
};

/* ---- what it printed ---- */

/* "0m0.084000s ..." as `times` prints it, or "0m0,08s" */
static bool read_times(struct text value, uint64_t *ret_ns)
{
	uint64_t minutes = 0, seconds = 0, fraction = 0, unit = UINT64_C(1000000000);
	size_t i = 0;

	while (i < value.len && value.ptr[i] >= '0' && value.ptr[i] <= '9' && i < 9)
		minutes = minutes * 10 + (uint64_t)(value.ptr[i++] - '0');
	if (i == 0 || i >= value.len || value.ptr[i++] != 'm')
		return false;
	while (i < value.len && value.ptr[i] >= '0' && value.ptr[i] <= '9' && seconds < 1000)
		seconds = seconds * 10 + (uint64_t)(value.ptr[i++] - '0');
	if (i < value.len && (value.ptr[i] == '.' || value.ptr[i] == ','))
		i++;
	while (i < value.len && value.ptr[i] >= '0' && value.ptr[i] <= '9') {
		unit /= 10;
		fraction += (uint64_t)(value.ptr[i++] - '0') * unit;
	}
	*ret_ns = (minutes * 60 + seconds) * UINT64_C(1000000000) + fraction;
	return true;
}

static void take_clock(struct node_probe *probe, struct text value, int64_t from_s, int64_t to_s)
{
	uint64_t clock;

	if (!text_to_u64(value, &clock) || clock > INT64_MAX)
		return;
	/* Whole seconds are cut off there. */
	if ((int64_t)clock + 1 < from_s)
		probe->clock_offset_s = (int64_t)clock + 1 - from_s;
	else if ((int64_t)clock > to_s)
		probe->clock_offset_s = (int64_t)clock - to_s;
}

static void take_fact(struct node_probe *probe, struct text word, struct text value)
{
	char **const versions[] = {&probe->sh, &probe->tar, &probe->rsync, &probe->git};
	static const char *const names[] = {"sh", "tar", "rsync", "git"};
	uint64_t number;
	size_t i;

	for (i = 0; i < countof(names); i++) {
		if (text_equal_str(word, names[i])) {
			free(*versions[i]);
			*versions[i] = text_dup(text_trim(value));
		}
	}
	if (text_equal_str(word, "done"))
		probe->has_answered = true;
	if (!text_to_u64(value, &number))
		return;
	if (text_equal_str(word, "free") && number < UINT64_MAX / 1024) {
		probe->knows_free = true;
		probe->free_bytes = number * 1024;
	} else if (text_equal_str(word, "cpus") && probe->cpus == 0 && number <= 65536) {
		probe->cpus = (uint32_t)number;
	} else if (text_equal_str(word, "missing") && number < probe->program_count) {
		probe->programs[number].is_missing = true;
	}
}

void node_probe_read(struct node_probe *probe, struct text output, int64_t from_s, int64_t to_s)
{
	static const char mark[] = "tanda-probe ";
	uint64_t before_ns = 0, after_ns = 0;
	bool has_before = false;
	struct text line;

	while (text_next_line(&output, &line)) {
		const char *tab;
		struct text word, value;

		if (!text_has_prefix(line, text_from(mark)))
			continue;
		line = text_from_offset(line, sizeof(mark) - 1);
		tab = line.len > 0 ? memchr(line.ptr, '\t', line.len) : NULL;
		if (tab == NULL)
			continue;
		word = (struct text){line.ptr, (size_t)(tab - line.ptr)};
		value = text_trim(text_from_offset(line, word.len + 1));
		if (text_equal_str(word, "clock"))
			take_clock(probe, value, from_s, to_s);
		else if (text_equal_str(word, "before"))
			has_before = read_times(value, &before_ns);
		else if (text_equal_str(word, "after") && has_before &&
		         read_times(value, &after_ns) && after_ns > before_ns)
			probe->loop_ns = after_ns - before_ns;
		else
			take_fact(probe, word, value);
	}
}

/* ---- the way there ---- */

static void end(struct asking *asking, const char *why)
{
	if (asking->is_over)
		return;
	asking->is_over = true;
	loop_timer_stop(asking->patience);
	if (why != NULL)
		asking->probe->why = mem_strdup(why);
	asking->driver->ops->close(asking->driver);
}

static void on_opened(void *data, const struct node_answer *answer)
{
	struct asking *asking = data;
	struct node_probe *probe = asking->probe;

	if (asking->is_over)
		return;
	if (!answer->is_reachable) {
		end(asking, answer->why);
		return;
	}
	probe->is_reached = true;
	probe->reached_ns = loop_now_ns(asking->loop) - asking->asked_ns;
	probe->there_executors = answer->executors;
	probe->cpus = probe->settings->cpus > 0 ? probe->settings->cpus : answer->cpus;
	asking->asked_ns = loop_now_ns(asking->loop);
	asking->driver->ops->prepare(asking->driver);
}

static void on_prepared(void *data, const struct node_readiness *readiness)
{
	struct asking *asking = data;

	if (asking->is_over)
		return;
	if (!readiness->is_ready) {
		end(asking, readiness->why);
		return;
	}
	asking->probe->is_ready = true;
	asking->probe->sent_bytes = readiness->sent_bytes;
	asking->probe->sent_files = readiness->sent_files;
	if (readiness->sent_by != NULL && readiness->sent_by[0] != '\0')
		asking->probe->sent_by = mem_strdup(readiness->sent_by);
	if (readiness->note != NULL)
		asking->probe->note = mem_strdup(readiness->note);
	asking->probe->ready_ns = loop_now_ns(asking->loop) - asking->asked_ns;
	loop_timer_start(asking->patience, ANSWER_LIMIT_MS);
}

static void on_slot_ready(void *data, uint32_t slot)
{
	struct asking *asking = data;

	if (asking->is_submitted || asking->is_over)
		return;
	asking->is_submitted = true;
	asking->assignment.slot = slot;
	asking->submitted_s = (int64_t)time(NULL);
	asking->driver->ops->submit(asking->driver, &asking->assignment);
}

static void on_slot_away(void *data, uint32_t slot, const char *why)
{
	(void)data;
	(void)slot;
	(void)why; /* another one will do, or the patience ends */
}

static void on_slot_lost(void *data, uint32_t slot, const char *why)
{
	struct asking *asking = data;

	if (!asking->is_submitted && asking->setup.executors == 1)
		end(asking, why);
	(void)slot;
}

static void on_node_lost(void *data, const char *why)
{
	end(data, why);
}

static void on_handle(const struct assignment *assignment, const char *handle)
{
	(void)assignment;
	(void)handle;
}

static void on_output(const struct assignment *assignment, struct text output)
{
	(void)assignment; /* what a build printed may come with its bundle: the log has it all */
	(void)output;
}

static void read_log(struct asking *asking)
{
	struct tanda_error error = TANDA_ERROR_INIT; /* no log: it printed nothing */
	struct text_buf log;

	text_buf_init(&log, (size_t)2 * LOG_MAX_BYTES);
	if (file_read(asking->log_path, &log, &error) == 0)
		node_probe_read(asking->probe, text_buf_text(&log), asking->submitted_s,
		                (int64_t)time(NULL));
	text_buf_deinit(&log);
}

static void on_ended(const struct assignment *assignment, const struct ending *ending)
{
	struct asking *asking = assignment->data;

	if (asking->is_over)
		return;
	read_log(asking);
	if (asking->probe->has_answered)
		end(asking, NULL);
	else if (ending->message[0] != '\0')
		end(asking, ending->message);
	else
		end(asking, ending->timed_out
		                    ? "a short command was not done there within 60 s: is the "
		                      "machine overloaded?"
		                    : "a short command did not run to its end there");
}

static void on_late_result(void *data, const char *key, const char *what)
{
	(void)data;
	(void)key;
	(void)what;
}

static void on_sampled(void *data, struct text counters)
{
	(void)data;
	(void)counters;
}

static void on_closed(void *data)
{
	(void)data; /* the loop has nothing left to wait for and ends by itself */
}

static void on_patience_over(void *data)
{
	end(data,
	    "it can be reached, but had no executor for a short command within 110 s: are all "
	    "of them busy, or offline?");
}

/* ---- what is asked ---- */

/* Does any test of the suite go there? */
static bool takes_suite(const struct project *project, const struct plan_node *node, uint32_t suite)
{
	const struct test_list *tests = &project->tests;
	size_t i;

	for (i = 0; i < tests->count; i++) {
		if (tests->tests[i].suite_index == suite &&
		    plan_node_serves(node, &project->planning.areas[tests->tests[i].area_index]))
			return true;
	}
	return false;
}

static const char *program_of(const struct suite *suite)
{
	return suite->prefix != NULL && suite->prefix[0] != NULL ? suite->prefix[0]
	                                                         : suite->preset.run[0];
}

/* "sh", "-c", the script, "sh", where batches are; then a folder and a program of each suite. */
static void make_argv(struct asking *asking, const struct project *project,
                      const struct plan_node *node, const char *folder)
{
	const struct config *config = project->config;
	struct node_probe *probe = asking->probe;
	bool is_local = probe->settings->kind == NODE_LOCAL;
	size_t count = 0, root_len = strlen(config->root), i;

	asking->argv =
		mem_calloc(ARGUMENTS_BEFORE_PROGRAMS + 2 * config->suite_count + 1, sizeof(char *));
	asking->argv[count++] = mem_strdup("sh");
	asking->argv[count++] = mem_strdup("-c");
	asking->argv[count++] = mem_strdup(script);
	asking->argv[count++] = mem_strdup("sh");
	asking->argv[count++] = mem_strdup(is_local ? folder : NODE_BATCH_TMP);
	probe->programs = mem_calloc(config->suite_count, sizeof(probe->programs[0]));
	for (i = 0; node != NULL && i < config->suite_count; i++) {
		const struct suite *suite = &config->suites[i];
		char *dir;

		if (strchr(program_of(suite), '{') != NULL ||
		    !takes_suite(project, node, (uint32_t)i))
			continue;
		dir = project_suite_dir(project, suite);
		asking->argv[count++] =
			is_local ? mem_strdup(dir)
				 : mem_printf("%s%s", NODE_WORKSPACE, dir + root_len);
		asking->argv[count++] = mem_strdup(program_of(suite));
		free(dir);
		probe->programs[probe->program_count++] =
			(struct node_program){suite->name, program_of(suite), false};
	}
}

static void make_assignment(struct asking *asking, const struct project *project,
                            const struct plan_node *node, const char *folder)
{
	const struct node_settings *settings = asking->probe->settings;

	make_argv(asking, project, node, folder);
	snprintf(asking->key, sizeof(asking->key), "%s.%.64s.1.0", asking->setup.run_id,
	         settings->name);
	asking->report_dir = mem_printf("%s/%s.report", folder, settings->name);
	asking->tmp_dir = mem_printf("%s/%s.tmp", folder, settings->name);
	asking->log_path = mem_printf("%s/%s.log", folder, settings->name);
	asking->assignment = (struct assignment){
		.key = asking->key,
		.argv = (const char *const *)asking->argv,
		.env = (const char *const *)environ,
		.own_env = (const char *const *)settings->env,
		.dir = project->config->root,
		.work_dir = NODE_WORKSPACE,
		.report_dir = asking->report_dir,
		.tmp_dir = asking->tmp_dir,
		.log_path = asking->log_path,
		.log_max_bytes = LOG_MAX_BYTES,
		.limit_ms = COMMAND_LIMIT_MS,
		.grace_ms = 1000,
		.data = asking,
	};
}

/* ---- all of them ---- */

static int begin(struct asking *asking, struct loop *loop, const struct project *project,
                 const struct plan_node *node, const char *run_id, const char *folder,
                 struct tanda_error *error)
{
	const struct driver_listener listener = {
		.on_opened = on_opened,
		.on_prepared = on_prepared,
		.on_slot_ready = on_slot_ready,
		.on_slot_away = on_slot_away,
		.on_slot_lost = on_slot_lost,
		.on_node_lost = on_node_lost,
		.on_handle = on_handle,
		.on_started = on_handle,
		.on_output = on_output,
		.on_ended = on_ended,
		.on_late_result = on_late_result,
		.on_sampled = on_sampled,
		.on_closed = on_closed,
		.data = asking,
	};

	asking->loop = loop;
	asking->patience = loop_timer_new(loop, on_patience_over, asking);
	if (node_access_fill(project, asking->probe->settings, run_id, folder, &asking->setup,
	                     &asking->token, error) < 0)
		return -1;
	/* This machine's are not in question. */
	asking->setup.executors =
		asking->probe->settings->kind == NODE_LOCAL ? 1 : asking->probe->executors;
	make_assignment(asking, project, node, folder);
	return driver_new(loop, &listener, &asking->setup, &asking->driver, error);
}

static void end_asking(struct asking *asking)
{
	if (asking->patience == NULL)
		return;
	if (asking->driver != NULL)
		asking->driver->ops->free(asking->driver);
	loop_timer_free(asking->patience);
	token_free(asking->token);
	mem_free_strings(asking->argv);
	free(asking->report_dir);
	free(asking->tmp_dir);
	free(asking->log_path);
}

/* This machine first, in the run or not; then the others. Sets their plan nodes, NULL: none. */
static void list_probes(const struct project *project, struct node_probes *probes,
                        const struct plan_node **nodes)
{
	const struct planning *planning = &project->planning;
	bool has_local = planning->node_count > 0 && planning->node_settings[0]->kind == NODE_LOCAL;
	size_t i;

	probes->items = mem_calloc(planning->node_count + 1, sizeof(probes->items[0]));
	if (!has_local)
		probes->items[probes->count++] =
			(struct node_probe){.settings = &project->config->local,
		                            .executors = 1,
		                            .cpus = cpus_available()};
	for (i = 0; i < planning->node_count; i++) {
		nodes[probes->count] = &planning->nodes[i];
		probes->items[probes->count++] =
			(struct node_probe){.settings = planning->node_settings[i],
		                            .executors = planning->nodes[i].executors,
		                            .is_shown = true};
	}
}

int node_probes_run(const struct project *project, const char *folder,
                    struct node_probes *ret_probes, struct tanda_error *error)
{
	size_t most = project->planning.node_count + 1, begun = 0, i;
	const struct plan_node **nodes = mem_calloc(most, sizeof(nodes[0]));
	struct asking *askings = mem_calloc(most, sizeof(askings[0]));
	char *run_id = mem_printf("check-%lld-%ld", (long long)time(NULL), (long)getpid());
	struct node_probes probes = {0};
	struct loop *loop = NULL;
	int status = -1;

	list_probes(project, &probes, nodes);
	if (loop_new(&loop, error) < 0)
		goto done;
	for (; begun < probes.count; begun++) {
		askings[begun].probe = &probes.items[begun];
		if (begin(&askings[begun], loop, project, nodes[begun], run_id, folder, error) < 0)
			goto done;
	}
	for (i = 0; i < begun; i++) {
		askings[i].asked_ns = loop_now_ns(loop);
		askings[i].driver->ops->open(askings[i].driver);
	}
	loop_run(loop);
	status = 0;
done:
	for (i = 0; i < most; i++)
		end_asking(&askings[i]);
	loop_free(loop);
	free(askings);
	free(nodes);
	free(run_id);
	if (status == 0)
		*ret_probes = probes;
	else
		node_probes_deinit(&probes);
	return status;
}

void node_probes_deinit(struct node_probes *probes)
{
	size_t i;

	for (i = 0; i < probes->count; i++) {
		struct node_probe *probe = &probes->items[i];

		free(probe->why);
		free(probe->sent_by);
		free(probe->note);
		free(probe->sh);
		free(probe->tar);
		free(probe->rsync);
		free(probe->git);
		free(probe->programs);
	}
	free(probes->items);
	*probes = (struct node_probes){0};
}
