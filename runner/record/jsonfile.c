/* jsonfile.c - see jsonfile.h. */
#include "runner/record/jsonfile.h"

#include "runner/record/file.h"
#include "shards/base/text.h"
#include "tanda/error.h"

const char *jsonfile_type_word(const json_t *value)
{
	if (value == NULL)
		return "nothing";
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number out of range";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_NULL:
		return "null";
	}
	return "something else";
}

/* A comma before a closing bracket is what a hand leaves behind most often. */
static void hint_at_comma(struct text bytes, int position, struct tanda_error *error)
{
	size_t end = position > 0 ? (size_t)position : 0;
	struct text before;

	before = text_trim((struct text){bytes.ptr, end < bytes.len ? end : bytes.len});
	if (text_has_suffix(before, TEXT_LIT("}")) || text_has_suffix(before, TEXT_LIT("]")))
		before.len--;
	if (text_has_suffix(text_trim(before), TEXT_LIT(",")))
		tanda_error_hint(error, "remove the comma before the closing bracket");
}

static int parse(const char *path, struct text bytes, json_t **ret_root, struct tanda_error *error)
{
	const struct text byte_order_mark = TEXT_LIT("\xEF\xBB\xBF");
	json_error_t fault;
	json_t *root;

	if (text_has_prefix(bytes, byte_order_mark))
		bytes = text_from_offset(bytes, byte_order_mark.len);
	root = json_loadb(bytes.ptr != NULL ? bytes.ptr : "", bytes.len, JSON_REJECT_DUPLICATES,
	                  &fault);
	if (root == NULL) {
		tanda_error_set_at(error, path, fault.line > 0 ? (unsigned)fault.line : 0,
		                   fault.column > 0 ? (unsigned)fault.column : 0, "%s", fault.text);
		hint_at_comma(bytes, fault.position, error);
		return -1;
	}
	*ret_root = root;
	return 0;
}

int jsonfile_load(const char *path, size_t max_bytes, json_t **ret_root, struct tanda_error *error)
{
	struct text_buf bytes;
	int status = -1;

	text_buf_init(&bytes, max_bytes);
	if (file_read(path, &bytes, error) == 0)
		status = parse(path, text_buf_text(&bytes), ret_root, error);
	text_buf_deinit(&bytes);
	return status;
}
