/* table.c - see table.h. */
#include "runner/commands/table.h"

#include <string.h>

#include "runner/commands/commands.h"
#include "runner/commands/topics.h"
#include "shards/base/mem.h"

enum {
	PROJECT = VERB_INIT | VERB_LIST | VERB_RUN | VERB_PLAN | VERB_HISTORY | VERB_CHECK |
	          VERB_CONFIG,
	SELECT = VERB_LIST | VERB_RUN | VERB_PLAN,
	RUN = VERB_RUN,
	ANY = ~0,
};

/* The member's place, and a refusal to compile when it has not the kind's type. A type and a name
 * cannot stand in parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */
#define MEMBER(kind_, type, member)                                                \
	.kind = (kind_), .offset = _Generic(((struct options *)NULL)->member, type \
	                                    : offsetof(struct options, member))
/* NOLINTEND(bugprone-macro-parentheses) */
#define FLAG(member)    MEMBER(OPTION_FLAG, bool, member)
#define TEXT(member)    MEMBER(OPTION_TEXT, const char *, member)
#define COUNT(member)   MEMBER(OPTION_COUNT, uint64_t, member)
#define WORD(member)    MEMBER(OPTION_WORD, unsigned, member)
#define LIST(member)    MEMBER(OPTION_LIST, struct word_list, member)
#define KEY(name)       .kind = OPTION_KEY, .key = (name)
#define KEY_FALSE(name) .kind = OPTION_KEY_FALSE, .key = (name)

/* A row is a line, so that two branches that each add one seldom meet. */
/* clang-format off */
const struct option option_table[] = {
	{"--area", 'a', "A[,B]", "only tests of these areas", SELECT, GROUP_SELECT, LIST(areas)},
	{"--tag", 't', "EXPR", "only files with these Gherkin tags: \"@a and not @b\"", SELECT, GROUP_SELECT, TEXT(tag)},
	{"--match", 'k', "TEXT", "only tests with TEXT in their id", SELECT, GROUP_SELECT, TEXT(match)},
	{"--failed", 0, NULL, "only what the last run left failed, in error, lost or not run", SELECT, GROUP_SELECT, FLAG(only_failed)},
	{"--from-file", 0, "FILE|-", "only the tests named in FILE, one a line", SELECT, GROUP_SELECT, TEXT(from_file)},
	{"--since", 0, "REF", "only what changed since REF and HEAD parted: areas by their paths, and changed tests", SELECT, GROUP_SELECT, TEXT(since)},
	{"--unclaimed", 0, "all|nothing", "with --since: what a change selects that is in no area's paths", SELECT, GROUP_SELECT, KEY("since.unclaimed")},

	{"--jobs", 'j', "N", "workers on this machine (default: its CPUs)", RUN | VERB_LIST, GROUP_RUN, KEY("nodes.local")},
	{"--retries", 0, "N", "run a failed test up to N times more", RUN, GROUP_RUN, KEY("retries")},
	{"--test-timeout", 0, "TIME", "limit of one test: 90s, 2m30s, 300% of the expected time, 0 for none", RUN, GROUP_RUN, KEY("test_timeout")},
	{"--run-timeout", 0, "TIME", "limit of the whole run", RUN, GROUP_RUN, KEY("run_timeout")},
	{"--grace", 0, "TIME", "time between SIGTERM and SIGKILL", RUN, GROUP_RUN, KEY("grace")},
	{"--no-second-chance", 0, NULL, "do not run again, alone, what a crash left open", RUN, GROUP_RUN, KEY_FALSE("second_chance")},
	{"--max-fail", 'x', "N", "start nothing more after N failures", RUN, GROUP_RUN, COUNT(max_fail)},
	{"--allow-empty", 0, NULL, "nothing to run is no error", RUN, GROUP_RUN, FLAG(allow_empty)},
	{"--fail-on-flaky", 0, NULL, "a flaky test fails the run", RUN, GROUP_RUN, FLAG(fail_on_flaky)},
	{"--dry-run", 'n', NULL, "print what would be started, start nothing", RUN, GROUP_RUN, FLAG(dry_run)},
	{"--shard", 0, "K/N|auto", "run part K of N, the same on every machine; auto: as the CI numbers its parallel jobs", RUN, GROUP_SELECT, TEXT(shard)},
	{"--plan", 0, "FILE", "the shards are those of this plan (tanda plan --shards N -o FILE)", RUN, GROUP_SELECT, TEXT(plan_path)},
	{"--jobs", 'j', "N|N-M", "plan for N equal workers, or for each number from N to M", VERB_PLAN, GROUP_RUN, TEXT(plan_jobs)},
	{"--target", 0, "TIME", "how many workers end in TIME, or what stands in the way", VERB_PLAN, GROUP_RUN, TEXT(target)},
	{"--compare", 0, NULL, "the ways to share out tests, side by side", VERB_PLAN, GROUP_RUN, FLAG(compare)},
	{"--noise", 0, "S", "compare under times that are wrong by chance: 0.2 for 20%", VERB_PLAN, GROUP_RUN, TEXT(noise)},
	{"--nodes", 0, "SPEC", "nodes that are not there yet: local:2,box:4x1.5/8+linux (executors, x speed, / cpus, + labels)", VERB_PLAN, GROUP_RUN, TEXT(nodes)},
	{"--shards", 0, "N", "a static plan for N jobs that share nothing", VERB_PLAN, GROUP_RUN, TEXT(shards)},
	{"--explain", 0, "TEST", "why this test runs where and when it does", VERB_PLAN, GROUP_RUN, TEXT(explain)},
	{"--junit", 0, NULL, "plan what JUnit reports tell of, without any configuration; PATHs are reports or folders, one for each run", VERB_PLAN, GROUP_SELECT, FLAG(from_reports)},
	{"--start-up", 0, "TIME", "with --junit: what starting the framework costs", VERB_PLAN, GROUP_RUN, TEXT(start_up)},
	{"--resume", 0, NULL, "go on, with its flags, with the run in the out folder, whose tanda was killed", RUN, GROUP_RUN, FLAG(resume)},
	{"--strategy", 0, "dynamic|areas|files|count|lpt", "how tests are shared out; all but the first are for comparing", RUN, GROUP_RUN, WORD(strategy)},

	{"--out", 'o', "DIR", "the run's folder (default: tanda-out)", RUN | VERB_LIST, GROUP_OUTPUT, TEXT(out_dir)},
	{"--output", 0, "failed|all|live|none", "tests' output to show", RUN, GROUP_OUTPUT, WORD(output)},
	{"--progress", 0, "auto|bar|counter|none", "a bar with what runs, results counted, or neither", RUN, GROUP_OUTPUT, WORD(progress)},
	{"--out", 'o', "FILE", "the merged report (default: standard output)", VERB_MERGE, GROUP_OUTPUT, TEXT(merge_out)},
	{"--out", 'o', "FILE", "also write the plan to FILE", VERB_PLAN, GROUP_OUTPUT, TEXT(plan_out)},
	{"--split", 0, "DIR", "instead, a file TEST-*.xml for each suite", VERB_MERGE, GROUP_OUTPUT, TEXT(split_dir)},
	{"--plan", 0, "FILE", "the plan that all its tests must be told of", VERB_MERGE, GROUP_SELECT, TEXT(merge_plan)},
	{"--expect", 0, "N", "the shards that must be there, each once", VERB_MERGE, GROUP_SELECT, COUNT(expected_shards)},
	{"--attempts", 0, NULL, "take equal cases for attempts of one", VERB_MERGE, GROUP_SELECT, FLAG(joins_attempts)},
	{"--output", 0, "failed|all|none", "tests' output to keep: little of what passed, all, or none", VERB_MERGE, GROUP_OUTPUT, WORD(merge_output)},
	{"--attachments", 0, "relative|absolute", "paths of attachments in the merged report", VERB_MERGE, GROUP_OUTPUT, WORD(attachments)},
	{"--name", 0, "NAME", "of the merged report (default: tanda)", VERB_MERGE, GROUP_OUTPUT, TEXT(merge_name)},
	{"--timings", 0, "FILE", "also write the times of all tests to FILE", RUN | VERB_MERGE, GROUP_OUTPUT, TEXT(timings)},
	{"--junit", 0, "FILE", "also write junit.xml to FILE", RUN, GROUP_OUTPUT, KEY("reports.junit")},
	{"--html", 0, "FILE", "also write report.html to FILE", RUN, GROUP_OUTPUT, KEY("reports.html")},
	{"--json", 0, NULL, "print for programs (check: of nodes)", VERB_LIST | VERB_PLAN | VERB_HISTORY | VERB_MERGE | VERB_CHECK, GROUP_OUTPUT, FLAG(json)},
	{"--check", 0, NULL, "verify the run's invariants, write nothing", VERB_REPORT, GROUP_OUTPUT, FLAG(check)},
	{"--jenkins-job", 0, NULL, "check nodes: print the job that a Jenkins node needs, as config.xml and as Jenkinsfile", VERB_CHECK, GROUP_OUTPUT, FLAG(jenkins_job)},
	{"--write", 0, NULL, "write tanda.json instead of printing it", VERB_INIT, GROUP_OUTPUT, FLAG(write)},

	{"--config", 'c', "FILE", "read FILE instead of the nearest tanda.json", PROJECT, GROUP_COMMON, TEXT(config_path)},
	{"--help", 'h', NULL, "this text", ANY, GROUP_COMMON, FLAG(help)},
};
/* clang-format on */
const size_t option_count = countof(option_table);

const struct command command_table[] = {
	{"init", VERB_INIT, command_init, "[--write]", NULL,
         "find the test frameworks here and print a tanda.json for them",
         "tanda init                      print what it would write\n"
         "tanda init --write              write tanda.json and its schema\n"},
	{"list", VERB_LIST, command_list, "[PATH...] [OPTIONS]", NULL,
         "the areas and tests, with their expected times",
         "tanda list                      every test, by area\n"
         "tanda list --area cart --json   one area, for a program\n"},
	{"plan", VERB_PLAN, command_plan, "[PATH...] [OPTIONS]", NULL,
         "rehearse the run: how long on how many workers, and what bounds it",
         "tanda plan                      on the workers there are, and on 1 to 16\n"
         "tanda plan --junit reports/     of nothing but last night's reports\n"
         "tanda plan --target 10m         how many workers, or what stands in the way\n"
         "tanda plan -j 4 --compare --noise 0.2   the ways to share out, side by side\n"
         "tanda plan --shards 3 -o plan.json      for tanda run --plan plan.json --shard 1/3\n"
         "tanda plan --explain pay.feature        why does it run where and when it does?\n"},
	{"run", VERB_RUN, command_run, "[PATH...] [OPTIONS]", NULL,
         "run the tests in parallel and write the reports",
         "tanda run                       every test, on this machine's CPUs\n"
         "tanda run --failed              what the last run left failed or not run\n"
         "tanda run --resume              go on with a run whose tanda was killed\n"
         "tanda run -j 4 features/cart    one folder, on 4 workers\n"
         "tanda run --dry-run             every command, starting nothing\n"},
	{"merge", VERB_MERGE, command_merge, "PATH... [OPTIONS]", NULL,
         "make one JUnit report of any others: files, folders, - for standard input",
         "tanda merge -o all.xml reports/         every *.xml in a folder\n"
         "tanda merge -o all.xml --expect 8 in/   and each of 8 shards is there\n"
         "tanda merge --plan plan.json in/ | ...  every planned test is accounted for\n"},
	{"report", VERB_REPORT, command_report, "[DIR] [OPTIONS]", NULL,
         "rebuild every report from a run's journal alone",
         "tanda report                    of the run in tanda-out\n"
         "tanda report --check old-run    do all its invariants hold?\n"},
	{"history", VERB_HISTORY, command_history,
         "[slow|flaky|trend|prune|import PATH...|export [FILE]]",
         "slow|flaky|trend|prune|import|export",
         "what past runs tell: times, flaky tests, how well predictions held",
         "tanda history                   every run, with what was predicted of it\n"
         "tanda history slow              the slowest tests; flaky: the unsteady ones\n"
         "tanda history trend             areas that get slower\n"
         "tanda history import reports/   times out of other runs' JUnit reports\n"
         "tanda history export times.json  known times for other machines, or to commit\n"},
	{"check", VERB_CHECK, command_check, "[config|suites|nodes]", "config|suites|nodes",
         "is everything in order? the configuration, one test of each suite, run and reconciled; the nodes",
         "tanda check                     configuration and suites; each fault with its remedy\n"
         "tanda check config              starting nothing\n"
         "tanda check nodes               can each be reached and used, and how fast is it?\n"
         "tanda check nodes --jenkins-job > job.xml   the job that a Jenkins node needs\n"},
	{"config", VERB_CONFIG, command_config, "show|schema", "show|schema",
         "the configuration in force, or the schema of tanda.json",
         "tanda config show               each setting, and where it comes from\n"
         "tanda config schema             for editors that complete and check\n"},
	{"completion", VERB_COMPLETION, command_completion, "bash|zsh|fish", "bash|zsh|fish",
         "print a script that completes tanda's commands and options",
         "tanda completion bash > ~/.local/share/bash-completion/completions/tanda\n"
         "tanda completion zsh > ~/.zfunc/_tanda    with ~/.zfunc in fpath\n"
         "tanda completion fish > ~/.config/fish/completions/tanda.fish\n"},
	{"help", VERB_HELP, command_help, "[COMMAND|TOPIC]", topic_words,
         "explain a command or a topic",
         "tanda help run                  as tanda run --help\n"
         "tanda help exit-codes           what a script can rely on\n"},
};
const size_t command_count = countof(command_table);

const struct variable variable_table[] = {
	{"TANDA_JOBS", "nodes.local"},
	{"TANDA_RETRIES", "retries"},
	{"TANDA_TEST_TIMEOUT", "test_timeout"},
	{"TANDA_RUN_TIMEOUT", "run_timeout"},
	{"TANDA_GRACE", "grace"},
	{"TANDA_SECOND_CHANCE", "second_chance"},
	{"TANDA_TIMINGS", "timings"},
	{"TANDA_NAME", "name"},
	{"TANDA_JUNIT", "reports.junit"},
	{"TANDA_HTML", "reports.html"},
};
const size_t variable_count = countof(variable_table);

const struct exit_status exit_table[] = {
	{"0", "every planned test passed, is skipped or flaky (--fail-on-flaky: 1)"},
	{"1", "tests failed, or a quarantine has expired"},
	{"2", "usage or configuration is wrong; nothing ran"},
	{"3", "the truth is incomplete: tests in error, lost or not run, or a report that could "
              "not be written; the reason is in summary.json"},
	{"4", "nothing to run (--allow-empty: 0)"},
	{"70", "a bug in tanda"},
	{"128+n", "ended by signal n, after the reports were written"},
};
const size_t exit_count = countof(exit_table);

const struct command *command_find(const char *name)
{
	size_t i;

	for (i = 0; i < command_count; i++) {
		if (strcmp(name, command_table[i].name) == 0)
			return &command_table[i];
	}
	return NULL;
}

bool option_is_shown(const struct option *option, int verbs)
{
	return (option->verbs & verbs) != 0 && option->help != NULL;
}

const char *option_group_title(enum option_group group)
{
	switch (group) {
	case GROUP_SELECT:
		return "Which tests";
	case GROUP_RUN:
		return "How they run";
	case GROUP_OUTPUT:
		return "What is shown and written";
	case GROUP_COMMON:
		return "Also";
	}
	return "";
}
