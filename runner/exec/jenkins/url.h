/* url.h - the addresses of a Jenkins controller's things; pure. */
#ifndef JENKINS_URL_H
#define JENKINS_URL_H
#include <stdbool.h>
#include <stdint.h>

#include "shards/base/text.h"

struct tanda_error;

enum { URL_MAX_BYTES = 2000 };

/* The configured address without '/' at its end; a context path ("/jenkins") stays. Fails, with a
 * remedy, on anything but http and https, on credentials in it, a query or a fragment. The caller
 * frees it. */
int url_read_base(const char *typed, char **ret_base, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* "folder/name" as "BASE/job/folder/job/name", each name encoded; a branch of a multibranch project
 * is named as Jenkins names it ("shop/feature%2Flogin"). Fails when a name is missing or a whole
 * address was typed. The caller frees it. */
int url_of_job(const char *base, const char *job, char **ret_url, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Add text so that it is itself in a path, a query or a form. */
void url_encode(struct text_buf *buf, struct text text);

/* Add "NAME=VALUE" to a form, with "&" in front when it is not the first. */
void url_add_field(struct text_buf *form, const char *name, struct text value);

/* The queue id in a Location; the rest of it is what Jenkins believes to be called, which may
 * differ from where it was reached. */
bool url_queue_id(const char *location, uint64_t *ret_id);
#endif
