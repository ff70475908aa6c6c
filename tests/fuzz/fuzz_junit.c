/* fuzz_junit.c - any bytes are read; what was read is written well-formed and read again the same.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/junit_rewrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/tanda-fuzz-XXXXXX";
static char path[sizeof(folder) + 16];

static void remove_folder(void)
{
	unlink(path);
	rmdir(folder);
}

static void set_up(void)
{
	if (path[0] != '\0')
		return;
	junit_init();
	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(path, sizeof(path), "%s/report.xml", folder);
	atexit(remove_folder);
}

static struct kept written_and_read(const struct kept *kept)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct kept again;
	int status = rewrite(kept, path, &error);

	assert(status == 0);
	again = kit_read_file(path);
	assert(again.summary.state == REPORT_WHOLE);
	assert(again.count == kept->count);
	return again;
}

/* The first trip may name what had no name, number duplicates and round times; no more than that.
 */
static void assert_same_outcome(const struct kept *a, const struct kept *b)
{
	size_t i;

	for (i = 0; i < a->count; i++) {
		assert(a->cases[i].status == b->cases[i].status);
		assert(strcmp(a->cases[i].message, b->cases[i].message) == 0);
		assert(strcmp(a->cases[i].body, b->cases[i].body) == 0);
		assert(a->cases[i].line == b->cases[i].line);
	}
}

static void assert_same(const struct kept *a, const struct kept *b)
{
	size_t i;

	assert_same_outcome(a, b);
	for (i = 0; i < a->count; i++) {
		const struct kept_case *x = &a->cases[i], *y = &b->cases[i];

		assert(strcmp(x->suite, y->suite) == 0);
		assert(strcmp(x->classname, y->classname) == 0);
		assert(strcmp(x->name, y->name) == 0);
		assert(strcmp(x->file, y->file) == 0);
		assert(strcmp(x->type, y->type) == 0);
		assert(strcmp(x->out, y->out) == 0);
		assert(strcmp(x->err, y->err) == 0);
		assert(x->time_ns == y->time_ns);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kept first, second, third;

	set_up();
	first = kit_read_bytes((struct text){(const char *)data, size});
	assert(first.count == first.summary.case_count);
	if (first.count > 0) {
		second = written_and_read(&first);
		assert_same_outcome(&first, &second);
		third = written_and_read(&second);
		assert_same(&second, &third);
		kit_free(&second);
		kit_free(&third);
	}
	kit_free(&first);
	return 0;
}
