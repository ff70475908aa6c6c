/* test_spool.c - what goes into a spool as cases comes out of it as they were, in memory or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/merge/record.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { CASES = 3000, BODY_BYTES = 2000, MEMORY_BYTES = 1024 * 1024 };

static void fill_body(char *body, size_t number)
{
	memset(body, 'a' + (int)(number % 26), BODY_BYTES);
}

/* Three times as much as stays in memory. */
static void put_cases(struct spool *spool)
{
	const struct junit_property property = {TEXT_LIT("p"), TEXT_LIT("v")};
	const struct junit_again again = {
		.case_passed = true, .message = TEXT_LIT("m"), .time_ns = 7, .err = TEXT_LIT("e")};
	char body[BODY_BYTES], name[32];
	size_t i;

	for (i = 0; i < CASES; i++) {
		struct junit_case item = {.status = CASE_FAILED,
		                          .line = (uint32_t)i,
		                          .time_ns = i * 1000,
		                          .started = {true, true, (int64_t)i},
		                          .body = {body, i % 2 == 0 ? BODY_BYTES : 0},
		                          .properties = &property,
		                          .property_count = i % 3 == 0,
		                          .agains = &again,
		                          .again_count = i % 5 == 0};

		fill_body(body, i);
		snprintf(name, sizeof(name), "case %zu", i);
		item.name = text_from(name);
		record_encode(&item, i % 7 != 0, spool_room(spool, record_bytes(&item)));
		spool_done(spool);
	}
}

static void check_case(const struct record *record, size_t number)
{
	const struct junit_case *item = &record->item;
	char body[BODY_BYTES], name[32];

	fill_body(body, number);
	snprintf(name, sizeof(name), "case %zu", number);
	assert_true(text_equal_str(item->name, name));
	assert_int_equal(item->line, number);
	assert_int_equal(item->time_ns, number * 1000);
	assert_int_equal(item->started.ms, number);
	assert_int_equal(record->time_known, number % 7 != 0);
	assert_true(text_equal(item->body, (struct text){body, number % 2 == 0 ? BODY_BYTES : 0}));
	assert_int_equal(item->property_count, number % 3 == 0);
	assert_int_equal(item->again_count, number % 5 == 0);
	if (item->property_count > 0)
		assert_true(text_equal_str(item->properties[0].value, "v"));
	if (item->again_count > 0)
		assert_true(item->agains[0].case_passed && item->agains[0].time_ns == 7 &&
		            text_equal_str(item->agains[0].err, "e"));
}

static void check_cases(const struct spool *spool)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct record_reader reader;
	size_t i;

	record_reader_init(&reader);
	record_reader_start(&reader, spool, 0, spool_end(spool));
	for (i = 0; i < CASES; i++) {
		assert_int_equal(record_reader_next(&reader, &error), 1);
		check_case(&reader.record, i);
	}
	assert_int_equal(record_reader_next(&reader, &error), 0);
	record_reader_deinit(&reader);
}

static void cases_come_out_as_they_went_in(void **state)
{
	struct spool spool;

	(void)state;
	spool_init(&spool, MEMORY_BYTES);
	put_cases(&spool);
	assert_true(spool.flushed_bytes > 0 && spool_end(&spool) > MEMORY_BYTES);
	check_cases(&spool);
	spool_deinit(&spool);
}

static void few_cases_never_leave_memory(void **state)
{
	struct spool spool;

	(void)state;
	spool_init(&spool, CASES * (BODY_BYTES + 1000));
	put_cases(&spool);
	assert_int_equal(spool.flushed_bytes, 0);
	check_cases(&spool);
	spool_deinit(&spool);
}

/* Some cases fit and some do not: their order stays. */
static void a_case_larger_than_the_memory_goes_to_the_file(void **state)
{
	struct spool spool;

	(void)state;
	spool_init(&spool, BODY_BYTES);
	put_cases(&spool);
	assert_true(spool.flushed_bytes > 0);
	check_cases(&spool);
	spool_deinit(&spool);
}

static void a_spool_that_cannot_be_written_fails_when_it_is_read(void **state)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct spool spool;
	char byte;

	(void)state;
	setenv("TMPDIR", "/nowhere/at/all", 1);
	spool_init(&spool, MEMORY_BYTES);
	put_cases(&spool);
	assert_int_equal(spool_read(&spool, 0, &byte, 1, &error), -1);
	assert_non_null(strstr(error.message, "the spool file could not be written"));
	spool_deinit(&spool);
	unsetenv("TMPDIR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_come_out_as_they_went_in),
		cmocka_unit_test(few_cases_never_leave_memory),
		cmocka_unit_test(a_case_larger_than_the_memory_goes_to_the_file),
		cmocka_unit_test(a_spool_that_cannot_be_written_fails_when_it_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
