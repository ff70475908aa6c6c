/* fuzz_timings.c - any bytes as a timings file: no crash, and what is taken is written and read
 * back as the same. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runner/record/file.h"
#include "runner/record/history.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MAX_BYTES = 1024 * 1024 };

struct seen {
	struct timing *timings;
	size_t count;
	size_t cap;
};

static void on_test(void *data, struct text suite, struct text id, const uint64_t *times_ns,
		    size_t count, uint32_t last_case_count)
{
	struct seen *seen = data;

	assert(count == 1 && last_case_count == 0);
	seen->timings =
	    mem_grow(seen->timings, &seen->cap, seen->count + 1, sizeof(seen->timings[0]));
	seen->timings[seen->count++] =
	    (struct timing){.suite = text_dup(suite), .id = text_dup(id), .time_ns = times_ns[0]};
}

static void clear(struct seen *seen)
{
	size_t i;

	for (i = 0; i < seen->count; i++) {
		free((char *)seen->timings[i].suite);
		free((char *)seen->timings[i].id);
	}
	free(seen->timings);
	*seen = (struct seen){.count = 0};
}

/* Write what was seen, read it back, write that: the bytes are the same. */
static void check_again(struct seen *seen, const char *path)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct text_buf first, second;
	struct seen again = {.count = 0};

	text_buf_init(&first, FILE_MAX_BYTES);
	text_buf_init(&second, FILE_MAX_BYTES);
	if (timings_write(path, seen->timings, seen->count, &error) < 0 ||
	    file_read(path, &first, &error) < 0 ||
	    timings_read(path, on_test, &again, &error) < 0 ||
	    timings_write(path, again.timings, again.count, &error) < 0 ||
	    file_read(path, &second, &error) < 0) {
		fprintf(stderr, "%s: %s\n", error.where, error.message);
		abort();
	}
	assert(text_equal(text_buf_text(&first), text_buf_text(&second)));
	text_buf_deinit(&first);
	text_buf_deinit(&second);
	clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	int fd = memfd_create("timings", MFD_CLOEXEC);
	struct seen seen = {.count = 0};
	char path[64], again[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	snprintf(again, sizeof(again), "/tmp/fuzz-timings-%ld.json", (long)getpid());
	if (timings_read(path, on_test, &seen, &error) == 0)
		check_again(&seen, again);
	else
		assert(tanda_error_is_set(&error));
	clear(&seen);
	close(fd);
	return 0;
}
