/* timings.c - the portable timings file; see history.h. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/record/file.h"
#include "runner/record/history.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum { NS_PER_MS = 1000000, NS_PER_SECOND = 1000000000, SECONDS_MAX = 365 * 24 * 3600 };

static const char schema_word[] = "tanda.timings/1";

static int refuse(struct tanda_error *error, const char *path, const char *suite, const char *id)
{
	tanda_error_set(error, path, "suite \"%s\", test \"%s\": expected seconds, 0 or more",
	                suite, id);
	return -1;
}

static int read_suite(const char *path, const char *suite, json_t *value, history_sample_fn on_test,
                      void *data, struct tanda_error *error)
{
	json_t *tests = json_object_get(value, "tests");
	const char *id;
	json_t *seconds;

	if (!json_is_object(tests)) {
		tanda_error_set(error, path, "suite \"%s\": expected an object with \"tests\"",
		                suite);
		return -1;
	}
	json_object_foreach (tests, id, seconds) {
		double number = json_number_value(seconds);
		uint64_t time_ns;

		if (!json_is_number(seconds) || !(number >= 0 && number <= SECONDS_MAX))
			return refuse(error, path, suite, id);
		time_ns = (uint64_t)(number * NS_PER_SECOND + 0.5);
		on_test(data, text_from(suite), text_from(id), &time_ns, 1, 0);
	}
	return 0;
}

static int read_root(const char *path, json_t *root, history_sample_fn on_test, void *data,
                     struct tanda_error *error)
{
	const char *schema = json_string_value(json_object_get(root, "schema"));
	json_t *suites = json_object_get(root, "suites");
	const char *suite;
	json_t *value;

	if (schema == NULL || strcmp(schema, schema_word) != 0 || !json_is_object(suites)) {
		tanda_error_set(error, path,
		                "it is no timings file: expected \"schema\": \"%s\" and "
		                "\"suites\"",
		                schema_word);
		return -1;
	}
	json_object_foreach (suites, suite, value) {
		if (read_suite(path, suite, value, on_test, data, error) < 0)
			return -1;
	}
	return 0;
}

int timings_read(const char *path, history_sample_fn on_test, void *data, struct tanda_error *error)
{
	struct text_buf buf;
	struct text source;
	json_error_t fault;
	json_t *root = NULL;
	int status = -1;

	text_buf_init(&buf, TIMINGS_FILE_MAX_BYTES);
	if (file_read(path, &buf, error) < 0)
		goto done;
	source = text_buf_text(&buf);
	if (text_has_prefix(source, TEXT_LIT("\xef\xbb\xbf")))
		source = text_from_offset(source, 3);
	root = json_loadb(source.ptr != NULL ? source.ptr : "", source.len, JSON_REJECT_DUPLICATES,
	                  &fault);
	if (root == NULL)
		tanda_error_set_at(error, path, fault.line > 0 ? (unsigned)fault.line : 0,
		                   fault.column > 0 ? (unsigned)fault.column : 0, "%s", fault.text);
	else
		status = read_root(path, root, on_test, data, error);
done:
	json_decref(root);
	text_buf_deinit(&buf);
	return status;
}

/* By suite, then id: equal times give equal bytes, and small diffs when committed. */
static int by_suite_and_id(const void *left, const void *right)
{
	const struct timing *a = left, *b = right;
	int order = strcmp(a->suite, b->suite);

	return order != 0 ? order : strcmp(a->id, b->id);
}

static void add_string(struct text_buf *out, const char *string)
{
	json_t *value = json_string_nocheck(string);
	char *text = json_dumps(value, JSON_ENCODE_ANY);

	text_buf_add_str(out, text != NULL ? text : "\"\"");
	free(text);
	json_decref(value);
}

static void add_timing(struct text_buf *out, const struct timing *timing, bool is_first)
{
	uint64_t ms = (timing->time_ns + NS_PER_MS / 2) / NS_PER_MS;

	text_buf_add_str(out, is_first ? "\n      " : ",\n      ");
	add_string(out, timing->id);
	text_buf_printf(out, ": %llu.%03llu", (unsigned long long)(ms / 1000),
	                (unsigned long long)(ms % 1000));
}

int timings_write(const char *path, const struct timing *timings, size_t count,
                  struct tanda_error *error)
{
	struct timing *sorted = mem_calloc(count, sizeof(sorted[0]));
	struct text_buf out;
	size_t i;
	int status = -1;

	if (count > 0) {
		memcpy(sorted, timings, count * sizeof(sorted[0]));
		qsort(sorted, count, sizeof(sorted[0]), by_suite_and_id);
	}
	text_buf_init(&out, TIMINGS_FILE_MAX_BYTES);
	text_buf_printf(&out, "{\n  \"schema\": \"%s\",\n  \"suites\": {", schema_word);
	for (i = 0; i < count; i++) {
		bool is_new = i == 0 || strcmp(sorted[i].suite, sorted[i - 1].suite) != 0;

		if (is_new) {
			text_buf_add_str(&out, i > 0 ? "\n    }},\n    " : "\n    ");
			add_string(&out, sorted[i].suite);
			text_buf_add_str(&out, ": {\"tests\": {");
		}
		add_timing(&out, &sorted[i], is_new);
	}
	text_buf_add_str(&out, count > 0 ? "\n    }}\n  }\n}\n" : "}\n}\n");
	if (out.overflowed)
		tanda_error_set(error, path, "the times of %zu tests do not fit into %d bytes",
		                count, TIMINGS_FILE_MAX_BYTES);
	else
		status = write_file_aside(path, text_buf_text(&out), error);
	text_buf_deinit(&out);
	free(sorted);
	return status;
}
