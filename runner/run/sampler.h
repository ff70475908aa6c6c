/* sampler.h - records how busy a node is while the tests run: NODE_SAMPLED events. */
#ifndef RUN_SAMPLER_H
#define RUN_SAMPLER_H
#include "runner/exec/loop.h"
#include "runner/run/recorder.h"

struct sampler;

/* Sample this machine about once a second, another node every two; after every SAMPLER_STRIDE
 * samples the distance doubles, so that a day comes to a few thousand. Begins with the first call
 * of sampler_start(); a system without /proc/stat gives no samples. `ask` has another node asked
 * for what sampler_take() is given later, or never; NULL: it is this machine. */
enum { SAMPLER_STRIDE = 512 };
struct sampler *sampler_new(struct loop *loop, struct recorder *recorder, const char *node,
                            void (*ask)(void *data), void *data);
void sampler_start(struct sampler *sampler);
/* What the node told of its counters; `cpus` 0: not known. */
void sampler_take(struct sampler *sampler, struct text told, uint32_t cpus);
/* Take a last sample and let the loop end. */
void sampler_stop(struct sampler *sampler);
void sampler_free(struct sampler *sampler); /* NULL is allowed */
#endif
