/* part.c - see part.h. */
#include "runner/merge/part.h"

#include <string.h>

enum {
	NS_PER_MS = 1000000,
	/* What stands around the texts of a case, a result, an attempt: tags and numbers. */
	CASE_MARKUP_BYTES = 70,
	RESULT_MARKUP_BYTES = 60,
	AGAIN_MARKUP_BYTES = 160,
};

static struct text copy(char **at, struct text text)
{
	struct text copied = {*at, text.len};

	if (text.len > 0)
		memcpy(*at, text.ptr, text.len);
	*at += text.len;
	return copied;
}

struct part *part_new(struct arena *arena, struct part_list *parts, const char *source,
                      struct text path, struct text name, struct text file, struct text hostname)
{
	/* One piece: the part, then the texts. */
	struct part *part =
		arena_take(arena, sizeof(*part) + path.len + name.len + file.len + hostname.len);
	char *at = (char *)(part + 1);

	*part = (struct part){.source = source, .before = parts->last};
	part->path = copy(&at, path);
	part->name = copy(&at, name);
	part->file = copy(&at, file);
	part->hostname = copy(&at, hostname);
	if (parts->last != NULL)
		parts->last->behind = part;
	else
		parts->first = part;
	parts->last = part;
	return part;
}

void part_set_properties(struct part *part, struct arena *arena,
                         const struct junit_property *properties, size_t count)
{
	size_t bytes = 0, i;
	char *at;

	part->properties = NULL;
	part->property_count = count;
	if (count == 0)
		return;
	for (i = 0; i < count; i++)
		bytes += properties[i].name.len + properties[i].value.len;
	/* One piece: the list, then the texts. */
	part->properties = arena_take(arena, count * sizeof(properties[0]) + bytes);
	at = (char *)(part->properties + count);
	for (i = 0; i < count; i++) {
		part->properties[i].name = copy(&at, properties[i].name);
		part->properties[i].value = copy(&at, properties[i].value);
	}
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void measure_texts(const struct junit_case *item, struct part_sizes *sizes)
{
	bool is_bad = item->status == CASE_FAILED || item->status == CASE_ERROR;
	size_t output = markup_text_len(item->out) + markup_text_len(item->err);
	size_t trace = markup_text_len(item->body), i;

	for (i = 0; i < item->again_count; i++) {
		const struct junit_again *again = &item->agains[i];

		sizes->core_bytes += AGAIN_MARKUP_BYTES + 2 * again->message.len;
		output += again->out.len + again->err.len;
		trace += again->body.len;
	}
	for (i = 0; i < JUNIT_LIMITS_COUNT; i++)
		sizes->text_bytes[i] +=
			least(trace, junit_limits[i].trace) +
			least(output, 2 * (is_bad ? junit_limits[i].failing_output
		                                  : junit_limits[i].passing_output));
	sizes->elements += (uint64_t)(item->out.len > 0) + (uint64_t)(item->err.len > 0);
}

static void measure(const struct junit_case *item, struct part_sizes *sizes)
{
	size_t core = CASE_MARKUP_BYTES + item->classname.len + item->name.len + item->file.len;
	size_t i;

	if (item->status != CASE_PASSED)
		core += RESULT_MARKUP_BYTES + 2 * item->message.len + item->type.len;
	for (i = 0; i < item->property_count; i++)
		core += RESULT_MARKUP_BYTES + item->properties[i].name.len +
		        item->properties[i].value.len;
	sizes->core_bytes += core;
	sizes->elements += 1 + item->property_count + 2 * item->again_count;
	sizes->elements += (uint64_t)(item->status != CASE_PASSED);
	if (item->body.len + item->out.len + item->err.len + item->again_count > 0)
		measure_texts(item, sizes);
}

void part_count(struct part *part, const struct junit_case *item, bool time_known,
                struct part_sizes *sizes)
{
	part->counts.tests++;
	part->counts.failures += item->status == CASE_FAILED;
	part->counts.errors += item->status == CASE_ERROR;
	part->counts.skipped += item->status == CASE_SKIPPED;
	part->time_ns += item->time_ns;
	part->untimed_count += !time_known;
	if (sizes != NULL)
		measure(item, sizes);
}

struct text part_property(const struct part *part, const char *name)
{
	size_t i;

	for (i = 0; i < part->property_count; i++) {
		if (text_equal_str(part->properties[i].name, name))
			return part->properties[i].value;
	}
	return TEXT_EMPTY;
}

bool part_shares_time(const struct part *part, uint64_t *ret_ns_each)
{
	if (part->suite_tests == 0 || part->suite_untimed < part->suite_tests || !part->time_known)
		return false;
	*ret_ns_each = part->declared_ns / part->suite_tests / NS_PER_MS * NS_PER_MS;
	return true;
}
