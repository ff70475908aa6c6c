/* listing_node.c - listings of JavaScript frameworks: mocha, vitest and playwright in JSON,
 * newman's collections, which list themselves. */
#include <stdlib.h>
#include <string.h>

#include "runner/discover/listing_reader.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

static const char joiner[] = " > ";

/* "OUTER > TITLE"; without an outer title only that. */
static char *join_titles(struct text outer, struct text title)
{
	if (outer.len == 0)
		return text_dup(title);
	return mem_printf("%.*s%s%.*s", TEXT_ARG(outer), joiner, TEXT_ARG(title));
}

/* ---- mocha ---- */

/* The full title is those of the suites and its own, with spaces between; it is what -g matches. */
static int add_mocha_test(struct listing_reader *reader, const json_t *test)
{
	struct text full = listing_string(test, "fullTitle"), title = listing_string(test, "title");
	size_t file_index;
	char *name;
	int status;

	if (!listing_find_file(reader, listing_string(test, "file"), &file_index))
		return 0;
	if (full.len > title.len && text_has_suffix(full, title)) {
		struct text outer = {full.ptr, full.len - title.len - 1};

		name = join_titles(outer, title);
	} else {
		name = text_dup(full);
	}
	status = listing_add(reader, file_index, text_from(name), text_dup(full));
	free(name);
	return status;
}

int listing_read_mocha(struct listing_reader *reader, struct text output)
{
	json_t *root = listing_find_json(output, TEXT_LIT("{\n  \"stats\": {")), *test;
	json_t *tests = json_object_get(root, "tests");
	int status = 0;
	size_t i;

	if (!json_is_array(tests)) {
		json_decref(root);
		return listing_is_foreign(reader, "mocha --dry-run --reporter json", NULL);
	}
	json_array_foreach (tests, i, test) {
		if (status == 0)
			status = add_mocha_test(reader, test);
	}
	json_decref(root);
	return status;
}

/* ---- vitest ---- */

/* What -t matches: the titles with spaces between, where the name has " > ". */
static char *spaced(struct text name)
{
	struct text_buf buf;
	size_t i = 0;

	text_buf_init(&buf, LISTING_NAME_MAX_BYTES);
	while (i < name.len) {
		bool is_joint = text_has_prefix(text_from_offset(name, i), text_from(joiner));

		text_buf_add_char(&buf, name.ptr[i]);
		i += is_joint ? strlen(joiner) : 1;
	}
	return text_buf_steal(&buf);
}

int listing_read_vitest(struct listing_reader *reader, struct text output)
{
	json_t *root = listing_find_json(output, TEXT_LIT("[\n  {")), *test;
	int status = 0;
	size_t file_index, i;

	if (root == NULL) /* nothing at all would run */
		root = listing_find_json(output, TEXT_LIT("[]"));
	if (!json_is_array(root)) {
		json_decref(root);
		return listing_is_foreign(reader, "vitest list --json", NULL);
	}
	json_array_foreach (root, i, test) {
		struct text name = listing_string(test, "name");

		if (status == 0 &&
		    listing_find_file(reader, listing_string(test, "file"), &file_index))
			status = listing_add(reader, file_index, name, spaced(name));
	}
	json_decref(root);
	return status;
}

/* ---- playwright ---- */

/* Its files are told from the folder of the configuration's tests. */
struct playwright {
	struct listing_reader *reader;
	struct text root;
};

static int add_playwright_spec(const struct playwright *p, const json_t *spec, struct text outer)
{
	struct text file = listing_string(spec, "file");
	char *path = mem_printf("%.*s/%.*s", TEXT_ARG(p->root), TEXT_ARG(file)), *name;
	json_int_t line = json_integer_value(json_object_get(spec, "line"));
	size_t file_index;
	int status = 0;

	if (listing_find_file(p->reader, text_from(path), &file_index)) {
		name = join_titles(outer, listing_string(spec, "title"));
		status = listing_add(
			p->reader, file_index, text_from(name),
			line > 0 ? listing_line_locator(p->reader, file_index, (uint64_t)line)
				 : NULL);
		free(name);
	}
	free(path);
	return status;
}

/* A suite's specs, then those of the suites in it; the outermost is the file, its title no title.
 * JSON's own limit bounds the depth. */
static int add_playwright_suite(const struct playwright *p, const json_t *suite, struct text outer)
{
	json_t *specs = json_object_get(suite, "specs"), *inner = json_object_get(suite, "suites");
	json_t *element;
	int status = 0;
	size_t i;

	json_array_foreach (specs, i, element) {
		if (status == 0)
			status = add_playwright_spec(p, element, outer);
	}
	json_array_foreach (inner, i, element) {
		char *title = join_titles(outer, listing_string(element, "title"));

		if (status == 0)
			status = add_playwright_suite(p, element, text_from(title));
		free(title);
	}
	return status;
}

int listing_read_playwright(struct listing_reader *reader, struct text output)
{
	json_t *root = listing_find_json(output, TEXT_LIT("{\n  \"config\": {"));
	json_t *suites = json_object_get(root, "suites"), *suite;
	struct playwright playwright = {
		.reader = reader,
		.root = listing_string(json_object_get(root, "config"), "rootDir"),
	};
	int status = 0;
	size_t i;

	if (!json_is_array(suites)) {
		json_decref(root);
		return listing_is_foreign(reader, "playwright test --list --reporter=json", NULL);
	}
	json_array_foreach (suites, i, suite) {
		if (status == 0)
			status = add_playwright_suite(&playwright, suite, TEXT_EMPTY);
	}
	json_decref(root);
	return status;
}

/* ---- newman ---- */

/* A request, or a folder with the requests in it. No locator: --folder takes the name of either,
 * and runs all that have it. */
static int add_newman_items(struct listing_reader *reader, const json_t *parent, struct text outer)
{
	json_t *items = json_object_get(parent, "item"), *item;
	int status = 0;
	size_t i;

	json_array_foreach (items, i, item) {
		char *name = join_titles(outer, listing_string(item, "name"));

		if (status == 0 && json_object_get(item, "item") != NULL)
			status = add_newman_items(reader, item, text_from(name));
		else if (status == 0)
			status = listing_add(reader, 0, text_from(name), NULL);
		free(name);
	}
	return status;
}

/* The collection itself, of the one file asked about. */
int listing_read_newman(struct listing_reader *reader, struct text output)
{
	json_t *root = listing_find_json(output, TEXT_LIT("{"));
	int status;

	if (reader->file_count == 1 && json_is_array(json_object_get(root, "item")))
		status = add_newman_items(reader, root, TEXT_EMPTY);
	else
		status = listing_is_foreign(reader, "a collection", "there is no \"item\" in it");
	json_decref(root);
	return status;
}
