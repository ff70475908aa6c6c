/* fuzz_plan.c - any bytes as a plan file: no crash, and what is taken is written and read back as
 * the same plan. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runner/record/plan_file.h"
#include "tanda/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct plan *plan, const char *path)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct plan again;

	if (plan_file_write(path, plan, &error) < 0 || plan_file_read(path, &again, &error) < 0) {
		fprintf(stderr, "%s: %s\n", error.where, error.message);
		abort();
	}
	assert(again.digest == plan->digest && again.shard_count == plan->shard_count);
	assert(plan_test_count(&again) == plan_test_count(plan));
	plan_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	int fd = memfd_create("plan", MFD_CLOEXEC);
	char path[64], again[64];
	struct plan plan;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	snprintf(again, sizeof(again), "/tmp/fuzz-plan-%ld.json", (long)getpid());
	if (plan_file_read(path, &plan, &error) == 0) {
		check_again(&plan, again);
		plan_deinit(&plan);
	} else {
		assert(tanda_error_is_set(&error));
	}
	close(fd);
	return 0;
}
