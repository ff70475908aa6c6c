/* listing_gherkin.c - listings of scenarios: behave's JSON, cucumber's messages. */
#include <stdlib.h>
#include <string.h>

#include "runner/discover/listing_reader.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* ---- behave ---- */

/* "features/a.feature:12": the file, and its line (0 without one). */
static struct text split_location(struct text location, uint64_t *ret_line)
{
	size_t end = location.len;

	while (end > 0 && location.ptr[end - 1] >= '0' && location.ptr[end - 1] <= '9')
		end--;
	*ret_line = 0;
	if (end == 0 || location.ptr[end - 1] != ':' ||
	    !text_to_u64(text_from_offset(location, end), ret_line))
		return location;
	return (struct text){location.ptr, end - 1};
}

/* Scenarios that would run are "untested" in a dry run; those filtered out are "skipped". A row of
 * an outline is a scenario of its own, its number is in its name. */
static int add_element(struct listing_reader *reader, const json_t *element, size_t file_index)
{
	uint64_t line;
	char *toggles;

	if (text_equal_str(listing_string(element, "type"), "background") ||
	    text_equal_str(listing_string(element, "status"), "skipped"))
		return 0;
	split_location(listing_string(element, "location"), &line);
	if (listing_add(reader, file_index, text_trim(listing_string(element, "name")),
	                line > 0 ? listing_line_locator(reader, file_index, line) : NULL) < 0)
		return -1;
	toggles = listing_toggles(json_object_get(element, "tags"));
	listing_note_toggles(reader, toggles);
	free(toggles);
	return 0;
}

static int add_feature(struct listing_reader *reader, const json_t *feature)
{
	json_t *elements = json_object_get(feature, "elements"), *element;
	uint64_t line;
	size_t file_index, i;

	if (!listing_find_file(reader, split_location(listing_string(feature, "location"), &line),
	                       &file_index))
		return 0;
	json_array_foreach (elements, i, element) {
		if (add_element(reader, element, file_index) < 0)
			return -1;
	}
	return 0;
}

/* A JSON array, behind whatever the project's own hooks print. */
int listing_read_behave(struct listing_reader *reader, struct text output)
{
	json_t *root = listing_find_json(output, TEXT_LIT("[\n{")), *feature;
	int status = 0;
	size_t i;

	if (root == NULL) /* nothing at all would run */
		root = listing_find_json(output, TEXT_LIT("[\n]"));
	if (root == NULL) /* the same, of an empty file */
		root = listing_find_json(output, TEXT_LIT("[\n\n]"));
	if (!json_is_array(root)) {
		json_decref(root);
		return listing_is_foreign(reader, "behave --format json", NULL);
	}
	json_array_foreach (root, i, feature) {
		if (status == 0)
			status = add_feature(reader, feature);
	}
	json_decref(root);
	return status;
}

/* ---- cucumber ---- */

/* A scenario, a row of examples, or a pickle: what a later message refers to by its id. */
struct node {
	char *id;
	char *title;   /* of a scenario: its rule; of a row: "#1.2"; of a pickle: its name */
	char *toggles; /* of a pickle: listing_toggles(); or NULL */
	uint64_t line;
	size_t file_index;
};

struct nodes {
	struct node *list;
	size_t count, cap;
	struct dict ids;
};

static void nodes_deinit(struct nodes *nodes)
{
	size_t i;

	for (i = 0; i < nodes->count; i++) {
		free(nodes->list[i].id);
		free(nodes->list[i].title);
		free(nodes->list[i].toggles);
	}
	free(nodes->list);
	dict_deinit(&nodes->ids);
}

/* Takes `title` over. A second node of one id is none. */
static void nodes_add(struct nodes *nodes, const json_t *object, char *title, uint64_t line,
                      size_t file_index)
{
	struct node node = {.id = text_dup(listing_string(object, "id")),
	                    .title = title,
	                    .toggles = listing_toggles(json_object_get(object, "tags")),
	                    .line = line,
	                    .file_index = file_index};

	if (!dict_add(&nodes->ids, text_from(node.id), nodes->count)) {
		free(node.id);
		free(node.title);
		free(node.toggles);
		return;
	}
	nodes->list = mem_grow(nodes->list, &nodes->cap, nodes->count + 1, sizeof(nodes->list[0]));
	nodes->list[nodes->count++] = node;
}

static const struct node *nodes_find(const struct nodes *nodes, struct text id)
{
	size_t index;

	return dict_find(&nodes->ids, id, &index) ? &nodes->list[index] : NULL;
}

/* What the messages have told so far. */
struct messages {
	struct listing_reader *reader;
	struct nodes syntax;  /* scenarios and rows */
	struct nodes pickles; /* those of the files asked about */
	bool has_meta;
};

static uint64_t line_of(const json_t *object)
{
	json_int_t line =
		json_integer_value(json_object_get(json_object_get(object, "location"), "line"));

	return line > 0 ? (uint64_t)line : 0;
}

static void take_scenario(struct messages *messages, const json_t *scenario, struct text rule)
{
	json_t *examples = json_object_get(scenario, "examples"), *table, *row;
	size_t i, j;

	nodes_add(&messages->syntax, scenario, text_dup(rule), line_of(scenario), 0);
	json_array_foreach (examples, i, table) {
		json_array_foreach (json_object_get(table, "tableBody"), j, row)
			nodes_add(&messages->syntax, row, mem_printf("#%zu.%zu", i + 1, j + 1),
			          line_of(row), 0);
	}
}

static void take_children(struct messages *messages, const json_t *parent, struct text rule)
{
	json_t *children = json_object_get(parent, "children"), *child;
	size_t i;

	json_array_foreach (children, i, child) {
		const json_t *scenario = json_object_get(child, "scenario");
		const json_t *inner = json_object_get(child, "rule");

		if (scenario != NULL)
			take_scenario(messages, scenario, rule);
		if (inner != NULL && rule.ptr == NULL) /* rules do not nest */
			take_children(messages, inner, listing_string(inner, "name"));
	}
}

/* "RULE > SCENARIO > #1.2", at the line of the row, else of the scenario. */
static void take_pickle(struct messages *messages, const json_t *pickle)
{
	json_t *ids = json_object_get(pickle, "astNodeIds"), *id;
	uint64_t line = line_of(pickle);
	size_t file_index, i;
	struct text_buf title;

	if (!listing_find_file(messages->reader, listing_string(pickle, "uri"), &file_index))
		return;
	text_buf_init(&title, LISTING_NAME_MAX_BYTES);
	json_array_foreach (ids, i, id) {
		struct text text = {json_string_value(id), json_string_length(id)};
		const struct node *node = nodes_find(&messages->syntax, text);

		if (i == 0 && node != NULL && node->title[0] != '\0')
			text_buf_printf(&title, "%s > ", node->title);
		if (i == 0)
			text_buf_add(&title, listing_string(pickle, "name"));
		else if (node != NULL)
			text_buf_printf(&title, " > %s", node->title);
		if (node != NULL && node->line > 0)
			line = node->line;
	}
	nodes_add(&messages->pickles, pickle, text_buf_steal(&title), line, file_index);
}

/* A pickle that passed the filters is to become a test case. */
static int take_test_case(struct messages *messages, const json_t *test_case)
{
	const struct node *pickle =
		nodes_find(&messages->pickles, listing_string(test_case, "pickleId"));

	if (pickle == NULL)
		return 0;
	if (listing_add(messages->reader, pickle->file_index, text_from(pickle->title),
	                pickle->line > 0 ? listing_line_locator(messages->reader,
	                                                        pickle->file_index, pickle->line)
	                                 : NULL) < 0)
		return -1;
	listing_note_toggles(messages->reader, pickle->toggles);
	return 0;
}

static int take_message(struct messages *messages, const json_t *message)
{
	const json_t *document = json_object_get(message, "gherkinDocument");
	const json_t *pickle = json_object_get(message, "pickle");
	const json_t *test_case = json_object_get(message, "testCase");

	messages->has_meta |= json_is_object(json_object_get(message, "meta"));
	if (document != NULL)
		take_children(messages, json_object_get(document, "feature"), TEXT_EMPTY);
	if (pickle != NULL)
		take_pickle(messages, pickle);
	return test_case != NULL ? take_test_case(messages, test_case) : 0;
}

/* Messages, one a line, among whatever the project itself prints. */
int listing_read_cucumber(struct listing_reader *reader, struct text output)
{
	struct messages messages = {.reader = reader};
	struct text line;
	int status = 0;

	while (status == 0 && text_next_line(&output, &line)) {
		json_error_t fault;
		json_t *message;

		if (line.len == 0 || line.ptr[0] != '{')
			continue;
		message = json_loadb(line.ptr, line.len, 0, &fault);
		status = take_message(&messages, message);
		json_decref(message);
	}
	nodes_deinit(&messages.syntax);
	nodes_deinit(&messages.pickles);
	if (status == 0 && !messages.has_meta)
		return listing_is_foreign(reader, "cucumber-js --format message", NULL);
	return status;
}
