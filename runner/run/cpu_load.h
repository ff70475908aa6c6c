/* cpu_load.h - how busy this machine's processors are, as Linux counts it. */
#ifndef RUN_CPU_LOAD_H
#define RUN_CPU_LOAD_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

/* Counters since the machine started; what is unknown is 0. */
struct cpu_counters {
	uint64_t busy_ticks, all_ticks; /* of all processors together */
	uint64_t stalled_us;            /* time in which something had to wait for a processor */
	uint64_t load_permille;         /* the load average of a minute: no counter, but as cheap */
	uint64_t at_ns;                 /* when they were read, by any monotonic clock */
};

/* Take in what /proc/stat, /proc/pressure/cpu and /proc/loadavg say; false, changing nothing, for
 * bytes that are something else. */
bool cpu_counters_take_stat(struct cpu_counters *counters, struct text bytes);
bool cpu_counters_take_pressure(struct cpu_counters *counters, struct text bytes);
bool cpu_counters_take_load(struct cpu_counters *counters, struct text bytes);

/* What a driver's on_sampled() brings: all three, first lines only. False when there is no stat. */
bool cpu_counters_take_told(struct cpu_counters *counters, struct text told);

/* Read all three. False when this system has no /proc/stat. */
bool cpu_counters_read(struct cpu_counters *counters, uint64_t at_ns);

/* Shares of the time between two readings, in thousandths and never above 1000. */
uint64_t cpu_busy_permille(const struct cpu_counters *before, const struct cpu_counters *now);
uint64_t cpu_stalled_permille(const struct cpu_counters *before, const struct cpu_counters *now);
#endif
