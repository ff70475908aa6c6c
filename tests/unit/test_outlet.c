/* test_outlet.c - a reader that is slow, stuck or gone holds up nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/exec/outlet.h"

enum { MORE_THAN_A_PIPE = 1024 * 1024 };

static void what_is_written_arrives_in_order(void **state)
{
	struct outlet *outlet;
	char bytes[64] = "";
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	outlet = outlet_new(ends[1]);
	fputs("one\n", outlet_stream(outlet));
	fflush(outlet_stream(outlet));
	fputs("two\n", outlet_stream(outlet));
	assert_true(outlet_drain(outlet, UINT64_MAX));
	assert_false(outlet_is_behind(outlet));
	outlet_free(outlet, UINT64_MAX);
	assert_int_equal(read(ends[0], bytes, sizeof(bytes)), 8);
	assert_string_equal(bytes, "one\ntwo\n");
	close(ends[0]);
	close(ends[1]);
}

static void fill(struct outlet *outlet, size_t bytes)
{
	char *block = calloc(1, bytes);

	assert_non_null(block);
	assert_int_equal(fwrite(block, 1, bytes, outlet_stream(outlet)), bytes);
	fflush(outlet_stream(outlet));
	free(block);
}

/* The write below would never come back if it went to the pipe itself. */
static void a_stuck_reader_does_not_block_the_writer(void **state)
{
	struct outlet *outlet;
	char *bytes = calloc(1, MORE_THAN_A_PIPE);
	size_t seen = 0;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	outlet = outlet_new(ends[1]);
	fill(outlet, MORE_THAN_A_PIPE);
	assert_true(outlet_is_behind(outlet));
	assert_false(outlet_drain(outlet, 1));
	while (seen < MORE_THAN_A_PIPE) {
		ssize_t len = read(ends[0], bytes, MORE_THAN_A_PIPE);

		assert_true(len > 0);
		seen += (size_t)len;
	}
	assert_true(outlet_drain(outlet, UINT64_MAX));
	outlet_free(outlet, UINT64_MAX);
	free(bytes);
	close(ends[0]);
	close(ends[1]);
}

static void over_the_cap_writes_are_dropped_and_counted(void **state)
{
	static char tail[MORE_THAN_A_PIPE];
	struct outlet *outlet;
	size_t seen = 0;
	int ends[2], i;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	outlet = outlet_new(ends[1]);
	for (i = 0; i < 40; i++)
		fill(outlet, MORE_THAN_A_PIPE);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	while (!outlet_drain(outlet, 1) || seen == 0) {
		ssize_t len = read(ends[0], tail, sizeof(tail) - 1);

		seen += len > 0 ? (size_t)len : 0;
		if (len > 0)
			tail[len] = '\0';
	}
	outlet_free(outlet, UINT64_MAX);
	close(ends[1]);
	assert_true(seen < (size_t)40 * MORE_THAN_A_PIPE);
	close(ends[0]);
}

static void a_reader_that_is_gone_ends_nothing(void **state)
{
	struct outlet *outlet;
	int ends[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	outlet = outlet_new(ends[1]);
	close(ends[0]);
	fill(outlet, MORE_THAN_A_PIPE);
	assert_true(outlet_drain(outlet, UINT64_MAX));
	fill(outlet, 10);
	outlet_free(outlet, UINT64_MAX);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_arrives_in_order),
		cmocka_unit_test(a_stuck_reader_does_not_block_the_writer),
		cmocka_unit_test(over_the_cap_writes_are_dropped_and_counted),
		cmocka_unit_test(a_reader_that_is_gone_ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
