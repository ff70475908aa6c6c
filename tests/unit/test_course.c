/* test_course.c - when each worker did what: start-up first, then the tests as they were reported.
 */
#include "runner/report/course.h"
#include "tests/unit/report_play.h"

/* Cases as the journal would have them: test by test, in this order. */
struct told {
	struct view view;
	struct view_case cases[4];
	size_t order[4], first[6];
};

static void tell(struct told *told, const struct play *p, const uint32_t *tests, size_t count)
{
	size_t filled = 0, i;
	uint32_t test;

	*told = (struct told){.view = {.ledger = &p->ledger, .is_whole = true}};
	for (i = 0; i < count; i++)
		told->cases[i] = (struct view_case){.test = tests[i]};
	for (test = 0; test < p->ledger.test_count; test++) {
		told->first[test] = filled;
		for (i = 0; i < count; i++) {
			if (tests[i] == test)
				told->order[filled++] = i;
		}
	}
	told->first[p->ledger.test_count] = filled;
	told->view.cases = told->cases;
	told->view.case_count = count;
	told->view.case_order = told->order;
	told->view.case_first = told->first;
	told->view.end_ns = p->now_ns;
}

/* Two tests in one batch of `elapsed_ns`; they claim 2 s and 4 s, the second is reported first. */
static void play_two(struct play *p, uint64_t elapsed_ns)
{
	const uint32_t tests[] = {0, 1};

	play_open(p, (struct console_options){.form = FORM_COLUMNS});
	play_start(p, 2);
	play_test(p, "one", "a", NULL);
	play_test(p, "two", "a", NULL);
	play_seal(p, 0, 0);
	p->now_ns = SECONDS(1);
	play_batch(p, 1, BATCH_PLANNED, tests, 2);
	play_case(p, 0, 1, CASE_PASSED, SECONDS(4), "");
	play_case(p, 0, 0, CASE_PASSED, SECONDS(2), "");
	play_end(p, complete(0, false, elapsed_ns), SECONDS(1) + 1 + elapsed_ns, false);
}

static void start_up_is_first_and_tests_follow_as_reported(void **state)
{
	const uint32_t reported[] = {1, 0};
	struct course course;
	struct told told;
	struct play p;

	(void)state;
	play_two(&p, SECONDS(10));
	tell(&told, &p, reported, 2);
	course_init(&course, &told.view);
	assert_int_equal(course.slice_count, 3);
	assert_int_equal(course.first[1], 0); /* worker 0 got nothing */
	assert_int_equal(course.first[2], 3);
	assert_true(slice_is_start_up(&course.slices[0]));
	assert_int_equal(course.slices[0].end_ns - course.slices[0].start_ns, SECONDS(4));
	assert_int_equal(course.slices[1].test, 1);
	assert_int_equal(course.slices[1].end_ns - course.slices[1].start_ns, SECONDS(4));
	assert_int_equal(course.slices[2].test, 0);
	assert_int_equal(course.slices[2].start_ns, course.slices[1].end_ns);
	assert_int_equal(course.slices[2].end_ns, course.end_ns);
	course_deinit(&course);
	play_close(&p);
}

static void progressed(struct play *p, uint32_t test, bool is_done, uint64_t happened_ns)
{
	play(p, (struct event){.kind = EVENT_TEST_PROGRESSED,
	                       .test_progressed = {0, test, is_done, happened_ns}});
}

/* `second_ns`: when the framework began its second test. */
static void play_told(struct play *p, uint64_t second_ns)
{
	const uint32_t tests[] = {0, 1};

	play_open(p, (struct console_options){.form = FORM_COLUMNS});
	play_start(p, 1);
	play_test(p, "one", "a", NULL);
	play_test(p, "two", "a", NULL);
	play_seal(p, 0, 0);
	p->now_ns = SECONDS(1);
	play_batch(p, 0, BATCH_PLANNED, tests, 2);
	progressed(p, 1, false, SECONDS(3));
	progressed(p, 1, true, SECONDS(5));
	progressed(p, 0, false, second_ns);
	progressed(p, 0, true, SECONDS(9));
	play_case(p, 0, 0, CASE_PASSED, SECONDS(2), "");
	play_case(p, 0, 1, CASE_PASSED, SECONDS(2), "");
	play_end(p, complete(0, false, SECONDS(10)), SECONDS(11) + 1, false);
}

static void what_the_framework_told_stands_where_it_was(void **state)
{
	const uint32_t reported[] = {0, 1};
	struct course course;
	struct told told;
	struct play p;

	(void)state;
	play_told(&p, SECONDS(6));
	tell(&told, &p, reported, 2);
	course_init(&course, &told.view);
	assert_int_equal(course.slice_count, 3);
	assert_true(slice_is_start_up(&course.slices[0]));
	assert_int_equal(course.slices[0].end_ns, SECONDS(3));
	assert_int_equal(course.slices[1].test, 1);
	assert_int_equal(course.slices[1].end_ns, SECONDS(5));
	assert_int_equal(course.slices[2].test, 0);
	assert_int_equal(course.slices[2].start_ns, SECONDS(6));
	assert_int_equal(course.slices[2].end_ns, SECONDS(9));
	course_deinit(&course);
	play_close(&p);
}

static void tests_that_ran_beside_each_other_are_put_in_a_row(void **state)
{
	const uint32_t reported[] = {0, 1};
	struct course course;
	struct told told;
	struct play p;

	(void)state;
	play_told(&p, SECONDS(4));
	tell(&told, &p, reported, 2);
	course_init(&course, &told.view);
	assert_int_equal(course.slice_count, 3);
	assert_int_equal(course.slices[1].test, 0);
	assert_int_equal(course.slices[1].end_ns, course.slices[2].start_ns);
	course_deinit(&course);
	play_close(&p);
}

static void tests_that_claim_too_much_are_shortened_in_proportion(void **state)
{
	const uint32_t reported[] = {1, 0};
	struct course course;
	struct told told;
	struct play p;

	(void)state;
	play_two(&p, SECONDS(3));
	tell(&told, &p, reported, 2);
	course_init(&course, &told.view);
	assert_int_equal(course.slice_count, 2); /* no start-up is left */
	assert_int_equal(course.slices[0].end_ns - course.slices[0].start_ns, SECONDS(2));
	assert_int_equal(course.slices[1].end_ns - course.slices[1].start_ns, SECONDS(1));
	assert_int_equal(course.slices[1].end_ns, course.end_ns);
	course_deinit(&course);
	play_close(&p);
}

static void what_still_ran_when_tanda_died_is_there(void **state)
{
	const uint32_t tests[] = {0};
	struct course course;
	struct told told;
	struct play p;

	(void)state;
	play_open(&p, (struct console_options){.form = FORM_COLUMNS});
	play_start(&p, 1);
	play_test(&p, "one", "a", NULL);
	play_seal(&p, 0, 0);
	play_batch(&p, 0, BATCH_PLANNED, tests, 1);
	p.now_ns = SECONDS(5);
	tell(&told, &p, NULL, 0);
	told.view.is_whole = false;
	course_init(&course, &told.view);
	assert_int_equal(course.slices[0].end_ns, SECONDS(5));
	assert_int_equal(course.end_ns, SECONDS(5));
	assert_int_equal(course.last_batch, UINT32_MAX);
	course_deinit(&course);
	play_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_up_is_first_and_tests_follow_as_reported),
		cmocka_unit_test(what_the_framework_told_stands_where_it_was),
		cmocka_unit_test(tests_that_ran_beside_each_other_are_put_in_a_row),
		cmocka_unit_test(tests_that_claim_too_much_are_shortened_in_proportion),
		cmocka_unit_test(what_still_ran_when_tanda_died_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
