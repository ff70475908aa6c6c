/* casefile.c - see casefile.h. */
#include "runner/junit/casefile.h"

#include <string.h>

#include "shards/base/mem.h"

/* Ends of names that only files have; ".t" and ".test" would be words as well. */
static const char *const file_ends[] = {
	".feature", ".spec", ".js", ".jsx",   ".mjs",  ".cjs", ".ts",   ".tsx", ".py",
	".rb",      ".php",  ".go", ".rs",    ".c",    ".cc",  ".cpp",  ".cs",  ".java",
	".kt",      ".bats", ".sh", ".robot", ".phpt", ".t",   ".yaml", ".yml", ".exs",
};

static bool has_file_end(struct text name)
{
	size_t i;

	for (i = 0; i < countof(file_ends); i++) {
		if (text_has_suffix(name, text_from(file_ends[i])))
			return true;
	}
	return false;
}

static bool has_byte(struct text text, char byte)
{
	return text.len > 0 && memchr(text.ptr, byte, text.len) != NULL;
}

/* A path has separators and no spaces around them ("a / b" joins suites), or a file's end. */
static bool is_path(struct text name)
{
	if (text_is_empty(name) || text_contains(name, TEXT_LIT("://")))
		return false;
	if (has_file_end(name))
		return true;
	return (has_byte(name, '/') || has_byte(name, '\\')) && !has_byte(name, ' ');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "spec.ts:12:3" without the place in the file. */
static struct text without_place(struct text name)
{
	size_t len = name.len;

	while (len > 0 && (is_digit(name.ptr[len - 1]) || name.ptr[len - 1] == ':'))
		len--;
	if (len < name.len && name.ptr[len] == ':')
		name.len = len;
	return name;
}

/* One kind of separator; no "./" in front; Windows' drives stay as they are. */
static void add_path(struct text_buf *out, struct text path)
{
	size_t i;

	while (path.len >= 2 && path.ptr[0] == '.' && (path.ptr[1] == '/' || path.ptr[1] == '\\'))
		path = text_from_offset(path, 2);
	for (i = 0; i < path.len; i++)
		text_buf_add_char(out, path.ptr[i] == '\\' ? '/' : path.ptr[i]);
}

/* The last of the suites that read.h joins with " / ". */
static struct text inner_suite(struct text names)
{
	const struct text join = TEXT_LIT(" / ");
	size_t i;

	for (i = names.len; i >= join.len; i--) {
		struct text part = {names.ptr + i - join.len, join.len};

		if (text_equal(part, join))
			return text_from_offset(names, i);
	}
	return names;
}

/* Playwright's older class names: "[chromium] > example.spec.ts:12:3 > two tests", with U+203A for
 * the '>'. Sets the part that is a file. */
static bool find_file_part(struct text name, struct text *ret_part)
{
	const struct text join = TEXT_LIT(" \xE2\x80\xBA ");
	size_t start = 0, i;

	if (!text_contains(name, join))
		return false;
	for (i = 0; i <= name.len; i++) {
		struct text rest = text_from_offset(name, i);
		struct text part = {name.ptr + start, i - start};

		if (i < name.len && !text_has_prefix(rest, join))
			continue;
		if (has_file_end(without_place(part))) {
			*ret_part = without_place(part);
			return true;
		}
		start = i + join.len;
	}
	return false;
}

/* A dotted name's segments. */
static bool next_segment(struct text *rest, struct text *ret_segment)
{
	const char *dot;

	if (text_is_empty(*rest))
		return false;
	dot = memchr(rest->ptr, '.', rest->len);
	*ret_segment = *rest;
	if (dot != NULL)
		ret_segment->len = (size_t)(dot - rest->ptr);
	*rest = text_from_offset(*rest, ret_segment->len + 1);
	return true;
}

/* pytest's and unittest's class names are modules, then classes: "tests.cart.test_add.TestAdd" is
 * in tests/cart/test_add.py. */
static bool add_python_module(struct text_buf *out, struct text name)
{
	struct text rest = name, segment;
	size_t start = out->len;

	while (next_segment(&rest, &segment)) {
		if (out->len > start)
			text_buf_add_char(out, '/');
		text_buf_add(out, segment);
		if (text_has_prefix(segment, TEXT_LIT("test_")) ||
		    text_has_suffix(segment, TEXT_LIT("_test"))) {
			text_buf_add(out, TEXT_LIT(".py"));
			return true;
		}
	}
	text_buf_clear(out);
	return false;
}

/* cucumber-js: "feature-title;scenario-title". */
static struct text before_semicolon(struct text name)
{
	const char *semicolon = name.len > 0 ? memchr(name.ptr, ';', name.len) : NULL;

	if (semicolon != NULL)
		name.len = (size_t)(semicolon - name.ptr);
	return name;
}

/* "Cart should add one" ends in "should add one": a word's end is not enough. */
static bool ends_in_title(struct text whole, struct text title)
{
	return text_has_suffix(whole, title) &&
	       (whole.len == title.len || whole.ptr[whole.len - title.len - 1] == ' ');
}

bool casefile_class_is_title(const struct case_result *result)
{
	if (!has_byte(result->classname, ' ') || text_is_empty(result->name))
		return false; /* ctest's class is the test's own name, and the test stands alone */
	return ends_in_title(result->name, result->classname) ||
	       ends_in_title(result->classname, result->name);
}

enum casefile_source casefile_of(const struct case_result *result, bool by_suite,
                                 struct text_buf *out)
{
	struct text suite = inner_suite(result->suite_name), part;

	text_buf_clear(out);
	if (!text_is_empty(result->file)) {
		add_path(out, result->file);
		return CASEFILE_FILE;
	}
	if (find_file_part(result->classname, &part) || find_file_part(result->name, &part)) {
		add_path(out, part);
		return CASEFILE_PATH;
	}
	if (is_path(result->classname) || is_path(suite)) {
		add_path(out,
		         without_place(is_path(result->classname) ? result->classname : suite));
		return CASEFILE_PATH;
	}
	if (text_equal(suite, TEXT_LIT("pytest")) && add_python_module(out, result->classname))
		return CASEFILE_PATH;
	if (!by_suite && !text_is_empty(result->classname)) {
		text_buf_add(out, before_semicolon(result->classname));
		return CASEFILE_CLASS;
	}
	if (!text_is_empty(suite)) {
		text_buf_add(out, suite);
		return CASEFILE_SUITE;
	}
	return CASEFILE_NONE;
}
