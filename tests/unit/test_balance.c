/* test_balance.c - what is said about a run's balance is what its times show. */
#include "tests/unit/report_play.h"

static const struct console_options columns = {
	.form = FORM_COLUMNS, .unicode = true, .out_dir = "tanda-out"};

/* Two workers; the second ends late with `count` tests of 4 s each in one batch. */
static void play_late_worker(struct play *p, size_t count)
{
	const uint32_t tests[] = {0, 1, 2};
	uint32_t i;

	play_start(p, 2);
	for (i = 0; i < 3; i++)
		play_test(p, i == 0 ? "short" : "late", "a", NULL);
	play_seal(p, 0, 0);
	play_batch(p, 0, BATCH_PLANNED, tests, 1 + (2 - count));
	play_batch(p, 1, BATCH_PLANNED, tests + 1 + (2 - count), count);
	for (i = 0; i < 3 - count; i++)
		play_case(p, 0, i, CASE_PASSED, SECONDS(1), "");
	play_end(p, complete(0, false, SECONDS(count == 1 ? 6 : 1)), SECONDS(count == 1 ? 6 : 1),
	         false);
	for (i = 3 - (uint32_t)count; i < 3; i++)
		play_case(p, 1, i, CASE_PASSED, SECONDS(4), "");
	play_end(p, complete(1, false, SECONDS(4 * count)), SECONDS(8), false);
	play_finish(p);
}

static void a_late_batch_of_many_could_be_smaller(void **state)
{
	struct play p;

	(void)state;
	play_open(&p, columns);
	play_late_worker(&p, 2);
	expect_part(p.text,
	            "w1 ended 3.50s after the average worker, with late (4.00s in a batch of "
	            "8.00s); smaller batches would help: an even share is 4.50s\n");
	play_close(&p);
}

static void a_late_test_within_its_share_need_not_be_split(void **state)
{
	struct play p;

	(void)state;
	play_open(&p, columns);
	play_late_worker(&p, 1);
	expect_part(p.text,
	            "with late (4.00s); splitting it would not help: an even share is 7.00s\n");
	play_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_late_batch_of_many_could_be_smaller),
		cmocka_unit_test(a_late_test_within_its_share_need_not_be_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
