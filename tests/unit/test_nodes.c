/* test_nodes.c - a run over several nodes, whose drivers follow a script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#undef run_tests /* an old name of cmocka's own */

#include "runner/exec/driver.h"
#include "runner/exec/loop.h"
#include "runner/record/file.h"
#include "runner/run/merged.h"
#include "runner/run/run.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	TESTS = 12,
	SLOTS_MAX = 4,
	SUBMITS_MAX = 200,
	JOB_MS = 5,
	FIRST_PAUSE_MS = 20,
	LEASE_MS = 250
};

/* What a node's driver does; zeroes: it answers, runs everything well, and stays. */
struct script {
	const char *name;
	uint32_t silent_opens; /* so many open() find nobody */
	bool is_final;         /* and asking again is of no use */
	uint32_t lost_at;      /* the node is lost when this many jobs have started; 0: never */
	bool is_lost_for_good;
	bool refuses;         /* each job */
	bool answers_late;    /* a lost batch, when the node is back */
	bool answers_at_once; /* a lost batch, before its lease is over */
	bool slot_comes_late; /* the second slot goes away, and comes back after the first job */

	uint32_t open_count, started_count, late_count, ended_count;
	char late_key[128];
};

/* Everything that was submitted, in order. */
struct submit {
	const char *node;
	char id[64];
	double at_ms;
};

static struct stage {
	char folder[64];
	struct script scripts[3];
	struct submit submits[SUBMITS_MAX];
	size_t submit_count;
	double lost_at_ms;
	char lost_ids[SLOTS_MAX][64];
	size_t lost_count;
	const char *fault; /* what an assignment lacks */
	int exit_code;
	struct run_record record;
} stage;

struct scripted;

struct job {
	struct scripted *driver;
	const struct assignment *assignment;
	bool has_started;
	struct loop_timer *timer;
};

struct scripted {
	struct driver base;
	struct script *script;
	struct job jobs[SLOTS_MAX];
	uint32_t slot_count;
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct scripted *scripted_of(struct driver *driver)
{
	return (struct scripted *)driver;
}

/* ---- what it says ---- */

static void say_opened(void *data)
{
	struct scripted *d = data;
	bool is_silent = d->script->open_count <= d->script->silent_opens ||
	                 (d->script->is_lost_for_good && d->script->open_count > 1);
	const struct node_answer answer = {
		.is_reachable = !is_silent,
		.is_final = d->script->is_final,
		.why = is_silent ? "nobody answers" : "",
		.executors = d->slot_count,
	};

	d->base.listener.on_opened(d->base.listener.data, &answer);
}

static void say_prepared(void *data)
{
	struct scripted *d = data;
	const struct node_readiness readiness = {.is_ready = true, .why = "", .sent_bytes = 7};
	uint32_t i;

	d->base.listener.on_prepared(d->base.listener.data, &readiness);
	if (d->script->answers_late && d->script->late_key[0] != '\0') {
		d->base.listener.on_late_result(d->base.listener.data, d->script->late_key,
		                                "it was done after all");
		d->script->late_count++;
	}
	for (i = 0; i < d->slot_count; i++)
		d->base.listener.on_slot_ready(d->base.listener.data, i);
	if (d->script->slot_comes_late)
		d->base.listener.on_slot_away(d->base.listener.data, 1, "an agent is offline");
}

static void end_job(struct job *job, const struct ending *ending)
{
	struct scripted *d = job->driver;
	const struct assignment *assignment = job->assignment;

	job->assignment = NULL;
	loop_timer_stop(job->timer);
	d->script->ended_count++;
	d->base.listener.on_ended(assignment, ending);
}

static void lose_node(struct scripted *d)
{
	const struct ending lost = {.kind = ENDING_LOST,
	                            .exit_code = -1,
	                            .message = "the connection is gone",
	                            .leaked = "",
	                            .may_run_ms = LEASE_MS};
	uint32_t i;

	stage.lost_at_ms = now_ms();
	d->base.listener.on_node_lost(d->base.listener.data, "the connection is gone");
	for (i = 0; i < d->slot_count; i++) {
		const struct assignment *assignment = d->jobs[i].assignment;

		if (assignment == NULL)
			continue;
		snprintf(stage.lost_ids[stage.lost_count++], sizeof(stage.lost_ids[0]), "%s",
		         assignment->argv[1]);
		snprintf(d->script->late_key, sizeof(d->script->late_key), "%s", assignment->key);
		end_job(&d->jobs[i], &lost);
		if (d->script->answers_at_once) {
			d->base.listener.on_late_result(d->base.listener.data, d->script->late_key,
			                                "it was done after all");
			d->script->late_count++;
		}
	}
}

static void on_job_timer(void *data)
{
	struct job *job = data;
	struct scripted *d = job->driver;
	struct ending ending = {
		.kind = ENDING_RESULT, .message = "", .leaked = "", .elapsed_ns = 5000000};

	if (!job->has_started && !d->script->refuses) {
		job->has_started = true;
		d->base.listener.on_handle(job->assignment, "out/1");
		d->base.listener.on_started(job->assignment, "4711");
		if (++d->script->started_count == d->script->lost_at)
			lose_node(d);
		else
			loop_timer_start(job->timer, JOB_MS);
		return;
	}
	if (d->script->refuses)
		ending = (struct ending){.kind = ENDING_REFUSED,
		                         .exit_code = -1,
		                         .message = "no room on the disk",
		                         .leaked = ""};
	ending.slot_is_ready = true;
	end_job(job, &ending);
	d->base.listener.on_slot_ready(d->base.listener.data, (uint32_t)(job - d->jobs));
	if (d->script->slot_comes_late) {
		d->script->slot_comes_late = false;
		d->base.listener.on_slot_ready(d->base.listener.data, 1);
	}
}

/* ---- the table ---- */

static void scripted_open(struct driver *driver)
{
	struct scripted *d = scripted_of(driver);
	uint32_t i;

	for (i = 0; i < d->slot_count; i++)
		assert_null(d->jobs[i].assignment); /* a lost node's batches have ended */
	d->script->open_count++;
	loop_defer(driver->loop, say_opened, d);
}

static void scripted_prepare(struct driver *driver)
{
	loop_defer(driver->loop, say_prepared, scripted_of(driver));
}

static bool has_variable(const struct assignment *assignment, const char *entry)
{
	size_t i;

	for (i = 0; assignment->own_env[i] != NULL; i++) {
		if (strncmp(assignment->own_env[i], entry, strlen(entry)) == 0)
			return true;
	}
	return false;
}

/* Another node gets only what it lacks, and no path of this machine. */
static void check_assignment(const struct scripted *d, const struct assignment *assignment)
{
	char node[80];

	snprintf(node, sizeof(node), "TANDA_NODE=%s", d->script->name);
	if (assignment->env != NULL || assignment->dir != NULL)
		stage.fault = "it has this machine's environment or folder";
	else if (has_variable(assignment, "PATH=") || has_variable(assignment, "HOME="))
		stage.fault = "it has inherited variables";
	else if (!has_variable(assignment, node) || !has_variable(assignment, "FROM_NODE=yes") ||
	         !has_variable(assignment, "FROM_SUITE=" NODE_BATCH_TMP) ||
	         !has_variable(assignment, "TANDA_REPORT_DIR=" NODE_BATCH_REPORT))
		stage.fault = "a variable is missing";
	else if (strcmp(assignment->work_dir, NODE_WORKSPACE) != 0)
		stage.fault = "its folder is another";
	else if (assignment->slot >= d->slot_count)
		stage.fault = "there is no such slot";
}

static void scripted_submit(struct driver *driver, const struct assignment *assignment)
{
	struct scripted *d = scripted_of(driver);
	struct job *job = &d->jobs[assignment->slot];
	struct submit *submit = &stage.submits[stage.submit_count++];

	assert_null(job->assignment);
	assert_true(stage.submit_count < SUBMITS_MAX);
	check_assignment(d, assignment);
	*submit = (struct submit){.node = d->script->name, .at_ms = now_ms()};
	snprintf(submit->id, sizeof(submit->id), "%s", assignment->argv[1]);
	job->assignment = assignment;
	job->has_started = false;
	loop_timer_start(job->timer, 1);
}

static void scripted_cancel(struct driver *driver, const struct assignment *assignment,
                            enum driver_stop how, int signal_number)
{
	(void)driver;
	(void)assignment;
	(void)how;
	(void)signal_number;
	fail_msg("nothing is to be cancelled");
}

static void say_closed(void *data)
{
	struct scripted *d = data;

	d->base.listener.on_closed(d->base.listener.data);
}

static void scripted_close(struct driver *driver)
{
	loop_defer(driver->loop, say_closed, scripted_of(driver));
}

static void scripted_free(struct driver *driver)
{
	struct scripted *d = scripted_of(driver);
	uint32_t i;

	for (i = 0; i < d->slot_count; i++)
		loop_timer_free(d->jobs[i].timer);
	free(d);
}

static const struct driver_ops scripted_ops = {
	.name = "scripted",
	.open = scripted_open,
	.prepare = scripted_prepare,
	.submit = scripted_submit,
	.cancel = scripted_cancel,
	.close = scripted_close,
	.free = scripted_free,
};

static int scripted_new(struct loop *loop, const struct driver_listener *listener,
                        const struct node_setup *setup, struct driver **ret_driver,
                        struct tanda_error *error)
{
	struct scripted *d = mem_calloc(1, sizeof(*d));
	uint32_t i;

	(void)error;
	d->base = (struct driver){.ops = &scripted_ops, .loop = loop, .listener = *listener};
	d->slot_count = setup->executors;
	assert_true(d->slot_count <= SLOTS_MAX);
	for (i = 0; i < countof(stage.scripts); i++) {
		if (stage.scripts[i].name != NULL &&
		    strcmp(stage.scripts[i].name, setup->name) == 0)
			d->script = &stage.scripts[i];
	}
	assert_non_null(d->script);
	for (i = 0; i < d->slot_count; i++) {
		d->jobs[i].driver = d;
		d->jobs[i].timer = loop_timer_new(loop, on_job_timer, &d->jobs[i]);
	}
	*ret_driver = &d->base;
	return 0;
}

/* ---- the stage ---- */

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* Two nodes, "a" and "b", of two executors each; `more` are further keys of each. */
static void set_stage(const char *a_more, const char *b_more)
{
	char path[200], *config;
	int i;

	stage = (struct stage){.folder = "/tmp/tanda-unit-XXXXXX",
	                       .scripts = {{.name = "a"}, {.name = "b"}}};
	assert_non_null(mkdtemp(stage.folder));
	assert_int_equal(chdir(stage.folder), 0);
	assert_int_equal(mkdir("t", 0777), 0);
	for (i = 0; i < TESTS; i++) {
		snprintf(path, sizeof(path), "t/t%02d.sh", i);
		write_text(path, "exit 0\n");
	}
	config = mem_printf(
		"{\"suites\": {\"s\": {\"framework\": \"command\", \"files\": \"t/*.sh\", "
		"\"run\": [\"sh\", \"{id}\"], \"env\": {\"FROM_SUITE\": \"{tmp}\"}}},\n"
		"\"nodes\": {\"a\": {\"exec\": [\"x\"], \"executors\": 2, "
		"\"env\": {\"FROM_NODE\": \"yes\", \"FROM_SUITE\": \"no\"}%s},\n"
		"\"b\": {\"exec\": [\"x\"], \"executors\": 2, "
		"\"env\": {\"FROM_NODE\": \"yes\"}%s}}}",
		a_more, b_more);
	write_text("tanda.json", config);
	free(config);
}

static void run_stage(void)
{
	const struct run_options options = {.out_dir = "tanda-out",
	                                    .version = "0",
	                                    .is_trial = true,
	                                    .make_driver = scripted_new,
	                                    .first_pause_ms = FIRST_PAUSE_MS};
	const struct project_request request = {.out_dir = "tanda-out"};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct project *project;
	int signal_number = 0;

	if (project_open(&request, &project, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	if (run_tests(project, &options, &stage.exit_code, &signal_number, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	project_free(project);
	if (run_record_read("tanda-out/journal.ndjson", &stage.record, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	if (ledger_check(&stage.record.ledger, &error) < 0)
		fail_msg("%s", error.message);
	if (stage.fault != NULL)
		fail_msg("an assignment: %s", stage.fault);
}

static void clear_stage(void)
{
	run_record_deinit(&stage.record);
	assert_int_equal(chdir("/"), 0);
	remove_tree(stage.folder);
}

static size_t count_submits(const char *node, const char *id)
{
	size_t count = 0, i;

	for (i = 0; i < stage.submit_count; i++) {
		const struct submit *submit = &stage.submits[i];

		count += (node == NULL || strcmp(submit->node, node) == 0) &&
		         (id == NULL || strcmp(submit->id, id) == 0);
	}
	return count;
}

static uint64_t verdicts(enum verdict verdict)
{
	return ledger_totals(&stage.record.ledger).verdicts[verdict];
}

static bool is_warned(const char *words)
{
	size_t i;

	for (i = 0; i < stage.record.ledger.warning_count; i++) {
		if (strstr(stage.record.ledger.warnings[i], words) != NULL)
			return true;
	}
	return false;
}

/* ---- the rules ---- */

static void all_nodes_take_part_and_every_test_runs_once(void **state)
{
	(void)state;
	set_stage("", "");
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_int_equal(stage.submit_count, TESTS);
	assert_true(count_submits("a", NULL) > 0 && count_submits("b", NULL) > 0);
	assert_string_equal(stage.record.ledger.workers[0].node, "a");
	assert_string_equal(stage.record.ledger.workers[3].node, "b");
	assert_int_equal(stage.record.ledger.warning_count, 0);
	clear_stage();
}

static void a_node_that_does_not_answer_is_left_out_with_a_warning(void **state)
{
	(void)state;
	set_stage(", \"launch_retries\": 0", "");
	stage.scripts[0].silent_opens = UINT32_MAX;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_int_equal(stage.scripts[0].open_count, 1);
	assert_int_equal(count_submits("a", NULL), 0);
	assert_true(is_warned("node a is left out: nobody answers"));
	clear_stage();
}

static void asking_again_ends_at_once_where_it_is_of_no_use(void **state)
{
	(void)state;
	set_stage("", ", \"labels\": \"slow\"");
	stage.scripts[0].silent_opens = UINT32_MAX;
	stage.scripts[0].is_final = true;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(stage.scripts[0].open_count, 1);
	clear_stage();
}

static void a_node_that_answers_later_is_used(void **state)
{
	(void)state;
	set_stage("", ", \"launch_retries\": 0");
	stage.scripts[0].silent_opens = 2;
	stage.scripts[1].silent_opens = UINT32_MAX;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_int_equal(stage.scripts[0].open_count, 3);
	assert_int_equal(count_submits("a", NULL), TESTS);
	assert_true(is_warned("node a cannot be used yet: nobody answers; it is tried again"));
	clear_stage();
}

static void what_a_lost_node_had_runs_elsewhere_when_its_lease_is_over(void **state)
{
	size_t i, n;

	(void)state;
	set_stage(", \"launch_retries\": 0", "");
	stage.scripts[0].lost_at = 2;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_true(stage.lost_count > 0);
	for (i = 0; i < stage.lost_count; i++) {
		assert_int_equal(count_submits(NULL, stage.lost_ids[i]), 2);
		for (n = 0; n < stage.submit_count; n++) {
			const struct submit *submit = &stage.submits[n];

			if (strcmp(submit->id, stage.lost_ids[i]) == 0 &&
			    strcmp(submit->node, "b") == 0)
				assert_true(submit->at_ms >= stage.lost_at_ms + LEASE_MS);
		}
	}
	assert_int_equal(stage.record.ledger.stale, 0);
	clear_stage();
}

static void a_lost_node_that_is_back_goes_on_and_its_late_result_is_not_used(void **state)
{
	(void)state;
	set_stage("", ", \"launch_retries\": 0");
	stage.scripts[0].lost_at = 3;
	stage.scripts[0].answers_late = true;
	stage.scripts[1].silent_opens = UINT32_MAX; /* there is no other */
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_int_equal(stage.scripts[0].open_count, 2);
	assert_int_equal(stage.scripts[0].late_count, 1);
	assert_int_equal(stage.record.ledger.stale, 1);
	assert_true(is_warned("node a is lost: the connection is gone; its tests go to others"));
	assert_true(is_warned("node a: a late result of batch"));
	clear_stage();
}

static void a_result_that_comes_while_the_lease_runs_is_late_too(void **state)
{
	(void)state;
	set_stage(", \"launch_retries\": 0", "");
	stage.scripts[0].lost_at = 1;
	stage.scripts[0].answers_at_once = true;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_true(stage.scripts[0].late_count > 0);
	assert_int_equal(stage.record.ledger.stale, stage.scripts[0].late_count);
	clear_stage();
}

static void when_all_nodes_are_gone_every_test_has_its_verdict(void **state)
{
	(void)state;
	set_stage(", \"launch_retries\": 1", ", \"launch_retries\": 1");
	stage.scripts[0].lost_at = 3;
	stage.scripts[0].is_lost_for_good = true;
	stage.scripts[1].lost_at = 3;
	stage.scripts[1].is_lost_for_good = true;
	run_stage();
	assert_int_equal(stage.exit_code, 3);
	assert_true(verdicts(VERDICT_LOST) > 0 && verdicts(VERDICT_NOT_RUN) > 0);
	assert_int_equal(verdicts(VERDICT_PASSED) + verdicts(VERDICT_LOST) +
	                         verdicts(VERDICT_NOT_RUN),
	                 TESTS);
	assert_int_equal(stage.scripts[0].open_count, 2);
	assert_true(is_warned("node b is left out: nobody answers"));
	assert_non_null(strstr(stage.record.ledger.stop_message, "node a: nobody answers"));
	clear_stage();
}

static void what_a_node_refuses_runs_on_another(void **state)
{
	(void)state;
	set_stage("", "");
	stage.scripts[0].refuses = true;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(verdicts(VERDICT_PASSED), TESTS);
	assert_int_equal(count_submits("b", NULL), TESTS);
	clear_stage();
}

static void what_every_node_refuses_is_an_error(void **state)
{
	(void)state;
	set_stage("", "");
	stage.scripts[0].refuses = true;
	stage.scripts[1].refuses = true;
	run_stage();
	assert_int_equal(stage.exit_code, 3);
	assert_int_equal(verdicts(VERDICT_ERROR), TESTS);
	clear_stage();
}

static void a_slot_that_is_away_gets_nothing_until_it_is_back(void **state)
{
	(void)state;
	set_stage("", ", \"launch_retries\": 0");
	stage.scripts[0].slot_comes_late = true;
	stage.scripts[1].silent_opens = UINT32_MAX;
	run_stage();
	assert_int_equal(stage.exit_code, 0);
	assert_int_equal(count_submits("a", NULL), TESTS);
	assert_true(stage.record.ledger.workers[1].tests > 0);
	clear_stage();
}

static void tests_of_a_label_that_only_a_gone_node_has_are_not_run(void **state)
{
	(void)state;
	set_stage(", \"labels\": \"gpu\", \"launch_retries\": 0",
	          "}}, \"areas\": {\"t\": {\"labels\": \"gpu\"");
	stage.scripts[0].silent_opens = UINT32_MAX;
	run_stage();
	assert_int_equal(stage.exit_code, 3);
	assert_int_equal(verdicts(VERDICT_NOT_RUN), TESTS);
	assert_true(is_warned("no worker is left that may run t/t00.sh"));
	clear_stage();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_nodes_take_part_and_every_test_runs_once),
		cmocka_unit_test(a_node_that_does_not_answer_is_left_out_with_a_warning),
		cmocka_unit_test(asking_again_ends_at_once_where_it_is_of_no_use),
		cmocka_unit_test(a_node_that_answers_later_is_used),
		cmocka_unit_test(what_a_lost_node_had_runs_elsewhere_when_its_lease_is_over),
		cmocka_unit_test(a_lost_node_that_is_back_goes_on_and_its_late_result_is_not_used),
		cmocka_unit_test(a_result_that_comes_while_the_lease_runs_is_late_too),
		cmocka_unit_test(when_all_nodes_are_gone_every_test_has_its_verdict),
		cmocka_unit_test(what_a_node_refuses_runs_on_another),
		cmocka_unit_test(what_every_node_refuses_is_an_error),
		cmocka_unit_test(a_slot_that_is_away_gets_nothing_until_it_is_back),
		cmocka_unit_test(tests_of_a_label_that_only_a_gone_node_has_are_not_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
