/* listing_reader.h - inside listing: what the readers of the formats share, and the readers. */
#ifndef DISCOVER_LISTING_READER_H
#define DISCOVER_LISTING_READER_H
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runner/discover/listing.h"
#include "shards/base/dict.h"

enum { LISTING_NAME_MAX_BYTES = 64 * 1024 }; /* of titles that a reader joins */

struct taken_name {
	char *key;          /* "FILE_INDEX:NAME" */
	size_t next_number; /* what the next case of this name gets behind it */
};

struct listing_reader {
	const char *dir;
	const char *const *files;
	size_t file_count;
	size_t last_found; /* cases of one file come together */
	struct listing listing;
	struct dict names; /* key -> index into `taken` */
	struct taken_name *taken;
	size_t taken_count, taken_cap;
	struct tanda_error *error;
};

/* Which of the files a told path means; false when it is none of them, or not one only. */
bool listing_find_file(struct listing_reader *reader, struct text told, size_t *ret_index);

/* Add a case; takes `locator` (NULL allowed) over. */
int listing_add(struct listing_reader *reader, size_t file_index, struct text name, char *locator)
	__attribute__((warn_unused_result));
/* What an array of tags (strings, or objects with a "name") names, as in listed_case; the caller
 * frees it; NULL: no toggle. */
char *listing_toggles(const json_t *tags);
/* Note such names, if any, of the case that was added last. */
void listing_note_toggles(struct listing_reader *reader, const char *toggles);
/* Add one of which the listing tells neither name nor place. */
int listing_add_counted(struct listing_reader *reader, size_t file_index)
	__attribute__((warn_unused_result));

/* "FILE:LINE", the file as it was given. */
char *listing_line_locator(const struct listing_reader *reader, size_t file_index, uint64_t line);

/* Fail with "it is not what WHAT prints[: WHY]". */
int listing_is_foreign(const struct listing_reader *reader, const char *what, const char *why);

/* Parse the JSON value that begins with `start` somewhere in the output, behind whatever the
 * project itself prints and before whatever follows; NULL when there is none. */
json_t *listing_find_json(struct text output, struct text start);
/* The string member, empty when there is none. */
struct text listing_string(const json_t *object, const char *key);

/* The readers, one per format. */
int listing_read_pytest(struct listing_reader *reader, struct text output)
	__attribute__((warn_unused_result));
int listing_read_count(struct listing_reader *reader, struct text output)
	__attribute__((warn_unused_result));
int listing_read_files(struct listing_reader *reader, struct text output)
	__attribute__((warn_unused_result));
int listing_read_ctest(struct listing_reader *reader, struct text output)
	__attribute__((warn_unused_result));
int listing_read_gtest(struct listing_reader *reader, struct text output)
	__attribute__((warn_unused_result));
int listing_read_rspec(struct listing_reader *reader, struct text output)
	__attribute__((warn_unused_result));
int listing_read_behave(struct listing_reader *reader, struct text output)
	__attribute__((warn_unused_result));
int listing_read_cucumber(struct listing_reader *reader, struct text output)
	__attribute__((warn_unused_result));
int listing_read_mocha(struct listing_reader *reader, struct text output)
	__attribute__((warn_unused_result));
int listing_read_vitest(struct listing_reader *reader, struct text output)
	__attribute__((warn_unused_result));
int listing_read_playwright(struct listing_reader *reader, struct text output)
	__attribute__((warn_unused_result));
int listing_read_newman(struct listing_reader *reader, struct text output)
	__attribute__((warn_unused_result));
#endif
