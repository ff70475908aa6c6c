/* sampler.h - records how busy this machine is while the tests run: NODE_SAMPLED events. */
#ifndef RUN_SAMPLER_H
#define RUN_SAMPLER_H
#include "runner/exec/loop.h"
#include "runner/run/recorder.h"

struct sampler;

/* Sample about once a second; after every SAMPLER_STRIDE samples the distance doubles, so that a
 * day comes to a few thousand. Begins with the first call of sampler_start(); a system without
 * /proc/stat gives no samples. */
enum { SAMPLER_STRIDE = 512 };
struct sampler *sampler_new(struct loop *loop, struct recorder *recorder, const char *node);
void sampler_start(struct sampler *sampler);
/* Take a last sample and let the loop end. */
void sampler_stop(struct sampler *sampler);
void sampler_free(struct sampler *sampler); /* NULL is allowed */
#endif
