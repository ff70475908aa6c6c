/* progress.c - see progress.h. */
#include "runner/run/progress.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/discover/mapping.h"
#include "runner/run/casemap.h"
#include "shards/base/mem.h"

enum {
	LINE_MAX_BYTES = 16 * 1024,
	READ_MAX_BYTES = 256 * 1024, /* a poll */
	RUN_MAX_S = 365 * 24 * 3600,
	NS_PER_MS = 1000000,
	NS_PER_SECOND = 1000000000,
	TOLD_SLACK_MS = 1000, /* how much later than it happened a beginning may be taken to be */
};

/* A test on its way. It is WAITING until it is first begun; then it is open as long as parts of it
 * are begun and not done. Not open, it may be begun again (cases of several files take turns),
 * until it is told to be done, which the next beginning takes back. */
struct moving {
	uint32_t open; /* parts that are begun and not done */
	bool has_started, is_done;
	uint64_t open_since_ns;
	uint64_t spent_ns; /* while it was open before */
	uint64_t last_ns;  /* when it was last heard of */
};

struct progress {
	struct progress_source source;
	progress_fn on_moved;
	void *data;
	const char **files; /* of the tests, each once */
	size_t file_count;
	char *dir;             /* the suite's, absolute */
	struct moving *moving; /* by position in the batch */
	uint64_t running_ns;
	uint64_t last_ns; /* when anything was last heard of */
	bool is_heard;
	int fd; /* of the lines; -1: none */
	struct text_buf line;
	bool skips_line;  /* it is too long */
	int64_t ahead_ns; /* the run's clock of the node's; never less than it is */
	bool has_ahead;
	uint64_t told_ns; /* up to when everything is told */
};

struct progress *progress_new(const struct progress_source *source, progress_fn on_moved,
                              void *data)
{
	struct progress *progress = mem_calloc(1, sizeof(*progress));
	const struct test *first = &source->project->tests.tests[source->tests[0]];

	progress->source = *source;
	progress->on_moved = on_moved;
	progress->data = data;
	progress->files = casemap_files(source->project, source->tests, source->test_count,
	                                &progress->file_count);
	progress->dir = project_suite_dir(source->project,
	                                  &source->project->config->suites[first->suite_index]);
	progress->moving = mem_calloc(source->test_count, sizeof(progress->moving[0]));
	progress->fd = -1;
	if (source->lines_path != NULL && !source->is_told)
		progress->fd = open(source->lines_path,
		                    O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	text_buf_init(&progress->line, LINE_MAX_BYTES);
	return progress;
}

void progress_free(struct progress *progress)
{
	if (progress == NULL)
		return;
	if (progress->fd >= 0) {
		close(progress->fd);
		unlink(progress->source.lines_path);
	}
	text_buf_deinit(&progress->line);
	free(progress->files);
	free(progress->dir);
	free(progress->moving);
	free(progress);
}

static const struct test *test_at(const struct progress *progress, size_t position)
{
	return &progress->source.project->tests.tests[progress->source.tests[position]];
}

/* ---- moving ---- */

/* Nothing happens before the command runs or after now. */
static uint64_t plausible_ns(const struct progress *progress, uint64_t happened_ns)
{
	uint64_t now_ns = clock_now_ns(progress->source.clock);

	if (happened_ns < progress->running_ns)
		return progress->running_ns;
	return happened_ns > now_ns ? now_ns : happened_ns;
}

static void end_test(struct progress *progress, size_t position)
{
	struct moving *moving = &progress->moving[position];

	if (!moving->has_started || moving->is_done)
		return;
	moving->is_done = true;
	progress->on_moved(progress->data, progress->source.tests[position], true, moving->last_ns);
}

/* What has nothing open is done, but for the test at `position`. */
static void end_others(struct progress *progress, size_t position)
{
	size_t i;

	for (i = 0; i < progress->source.test_count; i++) {
		if (i != position && progress->moving[i].open == 0)
			end_test(progress, i);
	}
}

/* A file may be begun many times, for each of its cases. */
static void begin_test(struct progress *progress, size_t position, uint64_t at_ns)
{
	struct moving *moving = &progress->moving[position];

	end_others(progress, position);
	if (moving->has_started && !moving->is_done)
		return;
	moving->has_started = true;
	moving->is_done = false;
	moving->last_ns = at_ns;
	progress->on_moved(progress->data, progress->source.tests[position], false, at_ns);
}

static void open_part(struct moving *moving, uint64_t at_ns)
{
	if (moving->open++ == 0)
		moving->open_since_ns = at_ns;
}

static void close_parts(struct moving *moving, uint32_t count, uint64_t at_ns)
{
	if (moving->open == 0)
		return;
	moving->open -= count < moving->open ? count : moving->open;
	if (moving->open == 0 && at_ns > moving->open_since_ns)
		moving->spent_ns += at_ns - moving->open_since_ns;
}

static void hear_of(struct progress *progress, size_t position, uint64_t at_ns)
{
	progress->is_heard = true;
	progress->last_ns = progress->moving[position].last_ns = at_ns;
}

/* ---- report files ---- */

/* The wall clock's instant as the run's clock has it. */
static uint64_t of_wall(const struct progress *progress, struct timespec wall)
{
	const struct run_clock *clock = progress->source.clock;
	int64_t ns;

	if (wall.tv_sec - clock->started.tv_sec > RUN_MAX_S)
		return plausible_ns(progress, UINT64_MAX); /* of a file that lies */
	ns = (int64_t)(wall.tv_sec - clock->started.tv_sec) * NS_PER_SECOND +
	     (wall.tv_nsec - clock->started.tv_nsec) - (int64_t)clock->paused_ns;
	return plausible_ns(progress, ns > 0 ? (uint64_t)ns : 0);
}

/* The framework takes files in the order that it was told them. */
static void begin_next(struct progress *progress, uint64_t at_ns)
{
	size_t i;

	for (i = 0; i < progress->source.test_count; i++) {
		if (!progress->moving[i].is_done) {
			begin_test(progress, i, at_ns);
			open_part(&progress->moving[i], at_ns);
			return;
		}
	}
}

static void take_report(struct progress *progress, const char *name, uint64_t at_ns)
{
	const struct suite *suite =
		&progress->source.project->config->suites[test_at(progress, 0)->suite_index];
	const struct case_result nothing = {.line = 0};
	size_t index, i;

	index = mapping_find(project_mapping(suite), &nothing, name, progress->dir, progress->files,
	                     progress->file_count);
	for (i = 0; index != MAPPING_NONE && i < progress->source.test_count; i++) {
		struct moving *moving = &progress->moving[i];

		if (moving->is_done || test_at(progress, i)->locators != NULL ||
		    strcmp(test_at(progress, i)->file, progress->files[index]) != 0)
			continue;
		begin_test(progress, i, at_ns);
		hear_of(progress, i, at_ns);
		close_parts(moving, moving->open, at_ns);
		end_test(progress, i);
		begin_next(progress, at_ns);
	}
}

static void poll_reports(struct progress *progress)
{
	DIR *dir = opendir(progress->source.report_dir);
	struct dirent *entry;
	struct stat facts;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (fstatat(dirfd(dir), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(facts.st_mode) && facts.st_size > 0)
			take_report(progress, entry->d_name, of_wall(progress, facts.st_mtim));
	}
	if (dir != NULL)
		closedir(dir);
}

/* ---- lines ---- */

/* "FILE::NODE" of one root means "FILE::NODE" of another when the nodes are equal. */
static bool is_node_of(const struct test *test, struct text node)
{
	size_t i;

	for (i = 0; test->locators[i] != NULL; i++) {
		const char *colons = strstr(test->locators[i], "::");

		if (colons != NULL && text_equal_str(node, colons))
			return true;
	}
	return false;
}

static bool is_locator_of(const struct test *test, struct text id)
{
	size_t i;

	for (i = 0; test->locators != NULL && test->locators[i] != NULL; i++) {
		if (text_equal_str(id, test->locators[i]))
			return true;
	}
	return false;
}

/* The position of the test that an id means, or the count of tests. */
static size_t find_test(const struct progress *progress, struct text id)
{
	const char *colons = memmem(id.ptr, id.len, "::", 2);
	struct text file = {id.ptr, colons != NULL ? (size_t)(colons - id.ptr) : id.len};
	struct text node = text_from_offset(id, file.len);
	size_t index = samefile_find(file, progress->dir, progress->files, progress->file_count);
	size_t i;

	for (i = 0; i < progress->source.test_count; i++) {
		const struct test *test = test_at(progress, i);

		if (is_locator_of(test, id))
			return i;
		if (index == SAMEFILE_NONE || strcmp(test->file, progress->files[index]) != 0)
			continue;
		if (test->locators == NULL || is_node_of(test, node))
			return i;
	}
	return progress->source.test_count;
}

/* A monotonic instant as the run's clock has it. */
static uint64_t of_run(const struct progress *progress, uint64_t monotonic_ns)
{
	const struct run_clock *clock = progress->source.clock;
	uint64_t zero_ns = clock->started_ns + clock->paused_ns;

	return plausible_ns(progress, monotonic_ns > zero_ns ? monotonic_ns - zero_ns : 0);
}

static bool take_field(struct text *rest, struct text *ret_field)
{
	const char *tab = rest->len > 0 ? memchr(rest->ptr, '\t', rest->len) : NULL;

	if (tab == NULL)
		return false;
	*ret_field = (struct text){rest->ptr, (size_t)(tab - rest->ptr)};
	*rest = text_from_offset(*rest, ret_field->len + 1);
	return true;
}

/* An instant of the node's clock as the run's has it: in the order that it was told. */
static uint64_t of_node(const struct progress *progress, uint64_t ns)
{
	int64_t at_ns = ns <= INT64_MAX / 2 ? (int64_t)ns + progress->ahead_ns : 0;
	uint64_t happened_ns = plausible_ns(progress, at_ns > 0 ? (uint64_t)at_ns : 0);

	return happened_ns > progress->last_ns ? happened_ns : progress->last_ns;
}

/* It is there since the node was last looked at; its own clock says nothing here. */
static void take_told_report(struct progress *progress, struct text name)
{
	char *path = text_dup(name);

	take_report(progress, path, clock_now_ns(progress->source.clock));
	free(path);
}

static void take_line(struct progress *progress, struct text line)
{
	struct text word, number;
	uint64_t ns, at_ns;
	size_t position;

	if (!take_field(&line, &word))
		return;
	if (progress->source.is_told && text_equal_str(word, "reported")) {
		take_told_report(progress, line);
		return;
	}
	if (!take_field(&line, &number) || !text_to_u64(number, &ns))
		return;
	position = find_test(progress, line);
	if (position == progress->source.test_count)
		return;
	at_ns = progress->source.is_told ? of_node(progress, ns) : of_run(progress, ns);
	if (text_equal_str(word, "started")) {
		begin_test(progress, position, at_ns);
		open_part(&progress->moving[position], at_ns);
	} else if (text_equal_str(word, "done")) {
		close_parts(&progress->moving[position], 1, at_ns);
	}
	hear_of(progress, position, at_ns);
}

static void take_bytes(struct progress *progress, struct text bytes)
{
	while (bytes.len > 0) {
		const char *end = memchr(bytes.ptr, '\n', bytes.len);
		size_t len = end != NULL ? (size_t)(end - bytes.ptr) : bytes.len;

		text_buf_add(&progress->line, (struct text){bytes.ptr, len});
		progress->skips_line |= progress->line.overflowed;
		if (end == NULL)
			return;
		if (!progress->skips_line)
			take_line(progress, text_buf_text(&progress->line));
		progress->skips_line = false;
		text_buf_clear(&progress->line);
		bytes = text_from_offset(bytes, len + 1);
	}
}

static void poll_lines(struct progress *progress)
{
	char bytes[LINE_MAX_BYTES];
	size_t total = 0;
	ssize_t len;

	while (total < READ_MAX_BYTES && (len = read(progress->fd, bytes, sizeof(bytes))) > 0) {
		take_bytes(progress, (struct text){bytes, (size_t)len});
		total += (size_t)len;
	}
}

/* ---- another node's ---- */

/* A line was written before it came: the least that any took is taken for nothing. */
static void compare_clocks(struct progress *progress, struct text lines)
{
	int64_t now_ns = (int64_t)clock_now_ns(progress->source.clock), ahead_ns;
	struct text line, word, number;
	uint64_t ns;

	while (text_next_line(&lines, &line)) {
		if (!take_field(&line, &word) || !take_field(&line, &number) ||
		    !text_to_u64(number, &ns) || ns > INT64_MAX / 2)
			continue;
		ahead_ns = now_ns - (int64_t)ns;
		if (!progress->has_ahead || ahead_ns < progress->ahead_ns)
			progress->ahead_ns = ahead_ns;
		progress->has_ahead = true;
	}
}

void progress_take(struct progress *progress, struct text lines)
{
	if (!progress->source.is_told)
		return;
	compare_clocks(progress, lines);
	take_bytes(progress, lines);
	if (lines.len == 0)
		progress->told_ns = clock_now_ns(progress->source.clock);
}

void progress_begin(struct progress *progress, uint64_t running_ns)
{
	progress->running_ns = running_ns;
	if (progress->source.lines_path == NULL)
		begin_next(progress, running_ns);
}

void progress_poll(struct progress *progress)
{
	if (progress->fd >= 0)
		poll_lines(progress);
	else if (progress->source.lines_path == NULL && !progress->source.is_told)
		poll_reports(progress);
}

bool progress_is_heard(const struct progress *progress)
{
	return progress->is_heard;
}

void progress_settle(struct progress *progress)
{
	end_others(progress, progress->source.test_count);
}

/* Of another node nothing is known but what it has told: nobody is accused of the way from there.
 */
static uint64_t limit_now_ns(const struct progress *progress)
{
	const uint64_t slack_ns = (uint64_t)TOLD_SLACK_MS * NS_PER_MS;

	if (!progress->source.is_told)
		return clock_now_ns(progress->source.clock);
	return progress->told_ns > slack_ns ? progress->told_ns - slack_ns : 0;
}

static uint64_t since_ns(uint64_t now_ns, uint64_t begun_ns)
{
	return now_ns > begun_ns ? now_ns - begun_ns : 0;
}

bool progress_is_over_limit(const struct progress *progress)
{
	uint64_t now_ns = limit_now_ns(progress), largest_ms = 0;
	bool is_at_work = false;
	size_t i;

	for (i = 0; i < progress->source.test_count; i++) {
		const struct moving *moving = &progress->moving[i];
		uint64_t limit_ms = test_at(progress, i)->limit_ms;

		if (limit_ms > largest_ms)
			largest_ms = limit_ms;
		if (moving->open == 0)
			continue;
		is_at_work = true;
		if (limit_ms > 0 && since_ns(now_ns, moving->open_since_ns) + moving->spent_ns >
		                            limit_ms * NS_PER_MS)
			return true;
	}
	return !is_at_work && largest_ms > 0 &&
	       since_ns(now_ns, progress->last_ns) > largest_ms * NS_PER_MS;
}
