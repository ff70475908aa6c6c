/* test_journal.c - rules of the journal as a file: what was flushed is there, damage is told. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "runner/record/journal.h"
#include "tanda/error.h"
#include "tests/unit/record_scratch.h"

enum { EVENTS = 8 };

struct fixture {
	char *dir;
	char *path;
};

static int set_up(void **state)
{
	struct fixture *fixture = mem_calloc(1, sizeof(*fixture));

	fixture->dir = scratch_new();
	fixture->path = mem_printf("%s/journal.ndjson", fixture->dir);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	free(fixture->path);
	scratch_free(fixture->dir);
	free(fixture);
	return 0;
}

static struct event nth_event(unsigned n)
{
	static const char *const words[EVENTS] = {"zero", "one",  "two", "three",
	                                          "four", "five", "six", "seven"};
	struct event event = {.kind = EVENT_WARNED, .at_ns = n, .warned = {text_from(words[n])}};

	if (n == EVENTS - 1)
		event = (struct event){.kind = EVENT_RUN_FINISHED, .at_ns = n};
	return event;
}

static struct journal *create(const char *path)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct journal *journal;

	if (journal_create(path, &journal, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	return journal;
}

static void append(struct journal *journal, unsigned from, unsigned to)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	for (; from < to; from++) {
		struct event event = nth_event(from);

		assert_int_equal(journal_append(journal, &event, &error), 0);
	}
	assert_int_equal(journal_flush(journal, &error), 0);
}

/* A journal of EVENTS events; its bytes, which the caller frees. */
static struct text write_journal(const char *path)
{
	struct journal *journal = create(path);

	append(journal, 0, EVENTS);
	journal_close(journal);
	return scratch_read(path);
}

struct seen {
	unsigned numbers[64];
	uint64_t offsets[64];
	size_t count;
};

static bool on_event(void *data, const struct event *event, uint64_t offset)
{
	struct seen *seen = data;

	assert_in_range(seen->count, 0, 63);
	seen->numbers[seen->count] = (unsigned)event->at_ns;
	seen->offsets[seen->count++] = offset;
	return true;
}

static struct journal_summary read_back(const char *path, struct seen *seen)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct journal_summary summary;

	seen->count = 0;
	if (journal_read(path, on_event, seen, &summary, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	assert_int_equal(summary.event_count, seen->count);
	return summary;
}

static void assert_unreadable(const char *path)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct journal_summary summary;
	struct seen seen = {.count = 0};

	assert_int_equal(journal_read(path, on_event, &seen, &summary, &error), -1);
	assert_string_equal(error.where, path);
	assert_true(tanda_error_is_set(&error));
}

static void events_come_back_in_order_and_whole(void **state)
{
	struct fixture *fixture = *state;
	struct text bytes = write_journal(fixture->path);
	struct seen seen;
	struct journal_summary summary = read_back(fixture->path, &seen);
	size_t i;

	assert_int_equal(seen.count, EVENTS);
	for (i = 0; i < EVENTS; i++)
		assert_int_equal(seen.numbers[i], i);
	assert_int_equal(summary.damaged_count, 0);
	assert_false(summary.torn_tail);
	free((char *)bytes.ptr);
}

static void a_journal_cut_anywhere_keeps_its_whole_lines(void **state)
{
	struct fixture *fixture = *state;
	struct text bytes = write_journal(fixture->path);
	size_t lines, len, i;
	struct seen seen;

	for (len = bytes.len; len > 0; len--) {
		struct journal_summary summary;
		struct text cut = {bytes.ptr, len};
		bool ends_whole = cut.ptr[len - 1] == '\n';

		for (i = 0, lines = 0; i < len; i++)
			lines += cut.ptr[i] == '\n';
		if (lines + 3 < EVENTS)
			break;
		/* a line that lacks nothing but its end is whole, too */
		if (bytes.ptr[len] == '\n' && len < bytes.len) {
			lines++;
			ends_whole = true;
		}
		scratch_write(fixture->path, cut);
		summary = read_back(fixture->path, &seen);
		assert_int_equal(seen.count, lines);
		assert_int_equal(summary.damaged_count, 0);
		assert_int_equal(summary.torn_tail, !ends_whole);
	}
	free((char *)bytes.ptr);
}

static void a_flipped_byte_costs_its_line_only_and_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct text bytes = write_journal(fixture->path);
	char *start = (char *)memchr(bytes.ptr, '\n', bytes.len) + 1, *p;
	char *end = memchr(start, '\n', bytes.len - (size_t)(start - bytes.ptr));
	struct seen seen;

	for (p = start; p < end; p++) {
		struct journal_summary summary;

		*p = (char)(*p ^ 0x04);
		scratch_write(fixture->path, bytes);
		summary = read_back(fixture->path, &seen);
		*p = (char)(*p ^ 0x04);
		assert_int_equal(seen.count, EVENTS - 1);
		assert_int_equal(seen.numbers[1], 2);
		/* '\n' appears when '\016' does not: one damaged line may become two */
		assert_in_range(summary.damaged_count, 1, 2);
		assert_non_null(strstr(summary.first_damage, "line 2: "));
	}
	free((char *)bytes.ptr);
}

static void missing_and_repeated_lines_are_told(void **state)
{
	struct fixture *fixture = *state;
	struct text bytes = write_journal(fixture->path), rest = bytes, line;
	struct journal_summary summary;
	struct text_buf changed;
	struct seen seen;
	unsigned n;

	text_buf_init(&changed, 1 << 20);
	for (n = 0; text_next_line(&rest, &line); n++) {
		text_buf_add(&changed, n == 2 ? TEXT_EMPTY : line);
		text_buf_add_str(&changed, n == 2 ? "" : "\n");
		if (n == 5) {
			text_buf_add(&changed, line);
			text_buf_add_char(&changed, '\n');
		}
	}
	scratch_write(fixture->path, text_buf_text(&changed));
	summary = read_back(fixture->path, &seen);
	assert_int_equal(seen.count, EVENTS - 1);
	assert_int_equal(seen.numbers[2], 3);
	assert_int_equal(seen.numbers[5], 6);
	assert_int_equal(summary.damaged_count, 2);
	assert_string_equal(summary.first_damage, "line 3: events are missing before event 4");
	text_buf_deinit(&changed);
	free((char *)bytes.ptr);
}

static void a_line_without_end_is_passed_over(void **state)
{
	struct fixture *fixture = *state;
	struct text bytes = write_journal(fixture->path);
	size_t first = (size_t)((char *)memchr(bytes.ptr, '\n', bytes.len) - bytes.ptr) + 1;
	size_t len = JOURNAL_LINE_MAX_BYTES + 12345;
	char *filler = mem_alloc(len);
	struct journal_summary summary;
	struct text_buf changed;
	struct seen seen;

	memset(filler, 'x', len);
	filler[len - 1] = '\n';
	text_buf_init(&changed, len + bytes.len);
	text_buf_add(&changed, (struct text){bytes.ptr, first});
	text_buf_add(&changed, (struct text){filler, len});
	text_buf_add(&changed, text_from_offset(bytes, first));
	scratch_write(fixture->path, text_buf_text(&changed));
	summary = read_back(fixture->path, &seen);
	assert_int_equal(seen.count, EVENTS);
	assert_int_equal(summary.damaged_count, 1);
	assert_int_equal(seen.offsets[1], first + len);
	text_buf_deinit(&changed);
	free(filler);
	free((char *)bytes.ptr);
}

static void what_is_no_journal_is_an_error(void **state)
{
	struct fixture *fixture = *state;

	assert_unreadable(fixture->path);
	assert_unreadable(fixture->dir);
	scratch_write(fixture->path, TEXT_EMPTY);
	assert_unreadable(fixture->path);
	scratch_write(fixture->path, TEXT_LIT("\0\1\2 hello\n{}\n"));
	assert_unreadable(fixture->path);
	unlink(fixture->path);
	assert_int_equal(mkfifo(fixture->path, 0600), 0);
	assert_unreadable(fixture->path);
}

static bool stop_at_once(void *data, const struct event *event, uint64_t offset)
{
	(void)event;
	(void)offset;
	++*(int *)data;
	return false;
}

static void the_listener_may_stop(void **state)
{
	struct fixture *fixture = *state;
	struct text bytes = write_journal(fixture->path);
	struct tanda_error error = TANDA_ERROR_INIT;
	struct journal_summary summary;
	int calls = 0;

	assert_int_equal(journal_read(fixture->path, stop_at_once, &calls, &summary, &error), 0);
	assert_int_equal(calls, 1);
	free((char *)bytes.ptr);
}

static void nothing_is_written_over_and_no_link_followed(void **state)
{
	struct fixture *fixture = *state;
	struct tanda_error error = TANDA_ERROR_INIT;
	char *target = mem_printf("%s/target", fixture->dir);
	struct journal *journal;
	struct text bytes;

	scratch_write(fixture->path, TEXT_LIT("mine"));
	assert_int_equal(journal_create(fixture->path, &journal, &error), -1);
	bytes = scratch_read(fixture->path);
	assert_true(text_equal_str(bytes, "mine"));
	free((char *)bytes.ptr);
	unlink(fixture->path);
	assert_int_equal(symlink(target, fixture->path), 0);
	assert_int_equal(journal_create(fixture->path, &journal, &error), -1);
	assert_false(scratch_exists(target));
	free(target);
}

static void flushed_events_are_in_the_file_though_it_is_not_closed(void **state)
{
	struct fixture *fixture = *state;
	struct tanda_error error = TANDA_ERROR_INIT;
	struct journal *journal = create(fixture->path);
	struct event event = nth_event(2);
	struct seen seen;

	append(journal, 0, 2);
	assert_int_equal(journal_append(journal, &event, &error), 0);
	read_back(fixture->path, &seen);
	assert_int_equal(seen.count, 2);
	assert_int_equal(journal_sync(journal, &error), 0);
	read_back(fixture->path, &seen);
	assert_int_equal(seen.count, 3);
	journal_close(journal);
}

/* A full disk, played by a limit on the file's size. */
static void the_first_failure_sticks_and_spoils_no_more(void **state)
{
	struct fixture *fixture = *state;
	struct journal *journal = create(fixture->path);
	struct tanda_error error = TANDA_ERROR_INIT, again = TANDA_ERROR_INIT;
	struct rlimit unlimited, small;
	struct event event = nth_event(4);
	struct journal_summary summary;
	struct seen seen;

	signal(SIGXFSZ, SIG_IGN);
	append(journal, 0, 3);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
	small = unlimited;
	small.rlim_cur = 260;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(journal_append(journal, &event, &error), 0);
	assert_int_equal(journal_append(journal, &event, &error), 0);
	assert_int_equal(journal_flush(journal, &error), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
	assert_int_equal(journal_append(journal, &event, &again), -1);
	assert_string_equal(again.message, error.message);
	assert_string_equal(again.where, fixture->path);
	journal_close(journal);
	summary = read_back(fixture->path, &seen);
	assert_int_equal(seen.count, 3);
	assert_true(summary.torn_tail);
}

static void single_events_are_read_by_their_offset(void **state)
{
	struct fixture *fixture = *state;
	struct text bytes = write_journal(fixture->path);
	struct tanda_error error = TANDA_ERROR_INIT;
	struct journal_reader *reader;
	struct event event;
	struct seen seen;
	size_t i;

	read_back(fixture->path, &seen);
	assert_int_equal(journal_reader_new(fixture->path, &reader, &error), 0);
	for (i = EVENTS; i-- > 0;) {
		assert_int_equal(journal_read_at(reader, seen.offsets[i], &event, &error), 0);
		assert_int_equal(event.at_ns, i);
	}
	assert_int_equal(journal_read_at(reader, seen.offsets[5], &event, &error), 0);
	assert_true(text_equal_str(event.warned.message, "five"));
	assert_int_equal(journal_read_at(reader, seen.offsets[5] + 1, &event, &error), -1);
	error = (struct tanda_error)TANDA_ERROR_INIT;
	assert_int_equal(journal_read_at(reader, bytes.len, &event, &error), -1);
	error = (struct tanda_error)TANDA_ERROR_INIT;
	assert_int_equal(journal_read_at(reader, UINT64_MAX, &event, &error), -1);
	assert_true(tanda_error_is_set(&error));
	journal_reader_free(reader);
	free((char *)bytes.ptr);
}

static void only_run_finished_as_last_line_finishes(void **state)
{
	struct fixture *fixture = *state;
	struct text bytes = write_journal(fixture->path);
	size_t last = bytes.len - 1;

	while (bytes.ptr[last - 1] != '\n')
		last--;
	assert_true(journal_is_finished(AT_FDCWD, fixture->path));
	scratch_write(fixture->path, (struct text){bytes.ptr, last});
	assert_false(journal_is_finished(AT_FDCWD, fixture->path));
	scratch_write(fixture->path, (struct text){bytes.ptr, bytes.len - 9});
	assert_false(journal_is_finished(AT_FDCWD, fixture->path));
	unlink(fixture->path);
	assert_false(journal_is_finished(AT_FDCWD, fixture->path));
	free((char *)bytes.ptr);
}

static void a_removed_journal_is_restored_whole(void **state)
{
	struct fixture *fixture = *state;
	struct tanda_error error = TANDA_ERROR_INIT;
	struct journal *journal = create(fixture->path);
	struct seen seen;

	append(journal, 0, 4);
	assert_false(journal_is_gone(journal));
	unlink(fixture->path);
	assert_true(journal_is_gone(journal));
	append(journal, 4, 6);
	assert_int_equal(journal_restore(journal, &error), 0);
	assert_false(journal_is_gone(journal));
	append(journal, 6, EVENTS);
	journal_close(journal);
	assert_int_equal(read_back(fixture->path, &seen).damaged_count, 0);
	assert_int_equal(seen.count, EVENTS);
}

/* Wherever it was torn: what was good stays, what comes next follows on it. */
static void a_torn_journal_goes_on_after_its_last_good_event(void **state)
{
	const struct fixture *fixture = *state;
	struct text whole = write_journal(fixture->path);
	struct tanda_error error = TANDA_ERROR_INIT;
	struct journal_summary summary;
	struct journal *journal;
	struct seen seen;
	size_t len, kept;

	for (len = whole.len / EVENTS; len < whole.len - 1; len += 7) {
		scratch_write(fixture->path, (struct text){whole.ptr, len});
		summary = read_back(fixture->path, &seen);
		kept = seen.count;
		if (kept == 0)
			continue;
		assert_int_equal(journal_continue(fixture->path, &summary, &journal, &error), 0);
		append(journal, (unsigned)kept, EVENTS);
		journal_close(journal);
		summary = read_back(fixture->path, &seen);
		assert_int_equal(seen.count, EVENTS);
		assert_int_equal(summary.damaged_count, 0);
		assert_false(summary.torn_tail);
	}
	free((char *)whole.ptr);
}

static void a_journal_with_damage_in_its_middle_does_not_go_on(void **state)
{
	const struct fixture *fixture = *state;
	struct text whole = write_journal(fixture->path);
	struct tanda_error error = TANDA_ERROR_INIT;
	struct journal_summary summary;
	struct journal *journal;
	struct seen seen;

	((char *)whole.ptr)[whole.len / 2] ^= 1;
	scratch_write(fixture->path, whole);
	summary = read_back(fixture->path, &seen);
	assert_int_equal(journal_continue(fixture->path, &summary, &journal, &error), -1);
	assert_non_null(strstr(error.message, "damaged"));
	free((char *)whole.ptr);
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_torn_journal_goes_on_after_its_last_good_event,
	                                        set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_journal_with_damage_in_its_middle_does_not_go_on,
	                                        set_up, tear_down),
		RULE(events_come_back_in_order_and_whole),
		RULE(a_journal_cut_anywhere_keeps_its_whole_lines),
		RULE(a_flipped_byte_costs_its_line_only_and_is_told),
		RULE(missing_and_repeated_lines_are_told),
		RULE(a_line_without_end_is_passed_over),
		RULE(what_is_no_journal_is_an_error),
		RULE(the_listener_may_stop),
		RULE(nothing_is_written_over_and_no_link_followed),
		RULE(flushed_events_are_in_the_file_though_it_is_not_closed),
		RULE(the_first_failure_sticks_and_spoils_no_more),
		RULE(single_events_are_read_by_their_offset),
		RULE(only_run_finished_as_last_line_finishes),
		RULE(a_removed_journal_is_restored_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
