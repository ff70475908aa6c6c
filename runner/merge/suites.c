/* suites.c - see suites.h. */
#include "runner/merge/suites.h"

#include <stdlib.h>
#include <string.h>

#include "runner/junit/properties.h"
#include "shards/base/mem.h"

void suites_init(struct suites *suites)
{
	*suites = (struct suites){0};
	dict_init(&suites->by_key);
	arena_init(&suites->strings);
	text_buf_init(&suites->key, SIZE_MAX / 4); /* of names that are there anyway */
}

void suites_deinit(struct suites *suites)
{
	free(suites->list);
	dict_deinit(&suites->by_key);
	arena_deinit(&suites->strings);
	text_buf_deinit(&suites->key);
	suites_init(suites);
}

static bool is_nameless(const struct part *part)
{
	return text_trim(part->path).len == 0 && text_trim(part->file).len == 0;
}

/* File, path and, where neither is told, source, with a byte between them that is in none. */
static struct text make_key(struct text_buf *key, const struct part *part)
{
	text_buf_clear(key);
	text_buf_add(key, part->file);
	text_buf_add_char(key, '\0');
	text_buf_add(key, part->path);
	text_buf_add_char(key, '\0');
	if (is_nameless(part))
		text_buf_add_str(key, part->source);
	return text_buf_text(key);
}

static bool is_earlier(struct instant a, struct instant b)
{
	return a.is_known && (!b.is_known || a.ms < b.ms);
}

static void append(struct merged_suite *suite, struct part *part)
{
	uint64_t share_ns;

	if (part_shares_time(part, &share_ns))
		part->time_ns = share_ns * part->counts.tests;
	if (suite->last != NULL)
		suite->last->next = part;
	else
		suite->first = part;
	suite->last = part;
	suite->counts.tests += part->counts.tests;
	suite->counts.failures += part->counts.failures;
	suite->counts.errors += part->counts.errors;
	suite->counts.skipped += part->counts.skipped;
	suite->time_ns += part->time_ns;
	suite->spool_bytes += part->len;
	if (is_earlier(part->started, suite->started))
		suite->started = part->started;
}

void suites_add(struct suites *suites, struct part *part)
{
	struct text key = make_key(&suites->key, part);
	size_t index;

	if (!dict_find(&suites->by_key, key, &index)) {
		index = suites->count;
		key = (struct text){arena_string(&suites->strings, key), key.len};
		(void)dict_add(&suites->by_key, key, index);
		suites->list = mem_grow(suites->list, &suites->cap, suites->count + 1,
		                        sizeof(suites->list[0]));
		suites->list[suites->count++] = (struct merged_suite){0};
	}
	append(&suites->list[index], part);
}

/* Names, from the shortest on. */

enum title_form { TITLE_NAME, TITLE_PATH, TITLE_PATH_AND_FILE, TITLE_NUMBERED };

static const char *make_title(struct arena *arena, const struct merged_suite *suite,
                              enum title_form form, size_t number)
{
	const struct part *part = suite->first;
	struct text name = text_trim(part->name);
	const char *slash = strrchr(part->source, '/');

	if (text_trim(part->path).len > 0 && (form > TITLE_NAME || name.len == 0))
		name = text_trim(part->path);
	if (name.len == 0)
		name = text_trim(part->file);
	if (name.len == 0)
		name = text_from(form == TITLE_NAME && slash != NULL ? slash + 1 : part->source);
	if (name.len == 0)
		name = TEXT_LIT("(unnamed)");
	if (form == TITLE_NUMBERED)
		return arena_printf(arena, "%.*s [%zu]", TEXT_ARG(name), number);
	if (form == TITLE_PATH_AND_FILE && part->file.len > 0 && !text_equal(part->file, name))
		return arena_printf(arena, "%.*s (%.*s)", TEXT_ARG(name), TEXT_ARG(part->file));
	return arena_string(arena, name);
}

/* Mark all suites whose title others have, too. Returns whether there are any. */
static bool find_shared_titles(const struct suites *suites, bool *is_shared)
{
	bool is_any = false;
	struct dict firsts; /* of each title */
	size_t i, first;

	dict_init(&firsts);
	for (i = 0; i < suites->count; i++) {
		struct text title = text_from(suites->list[i].title);

		if (dict_add(&firsts, title, i) || !dict_find(&firsts, title, &first))
			continue;
		is_shared[i] = is_shared[first] = is_any = true;
	}
	dict_deinit(&firsts);
	return is_any;
}

/* Give all that share a title one of another form. Returns whether there were any. */
static bool retitle(struct suites *suites, enum title_form form, size_t number)
{
	bool *is_shared = mem_calloc(suites->count, sizeof(is_shared[0]));
	bool is_any = find_shared_titles(suites, is_shared);
	size_t i;

	for (i = 0; i < suites->count && is_any; i++) {
		struct merged_suite *suite = &suites->list[i];

		if (is_shared[i])
			suite->title = make_title(&suites->strings, suite, form, number + i);
	}
	free(is_shared);
	return is_any;
}

void suites_name(struct suites *suites)
{
	enum title_form form = TITLE_NAME;
	size_t i;

	for (i = 0; i < suites->count; i++)
		suites->list[i].title =
			make_title(&suites->strings, &suites->list[i], TITLE_NAME, 0);
	while (form < TITLE_NUMBERED && retitle(suites, ++form, 1))
		;
	/* A report may bring the very title that a number makes. */
	for (i = 1 + suites->count; form == TITLE_NUMBERED && retitle(suites, form, i);
	     i += suites->count)
		;
}

/* Properties. */

struct property_list {
	struct junit_property *list;
	size_t count, cap, rationed;
	struct dict tests;
};

static void add_property(struct property_list *properties, struct junit_property property)
{
	properties->list = mem_grow(properties->list, &properties->cap, properties->count + 2,
	                            sizeof(properties->list[0]));
	properties->list[properties->count++] = property;
}

static void add_once(struct property_list *properties, struct junit_property property)
{
	size_t i;

	if (property_is_test(property.name)) { /* there may be thousands, and all count */
		if (dict_add(&properties->tests, property.value, properties->count))
			add_property(properties, property);
		return;
	}
	if (properties->rationed == SUITE_PROPERTIES_MAX)
		return;
	for (i = 0; i < properties->count; i++) {
		if (text_equal(properties->list[i].name, property.name) &&
		    text_equal(properties->list[i].value, property.value))
			return;
	}
	add_property(properties, property);
	properties->rationed++;
}

struct junit_property *suite_properties(const struct merged_suite *suite, size_t *ret_count)
{
	static const char source[] = "tanda.source";
	struct property_list properties = {0};
	const struct part *part;
	size_t i;

	properties.list = mem_grow(NULL, &properties.cap, 1, sizeof(properties.list[0]));
	dict_init(&properties.tests);
	for (part = suite->first; part != NULL; part = part->next) {
		for (i = 0; i < part->property_count; i++) {
			/* It was said of a report that is now a part of this one. */
			if (!text_equal_str(part->properties[i].name, SUITES_TIME_BASIS))
				add_once(&properties, part->properties[i]);
		}
	}
	for (part = suite->first; part != NULL; part = part->next) {
		if (part->source[0] != '\0' && part_property(part, source).len == 0)
			add_once(&properties, (struct junit_property){text_from(source),
			                                              text_from(part->source)});
	}
	dict_deinit(&properties.tests);
	*ret_count = properties.count;
	return properties.list;
}

struct text suite_file(const struct merged_suite *suite)
{
	return suite->first->file;
}

struct text suite_hostname(const struct merged_suite *suite)
{
	const struct part *part;

	for (part = suite->first; part != NULL; part = part->next) {
		if (part->hostname.len > 0)
			return part->hostname;
	}
	return TEXT_EMPTY;
}
