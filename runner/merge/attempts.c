/* attempts.c - see attempts.h. */
#include "runner/merge/attempts.h"

#include <stdlib.h>
#include <string.h>

#include "shards/base/mem.h"

void attempts_init(struct attempts *attempts)
{
	*attempts = (struct attempts){0};
	dict_init(&attempts->by_key);
	record_reader_init(&attempts->reader);
}

static void clear(struct attempts *attempts)
{
	size_t i;

	for (i = 0; i < attempts->case_count; i++)
		free(attempts->cases[i].key);
	attempts->count = 0;
	attempts->case_count = 0;
	dict_deinit(&attempts->by_key);
	dict_init(&attempts->by_key);
}

void attempts_deinit(struct attempts *attempts)
{
	clear(attempts);
	free(attempts->list);
	free(attempts->cases);
	dict_deinit(&attempts->by_key);
	record_reader_deinit(&attempts->reader);
}

static struct attempt_case *find_case(struct attempts *attempts, const struct junit_case *item)
{
	char *key = mem_printf("%.*s\n%.*s", TEXT_ARG(item->classname), TEXT_ARG(item->name));
	size_t index;

	if (dict_find(&attempts->by_key, text_from(key), &index)) {
		free(key);
		return &attempts->cases[index];
	}
	index = attempts->case_count;
	attempts->cases = mem_grow(attempts->cases, &attempts->case_cap, index + 1,
	                           sizeof(attempts->cases[0]));
	attempts->cases[index] = (struct attempt_case){.key = key, .first = ATTEMPT_NONE};
	attempts->case_count++;
	(void)dict_add(&attempts->by_key, text_from(key), index);
	return &attempts->cases[index];
}

/* In the order of the reports, until all are there. */
static void append(struct attempts *attempts, struct attempt_case *item, size_t index)
{
	struct attempt *list = attempts->list;

	if (item->first == ATTEMPT_NONE)
		item->first = index;
	else
		list[item->last].next = index;
	item->last = index;
	item->count++;
	item->all_started = (item->count == 1 || item->all_started) && list[index].started.is_known;
}

/* Merge two lists that are in order; of equals, those of `left` first. */
static size_t merge_lists(struct attempt *list, size_t left, size_t right)
{
	size_t first = ATTEMPT_NONE, *link = &first;

	while (left != ATTEMPT_NONE && right != ATTEMPT_NONE) {
		size_t *from = list[right].started.ms < list[left].started.ms ? &right : &left;

		*link = *from;
		link = &list[*from].next;
		*from = *link;
	}
	*link = left != ATTEMPT_NONE ? left : right;
	return first;
}

/* By their starts where all tell it. There may be a million: each bit of the count has a list. */
static void sort(struct attempts *attempts, struct attempt_case *item)
{
	enum { BITS = 64 };
	struct attempt *list = attempts->list;
	size_t lists[BITS], i, next, at, sorted = ATTEMPT_NONE;

	if (!item->all_started || item->count < 2)
		return;
	for (i = 0; i < BITS; i++)
		lists[i] = ATTEMPT_NONE;
	for (at = item->first; at != ATTEMPT_NONE; at = next) {
		size_t run = at;

		next = list[at].next;
		list[at].next = ATTEMPT_NONE;
		for (i = 0; lists[i] != ATTEMPT_NONE; i++) {
			run = merge_lists(list, lists[i], run);
			lists[i] = ATTEMPT_NONE;
		}
		lists[i] = run;
	}
	for (i = 0; i < BITS; i++) {
		if (lists[i] != ATTEMPT_NONE)
			sorted = merge_lists(list, lists[i], sorted);
	}
	item->first = sorted;
	for (at = sorted; at != ATTEMPT_NONE; at = list[at].next)
		item->last = at;
}

static int scan_part(struct attempts *attempts, const struct part *part, struct tanda_error *error)
{
	struct record_reader *reader = &attempts->reader;
	const struct junit_case *item = &reader->record.item;
	uint64_t offset = part->offset, share_ns = 0;
	bool shares = part_shares_time(part, &share_ns);
	int got;

	record_reader_start(reader, part->spool, part->offset, part->len);
	while ((got = record_reader_next(reader, error)) > 0) {
		struct attempt attempt = {
			.spool = part->spool,
			.offset = offset,
			.len = record_reader_offset(reader) - offset,
			.status = item->status,
			.started = item->started.is_known ? item->started : part->started,
			.time_ns = shares ? share_ns : item->time_ns,
			.next = ATTEMPT_NONE,
		};

		attempts->list = mem_grow(attempts->list, &attempts->cap, attempts->count + 1,
		                          sizeof(attempts->list[0]));
		attempts->list[attempts->count++] = attempt;
		append(attempts, find_case(attempts, item), attempts->count - 1);
		offset += attempt.len;
	}
	return got;
}

int attempts_scan(struct attempts *attempts, const struct merged_suite *suite,
                  struct tanda_error *error)
{
	const struct part *part;
	size_t i;

	clear(attempts);
	for (part = suite->first; part != NULL; part = part->next) {
		if (scan_part(attempts, part, error) < 0)
			return -1;
	}
	for (i = 0; i < attempts->case_count; i++)
		sort(attempts, &attempts->cases[i]);
	return 0;
}

static bool is_bad(enum case_status status)
{
	return status == CASE_FAILED || status == CASE_ERROR;
}

size_t attempts_shown(const struct attempts *attempts, const struct attempt_case *item)
{
	size_t passed = ATTEMPT_NONE, failed = ATTEMPT_NONE, i;

	for (i = item->first; i != ATTEMPT_NONE; i = attempts->list[i].next) {
		if (attempts->list[i].status == CASE_PASSED)
			passed = i;
		if (is_bad(attempts->list[i].status) && failed == ATTEMPT_NONE)
			failed = i;
	}
	if (passed != ATTEMPT_NONE)
		return passed;
	return failed != ATTEMPT_NONE ? failed : item->first;
}

uint64_t attempts_time_ns(const struct attempts *attempts, const struct attempt_case *item)
{
	size_t shown = attempts_shown(attempts, item);

	return is_bad(attempts->list[shown].status) ? attempts->list[item->last].time_ns
	                                            : attempts->list[shown].time_ns;
}

void attempts_sum(const struct attempts *attempts, struct junit_counts *ret_counts,
                  uint64_t *ret_time_ns)
{
	struct junit_counts counts = {.tests = attempts->case_count};
	size_t i;

	*ret_time_ns = 0;
	for (i = 0; i < attempts->case_count; i++) {
		const struct attempt_case *item = &attempts->cases[i];
		enum case_status status = attempts->list[attempts_shown(attempts, item)].status;

		counts.failures += status == CASE_FAILED;
		counts.errors += status == CASE_ERROR;
		counts.skipped += status == CASE_SKIPPED;
		*ret_time_ns += attempts_time_ns(attempts, item);
	}
	*ret_counts = counts;
}
