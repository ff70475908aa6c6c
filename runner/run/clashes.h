/* clashes.h - which tests can't share a batch, as their cases could not be told apart. */
#ifndef RUN_CLASHES_H
#define RUN_CLASHES_H
#include <stdint.h>

struct project;

/* Of one suite. The cases of a file stand together. */
void clashes_set(struct project *project, uint32_t suite_index);
#endif
