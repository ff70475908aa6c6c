/* check_nodes.c - `tanda check nodes`: can each node be reached and used as a run would, and how
 * does it compare with this machine? */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/commands/check.h"
#include "runner/commands/commands.h"
#include "runner/config/config.h"
#include "runner/record/file.h"
#include "runner/report/json_value.h"
#include "runner/run/node_probe.h"
#include "runner/run/project.h"
#include "shards/base/mem.h"

#define GIB (UINT64_C(1024) * 1024 * 1024)
#define MIB (UINT64_C(1024) * 1024)

enum {
	FREE_NOTED_MIB = 1024,
	FREE_NEEDED_MIB = 100,
	PLACE_MAX_BYTES = 400,
	OFFSET_NOTED_S = 2,
	FINDINGS_MAX = 64,
	SHOWN_MAX_BYTES = 64, /* of a line that a program says of itself */
};

enum level { LEVEL_OK, LEVEL_NOTE, LEVEL_FAULT };

static const char *const level_words[] = {"ok", "note", "FAULT"};
static const char *const level_keys[] = {"ok", "note", "fault"};

/* A sentence about a node and, unless all is well, what helps. */
struct finding {
	enum level level;
	char *words, *remedy;
};

struct findings {
	struct finding items[FINDINGS_MAX];
	size_t count;
	bool have_fault;
};

/* Takes both texts; `remedy` may be NULL. */
static void add(struct findings *findings, enum level level, char *words, char *remedy)
{
	if (findings->count == FINDINGS_MAX) {
		free(words);
		free(remedy);
	} else {
		findings->items[findings->count++] = (struct finding){level, words, remedy};
	}
	findings->have_fault |= level == LEVEL_FAULT;
}

static void forget(struct findings *findings)
{
	size_t i;

	for (i = 0; i < findings->count; i++) {
		free(findings->items[i].words);
		free(findings->items[i].remedy);
	}
	findings->count = 0;
	findings->have_fault = false;
}

/* ---- judging ---- */

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static const char *shell_name(const struct node_probe *probe)
{
	const char *slash;

	if (probe->sh == NULL)
		return "";
	slash = strrchr(probe->sh, '/');
	return slash != NULL ? slash + 1 : probe->sh;
}

/* As fast as this machine: 1. Two shells do not take the same time for the same work: 0. */
static double speed(const struct node_probe *probe, const struct node_probe *here)
{
	if (probe->loop_ns == 0 || here->loop_ns == 0 ||
	    strcmp(shell_name(probe), shell_name(here)) != 0)
		return 0;
	return (double)here->loop_ns / (double)probe->loop_ns;
}

/* ", workspace in 0.41 s (12 files, 34.1 kB, by rsync)"; nothing for a build, which has its own. */
static void add_workspace(const struct node_probe *probe, struct text_buf *out)
{
	bool is_brought = probe->settings->workspace != WORKSPACE_SHARED;

	text_buf_printf(out, ", workspace in %.2f s", seconds(probe->ready_ns));
	if (probe->settings->kind == NODE_JENKINS || !is_brought)
		return;
	if (probe->settings->workspace == WORKSPACE_GIT)
		text_buf_add_str(out, probe->sent_by != NULL ? " (by git, fetched)"
		                                             : " (by git, the commit was there)");
	else if (probe->sent_by == NULL)
		text_buf_add_str(out, " (nothing had changed)");
	else
		text_buf_printf(out, " (%llu %s, %.1f kB, by %s)",
		                (unsigned long long)probe->sent_files,
		                probe->sent_files == 1 ? "file" : "files",
		                (double)probe->sent_bytes / 1e3, probe->sent_by);
}

static void judge_way(const struct node_probe *probe, struct findings *findings)
{
	struct text_buf place;

	if (!probe->has_answered) {
		add(findings, LEVEL_FAULT,
		    mem_printf("%s: %s",
		               !probe->is_reached ? "it cannot be reached"
		               : !probe->is_ready ? "its workspace cannot be made ready"
		                                  : "it can run nothing",
		               probe->why != NULL ? probe->why : "it does not answer"),
		    NULL);
		return;
	}
	text_buf_init(&place, PLACE_MAX_BYTES);
	if (probe->settings->kind == NODE_LOCAL) {
		text_buf_add_str(&place, "this machine");
	} else {
		text_buf_printf(&place, "%s, reached in %.2f s",
		                node_kind_name(probe->settings->kind), seconds(probe->reached_ns));
		add_workspace(probe, &place);
	}
	text_buf_printf(&place, ", %u %s", probe->executors,
	                probe->executors == 1 ? "executor" : "executors");
	add(findings, LEVEL_OK, text_buf_steal(&place), NULL);
	if (probe->note != NULL)
		add(findings, LEVEL_NOTE, mem_printf("its workspace was not kept: %s", probe->note),
		    NULL);
}

static void judge_executors(const struct node_probe *probe, struct findings *findings)
{
	if (probe->is_reached && probe->settings->kind != NODE_LOCAL &&
	    probe->there_executors < probe->executors)
		add(findings, LEVEL_NOTE,
		    mem_printf("it has %u of the %u executors that are asked for",
		               probe->there_executors, probe->executors),
		    mem_printf("add executors there, or set \"executors\": %u",
		               probe->there_executors));
	/* Of a controller only the agent is known that took the question. */
	if (probe->settings->kind != NODE_JENKINS && probe->cpus > 0 &&
	    probe->executors > probe->cpus)
		add(findings, LEVEL_NOTE,
		    mem_printf("%u executors share %u %s", probe->executors, probe->cpus,
		               probe->cpus == 1 ? "cpu" : "cpus"),
		    mem_printf("tests that compute slow one another down; \"executors\": %u suits "
		               "them",
		               probe->cpus));
}

static void judge_programs(const struct node_probe *probe, struct findings *findings)
{
	char *said = mem_strdup("");
	size_t i;

	for (i = 0; i < probe->program_count; i++) {
		const struct node_program *program = &probe->programs[i];

		if (program->is_missing) {
			add(findings, LEVEL_FAULT,
			    mem_printf("the program of suite %s, '%s', is not there",
			               program->suite, program->program),
			    mem_printf("install it there, put it into PATH by \"env\", or keep the "
			               "suite's areas away by \"labels\""));
		} else {
			char *more = mem_printf("%s%s%s", said, said[0] != '\0' ? ", " : "",
			                        program->program);

			free(said);
			said = more;
		}
	}
	if (said[0] != '\0')
		add(findings, LEVEL_OK, mem_printf("has what its suites start: %s", said), NULL);
	free(said);
}

static char *tool(const char *name, const char *version)
{
	if (version == NULL)
		return mem_printf("no %s", name);
	return mem_printf("%.*s", SHOWN_MAX_BYTES, version[0] != '\0' ? version : name);
}

static void judge_tools(const struct node_probe *probe, struct findings *findings)
{
	char *tar = tool("tar", probe->tar), *rsync = tool("rsync", probe->rsync);
	char *git = tool("git", probe->git);

	add(findings, LEVEL_OK,
	    mem_printf("sh is %s; %s; %s; %s", shell_name(probe), tar, rsync, git), NULL);
	if (probe->settings->kind != NODE_LOCAL && probe->settings->workspace == WORKSPACE_GIT &&
	    probe->git == NULL)
		add(findings, LEVEL_FAULT, mem_strdup("\"workspace\": \"git\" wants git"),
		    mem_strdup("install git there, or use \"sync\""));
	free(tar);
	free(rsync);
	free(git);
}

static void judge_disk(const struct node_probe *probe, struct findings *findings)
{
	const char *root = probe->settings->remote_root != NULL ? probe->settings->remote_root
	                                                        : "its temporary folder";
	uint64_t free_mib = probe->free_bytes / MIB;

	if (!probe->knows_free)
		return;
	add(findings,
	    free_mib < FREE_NEEDED_MIB  ? LEVEL_FAULT
	    : free_mib < FREE_NOTED_MIB ? LEVEL_NOTE
	                                : LEVEL_OK,
	    free_mib < FREE_NOTED_MIB
	            ? mem_printf("%llu MiB are free in %s", (unsigned long long)free_mib, root)
	            : mem_printf("%s can be written, %.1f GiB are free", root,
	                         (double)probe->free_bytes / (double)GIB),
	    free_mib < FREE_NOTED_MIB
	            ? mem_strdup("make room there, or name another place by \"remote_root\"")
	            : NULL);
}

static void judge_clock(const struct node_probe *probe, struct findings *findings)
{
	int64_t offset_s = probe->clock_offset_s;
	long long away_s = offset_s < 0 ? -offset_s : offset_s;

	if (away_s >= OFFSET_NOTED_S)
		add(findings, LEVEL_NOTE,
		    mem_printf("its clock is %lld s %s", away_s, offset_s < 0 ? "behind" : "ahead"),
		    mem_strdup("let it follow a time server: times in its reports and logs are "
		               "wrong, tanda's own are not"));
}

static void judge_speed(const struct node_probe *probe, const struct node_probe *here,
                        struct findings *findings)
{
	double ratio = speed(probe, here);
	char cpus[40] = "an unknown number of cpus";

	if (probe->cpus > 0)
		snprintf(cpus, sizeof(cpus), "%u %s", probe->cpus,
		         probe->cpus == 1 ? "cpu" : "cpus");
	if (probe == here || ratio == 0)
		add(findings, LEVEL_OK, mem_strdup(cpus), NULL);
	else
		add(findings, LEVEL_OK,
		    mem_printf("%s, each %.2f times as fast as here, by a loop of its shell", cpus,
		               ratio),
		    NULL);
}

static void judge(const struct node_probe *probe, const struct node_probe *here,
                  struct findings *findings)
{
	judge_way(probe, findings);
	judge_executors(probe, findings);
	if (!probe->has_answered)
		return;
	judge_speed(probe, here, findings);
	judge_programs(probe, findings);
	judge_tools(probe, findings);
	judge_disk(probe, findings);
	judge_clock(probe, findings);
}

/* ---- telling ---- */

static void print(const struct node_probe *probe, const struct findings *findings)
{
	size_t i;

	for (i = 0; i < findings->count; i++)
		check_say(level_words[findings->items[i].level], probe->settings->name,
		          findings->items[i].words, findings->items[i].remedy);
}

static json_t *findings_json(const struct findings *findings)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < findings->count; i++) {
		json_t *item = json_object();

		json_object_set_new(item, "level",
		                    json_string(level_keys[findings->items[i].level]));
		json_object_set_new(item, "message", json_value_string(findings->items[i].words));
		json_object_set_new(item, "help", json_value_string(findings->items[i].remedy));
		json_array_append_new(array, item);
	}
	return array;
}

static json_t *programs_json(const struct node_probe *probe)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < probe->program_count; i++) {
		json_t *item = json_object();

		json_object_set_new(item, "suite", json_value_string(probe->programs[i].suite));
		json_object_set_new(item, "program", json_value_string(probe->programs[i].program));
		json_object_set_new(
			item, "is_there",
			json_boolean(probe->has_answered && !probe->programs[i].is_missing));
		json_array_append_new(array, item);
	}
	return array;
}

static json_t *node_json(const struct node_probe *probe, const struct node_probe *here,
                         const struct findings *findings)
{
	json_t *node = json_object();
	double ratio = speed(probe, here);

	json_object_set_new(node, "name", json_value_string(probe->settings->name));
	json_object_set_new(node, "kind", json_string(node_kind_name(probe->settings->kind)));
	json_object_set_new(node, "is_good", json_boolean(!findings->have_fault));
	json_object_set_new(node, "reached_s",
	                    json_value_seconds_if(probe->is_reached, probe->reached_ns));
	json_object_set_new(node, "workspace_s",
	                    json_value_seconds_if(probe->is_ready, probe->ready_ns));
	json_object_set_new(node, "sent_files", json_value_number(probe->sent_files));
	json_object_set_new(node, "sent_bytes", json_value_number(probe->sent_bytes));
	json_object_set_new(node, "sent_by",
	                    probe->sent_by != NULL ? json_value_string(probe->sent_by)
	                                           : json_null());
	json_object_set_new(node, "executors", json_value_number(probe->executors));
	json_object_set_new(node, "cpus",
	                    probe->cpus > 0 ? json_value_number(probe->cpus) : json_null());
	json_object_set_new(node, "speed", ratio > 0 ? json_value_ratio(ratio) : json_null());
	json_object_set_new(node, "free_bytes",
	                    probe->knows_free ? json_value_number(probe->free_bytes) : json_null());
	json_object_set_new(node, "clock_offset_s",
	                    probe->has_answered ? json_integer(probe->clock_offset_s)
	                                        : json_null());
	json_object_set_new(node, "sh", json_value_string(probe->sh));
	json_object_set_new(node, "tar", json_value_string(probe->tar));
	json_object_set_new(node, "rsync", json_value_string(probe->rsync));
	json_object_set_new(node, "git", json_value_string(probe->git));
	json_object_set_new(node, "programs", programs_json(probe));
	json_object_set_new(node, "findings", findings_json(findings));
	return node;
}

/* Nodes that nobody asks: why. */
static void print_offline(const struct config *config)
{
	size_t i;

	for (i = 0; i < config->node_count; i++) {
		if (config->nodes[i].offline != NULL) {
			char *words = mem_printf("not asked, as it is offline: %s",
			                         config->nodes[i].offline);

			check_say("note", config->nodes[i].name, words, NULL);
			free(words);
		}
	}
}

static int tell(const struct project *project, const struct node_probes *probes, bool as_json)
{
	const struct node_probe *here = &probes->items[0];
	json_t *nodes = json_array(), *root;
	bool is_good = true;
	char *text;
	size_t i;

	for (i = 0; i < probes->count; i++) {
		const struct node_probe *probe = &probes->items[i];
		struct findings findings = {.count = 0};

		if (!probe->is_shown)
			continue;
		judge(probe, here, &findings);
		is_good &= !findings.have_fault;
		if (as_json)
			json_array_append_new(nodes, node_json(probe, here, &findings));
		else
			print(probe, &findings);
		forget(&findings);
	}
	if (!as_json) {
		json_decref(nodes);
		print_offline(project->config);
		return check_end(is_good ? 0 : EXIT_INCOMPLETE);
	}
	root = json_object();
	json_object_set_new(root, "schema", json_string("tanda.check-nodes/1"));
	json_object_set_new(root, "is_good", json_boolean(is_good));
	json_object_set_new(root, "nodes", nodes);
	text = json_value_dump(root);
	fputs(text, stdout);
	free(text);
	return is_good ? 0 : EXIT_INCOMPLETE;
}

int check_nodes(const struct project *project, bool as_json)
{
	const char *tmp = getenv("TMPDIR");
	char *folder = mem_printf("%s/tanda-check-XXXXXX", tmp != NULL ? tmp : "/tmp");
	struct tanda_error error = TANDA_ERROR_INIT;
	struct node_probes probes;
	int code;

	if (mkdtemp(folder) == NULL) {
		tanda_error_set(&error, folder, "a folder for the check cannot be made here");
		code = commands_fail_as(&error, TANDA_CODE_WRITE);
	} else if (node_probes_run(project, folder, &probes, &error) < 0) {
		remove_tree(folder);
		code = commands_fail(&error);
	} else {
		remove_tree(folder);
		code = tell(project, &probes, as_json);
		node_probes_deinit(&probes);
	}
	free(folder);
	return code;
}
