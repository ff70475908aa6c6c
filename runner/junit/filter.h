/* filter.h - what stands between a stranger's bytes and the XML parser: any input comes out as
 * UTF-8 that holds tags, text and the five named references, and little of each at a time.
 *
 * Gone are byte order marks, XML declarations, processing instructions and comments (their lines
 * stay, so that line numbers hold). CDATA sections come out as escaped text, which has no limit in
 * libxml2, as they have. Control characters, that XML forbids, go under cover (hidden.h), so that a
 * terminal sequence is still recognised as one behind the parser. References to what it forbids go
 * the same way or become visible text; a bare '&' or '<' is escaped; attributes are cut at
 * JUNIT_ATTRIBUTE_MAX_BYTES. What makes parsers slow or large (thousands of attributes, a tag
 * without an end) is a fault. */
#ifndef JUNIT_FILTER_H
#define JUNIT_FILTER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/junit/source.h"
#include "shards/base/text.h"

enum {
	FILTER_WINDOW_BYTES = 64 * 1024,
	FILTER_ATTRIBUTES_MAX = 256,           /* of one tag */
	FILTER_TAG_MAX_BYTES = 64 * 1024,      /* of one tag, its values not counted */
	FILTER_VALUES_MAX_BYTES = 1024 * 1024, /* of one tag; what is more is cut */
	FILTER_ASIDE_MIN_BYTES = 256,
};

/* Long texts do not go through the parser, which would only hand them on, slowly: they wait aside,
 * decoded, and a hidden character holds their place. */
struct filter_aside {
	bool is_on;            /* text goes here, until the next tag */
	struct text_buf bytes; /* of the stretches, one behind the other */
	size_t open_start;     /* of the stretch that is being filled */
	struct aside_stretch {
		size_t len;
		uint64_t line_count; /* line ends in the input */
	} * stretches;
	size_t count, cap;
	size_t next;  /* to be taken */
	size_t taken; /* bytes of those that were */
	uint64_t open_lines;
};

enum filter_repair {
	REPAIR_NONE,
	REPAIR_ENCODING,
	REPAIR_UTF8,
	REPAIR_CHARACTER,
	REPAIR_REFERENCE,
	REPAIR_AMPERSAND,
	REPAIR_LESS_THAN,
	REPAIR_COMMENT,
};

enum filter_state {
	FILTER_TEXT,
	FILTER_TAG,
	FILTER_VALUE,
	FILTER_CDATA,
	FILTER_COMMENT,
	FILTER_INSTRUCTION,
	FILTER_DECLARATION, /* <!DOCTYPE and its like: nothing is read behind it */
};

struct filter {
	struct source source;
	char *window; /* UTF-8 still to be looked at, from `pos` on */
	size_t pos;
	size_t len;
	bool is_closed;   /* filter_close() was called */
	bool at_end;      /* nothing comes behind the window */
	bool has_content; /* anything but white space was seen */
	enum filter_state state;
	char quote;
	size_t tag_bytes, value_bytes, values_bytes, attribute_count;
	struct filter_aside aside;
	struct text_buf out; /* from `out_pos` on, still to be handed out */
	size_t out_pos;
	uint64_t line_count;       /* line ends before the window, until the first repair */
	enum filter_repair repair; /* the first one */
	uint64_t repair_line;
	uint64_t repair_count;
	const char *fault; /* found by the filter itself; NULL */
};

/* Read from `fd`, which stays the caller's, or from memory, which is borrowed. */
void filter_init(struct filter *filter, int fd, struct text memory, uint64_t max_bytes);
void filter_deinit(struct filter *filter);
/* The same for another input, with the memory of the last one. */
void filter_restart(struct filter *filter, int fd, struct text memory, uint64_t max_bytes);
/* Fill `buffer` with up to `len` bytes. Returns how many; 0 at the end, and after a fault. */
size_t filter_read(struct filter *filter, char *buffer, size_t len);
/* All that filter_read() would hand out, at once, if the input is so short that one look was
 * enough. It holds no NUL but the one behind it, and is borrowed for the life of the filter. False:
 * it is longer, and filter_read() hands it out from its beginning. Only before the first
 * filter_read(). */
bool filter_read_whole(struct filter *filter, struct text *ret_text);
/* The text that the next HIDDEN_ASIDE stands for, until the next filter_read(), and how many lines
 * of the input it takes. False when there is none, which only a broken parser would bring about. */
bool filter_take_aside(struct filter *filter, struct text *ret_text, uint64_t *ret_lines);
/* No more: filter_read() returns 0 from now on. */
void filter_close(struct filter *filter);
/* Why the input ended early, in words; or "". */
const char *filter_fault(const struct filter *filter);
/* "illegal character", "invalid UTF-8", ... */
const char *filter_repair_name(enum filter_repair repair);
#endif
