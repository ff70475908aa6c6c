/* timings.c - expected times as a small file that can be committed; see history.h. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runner/record/file.h"
#include "runner/record/history.h"
#include "runner/record/jsonfile.h"
#include "runner/record/jsontext.h"
#include "shards/base/mem.h"
#include "shards/model/test.h"
#include "tanda/error.h"

#define TIMINGS_SCHEMA "tanda.timings/1"

/* Thirty years: nobody waits longer, and a wrong unit is noticed. */
static const double seconds_max = 1e9;

/* `key` is "" for the start-up of the suite. */
static int take_seconds(const json_t *value, const char *path, const char *suite, const char *key,
                        uint64_t *ret_ns, struct tanda_error *error)
{
	double seconds = json_number_value(value);

	if (json_is_number(value) && seconds >= 0 && seconds <= seconds_max) {
		*ret_ns = (uint64_t)(seconds * 1e9 + 0.5);
		return 0;
	}
	tanda_error_set(error, path, "suites.%s.%s%s%s: expected seconds, 0 or more, got %s", suite,
	                key[0] != '\0' ? "tests['" : "start_up_s", key, key[0] != '\0' ? "']" : "",
	                jsonfile_type_word(value));
	return -1;
}

struct timings_listener {
	const char *path;
	history_sample_fn on_test; /* NULL: only look whether all is well */
	void *data;
};

static int give(const struct timings_listener *listener, const char *suite, struct text id,
                const json_t *value, struct tanda_error *error)
{
	uint64_t time_ns;

	if (take_seconds(value, listener->path, suite, id.len > 0 ? id.ptr : "", &time_ns, error) <
	    0)
		return -1;
	if (listener->on_test != NULL)
		listener->on_test(listener->data, text_from(suite), id, &time_ns, 1, 0);
	return 0;
}

static int read_suite(const struct timings_listener *listener, const char *name, json_t *suite,
                      struct tanda_error *error)
{
	json_t *start_up, *tests, *value;
	const char *id;

	if (!json_is_object(suite)) {
		tanda_error_set(error, listener->path, "suites.%s: expected an object, got %s",
		                name, jsonfile_type_word(suite));
		return -1;
	}
	start_up = json_object_get(suite, "start_up_s");
	if (start_up != NULL && give(listener, name, TEXT_EMPTY, start_up, error) < 0)
		return -1;
	tests = json_object_get(suite, "tests");
	if (tests != NULL && !json_is_object(tests)) {
		tanda_error_set(error, listener->path,
		                "suites.%s.tests: expected an object, got %s", name,
		                jsonfile_type_word(tests));
		return -1;
	}
	json_object_foreach (tests, id, value) {
		if (strlen(id) > TEST_ID_MAX_BYTES || id[0] == '\0') {
			tanda_error_set(error, listener->path,
			                "suites.%s.tests: expected ids of 1 to %d bytes", name,
			                TEST_ID_MAX_BYTES);
			return -1;
		}
		if (give(listener, name, text_from(id), value, error) < 0)
			return -1;
	}
	return 0;
}

static int read_suites(const struct timings_listener *listener, json_t *root,
                       struct tanda_error *error)
{
	const char *schema = json_string_value(json_object_get(root, "schema"));
	json_t *suites = json_object_get(root, "suites"), *suite;
	const char *name;

	if (schema == NULL || strcmp(schema, TIMINGS_SCHEMA) != 0) {
		tanda_error_set(error, listener->path, "schema: expected \"%s\", got %s%s%s",
		                TIMINGS_SCHEMA, schema != NULL ? "\"" : "",
		                schema != NULL ? schema : "nothing", schema != NULL ? "\"" : "");
		return -1;
	}
	if (!json_is_object(suites)) {
		tanda_error_set(error, listener->path, "suites: expected an object, got %s",
		                jsonfile_type_word(suites));
		return -1;
	}
	json_object_foreach (suites, name, suite) {
		if (read_suite(listener, name, suite, error) < 0)
			return -1;
	}
	return 0;
}

int timings_read(const char *path, history_sample_fn on_test, void *data, struct tanda_error *error)
{
	struct timings_listener listener = {.path = path};
	json_t *root;
	int status;

	if (jsonfile_load(path, TIMINGS_FILE_MAX_BYTES, &root, error) < 0)
		return -1;
	status = read_suites(&listener, root, error);
	listener.on_test = on_test;
	listener.data = data;
	if (status == 0)
		status = read_suites(&listener, root, error);
	json_decref(root);
	return status;
}

/* By suite, then id; the longest of equals first. */
static int compare_timings(const void *a, const void *b)
{
	const struct timing *x = *(const struct timing *const *)a;
	const struct timing *y = *(const struct timing *const *)b;
	int order = strcmp(x->suite, y->suite);

	if (order == 0)
		order = strcmp(x->id, y->id);
	if (order == 0)
		order = (x->time_ns < y->time_ns) - (x->time_ns > y->time_ns);
	return order;
}

static bool is_same(const struct timing *a, const struct timing *b)
{
	return strcmp(a->suite, b->suite) == 0 && strcmp(a->id, b->id) == 0;
}

/* Milliseconds; a time that is known is never written as none. */
static uint64_t rounded_ms(uint64_t time_ns)
{
	uint64_t ms = time_ns / 1000000 + (time_ns % 1000000 >= 500000 ? 1 : 0);

	return ms == 0 && time_ns > 0 ? 1 : ms;
}

/* One suite: `timings[0]` to where the next begins. Returns how many there are. */
static size_t put_suite(struct text_buf *out, const struct timing *const *timings, size_t count)
{
	const char *before = "";
	size_t i = 0;

	text_buf_add(out, TEXT_LIT("\n    "));
	jsontext_put_string(out, text_from(timings[0]->suite));
	text_buf_add(out, TEXT_LIT(": {"));
	if (timings[0]->id[0] == '\0') {
		text_buf_add(out, TEXT_LIT("\n      \"start_up_s\": "));
		jsontext_put_seconds(out, rounded_ms(timings[0]->time_ns), 3);
		text_buf_add(out, TEXT_LIT(","));
	}
	text_buf_add(out, TEXT_LIT("\n      \"tests\": {"));
	for (; i < count && strcmp(timings[i]->suite, timings[0]->suite) == 0; i++) {
		if (timings[i]->id[0] == '\0' || (i > 0 && is_same(timings[i], timings[i - 1])))
			continue;
		text_buf_add_str(out, before);
		text_buf_add(out, TEXT_LIT("\n        "));
		jsontext_put_string(out, text_from(timings[i]->id));
		text_buf_add(out, TEXT_LIT(": "));
		jsontext_put_seconds(out, rounded_ms(timings[i]->time_ns), 3);
		before = ",";
	}
	text_buf_add_str(out, before[0] != '\0' ? "\n      }\n    }" : "}\n    }");
	return i;
}

static void put_suites(struct text_buf *out, const struct timing *const *timings, size_t count)
{
	size_t i;

	text_buf_add(out, TEXT_LIT("{\n  \"schema\": \"" TIMINGS_SCHEMA "\",\n  \"suites\": {"));
	for (i = 0; i < count;) {
		if (i > 0)
			text_buf_add_char(out, ',');
		i += put_suite(out, timings + i, count - i);
	}
	text_buf_add_str(out, count > 0 ? "\n  }\n}\n" : "}\n}\n");
}

int timings_write(const char *path, const struct timing *timings, size_t count,
                  struct tanda_error *error)
{
	const struct timing **sorted = mem_calloc(count, sizeof(const struct timing *));
	struct text_buf out;
	size_t i, kept = 0;
	int status = -1;

	text_buf_init(&out, TIMINGS_FILE_MAX_BYTES);
	for (i = 0; i < count; i++) {
		/* JSON could only hold something like them */
		if (jsontext_is_utf8(text_from(timings[i].suite)) &&
		    jsontext_is_utf8(text_from(timings[i].id)))
			sorted[kept++] = &timings[i];
	}
	qsort(sorted, kept, sizeof(const struct timing *), compare_timings);
	put_suites(&out, sorted, kept);
	if (out.overflowed)
		tanda_error_set(error, path, "the timings of %zu tests are larger than %d bytes",
		                kept, TIMINGS_FILE_MAX_BYTES);
	else
		status = write_file_aside(path, text_buf_text(&out), error);
	text_buf_deinit(&out);
	free(sorted);
	return status;
}
