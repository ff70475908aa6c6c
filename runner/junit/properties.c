/* properties.c - see properties.h. */
#include "runner/junit/properties.h"

#include <stdlib.h>

#include "shards/base/mem.h"

void properties_init(struct properties *properties)
{
	*properties = (struct properties){0};
	text_buf_init(&properties->strings, PROPERTIES_MAX_BYTES);
}

void properties_deinit(struct properties *properties)
{
	text_buf_deinit(&properties->strings);
	free(properties->lens);
	free(properties->told);
	properties_init(properties);
}

bool property_is_noise(struct text name)
{
	/* What System.getProperties() holds, which Surefire copies into every report. */
	static const char *const prefixes[] = {
		"java.",
		"sun.",
		"os.",
		"user.",
		"file.",
		"jdk.",
		"awt.",
		"path.",
		"ftp.",
		"http.",
		"line.separator",
		"native.",
		"maven.",
		"surefire.",
		"env.",
		"gopherProxySet",
		"basedir",
		"localRepository",
		"org.gradle.",
		"socksNon",
		"stdout.encoding",
		"stderr.encoding",
		"stdin.encoding",
		"sbt.",
	};
	size_t i;

	for (i = 0; i < countof(prefixes); i++) {
		if (text_has_prefix(name, text_from(prefixes[i])))
			return true;
	}
	return false;
}

bool property_is_test(struct text name)
{
	return text_equal_str(name, "tanda.test");
}

static size_t tests_up_to(const struct properties *properties, size_t count)
{
	return count > 0 ? properties->lens[count - 1].test_count : 0;
}

/* Those that are tests and those that are not do not take each other's places. */
static bool has_room(const struct properties *properties, size_t first, bool is_test)
{
	size_t tests = tests_up_to(properties, properties->count) - tests_up_to(properties, first);
	size_t others = properties->count - first - tests;

	return is_test ? tests < PROPERTIES_TESTS_MAX : others < PROPERTIES_MAX;
}

void properties_add(struct properties *properties, size_t first, struct text name,
                    struct text value)
{
	bool is_test = property_is_test(name);
	size_t test_count = tests_up_to(properties, properties->count) + is_test;
	struct property_lens *lens;

	name = text_head(name, PROPERTY_MAX_BYTES);
	value = text_head(value, PROPERTY_MAX_BYTES);
	if (!has_room(properties, first, is_test) || property_is_noise(name) ||
	    properties->strings.len + name.len + value.len > PROPERTIES_MAX_BYTES)
		return;
	properties->lens = mem_grow(properties->lens, &properties->cap, properties->count + 1,
	                            sizeof(properties->lens[0]));
	lens = &properties->lens[properties->count++];
	*lens = (struct property_lens){properties->strings.len, name.len, value.len, test_count};
	text_buf_add(&properties->strings, name);
	text_buf_add(&properties->strings, value);
}

void properties_cut(struct properties *properties, size_t count)
{
	if (count >= properties->count)
		return;
	properties->strings.len = properties->lens[count].start;
	properties->count = count;
}

const struct junit_property *properties_tell(struct properties *properties, size_t first)
{
	size_t i;

	properties->told = mem_grow(properties->told, &properties->told_cap, properties->count + 1,
	                            sizeof(properties->told[0]));
	for (i = first; i < properties->count; i++) {
		const struct property_lens *lens = &properties->lens[i];
		const char *start = properties->strings.ptr + lens->start;

		properties->told[i].name = (struct text){start, lens->name_len};
		properties->told[i].value = (struct text){start + lens->name_len, lens->value_len};
	}
	return properties->told + first;
}
