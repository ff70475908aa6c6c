/* cpus.c - see cpus.h. */
#include "runner/run/cpus.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/run/small_file.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"

/* Processors that QUOTA of every PERIOD microseconds comes to; 0: no limit. */
static uint32_t from_quota(struct text quota, struct text period)
{
	uint64_t quota_us, period_us;

	if (!text_to_u64(text_trim(quota), &quota_us) ||
	    !text_to_u64(text_trim(period), &period_us) || period_us == 0 || quota_us == 0)
		return 0; /* "max", "-1" */
	return (uint32_t)((quota_us + period_us - 1) / period_us);
}

static uint32_t quota_of_v2(const char *group)
{
	char bytes[SMALL_FILE_MAX_BYTES];
	char *path = mem_printf("/sys/fs/cgroup%s/cpu.max", group);
	uint32_t limit = 0;
	char *space;

	if (small_file_read(path, bytes) && (space = strchr(bytes, ' ')) != NULL)
		limit = from_quota((struct text){bytes, (size_t)(space - bytes)},
		                   text_from(space + 1));
	free(path);
	return limit;
}

static uint32_t quota_of_v1(const char *group)
{
	char quota[SMALL_FILE_MAX_BYTES], period[SMALL_FILE_MAX_BYTES];
	char *quota_path = mem_printf("/sys/fs/cgroup/cpu%s/cpu.cfs_quota_us", group);
	char *period_path = mem_printf("/sys/fs/cgroup/cpu%s/cpu.cfs_period_us", group);
	uint32_t limit = 0;

	if (small_file_read(quota_path, quota) && small_file_read(period_path, period))
		limit = from_quota(text_from(quota), text_from(period));
	free(quota_path);
	free(period_path);
	return limit;
}

/* A line of /proc/self/cgroup is "ID:CONTROLLERS:PATH"; v2's has no controllers. */
static uint32_t quota_of_line(struct text line)
{
	char *copy = text_dup(line);
	char *controllers = strchr(copy, ':');
	char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
	uint32_t limit = 0;

	if (path != NULL) {
		*path++ = '\0';
		if (controllers[1] == '\0')
			limit = quota_of_v2(path);
		else if (strcmp(controllers + 1, "cpu") == 0 ||
		         strncmp(controllers + 1, "cpu,", 4) == 0)
			limit = quota_of_v1(path);
	}
	free(copy);
	return limit;
}

uint32_t cpus_available(void)
{
	char bytes[SMALL_FILE_MAX_BYTES];
	cpu_set_t set;
	uint32_t count = 1;
	struct text rest, line;

	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		count = (uint32_t)CPU_COUNT(&set);
	if (!small_file_read("/proc/self/cgroup", bytes))
		return count;
	rest = text_from(bytes);
	while (text_next_line(&rest, &line)) {
		uint32_t limit = quota_of_line(line);

		if (limit > 0 && limit < count)
			count = limit;
	}
	return count;
}
