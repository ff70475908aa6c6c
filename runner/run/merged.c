/* merged.c - see merged.h. */
#include "runner/run/merged.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/junit/write.h"
#include "runner/record/journal.h"
#include "runner/run/case_index.h"
#include "runner/run/clock.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { AGAINS_MAX = 20, NUMBER_BYTES = 24, PLACES_MAX_BYTES = 4096 };

struct merging {
	const struct run_record *record;
	const struct ledger *ledger;
	struct journal_reader *reader;
	struct junit_writer *writer;
	struct timespec started;
	struct case_index index;
};

static const struct case_ref *case_at(const struct merging *m, size_t position)
{
	return &m->record->cases[m->index.order[position]];
}

/* ---- texts ---- */

/* Owned copies of a case's texts, as the reader's are gone with the next read. */
struct kept_texts {
	char *texts[5];
	size_t count;
};

static struct text keep(struct kept_texts *kept, struct text text)
{
	char *copy = text_dup(text);

	kept->texts[kept->count++] = copy;
	return (struct text){copy, text.len};
}

static void kept_free(struct kept_texts *kept, size_t count)
{
	size_t i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < kept[i].count; j++)
			free(kept[i].texts[j]);
	}
}

static int read_case(const struct merging *m, const struct case_ref *ref,
                     struct case_result *ret_result, struct tanda_error *error)
{
	struct event event;

	if (journal_read_at(m->reader, ref->offset, &event, error) < 0)
		return -1;
	*ret_result = event.case_reported.result;
	return 0;
}

/* The same case failed in these other attempts of its test. */
static int read_agains(const struct merging *m, uint32_t test, const struct case_ref *final,
                       struct junit_again *agains, struct kept_texts *kept, size_t *ret_count,
                       struct tanda_error *error)
{
	struct case_result result;
	size_t count = 0, i;

	for (i = m->index.first[test]; i < m->index.first[test + 1] && count < AGAINS_MAX; i++) {
		const struct case_ref *ref = case_at(m, i);

		if (ref == final || ref->key != final->key || ref->batch == final->batch ||
		    (ref->status != CASE_FAILED && ref->status != CASE_ERROR))
			continue;
		if (read_case(m, ref, &result, error) < 0)
			return -1;
		kept[count] = (struct kept_texts){0};
		agains[count] = (struct junit_again){
			.case_passed = final->status == CASE_PASSED,
			.type = keep(&kept[count], result.type),
			.message = keep(&kept[count], result.message),
			.body = keep(&kept[count], result.body),
			.out = keep(&kept[count], result.out),
			.err = keep(&kept[count], result.err),
			.time_ns = result.time_ns,
		};
		count++;
	}
	*ret_count = count;
	return 0;
}

/* ---- one case ---- */

/* Is it the failure of a test whose quarantine excuses it? Such a case counts as skipped, so that
 * no CI server fails the build for it; message and text still tell what went wrong. */
static bool is_excused(const struct ledger *ledger, uint32_t test, enum case_status status)
{
	const char *reason;

	return test != TEST_UNPLANNED && (status == CASE_FAILED || status == CASE_ERROR) &&
	       ledger_is_excused(ledger, test, ledger_verdict(ledger, test, &reason));
}

/* "in quarantine (TIE-112, until 2027-01-31): WHAT"; the caller frees it. */
static char *excused_message(const struct ledger *ledger, uint32_t test, struct text what)
{
	const struct ledger_quarantine *quarantine = ledger_quarantine(ledger, test);

	return mem_printf("in quarantine (%s, until %s): %.*s", quarantine->reason,
	                  quarantine->until, TEXT_ARG(what));
}

static int write_reported(const struct merging *m, uint32_t test, const struct case_ref *ref,
                          struct text file, struct tanda_error *error)
{
	bool excused = is_excused(m->ledger, test, ref->status);
	struct junit_again agains[AGAINS_MAX];
	struct kept_texts kept[AGAINS_MAX];
	struct case_result result;
	char *message = NULL, *name = NULL;
	size_t again_count = 0;
	struct junit_case item;

	if (test != TEST_UNPLANNED && !excused &&
	    read_agains(m, test, ref, agains, kept, &again_count, error) < 0)
		return -1;
	if (read_case(m, ref, &result, error) < 0) {
		kept_free(kept, again_count);
		return -1;
	}
	item = (struct junit_case){
		.classname = result.classname,
		.name = result.name,
		.file = file,
		.line = result.line,
		.time_ns = result.time_ns,
		.status = result.status,
		.type = result.type,
		.message = result.message,
		.body = result.body,
		.out = result.out,
		.err = result.err,
		.agains = agains,
		.again_count = again_count,
	};
	if (test != TEST_UNPLANNED && m->ledger->tests[test].info.feature != NULL) {
		name = mem_printf("%.*s [%s]", TEXT_ARG(result.name),
		                  m->ledger->tests[test].info.feature);
		item.name = text_from(name);
	}
	if (excused) {
		message = excused_message(m->ledger, test, result.message);
		item.status = CASE_SKIPPED;
		item.message = text_from(message);
	}
	junit_write_case(m->writer, &item);
	kept_free(kept, again_count);
	free(message);
	free(name);
	return 0;
}

/* What a made-up case says it is, for those who filter by type. */
static struct text made_type(const struct ledger *ledger, uint32_t test, enum verdict verdict)
{
	const struct attempt *last = ledger_decisive_attempt(ledger, test);

	if (verdict == VERDICT_NOT_RUN)
		return TEXT_LIT("tanda.NotRun");
	if (verdict == VERDICT_LOST)
		return TEXT_LIT("tanda.Lost");
	if (last == NULL)
		return TEXT_LIT("tanda.NoResult");
	if (last->outcome == OUTCOME_TIMED_OUT)
		return TEXT_LIT("tanda.Timeout");
	if (last->outcome == OUTCOME_FAILED)
		return TEXT_LIT("tanda.ExitCode");
	if (ledger->batches[last->batch].end.signal != 0)
		return TEXT_LIT("tanda.Signal");
	return TEXT_LIT("tanda.NoResult");
}

/* The case that stands for a test of which no framework reported one that carries its verdict. */
static void write_made(const struct merging *m, uint32_t test, enum case_status status,
                       struct text file)
{
	const struct ledger *ledger = m->ledger;
	const struct attempt *last = ledger_decisive_attempt(ledger, test);
	const struct test_info *info = &ledger->tests[test].info;
	struct junit_case item = {
		.classname = text_from(ledger->areas[info->area].name),
		.name = text_from(info->id),
		.file = file,
		.status = status,
	};
	const char *reason;
	enum verdict verdict = ledger_verdict(ledger, test, &reason);
	char *excused = NULL;

	if (last != NULL && attempt_case_count(last) == 0)
		item.time_ns = last->time_ns;
	if (status != CASE_PASSED)
		item.message = text_from(reason);
	if (status == CASE_SKIPPED && ledger_is_excused(ledger, test, verdict)) {
		excused = excused_message(ledger, test, item.message);
		item.message = text_from(excused);
	}
	if (status == CASE_FAILED || status == CASE_ERROR) {
		item.type = made_type(ledger, test, verdict);
		if (last != NULL)
			item.body = text_from(ledger->batches[last->batch].end.tail);
	}
	junit_write_case(m->writer, &item);
	free(excused);
}

/* ---- one suite: a test file ---- */

static void count_status(struct junit_counts *counts, enum case_status status)
{
	counts->tests++;
	counts->failures += status == CASE_FAILED;
	counts->errors += status == CASE_ERROR;
	counts->skipped += status == CASE_SKIPPED;
}

/* The tests of one file, which stand together in the plan: the file itself, or its cases. */
struct file_tests {
	uint32_t from, to;
};

/* In the same state of the same toggles, or both as it is. */
static bool is_same_state(const struct test_info *a, const struct test_info *b)
{
	if (a->feature == NULL || b->feature == NULL)
		return a->feature == b->feature;
	return strcmp(a->feature, b->feature) == 0;
}

static struct file_tests tests_of_file(const struct ledger *ledger, uint32_t from)
{
	const struct test_info *first = &ledger->tests[from].info;
	struct file_tests tests = {from, from + 1};

	while (first->file[0] != '\0' && tests.to < ledger->test_count &&
	       ledger->tests[tests.to].info.suite == first->suite &&
	       strcmp(ledger->tests[tests.to].info.file, first->file) == 0 &&
	       is_same_state(&ledger->tests[tests.to].info, first))
		tests.to++;
	return tests;
}

/* What is needed to write a file's suite; lives until it is written. */
struct file_suite {
	struct junit_suite suite;
	struct junit_property *properties; /* owned; their texts are not */
	size_t property_cap;
	char shard[NUMBER_BYTES], digest[NUMBER_BYTES], attempts[NUMBER_BYTES];
	char exit_code[NUMBER_BYTES];
	struct text_buf nodes, workers;
	char *title;
	char timestamp[TIMESTAMP_BYTES];
};

static void add_property(struct file_suite *s, const char *name, struct text value)
{
	s->properties = mem_grow(s->properties, &s->property_cap, s->suite.property_count + 1,
	                         sizeof(s->properties[0]));
	s->properties[s->suite.property_count++] = (struct junit_property){text_from(name), value};
	s->suite.properties = s->properties;
}

static void add_number(struct file_suite *s, char number[NUMBER_BYTES], const char *name,
                       int64_t value)
{
	snprintf(number, NUMBER_BYTES, "%lld", (long long)value);
	add_property(s, name, text_from(number));
}

static void add_if_known(struct file_suite *s, const char *name, const char *value)
{
	if (value != NULL)
		add_property(s, name, text_from(value));
}

/* What was tested, and by which build. */
static void add_build(struct file_suite *s, const struct ledger_build *build)
{
	add_if_known(s, "tanda.build_version", build->version);
	add_if_known(s, "tanda.commit", build->commit);
	add_if_known(s, "tanda.branch", build->branch);
	add_if_known(s, "tanda.build_url", build->url);
	add_if_known(s, "tanda.build_tag", build->tag);
	add_if_known(s, "tanda.build_node", build->node);
	add_if_known(s, "tanda.change", build->change);
}

/* By these `merge` tells which shards are there, and whether they are of one plan. */
static void add_shard(struct file_suite *s, const struct ledger_shard *shard)
{
	if (shard->count == 0)
		return;
	snprintf(s->shard, sizeof(s->shard), "%u/%u", shard->number, shard->count);
	snprintf(s->digest, sizeof(s->digest), "%016" PRIx64, shard->plan_digest);
	add_property(s, "tanda.shard", text_from(s->shard));
	add_property(s, "tanda.plan", text_from(s->digest));
}

/* Is another test's file the same, in another suite? Then the suite's name tells them apart. */
static char *suite_title(const struct ledger *ledger, uint32_t test, const struct dict *files)
{
	const struct test_info *info = &ledger->tests[test].info;
	size_t first;

	if (info->feature != NULL)
		return mem_printf("%s [%s] (%s)", info->file, info->feature,
		                  ledger->suites[info->suite].name);
	if (dict_find(files, text_from(info->file), &first) && first != test)
		return mem_printf("%s (%s)", info->file, ledger->suites[info->suite].name);
	return mem_strdup(info->file[0] != '\0' ? info->file : info->id);
}

/* The counts of the attempt that decided, and of the case made up on top. */
static void count_test(const struct merging *m, uint32_t test, struct junit_suite *suite)
{
	const struct attempt *last = ledger_decisive_attempt(m->ledger, test);
	enum case_status made;
	size_t i;

	if (ledger_needs_case(m->ledger, test, &made)) {
		count_status(&suite->counts, made);
		if (last != NULL && attempt_case_count(last) == 0)
			suite->time_ns += last->time_ns;
	}
	for (i = m->index.first[test]; last != NULL && i < m->index.first[test + 1]; i++) {
		if (case_at(m, i)->batch != last->batch)
			continue;
		count_status(&suite->counts, is_excused(m->ledger, test, case_at(m, i)->status)
		                                     ? CASE_SKIPPED
		                                     : case_at(m, i)->status);
		suite->time_ns += case_at(m, i)->time_ns;
	}
}

/* The verdict that says most about the file: what is wrong before what is right. */
static enum verdict worst_verdict(const struct ledger *ledger, struct file_tests tests)
{
	static const enum verdict order[] = {VERDICT_FAILED,  VERDICT_ERROR, VERDICT_LOST,
	                                     VERDICT_NOT_RUN, VERDICT_FLAKY, VERDICT_PASSED,
	                                     VERDICT_SKIPPED};
	size_t worst = countof(order) - 1, rank;
	const char *reason;
	uint32_t test;

	for (test = tests.from; test < tests.to; test++) {
		enum verdict verdict = ledger_verdict(ledger, test, &reason);

		for (rank = 0; order[rank] != verdict;)
			rank++;
		if (rank < worst)
			worst = rank;
	}
	return order[worst];
}

/* Where the file's tests ran, each place once, in the order of the plan. */
static void list_places(const struct ledger *ledger, struct file_tests tests, struct file_suite *s)
{
	bool *is_told = mem_calloc(ledger->worker_count, sizeof(is_told[0]));
	uint32_t test;

	for (test = tests.from; test < tests.to; test++) {
		const struct attempt *last = ledger_decisive_attempt(ledger, test);
		uint32_t worker = last != NULL ? ledger->batches[last->batch].worker : 0;

		if (last == NULL || is_told[worker])
			continue;
		is_told[worker] = true;
		text_buf_printf(&s->nodes, "%s%s", s->nodes.len > 0 ? "," : "",
		                ledger->workers[worker].node);
		text_buf_printf(&s->workers, "%s%u", s->workers.len > 0 ? "," : "", worker);
	}
	free(is_told);
}

/* The first that one of the file's tests is in. */
static void add_quarantine(const struct ledger *ledger, struct file_tests tests,
                           struct file_suite *s)
{
	const struct ledger_quarantine *found = NULL;
	uint32_t test;

	for (test = tests.from; test < tests.to && found == NULL; test++)
		found = ledger_quarantine(ledger, test);
	if (found == NULL)
		return;
	add_property(s, "tanda.quarantine", text_from(found->reason));
	add_property(s, "tanda.quarantine_until", text_from(found->until));
}

static void add_properties(const struct merging *m, struct file_tests tests, struct file_suite *s)
{
	const struct ledger *ledger = m->ledger;
	const struct test_info *info = &ledger->tests[tests.from].info;
	const struct attempt *last = NULL;
	uint32_t attempts = 0, test;

	add_property(s, "tanda.run", text_from(ledger->run_id));
	add_build(s, &ledger->build);
	add_shard(s, &ledger->shard);
	add_property(s, "tanda.suite", text_from(ledger->suites[info->suite].name));
	add_property(s, "tanda.area", text_from(ledger->areas[info->area].name));
	add_property(s, "tanda.verdict", text_from(verdict_name(worst_verdict(ledger, tests))));
	for (test = tests.from; test < tests.to; test++)
		add_property(s, "tanda.test", text_from(ledger->tests[test].info.id));
	if (info->feature != NULL)
		add_property(s, "tanda.feature", text_from(info->feature));
	add_quarantine(ledger, tests, s);
	for (test = tests.from; test < tests.to; test++) {
		const struct attempt *own = ledger_decisive_attempt(ledger, test);

		if (own != NULL)
			last = own;
		if (attempts < ledger->tests[test].attempt_count)
			attempts = ledger->tests[test].attempt_count;
	}
	if (last == NULL)
		return;
	list_places(ledger, tests, s);
	add_property(s, "tanda.node", text_buf_text(&s->nodes));
	add_property(s, "tanda.worker", text_buf_text(&s->workers));
	add_number(s, s->attempts, "tanda.attempts", attempts);
	add_number(s, s->exit_code, "tanda.exit", ledger->batches[last->batch].end.exit_code);
}

/* When the first of the file's tests began that decided. */
static uint64_t first_start_ns(const struct ledger *ledger, struct file_tests tests)
{
	uint64_t first_ns = UINT64_MAX;
	uint32_t test;

	for (test = tests.from; test < tests.to; test++) {
		const struct attempt *last = ledger_decisive_attempt(ledger, test);

		if (last != NULL && ledger->batches[last->batch].running_ns < first_ns)
			first_ns = ledger->batches[last->batch].running_ns;
	}
	return first_ns != UINT64_MAX ? first_ns : 0;
}

static int write_test(const struct merging *m, uint32_t test, struct tanda_error *error)
{
	const struct attempt *last = ledger_decisive_attempt(m->ledger, test);
	struct text file = text_from(m->ledger->tests[test].info.file);
	enum case_status made;
	size_t i;

	for (i = m->index.first[test]; last != NULL && i < m->index.first[test + 1]; i++) {
		if (case_at(m, i)->batch == last->batch &&
		    write_reported(m, test, case_at(m, i), file, error) < 0)
			return -1;
	}
	if (ledger_needs_case(m->ledger, test, &made))
		write_made(m, test, made, file);
	return 0;
}

static int write_file(const struct merging *m, struct file_tests tests, const struct dict *files,
                      struct tanda_error *error)
{
	const struct ledger *ledger = m->ledger;
	struct file_suite s = {
		.suite = {.file = text_from(ledger->tests[tests.from].info.file),
	                  .hostname = text_from(ledger->host)},
	};
	int status = 0;
	uint32_t test;

	text_buf_init(&s.nodes, PLACES_MAX_BYTES);
	text_buf_init(&s.workers, PLACES_MAX_BYTES);
	s.title = suite_title(ledger, tests.from, files);
	s.suite.name = text_from(s.title);
	timestamp_format(m->started, first_start_ns(ledger, tests), s.timestamp);
	s.suite.timestamp = text_from(s.timestamp);
	for (test = tests.from; test < tests.to; test++)
		count_test(m, test, &s.suite);
	add_properties(m, tests, &s);
	junit_write_suite(m->writer, &s.suite);
	for (test = tests.from; test < tests.to && status == 0; test++)
		status = write_test(m, test, error);
	free(s.properties);
	text_buf_deinit(&s.nodes);
	text_buf_deinit(&s.workers);
	free(s.title);
	return status;
}

/* All that was reported but not planned, in a suite of its own. */
static int write_unplanned(const struct merging *m, struct tanda_error *error)
{
	size_t from = m->index.first[m->ledger->test_count], to = m->record->case_count, i;
	struct junit_suite suite = {.name = TEXT_LIT("(unplanned)")};
	char timestamp[TIMESTAMP_BYTES];

	if (from == to)
		return 0;
	timestamp_format(m->started, 0, timestamp);
	suite.timestamp = text_from(timestamp);
	suite.hostname = text_from(m->ledger->host);
	for (i = from; i < to; i++) {
		count_status(&suite.counts, case_at(m, i)->status);
		suite.time_ns += case_at(m, i)->time_ns;
	}
	junit_write_suite(m->writer, &suite);
	for (i = from; i < to; i++) {
		if (write_reported(m, TEST_UNPLANNED, case_at(m, i), TEXT_EMPTY, error) < 0)
			return -1;
	}
	return 0;
}

/* A shard without tests still has to be told from one that is missing. */
static void write_empty_shard(const struct merging *m)
{
	struct file_suite s = {.suite = {.name = TEXT_LIT("(no tests in this shard)"),
	                                 .hostname = text_from(m->ledger->host)}};

	timestamp_format(m->started, 0, s.timestamp);
	s.suite.timestamp = text_from(s.timestamp);
	add_property(&s, "tanda.run", text_from(m->ledger->run_id));
	add_shard(&s, &m->ledger->shard);
	add_property(&s, "tanda.planned", TEXT_LIT("0"));
	junit_write_suite(m->writer, &s.suite);
	free(s.properties);
}

static int write_all(const struct merging *m, struct tanda_error *error)
{
	struct ledger_totals totals = ledger_totals(m->ledger);
	struct junit_counts counts = {
		.tests = totals.cases.passed + totals.cases.failed + totals.cases.error +
	                 totals.cases.skipped,
		.failures = totals.cases.failed,
		.errors = totals.cases.error,
		.skipped = totals.cases.skipped,
	};
	struct file_tests tests;
	struct dict files;
	uint32_t i;
	int status = 0;

	dict_init(&files);
	for (i = 0; i < m->ledger->test_count; i++)
		(void)dict_add(&files, text_from(m->ledger->tests[i].info.file), i);
	junit_write_begin(m->writer, text_from(m->ledger->name), counts, totals.wall_ns,
	                  text_from(m->ledger->started));
	for (i = 0; i < m->ledger->test_count && status == 0; i = tests.to) {
		tests = tests_of_file(m->ledger, i);
		status = write_file(m, tests, &files, error);
	}
	if (m->ledger->test_count == 0 && m->ledger->shard.count > 0)
		write_empty_shard(m);
	if (status == 0)
		status = write_unplanned(m, error);
	dict_deinit(&files);
	return status;
}

int merged_write(const struct run_record *record, const char *journal_path, const char *path,
                 struct tanda_error *error)
{
	struct merging m = {.record = record, .ledger = &record->ledger};
	int status = -1;

	m.started = timestamp_parse(record->ledger.started);
	if (journal_reader_new(journal_path, &m.reader, error) < 0)
		return -1;
	case_index_init(&m.index, record);
	if (junit_writer_new(path, &m.writer, error) == 0 && write_all(&m, error) == 0)
		status = junit_writer_finish(m.writer, error);
	junit_writer_free(m.writer);
	journal_reader_free(m.reader);
	case_index_deinit(&m.index);
	return status;
}
