/* render.c - see render.h. */
#include "runner/merge/render.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "shards/base/mem.h"

enum { TIMESTAMP_MAX_BYTES = 40 };

void renderer_init(struct renderer *renderer, struct markup *markup,
                   const struct junit_limits *limits, bool joins_attempts, bool time_is_sum)
{
	*renderer = (struct renderer){
		.markup = markup, .joins_attempts = joins_attempts, .time_is_sum = time_is_sum};
	elements_init(&renderer->elements, markup);
	renderer->elements.limits = limits;
	renderer->elements.trusts_input = true;
	record_reader_init(&renderer->reader);
	attempts_init(&renderer->attempts);
	text_buf_init(&renderer->timestamp, TIMESTAMP_MAX_BYTES);
}

void renderer_deinit(struct renderer *renderer)
{
	elements_deinit(&renderer->elements);
	record_reader_deinit(&renderer->reader);
	attempts_deinit(&renderer->attempts);
	text_buf_deinit(&renderer->timestamp);
}

static void begin_suite(struct renderer *renderer, const struct merged_suite *suite, uint64_t id)
{
	size_t count;
	struct junit_property *properties = suite_properties(suite, &count);
	struct junit_suite head = {
		.name = text_from(suite->title),
		.file = suite_file(suite),
		.hostname = suite_hostname(suite),
		.counts = suite->counts,
		.time_ns = suite->time_ns,
	};

	text_buf_clear(&renderer->timestamp);
	instant_add(&renderer->timestamp, suite->started);
	head.timestamp = text_buf_text(&renderer->timestamp);
	if (renderer->time_is_sum && id == 0)
		properties[count++] =
			(struct junit_property){TEXT_LIT(SUITES_TIME_BASIS), TEXT_LIT("sum")};
	head.properties = properties;
	head.property_count = count;
	elements_begin_suite(&renderer->elements, &head, id);
	free(properties);
}

static int put_part(struct renderer *renderer, const struct part *part, struct tanda_error *error)
{
	struct record_reader *reader = &renderer->reader;
	uint64_t share_ns = 0;
	bool shares = part_shares_time(part, &share_ns);
	int got;

	record_reader_start(reader, part->spool, part->offset, part->len);
	while ((got = record_reader_next(reader, error)) > 0) {
		if (shares)
			reader->record.item.time_ns = share_ns;
		elements_put_case(&renderer->elements, &reader->record.item);
	}
	return got;
}

/* Cases with attempts. */

static int read_attempt(const struct attempt *attempt, struct record_reader *reader,
                        struct tanda_error *error)
{
	record_reader_start(reader, attempt->spool, attempt->offset, attempt->len);
	return record_reader_next(reader, error) > 0 ? 0 : -1;
}

static bool is_bad(enum case_status status)
{
	return status == CASE_FAILED || status == CASE_ERROR;
}

/* All that is needed to write a case with its attempts; every one has its own bytes. */
struct joined {
	struct record_reader shown, others[AGAINS_MAX];
	size_t other_count;
	struct junit_again agains[AGAINS_MAX];
	struct junit_property properties[PROPERTIES_MAX + 1];
	char number[24];
};

static void add_again(struct joined *joined, struct junit_case *item, struct junit_again again)
{
	if (item->again_count < AGAINS_MAX)
		joined->agains[item->again_count++] = again;
}

/* What an attempt had failed with before it came to its own end. */
static void add_earlier(struct joined *joined, struct junit_case *item,
                        const struct junit_case *other)
{
	size_t i;

	for (i = 0; i < other->again_count; i++) {
		struct junit_again again = other->agains[i];

		again.case_passed = item->status == CASE_PASSED;
		add_again(joined, item, again);
	}
}

static int add_other(struct joined *joined, struct junit_case *item, const struct attempt *attempt,
                     struct tanda_error *error)
{
	struct record_reader *reader = &joined->others[joined->other_count];
	const struct junit_case *other = &reader->record.item;

	if (joined->other_count == AGAINS_MAX)
		return 0;
	record_reader_init(reader);
	joined->other_count++;
	if (read_attempt(attempt, reader, error) < 0)
		return -1;
	if (!is_bad(attempt->status) && other->again_count == 0) {
		record_reader_deinit(reader); /* the room is for those that tell something */
		joined->other_count--;
		return 0;
	}
	if (!is_bad(attempt->status)) {
		add_earlier(joined, item, other);
		return 0;
	}
	add_again(joined, item,
	          (struct junit_again){.case_passed = item->status == CASE_PASSED,
	                               .type = other->type,
	                               .message = other->message,
	                               .body = other->body,
	                               .out = other->out,
	                               .err = other->err,
	                               .time_ns = attempt->time_ns,
	                               .started = attempt->started});
	add_earlier(joined, item, other);
	return 0;
}

static void add_count(struct joined *joined, struct junit_case *item, size_t attempt_count)
{
	size_t i;

	for (i = 0; i < item->property_count; i++)
		joined->properties[i] = item->properties[i];
	snprintf(joined->number, sizeof(joined->number), "%zu", attempt_count);
	joined->properties[i] =
		(struct junit_property){TEXT_LIT("tanda.attempt"), text_from(joined->number)};
	item->properties = joined->properties;
	item->property_count++;
}

static int put_joined(struct renderer *renderer, const struct attempt_case *of,
                      struct tanda_error *error)
{
	const struct attempts *attempts = &renderer->attempts;
	size_t shown = attempts_shown(attempts, of), i;
	struct joined *joined = mem_calloc(1, sizeof(*joined));
	struct junit_case item;
	int status = -1;

	record_reader_init(&joined->shown);
	if (read_attempt(&attempts->list[shown], &joined->shown, error) < 0)
		goto done;
	item = joined->shown.record.item;
	item.time_ns = attempts_time_ns(attempts, of);
	for (i = 0; i < item.again_count; i++)
		joined->agains[i] = item.agains[i];
	item.agains = joined->agains;
	for (i = of->first; i != ATTEMPT_NONE; i = attempts->list[i].next) {
		if (i != shown && add_other(joined, &item, &attempts->list[i], error) < 0)
			goto done;
	}
	add_count(joined, &item, of->count);
	elements_put_case(&renderer->elements, &item);
	status = 0;
done:
	record_reader_deinit(&joined->shown);
	for (i = 0; i < joined->other_count; i++)
		record_reader_deinit(&joined->others[i]);
	free(joined);
	return status;
}

static int put_single(struct renderer *renderer, const struct attempt_case *of,
                      struct tanda_error *error)
{
	struct junit_case *item = &renderer->reader.record.item;

	if (read_attempt(&renderer->attempts.list[of->first], &renderer->reader, error) < 0)
		return -1;
	item->time_ns = renderer->attempts.list[of->first].time_ns;
	elements_put_case(&renderer->elements, item);
	return 0;
}

static int put_attempts(struct renderer *renderer, const struct merged_suite *suite,
                        struct tanda_error *error)
{
	size_t i;

	if (attempts_scan(&renderer->attempts, suite, error) < 0)
		return -1;
	for (i = 0; i < renderer->attempts.case_count; i++) {
		const struct attempt_case *item = &renderer->attempts.cases[i];
		int status = item->count > 1 ? put_joined(renderer, item, error)
		                             : put_single(renderer, item, error);

		if (status < 0)
			return -1;
	}
	return 0;
}

int renderer_put_suite(struct renderer *renderer, const struct merged_suite *suite, uint64_t id,
                       struct tanda_error *error)
{
	const struct part *part;
	int status = 0;

	begin_suite(renderer, suite, id);
	if (renderer->joins_attempts)
		status = put_attempts(renderer, suite, error);
	for (part = suite->first; part != NULL && status == 0 && !renderer->joins_attempts;
	     part = part->next)
		status = put_part(renderer, part, error);
	elements_end_suite(&renderer->elements);
	return status;
}
