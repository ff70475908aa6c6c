/* jsonfile.h - a JSON file from a stranger, read whole; faults with their place. */
#ifndef RECORD_JSONFILE_H
#define RECORD_JSONFILE_H
#include <jansson.h>
#include <stddef.h>

struct tanda_error;

/* Read at most `max_bytes`; keys may not repeat. A fault of syntax names FILE:LINE:COLUMN. The
 * caller drops its reference to *ret_root. */
int jsonfile_load(const char *path, size_t max_bytes, json_t **ret_root, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* "an object", "a number out of range", ..., and "nothing" for NULL: what came instead. */
const char *jsonfile_type_word(const json_t *value);
#endif
