/* listing.h - what a framework itself says that it would run, case by case. */
#ifndef DISCOVER_LISTING_H
#define DISCOVER_LISTING_H
#include <stddef.h>
#include <stdint.h>

#include "shards/base/text.h"

struct tanda_error;

enum { LISTING_CASES_MAX = 1000000 };

enum listing_kind { /* in step with the presets' listing_format */
	            LISTING_IS_NONE,
	            LISTING_IS_PYTEST,
	            LISTING_IS_BEHAVE,
	            LISTING_IS_CUCUMBER,
	            LISTING_IS_COUNT,
	            LISTING_IS_FILES,
	            LISTING_IS_MOCHA,
	            LISTING_IS_VITEST,
	            LISTING_IS_PLAYWRIGHT,
	            LISTING_IS_NEWMAN,
	            LISTING_IS_RSPEC,
	            LISTING_IS_CTEST,
	            LISTING_IS_GTEST,
};
enum { LISTING_KIND_COUNT = LISTING_IS_GTEST + 1 };

/* One case, by the stable name that it keeps when lines move, and by what the framework is told
 * today to run it alone. */
struct listed_case {
	size_t file_index; /* into the files asked about */
	/* Its titles below the file, outermost first, joined by " > ", with " > #2" for the second
	 * row of an outline's examples; a name that its file has already gets " #2" and so on.
	 * NULL when this listing counts and no more. At most TEST_ID_MAX_BYTES, no control
	 * characters. */
	char *name;
	size_t first_len; /* of a name that got a number: its length without; 0: it has none */
	/* "features/a.feature:12", a pytest node id, a full title; NULL: it cannot be told. The
	 * file in it is spelt as it was given. */
	char *locator;
	char *toggles; /* what its tags "@feature:NAME" name, with a space between; NULL: none */
};

struct listing {
	struct listed_case *cases; /* in the framework's order */
	size_t count, cap;
};

/* Read the output of the framework's listing of `files` (as given to it, relative to `dir`, which
 * is absolute). Cases of other files are passed over. *ret_listing is set on success only; free it
 * with listing_deinit(). Fails when the output is not what this framework writes, or has more than
 * LISTING_CASES_MAX cases. */
int listing_read(enum listing_kind kind, struct text output, const char *dir,
                 const char *const *files, size_t file_count, struct listing *ret_listing,
                 struct tanda_error *error) __attribute__((warn_unused_result));
void listing_deinit(struct listing *listing);

/* How many cases each of the files has; `ret_counts` has `file_count` entries. */
void listing_count(const struct listing *listing, size_t file_count, uint64_t *ret_counts);
#endif
