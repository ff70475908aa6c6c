/* test_arena.c - what is taken is one's own, whatever its size, until all of it goes. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shards/base/arena.h"
#include "shards/base/mem.h"

static void things_do_not_overlap(void **state)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 65535, 65536, 200000, 3};
	enum { ROUNDS = 20, COUNT = ROUNDS * 10 };
	unsigned char *things[COUNT];
	struct arena arena;
	size_t i, j;

	(void)state;
	arena_init(&arena);
	for (i = 0; i < COUNT; i++) {
		things[i] = arena_take(&arena, sizes[i % countof(sizes)]);
		assert_int_equal((uintptr_t)things[i] % alignof(max_align_t), 0);
		memset(things[i], (int)(i % 251), sizes[i % countof(sizes)]);
	}
	for (i = 0; i < COUNT; i++) {
		for (j = 0; j < sizes[i % countof(sizes)]; j++)
			assert_int_equal(things[i][j], i % 251);
	}
	arena_deinit(&arena);
	assert_non_null(arena_take(&arena, 8));
	arena_deinit(&arena);
}

static void a_string_is_a_copy_with_its_end(void **state)
{
	char from[] = "abcd";
	struct arena arena;
	const char *copy, *empty;

	(void)state;
	arena_init(&arena);
	copy = arena_string(&arena, (struct text){from, 3});
	empty = arena_string(&arena, TEXT_EMPTY);
	from[0] = 'x';
	assert_string_equal(copy, "abc");
	assert_string_equal(empty, "");
	assert_string_equal(arena_printf(&arena, "%s-%d", copy, 7), "abc-7");
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(things_do_not_overlap),
		cmocka_unit_test(a_string_is_a_copy_with_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
