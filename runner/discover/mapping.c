/* mapping.c - see mapping.h. */
#include "runner/discover/mapping.h"

#include <string.h>

#include "runner/discover/samefile.h"

static struct text basename_of(struct text path)
{
	size_t from = path.len;

	while (from > 0 && path.ptr[from - 1] != '/')
		from--;
	return text_from_offset(path, from);
}

static struct text without_extension(struct text path)
{
	struct text name = basename_of(path);
	size_t i;

	for (i = name.len; i > 1; i--) {
		if (name.ptr[i - 1] == '.')
			return (struct text){path.ptr, path.len - (name.len - i + 1)};
	}
	return path;
}

/* The characters of a path in a dotted name; behave takes '\\' for a separator too. */
static bool is_same_character(char dotted, char path)
{
	return dotted == path || (dotted == '.' && (path == '/' || path == '\\'));
}

/* Is `dotted` the end of `path` with '.' for '/', at a segment's boundary? */
static bool is_dotted_end(struct text dotted, struct text path)
{
	size_t i;

	if (dotted.len == 0 || dotted.len > path.len)
		return false;
	for (i = 1; i <= dotted.len; i++) {
		if (!is_same_character(dotted.ptr[dotted.len - i], path.ptr[path.len - i]))
			return false;
	}
	return dotted.len == path.len ||
	       is_same_character('.', path.ptr[path.len - dotted.len - 1]);
}

/* Is `path`, dotted, the start of `dotted`, with a separator or nothing behind it? */
static bool is_dotted_start(struct text dotted, struct text path)
{
	size_t i;

	if (path.len == 0 || path.len > dotted.len)
		return false;
	for (i = 0; i < path.len; i++) {
		if (!is_same_character(dotted.ptr[i], path.ptr[i]))
			return false;
	}
	return dotted.len == path.len || is_same_character('.', dotted.ptr[path.len]);
}

/* "TESTS-a.b.xml" holds the cases of .../a/b.feature. */
static bool is_report_of(const char *report_name, const char *file)
{
	struct text name = text_from(report_name);

	if (!text_has_prefix(name, TEXT_LIT("TESTS-")) || !text_has_suffix(name, TEXT_LIT(".xml")))
		return false;
	name = text_from_offset(name, strlen("TESTS-"));
	name.len -= strlen(".xml");
	return is_dotted_end(name, without_extension(text_from(file)));
}

/* The most characters of `path` that `dotted` holds: the whole path behind any of its segments (a
 * root above the suite's folder), or an end of the path at its start (a root below). */
static size_t dotted_overlap(struct text dotted, struct text path)
{
	size_t i;

	for (i = 0; i < dotted.len; i++) {
		if ((i == 0 || dotted.ptr[i - 1] == '.') &&
		    is_dotted_start(text_from_offset(dotted, i), path))
			return path.len;
	}
	for (i = 1; i < path.len; i++) {
		if (path.ptr[i - 1] == '/' && is_dotted_start(dotted, text_from_offset(path, i)))
			return path.len - i;
	}
	return 0;
}

/* "com.shop.CartTest$Inner" is of .../com/shop/CartTest.java. */
static bool is_class_of(struct text classname, const char *file)
{
	const char *dollar = memchr(classname.len > 0 ? classname.ptr : "", '$', classname.len);

	if (dollar != NULL)
		classname.len = (size_t)(dollar - classname.ptr);
	return is_dotted_end(classname, without_extension(text_from(file)));
}

/* "example.com/shop/cart" is of cart; the module's own package, told as ".", is alone in its batch.
 */
static bool is_package_of(struct text package, const char *folder)
{
	struct text end = text_from(folder);

	return text_equal_str(end, ".") ||
	       (text_has_suffix(package, end) &&
	        (package.len == end.len || package.ptr[package.len - end.len - 1] == '/'));
}

/* How well does a case fit a file, of the rules that look at one file at a time? 0: not at all. */
static size_t closeness(enum mapping rule, const struct case_result *result,
                        const char *report_name, const char *file)
{
	switch (rule) {
	case MAPPING_BY_ONLY:
		return 1;
	case MAPPING_BY_BASENAME:
		return text_equal(basename_of(result->suite_name), basename_of(text_from(file))) ||
		       text_equal(basename_of(result->classname), basename_of(text_from(file)));
	case MAPPING_BY_CLASSNAME:
		return dotted_overlap(result->classname, without_extension(text_from(file)));
	case MAPPING_BY_REPORT:
		return is_report_of(report_name, file);
	case MAPPING_BY_CLASS:
		return is_class_of(result->classname, file);
	case MAPPING_BY_PACKAGE:
		return is_package_of(result->suite_name, file);
	case MAPPING_BY_FILE: /* see path_of() */
	case MAPPING_BY_PATH:
	case MAPPING_BY_CLASS_PATH:
	case MAPPING_BY_SUITE_PATH:
		break;
	}
	return 0;
}

/* Where the report tells the file's path; false under rules that know none. */
static bool path_of(enum mapping rule, const struct case_result *result, struct text *ret_path)
{
	switch (rule) {
	case MAPPING_BY_FILE:
	case MAPPING_BY_PATH:
		*ret_path = result->file;
		return true;
	case MAPPING_BY_CLASS_PATH:
		*ret_path = result->classname;
		return true;
	case MAPPING_BY_SUITE_PATH:
		*ret_path = result->suite_name;
		return true;
	case MAPPING_BY_ONLY:
	case MAPPING_BY_BASENAME:
	case MAPPING_BY_CLASSNAME:
	case MAPPING_BY_REPORT:
	case MAPPING_BY_CLASS:
	case MAPPING_BY_PACKAGE:
		break;
	}
	return false;
}

size_t mapping_find(enum mapping rule, const struct case_result *result, const char *report_name,
                    const char *dir, const char *const *files, size_t file_count)
{
	size_t found = MAPPING_NONE, best = 0, i;
	struct text path;

	if (path_of(rule, result, &path))
		return samefile_find(path, dir, files, file_count);
	for (i = 0; i < file_count; i++) {
		size_t close = closeness(rule, result, report_name, files[i]);

		if (close > 0 && close == best)
			found = MAPPING_NONE; /* not exact is not at all */
		if (close > best) {
			best = close;
			found = i;
		}
	}
	/* No class of any file: it may still name its file, as an error outside of classes does. */
	if (rule == MAPPING_BY_CLASSNAME && best == 0)
		return samefile_find(result->file, dir, files, file_count);
	return found;
}

/* The last part of a dotted path: "c" of a/b.c.feature. */
static struct text last_part(const char *file)
{
	struct text name = basename_of(without_extension(text_from(file)));
	size_t from = name.len;

	while (from > 0 && !is_same_character('.', name.ptr[from - 1]))
		from--;
	return text_from_offset(name, from);
}

struct text mapping_key(enum mapping rule, const char *file)
{
	bool by_part = rule == MAPPING_BY_REPORT || rule == MAPPING_BY_CLASS;

	return by_part ? last_part(file) : basename_of(text_from(file));
}

bool mapping_key_is_exact(enum mapping rule)
{
	return rule != MAPPING_BY_PATH && rule != MAPPING_BY_CLASS_PATH &&
	       rule != MAPPING_BY_SUITE_PATH && rule != MAPPING_BY_PACKAGE;
}

bool mapping_is_alone(enum mapping rule, const char *file)
{
	return rule == MAPPING_BY_ONLY || (rule == MAPPING_BY_PACKAGE && strcmp(file, ".") == 0);
}

bool mapping_can_share(enum mapping rule, const char *file_a, const char *file_b)
{
	switch (rule) {
	case MAPPING_BY_ONLY:
		return false;
	case MAPPING_BY_PATH:
	case MAPPING_BY_CLASS_PATH:
	case MAPPING_BY_SUITE_PATH:
		return !samefile_is_ambiguous(file_a, file_b);
	case MAPPING_BY_FILE:
	case MAPPING_BY_BASENAME:
		/* pytest too refuses two modules of one name in one start, outside of packages. */
		return !text_equal(basename_of(text_from(file_a)), basename_of(text_from(file_b)));
	case MAPPING_BY_CLASSNAME:
		return !text_equal(basename_of(text_from(file_a)),
		                   basename_of(text_from(file_b))) &&
		       !is_dotted_start(without_extension(text_from(file_a)),
		                        without_extension(text_from(file_b))) &&
		       !is_dotted_start(without_extension(text_from(file_b)),
		                        without_extension(text_from(file_a)));
	case MAPPING_BY_PACKAGE:
		return !mapping_is_alone(rule, file_a) && !mapping_is_alone(rule, file_b) &&
		       !samefile_is_ambiguous(file_a, file_b);
	case MAPPING_BY_CLASS:
	case MAPPING_BY_REPORT:
		break;
	}
	return !text_equal(last_part(file_a), last_part(file_b));
}
