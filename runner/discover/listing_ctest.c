/* listing_ctest.c - ctest's JSON: the tests of a build folder, which a name tells. */
#include "runner/discover/listing_reader.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

static int add_test(struct listing_reader *reader, const json_t *test)
{
	struct text name = listing_string(test, "name");

	return text_is_empty(name) ? 0 : listing_add(reader, 0, name, text_dup(name));
}

int listing_read_ctest(struct listing_reader *reader, struct text output)
{
	/* "{" alone on its line: what the build folder's own files print comes before it. */
	json_t *root = listing_find_json(output, TEXT_LIT("{\n"));
	json_t *tests = json_object_get(root, "tests"), *test;
	int status = 0;
	size_t i;

	if (!json_is_array(tests)) {
		json_decref(root);
		return listing_is_foreign(reader, "ctest --show-only=json-v1", NULL);
	}
	if (reader->file_count != 1) {
		tanda_error_set(reader->error, NULL, "expected one CTestTestfile.cmake, got %zu",
		                reader->file_count);
		status = -1;
	}
	json_array_foreach (tests, i, test) {
		if (status == 0)
			status = add_test(reader, test);
	}
	json_decref(root);
	return status;
}
