/* agains.h - the attempts that a case tells of beside its result: flakyFailure, rerunError... */
#ifndef JUNIT_AGAINS_H
#define JUNIT_AGAINS_H
#include <stdbool.h>
#include <stddef.h>

#include "runner/junit/attributes.h"
#include "runner/junit/capture.h"
#include "runner/junit/item.h"

enum {
	AGAINS_MAX = 20, /* of one case; later ones are left out */
	AGAIN_TEXT_MAX_BYTES = 16 * 1024,
};

struct agains {
	struct text_buf strings;
	struct again_lens {
		size_t start; /* of type, message, body, out and err, one behind the other */
		size_t lens[5];
		bool case_passed, is_error;
		uint64_t time_ns;
		struct instant started;
	} list[AGAINS_MAX];
	size_t count;
	struct junit_again told[AGAINS_MAX];
	struct again_lens open; /* the one being read, and its texts: */
	struct text_buf type, message;
	struct capture body, out, err;
};

void agains_init(struct agains *agains);
void agains_deinit(struct agains *agains);
void agains_clear(struct agains *agains);
/* Is `name` an element of this kind, and which? */
bool agains_know(const char *name, bool *ret_case_passed, bool *ret_is_error);
/* Begin one; its texts go to the captures until agains_end(). */
void agains_begin(struct agains *agains, const char *name, struct attributes attributes);
void agains_end(struct agains *agains, struct text source);
/* All of them; borrowed until the next change. */
const struct junit_again *agains_tell(struct agains *agains);
/* Take the first one away, which has become the case's result. */
void agains_drop_first(struct agains *agains);
#endif
