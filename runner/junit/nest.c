/* nest.c - see nest.h. All texts of the open suites stand in one buffer, used as a stack. */
#include "runner/junit/nest.h"

#include <stdlib.h>

#include "runner/junit/read.h"
#include "runner/junit/seconds.h"
#include "shards/base/mem.h"

void nest_init(struct nest *nest)
{
	text_buf_init(&nest->strings, NEST_STRINGS_MAX_BYTES);
	text_buf_init(&nest->root_suite_file, JUNIT_ATTRIBUTE_MAX_BYTES);
	properties_init(&nest->properties);
	capture_init(&nest->out);
	capture_init(&nest->err);
}

void nest_begin(struct nest *nest)
{
	nest->depth = 0;
	nest->suite_count = 0;
	nest->hosts_are_projects = false;
	nest->is_told = false;
	text_buf_clear(&nest->strings);
	text_buf_clear(&nest->root_suite_file);
	properties_cut(&nest->properties, 0);
}

void nest_deinit(struct nest *nest)
{
	text_buf_deinit(&nest->strings);
	text_buf_deinit(&nest->root_suite_file);
	properties_deinit(&nest->properties);
	capture_deinit(&nest->out);
	capture_deinit(&nest->err);
}

struct nest_suite *nest_current(struct nest *nest)
{
	return &nest->suites[nest->depth - 1];
}

static struct text borrow(const struct nest *nest, struct span span)
{
	return span.len > 0 ? (struct text){nest->strings.ptr + span.start, span.len} : TEXT_EMPTY;
}

struct text nest_path(const struct nest *nest, const struct nest_suite *suite)
{
	return borrow(nest, suite->path);
}

struct text nest_name(const struct nest *nest, const struct nest_suite *suite)
{
	size_t end = suite->path.start + suite->path.len;

	return borrow(nest, (struct span){suite->own_start, end - suite->own_start});
}

struct text nest_file(const struct nest *nest, const struct nest_suite *suite)
{
	return borrow(nest, suite->file);
}

static struct span add_attribute(struct nest *nest, struct attributes attributes, const char *name)
{
	size_t start = nest->strings.len;

	attributes_add_clean(attributes, name, &nest->strings);
	return (struct span){start, nest->strings.len - start};
}

/* The outer path once more, so that each suite's is in one piece. */
static void find_path(struct nest *nest, struct nest_suite *suite, const struct nest_suite *outer,
                      struct attributes attributes)
{
	size_t start = nest->strings.len, before;

	if (outer != NULL && outer->path.len > 0) {
		struct text path = text_head(nest_path(nest, outer), JUNIT_ATTRIBUTE_MAX_BYTES);
		char *copy = text_dup(path); /* the buffer may move */

		text_buf_add(&nest->strings, (struct text){copy, path.len});
		free(copy);
	}
	suite->own_start = nest->strings.len;
	suite->path = (struct span){start, suite->own_start - start};
	if (suite->is_group || attributes_find(attributes, "name").len == 0)
		return;
	before = nest->strings.len;
	if (suite->path.len > 0)
		text_buf_add_str(&nest->strings, " / ");
	suite->own_start = nest->strings.len;
	attributes_add_clean(attributes, "name", &nest->strings);
	if (nest->strings.len == suite->own_start) {
		nest->strings.len = before;
		suite->own_start = before;
	}
	suite->path.len = nest->strings.len - start;
}

/* Mocha's "Root Suite" holds no cases but the file of the suites behind it. */
static void find_file(struct nest *nest, struct nest_suite *suite, struct attributes attributes)
{
	struct span file = add_attribute(nest, attributes, "file");

	if (text_equal_str(nest_name(nest, suite), "Root Suite")) {
		text_buf_clear(&nest->root_suite_file);
		text_buf_add(&nest->root_suite_file, borrow(nest, file));
	}
	if (file.len == 0 && suite->file.len == 0) {
		text_buf_add(&nest->strings, text_buf_text(&nest->root_suite_file));
		file.len = nest->strings.len - file.start;
	}
	if (file.len > 0)
		suite->file = file;
}

void nest_open(struct nest *nest, bool is_group, struct attributes attributes, size_t text_max)
{
	struct nest_suite *outer = nest->depth > 0 ? nest_current(nest) : NULL;
	struct nest_suite *suite = &nest->suites[nest->depth++];

	*suite = (struct nest_suite){
		.is_group = is_group,
		.serial = nest->suite_count++,
		.outer_end = nest->strings.len,
		.first_property = nest->properties.count,
		.failed_count = attributes_count(attributes, "failures") +
	                        attributes_count(attributes, "errors"),
		.test_count = attributes_count(attributes, "tests"),
		.idle_count = attributes_count(attributes, "skipped") +
	                      attributes_count(attributes, "skips") +
	                      attributes_count(attributes, "disabled") +
	                      attributes_count(attributes, "ignored"),
		.started = instant_parse(attributes_find(attributes, "timestamp")),
	};
	suite->time_known = seconds_parse(attributes_find(attributes, "time"), &suite->time_ns);
	nest->is_told = false;
	if (outer != NULL) {
		suite->file = outer->file;
		outer->has_suites = true;
	}
	find_path(nest, suite, outer, attributes);
	capture_begin(&nest->out, text_max, CAPTURE_MARKS_IN_FRONT);
	capture_begin(&nest->err, text_max, CAPTURE_MARKS_IN_FRONT);
	if (is_group)
		return;
	find_file(nest, suite, attributes);
	suite->hostname = add_attribute(nest, attributes, "hostname");
	suite->package = add_attribute(nest, attributes, "package");
}

void nest_close(struct nest *nest)
{
	struct nest_suite *suite = nest_current(nest);
	uint64_t case_count = suite->case_count;

	nest->is_told = false;
	nest->strings.len = suite->outer_end;
	nest->strings.overflowed = false;
	properties_cut(&nest->properties, suite->first_property);
	nest->depth--;
	if (nest->depth > 0)
		nest_current(nest)->case_count += case_count;
}

void nest_add_property(struct nest *nest, struct text name, struct text value)
{
	properties_add(&nest->properties, nest_current(nest)->first_property, name, value);
	nest->is_told = false;
}

struct junit_suite_in *nest_tell(struct nest *nest)
{
	const struct nest_suite *suite = nest_current(nest);
	struct junit_suite_in *told = &nest->told;

	told->case_count = suite->own_case_count;
	told->has_suites = suite->has_suites;
	if (nest->is_told)
		return told;
	nest->is_told = true;
	told->serial = suite->serial;
	told->name = nest_name(nest, suite);
	told->path = nest_path(nest, suite);
	told->file = borrow(nest, suite->file);
	told->hostname = borrow(nest, suite->hostname);
	told->package = borrow(nest, suite->package);
	told->host_is_project = nest->hosts_are_projects && suite->hostname.len > 0;
	told->started = suite->started;
	told->time_known = suite->time_known;
	told->time_ns = suite->time_ns;
	told->declared_tests = suite->test_count;
	told->properties = properties_tell(&nest->properties, suite->first_property);
	told->property_count = nest->properties.count - suite->first_property;
	return told;
}
