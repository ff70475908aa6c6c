/* cpu_load.c - see cpu_load.h; formats: proc(5), and the kernel's accounting/psi.rst. */
#include "runner/run/cpu_load.h"

#include "runner/run/small_file.h"

enum {
	PERMILLE = 1000,
	NS_PER_US = 1000,
	STAT_FIELDS_MAX = 8, /* what follows is counted in the first two already */
	STAT_IDLE = 3,
	STAT_IOWAIT = 4,
};

/* The next number of a text that separates by spaces. */
static bool next_number(struct text *rest, uint64_t *ret_number)
{
	size_t len = 0;

	while (rest->len > 0 && rest->ptr[0] == ' ')
		*rest = text_from_offset(*rest, 1);
	while (len < rest->len && rest->ptr[len] >= '0' && rest->ptr[len] <= '9')
		len++;
	if (!text_to_u64((struct text){rest->ptr, len}, ret_number))
		return false;
	*rest = text_from_offset(*rest, len);
	return true;
}

bool cpu_counters_take_stat(struct cpu_counters *counters, struct text bytes)
{
	uint64_t ticks, all = 0, idle = 0;
	struct text line;
	int field;

	if (!text_next_line(&bytes, &line) || !text_has_prefix(line, TEXT_LIT("cpu ")))
		return false;
	line = text_from_offset(line, 4);
	for (field = 0; field < STAT_FIELDS_MAX && next_number(&line, &ticks); field++) {
		all += ticks;
		if (field == STAT_IDLE || field == STAT_IOWAIT)
			idle += ticks;
	}
	if (field <= STAT_IDLE)
		return false;
	counters->all_ticks = all;
	counters->busy_ticks = all - idle;
	return true;
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=1234" */
bool cpu_counters_take_pressure(struct cpu_counters *counters, struct text bytes)
{
	struct text line;

	if (!text_next_line(&bytes, &line) || !text_has_prefix(line, TEXT_LIT("some ")))
		return false;
	while (line.len > 0 && !text_has_prefix(line, TEXT_LIT("total=")))
		line = text_from_offset(line, 1);
	return text_to_u64(text_from_offset(line, 6), &counters->stalled_us);
}

/* "0.52 0.58 0.59 1/123 4567": the first, with two decimals. */
bool cpu_counters_take_load(struct cpu_counters *counters, struct text bytes)
{
	uint64_t whole, hundredths;

	if (!next_number(&bytes, &whole) || !text_has_prefix(bytes, TEXT_LIT(".")))
		return false;
	bytes = text_from_offset(bytes, 1);
	if (!next_number(&bytes, &hundredths) || hundredths > 99)
		return false;
	counters->load_permille = whole * PERMILLE + hundredths * 10;
	return true;
}

static struct text next_part(struct text *rest)
{
	const char *bar = rest->len > 0 ? memchr(rest->ptr, '|', rest->len) : NULL;
	struct text part = {rest->ptr, bar != NULL ? (size_t)(bar - rest->ptr) : rest->len};

	*rest = text_from_offset(*rest, bar != NULL ? part.len + 1 : part.len);
	return part;
}

bool cpu_counters_take_told(struct cpu_counters *counters, struct text told)
{
	bool is_known = cpu_counters_take_stat(counters, next_part(&told));

	(void)cpu_counters_take_pressure(counters, next_part(&told));
	(void)cpu_counters_take_load(counters, next_part(&told));
	return is_known;
}

bool cpu_counters_read(struct cpu_counters *counters, uint64_t at_ns)
{
	char bytes[SMALL_FILE_MAX_BYTES];

	*counters = (struct cpu_counters){.at_ns = at_ns};
	if (small_file_read("/proc/pressure/cpu", bytes))
		(void)cpu_counters_take_pressure(counters, text_from(bytes));
	if (small_file_read("/proc/loadavg", bytes))
		(void)cpu_counters_take_load(counters, text_from(bytes));
	return small_file_read("/proc/stat", bytes) &&
	       cpu_counters_take_stat(counters, text_from(bytes));
}

static uint64_t permille_of(uint64_t part, uint64_t whole)
{
	if (whole == 0)
		return 0;
	return part >= whole ? PERMILLE : (uint64_t)((double)part * PERMILLE / (double)whole + 0.5);
}

/* Counters may go back a little when a processor is taken away. */
static uint64_t grown(uint64_t before, uint64_t now)
{
	return now > before ? now - before : 0;
}

uint64_t cpu_busy_permille(const struct cpu_counters *before, const struct cpu_counters *now)
{
	return permille_of(grown(before->busy_ticks, now->busy_ticks),
	                   grown(before->all_ticks, now->all_ticks));
}

uint64_t cpu_stalled_permille(const struct cpu_counters *before, const struct cpu_counters *now)
{
	return permille_of(grown(before->stalled_us, now->stalled_us),
	                   grown(before->at_ns, now->at_ns) / NS_PER_US);
}
