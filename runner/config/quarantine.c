/* quarantine.c - tests of an area that may fail, with a reason and a last day. */
#include <stdlib.h>

#include "runner/config/config.h"
#include "runner/config/field.h"
#include "shards/base/date.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

static int read_date(const struct value *value, void *base, const struct key *key,
                     struct tanda_error *error)
{
	struct quarantine_settings *quarantine = base;
	const char *string = json_string_value(value->json);
	int64_t day;

	(void)key;
	if (string == NULL || !date_parse(text_from(string), &day))
		return value_expected(value, error, "a day such as \"2027-01-31\"");
	free(quarantine->until);
	quarantine->until = mem_strdup(string);
	quarantine->until_day = day;
	return 0;
}

static json_t *write_date(const void *base, const struct key *key)
{
	const struct quarantine_settings *quarantine = base;

	(void)key;
	return quarantine->until != NULL ? json_string(quarantine->until) : NULL;
}

const struct field field_date = {.read = read_date, .write = write_date};

static int read_one(const struct value *value, struct area_settings *area,
                    struct tanda_error *error)
{
	struct quarantine_settings *quarantine = &area->quarantines[area->quarantine_count++];

	*quarantine = (struct quarantine_settings){.reason = NULL};
	if (keys_read(value, &quarantine_keys, quarantine, "quarantine", NULL, error) < 0)
		return -1;
	if (quarantine->reason == NULL)
		return value_fault(value, error, "expected a \"reason\" for the quarantine");
	if (quarantine->until == NULL) {
		value_fault(value, error, "expected \"until\", the quarantine's last day");
		tanda_error_hint(error, "one without an end would be forgotten");
		return -1;
	}
	return 0;
}

static int read_quarantine(const struct value *value, void *base, const struct key *key,
                           struct tanda_error *error)
{
	struct area_settings *area = base;
	struct value_iter iter = value_children(value);
	struct value element;

	(void)key;
	if (!json_is_array(value->json)) {
		area->quarantines = mem_calloc(1, sizeof(area->quarantines[0]));
		return read_one(value, area, error);
	}
	if (json_array_size(value->json) > QUARANTINES_MAX)
		return value_fault(value, error, "\"quarantine\": expected at most %d of them",
		                   QUARANTINES_MAX);
	area->quarantines = mem_calloc(json_array_size(value->json), sizeof(area->quarantines[0]));
	while (value_next(&iter, &element)) {
		if (read_one(&element, area, error) < 0)
			return -1;
	}
	return 0;
}

static json_t *to_json(const struct quarantine_settings *quarantine)
{
	json_t *object =
		json_pack("{s:s, s:s}", "reason", quarantine->reason, "until", quarantine->until);

	if (quarantine->tests != NULL)
		json_object_set_new(object, "tests", strings_to_json(quarantine->tests));
	return object;
}

static json_t *write_quarantine(const void *base, const struct key *key)
{
	const struct area_settings *area = base;
	json_t *array;
	size_t i;

	(void)key;
	if (area->quarantine_count == 0)
		return NULL;
	if (area->quarantine_count == 1)
		return to_json(&area->quarantines[0]);
	array = json_array();
	for (i = 0; i < area->quarantine_count; i++)
		json_array_append_new(array, to_json(&area->quarantines[i]));
	return array;
}

const struct field field_quarantine = {.read = read_quarantine, .write = write_quarantine};

void quarantines_deinit(struct area_settings *area)
{
	size_t i;

	for (i = 0; i < area->quarantine_count; i++) {
		free(area->quarantines[i].reason);
		free(area->quarantines[i].until);
		mem_free_strings(area->quarantines[i].tests);
	}
	free(area->quarantines);
}
