/* cpus.h - how many processors may this process use? */
#ifndef RUN_CPUS_H
#define RUN_CPUS_H
#include <stdint.h>

/* The scheduler's affinity, cut to the cgroup's quota (v2 and v1), rounded up; at least 1. */
uint32_t cpus_available(void);
#endif
