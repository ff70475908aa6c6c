/* listing_rspec.c - rspec's JSON: the examples of a dry run. */
#include <string.h>

#include "runner/discover/listing_reader.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

/* "./spec/a_spec.rb[1:2]": the file, and where the example is in it. An example that is shared
 * lies in another file than the one that runs it; the id names the latter. */
static bool split_id(struct text id, struct text *ret_file, struct text *ret_place)
{
	size_t i;

	if (!text_has_suffix(id, TEXT_LIT("]")))
		return false;
	for (i = id.len; i > 0 && id.ptr[i - 1] != '['; i--)
		;
	if (i == 0)
		return false;
	*ret_file = (struct text){id.ptr, i - 1};
	*ret_place = text_from_offset(id, i - 1);
	return true;
}

static int add_example(struct listing_reader *reader, const json_t *example)
{
	struct text file, place;
	size_t index;

	if (!split_id(listing_string(example, "id"), &file, &place) ||
	    !listing_find_file(reader, file, &index))
		return 0;
	return listing_add(reader, index, text_trim(listing_string(example, "full_description")),
	                   mem_printf("%s%.*s", reader->files[index], TEXT_ARG(place)));
}

static int add_all(struct listing_reader *reader, const json_t *root)
{
	json_t *examples = json_object_get(root, "examples"), *example;
	json_t *outside = json_object_get(json_object_get(root, "summary"),
	                                  "errors_outside_of_examples_count");
	size_t i;

	if (!json_is_array(examples))
		return listing_is_foreign(reader, "rspec --format json", NULL);
	/* A file that cannot be loaded lists nothing, and keeps all others from it. */
	if (json_integer_value(outside) > 0) {
		tanda_error_set(reader->error, NULL, "rspec could not load all files");
		return -1;
	}
	json_array_foreach (examples, i, example) {
		if (add_example(reader, example) < 0)
			return -1;
	}
	return 0;
}

int listing_read_rspec(struct listing_reader *reader, struct text output)
{
	json_t *root = listing_find_json(output, TEXT_LIT("{\"version\":"));
	int status = add_all(reader, root);

	json_decref(root);
	return status;
}
