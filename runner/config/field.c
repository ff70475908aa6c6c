/* field.c - the plain kinds: texts, numbers, switches, durations, choices. */
#include "runner/config/field.h"

#include <stdlib.h>
#include <string.h>

#include "runner/config/config.h"
#include "runner/config/duration.h"
#include "shards/base/mem.h"

static void *slot_of(void *base, const struct key *key)
{
	return (char *)base + key->offset;
}

static const void *peek_of(const void *base, const struct key *key)
{
	return (const char *)base + key->offset;
}

static void replace_string(void *base, const struct key *key, const char *string)
{
	char **slot = slot_of(base, key);

	free(*slot);
	*slot = mem_strdup(string);
}

static json_t *string_or_null(const char *string)
{
	return string != NULL ? json_string(string) : NULL;
}

static json_t *write_string(const void *base, const struct key *key)
{
	char *const *slot = peek_of(base, key);

	return string_or_null(*slot);
}

static int read_name(const struct value *value, void *base, const struct key *key,
                     struct tanda_error *error)
{
	const char *name;

	if (value_name(value, "a name", &name, error) < 0)
		return -1;
	replace_string(base, key, name);
	return 0;
}

const struct field field_name = {.read = read_name, .write = write_string};

static int read_path(const struct value *value, void *base, const struct key *key,
                     struct tanda_error *error)
{
	const char *path;

	if (value_name(value, "the path of a file", &path, error) < 0)
		return -1;
	replace_string(base, key, path);
	return 0;
}

const struct field field_path = {.read = read_path, .write = write_string};

static int read_schema(const struct value *value, void *base, const struct key *key,
                       struct tanda_error *error)
{
	const char *schema;

	(void)base;
	(void)key;
	return value_string(value, "the place of the schema", &schema, error);
}

static json_t *write_nothing(const void *base, const struct key *key)
{
	(void)base;
	(void)key;
	return NULL;
}

const struct field field_schema = {.read = read_schema, .write = write_nothing};

static int read_flag(const struct value *value, void *base, const struct key *key,
                     struct tanda_error *error)
{
	bool *slot = slot_of(base, key);

	return value_bool(value, slot, error);
}

static json_t *write_flag(const void *base, const struct key *key)
{
	const bool *slot = peek_of(base, key);

	return json_boolean(*slot);
}

const struct field field_flag = {.typed = TYPED_FLAG, .read = read_flag, .write = write_flag};

/* A setting that an area may have or not says so in a bool beside it. */
static void mark_as_given(void *base, const struct key *key)
{
	if (key->also != 0)
		*(bool *)((char *)base + key->also) = true;
}

static bool is_given(const void *base, const struct key *key)
{
	return key->also == 0 || *(const bool *)((const char *)base + key->also);
}

static int read_retries(const struct value *value, void *base, const struct key *key,
                        struct tanda_error *error)
{
	uint32_t *slot = slot_of(base, key);

	if (value_count(value, 0, RETRIES_MAX, slot, error) < 0)
		return -1;
	mark_as_given(base, key);
	return 0;
}

static json_t *write_count(const void *base, const struct key *key)
{
	const uint32_t *slot = peek_of(base, key);

	return is_given(base, key) ? json_integer(*slot) : NULL;
}

const struct field field_retries = {
	.typed = TYPED_COUNT, .read = read_retries, .write = write_count};

/* "$NAME": what it holds is known when a run begins. */
static bool is_variable(const char *string)
{
	size_t len = strlen(string);

	return len > 1 && string[0] == '$' &&
	       strspn(string + 1,
	              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == len - 1;
}

static int read_worker_offset(const struct value *value, void *base, const struct key *key,
                              struct tanda_error *error)
{
	const char *name = json_string_value(value->json);
	char **slot = slot_of(base, key);
	uint32_t count = 0;

	if (name != NULL ? !is_variable(name)
	                 : !json_is_integer(value->json) ||
	                           value_count(value, 0, WORKER_OFFSET_MAX, &count, error) < 0)
		return value_expected(value, error,
		                      "a number up to %d, or a variable such as "
		                      "\"$EXECUTOR_NUMBER\"",
		                      WORKER_OFFSET_MAX);
	free(*slot);
	*slot = name != NULL ? mem_strdup(name) : mem_printf("%u", count);
	return 0;
}

static json_t *write_worker_offset(const void *base, const struct key *key)
{
	char *const *slot = peek_of(base, key);
	uint64_t count;

	if (*slot != NULL && text_to_u64(text_from(*slot), &count))
		return json_integer((json_int_t)count);
	return string_or_null(*slot);
}

const struct field field_worker_offset = {.read = read_worker_offset, .write = write_worker_offset};

static int read_share(const struct value *value, void *base, const struct key *key,
                      struct tanda_error *error)
{
	uint32_t *slot = slot_of(base, key);

	return value_count(value, 1, POOL_SHARE_MAX, slot, error);
}

const struct field field_share = {.typed = TYPED_COUNT, .read = read_share, .write = write_count};

static int read_batch_max(const struct value *value, void *base, const struct key *key,
                          struct tanda_error *error)
{
	uint32_t *slot = slot_of(base, key);

	return value_count(value, 0, BATCH_TESTS_MAX, slot, error);
}

const struct field field_batch_max = {
	.typed = TYPED_COUNT, .read = read_batch_max, .write = write_count};

static int read_executors(const struct value *value, void *base, const struct key *key,
                          struct tanda_error *error)
{
	uint32_t *slot = slot_of(base, key);

	return value_count(value, 1, EXECUTORS_MAX, slot, error);
}

/* 0 stands for a number that is decided later. */
static json_t *write_executors(const void *base, const struct key *key)
{
	const uint32_t *slot = peek_of(base, key);

	return *slot > 0 ? json_integer(*slot) : NULL;
}

const struct field field_executors = {
	.typed = TYPED_COUNT, .read = read_executors, .write = write_executors};

static int read_cpus(const struct value *value, void *base, const struct key *key,
                     struct tanda_error *error)
{
	uint32_t *slot = slot_of(base, key);

	return value_count(value, 1, CPUS_MAX, slot, error);
}

const struct field field_cpus = {.typed = TYPED_COUNT, .read = read_cpus, .write = write_executors};

static int read_duration(const struct value *value, void *base, const struct key *key,
                         struct tanda_error *error)
{
	uint64_t *slot = slot_of(base, key);

	if (json_is_integer(value->json) && json_integer_value(value->json) == 0) {
		*slot = 0;
		return 0;
	}
	if (!duration_parse(text_from(json_string_value(value->json)), slot))
		return value_expected(value, error,
		                      "a duration such as \"90s\" or \"2m30s\", or \"0\"");
	return 0;
}

static json_t *json_of_text(char *text)
{
	json_t *json = json_string(text);

	free(text);
	return json;
}

static json_t *write_duration(const void *base, const struct key *key)
{
	const uint64_t *slot = peek_of(base, key);

	return json_of_text(duration_format(*slot));
}

const struct field field_duration = {.read = read_duration, .write = write_duration};

static int read_limit(const struct value *value, void *base, const struct key *key,
                      struct tanda_error *error)
{
	struct limit *slot = slot_of(base, key);

	if (json_is_integer(value->json) && json_integer_value(value->json) == 0)
		*slot = (struct limit){0, 0};
	else if (!limit_parse(text_from(json_string_value(value->json)), slot))
		return value_expected(value, error,
		                      "a duration such as \"90s\" or \"2m30s\", a share of the "
		                      "expected time such as \"300%%\", or \"0\"");
	mark_as_given(base, key);
	return 0;
}

static json_t *write_limit(const void *base, const struct key *key)
{
	const struct limit *slot = peek_of(base, key);

	return is_given(base, key) ? json_of_text(limit_format(*slot)) : NULL;
}

const struct field field_limit = {.read = read_limit, .write = write_limit};

/* Returns -1 when it is none of them. */
static int read_choice(const struct value *value, const char *const *choices, size_t count,
                       size_t *ret_index, struct tanda_error *error)
{
	const char *string = json_string_value(value->json);
	struct text_buf list;
	size_t i;

	for (i = 0; string != NULL && i < count; i++) {
		if (strcmp(string, choices[i]) == 0) {
			*ret_index = i;
			return 0;
		}
	}
	text_buf_init(&list, 256);
	for (i = 0; i < count; i++)
		text_buf_printf(&list, "%s\"%s\"",
		                i == 0          ? ""
		                : i + 1 < count ? ", "
		                                : " or ",
		                choices[i]);
	value_expected(value, error, "%s", list.ptr);
	text_buf_deinit(&list);
	return -1;
}

static int read_choice_key(const struct value *value, void *base, const struct key *key,
                           struct tanda_error *error)
{
	unsigned *slot = slot_of(base, key);
	size_t index;

	if (read_choice(value, key->choices->words, key->choices->count, &index, error) < 0)
		return -1;
	*slot = (unsigned)index;
	return 0;
}

static json_t *write_choice(const void *base, const struct key *key)
{
	const unsigned *slot = peek_of(base, key);

	return json_string(key->choices->words[*slot]);
}

const struct field field_choice = {.read = read_choice_key, .write = write_choice};

static int read_states(const struct value *value, void *base, const struct key *key,
                       struct tanda_error *error)
{
	if (read_choice_key(value, base, key, error) < 0)
		return -1;
	mark_as_given(base, key);
	return 0;
}

static json_t *write_states(const void *base, const struct key *key)
{
	return is_given(base, key) ? write_choice(base, key) : NULL;
}

const struct field field_states = {.read = read_states, .write = write_states};

enum { EXIT_CODES = 256 };

static int read_code_list(const struct value *value, int32_t *codes, size_t *ret_count,
                          struct tanda_error *error)
{
	struct value_iter iter = value_children(value);
	struct value element;
	uint32_t code;

	if (!json_is_array(value->json) || json_array_size(value->json) > EXIT_CODES)
		return value_expected(value, error, "an array of exit codes, or \"any\"");
	while (value_next(&iter, &element)) {
		if (value_count(&element, 0, EXIT_CODES - 1, &code, error) < 0)
			return -1;
		codes[(*ret_count)++] = (int32_t)code;
	}
	return 0;
}

static int read_codes(const struct value *value, void *base, const struct key *key,
                      struct tanda_error *error)
{
	size_t *count_slot = (void *)((char *)base + key->also);
	int32_t **slot = slot_of(base, key), codes[EXIT_CODES];
	size_t count = 0;

	if (json_is_string(value->json) && strcmp(json_string_value(value->json), "any") == 0) {
		while (count < EXIT_CODES) {
			codes[count] = (int32_t)count;
			count++;
		}
	} else if (read_code_list(value, codes, &count, error) < 0) {
		return -1;
	}
	free(*slot);
	*slot = mem_alloc(sizeof(codes));
	memcpy(*slot, codes, sizeof(codes[0]) * count);
	*count_slot = count;
	return 0;
}

static json_t *write_codes(const void *base, const struct key *key)
{
	const size_t *count = (const void *)((const char *)base + key->also);
	int32_t *const *slot = peek_of(base, key);
	json_t *array;
	size_t i;

	if (*count == EXIT_CODES)
		return json_string("any");
	array = json_array();
	for (i = 0; i < *count; i++)
		json_array_append_new(array, json_integer((*slot)[i]));
	return array;
}

const struct field field_codes = {.read = read_codes, .write = write_codes};
