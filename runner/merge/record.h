/* record.h - a case as bytes in a spool, and back. Never read from anywhere else. */
#ifndef MERGE_RECORD_H
#define MERGE_RECORD_H
#include <stdbool.h>
#include <stdint.h>

#include "runner/junit/agains.h"
#include "runner/junit/item.h"
#include "runner/junit/properties.h"
#include "runner/merge/spool.h"

struct record {
	bool time_known;
	struct junit_case item; /* texts in the bytes that it was read from */
	struct junit_property properties[PROPERTIES_MAX];
	struct junit_again agains[AGAINS_MAX];
};

/* How many bytes a case has in a spool, at most 4 GB. Of properties and attempts, PROPERTIES_MAX
 * and AGAINS_MAX are kept. */
size_t record_bytes(const struct junit_case *item);
/* Put them at `at`. */
void record_encode(const struct junit_case *item, bool time_known, char *at);

/* Cases out of a range of a spool, one after the other. */
struct record_reader {
	const struct spool *spool;
	uint64_t offset, end;
	const char *bytes; /* the spool's own, if all is in memory, else `window` */
	size_t pos, len;
	char *window;
	size_t window_cap;
	struct record record;
};

void record_reader_init(struct record_reader *reader);
void record_reader_deinit(struct record_reader *reader);
void record_reader_start(struct record_reader *reader, const struct spool *spool, uint64_t offset,
                         uint64_t len);
/* Where the next case begins. */
uint64_t record_reader_offset(const struct record_reader *reader);
/* 1: reader->record is the next case, until the next call. 0: there is none. -1: *error is set. */
int record_reader_next(struct record_reader *reader, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
