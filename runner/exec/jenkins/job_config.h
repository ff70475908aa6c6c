/* job_config.h - the job that a Jenkins node needs, for whoever creates it. */
#ifndef JENKINS_JOB_CONFIG_H
#define JENKINS_JOB_CONFIG_H
#include "shards/base/text.h"

extern const char job_config_freestyle[];
extern const char job_config_pipeline[];

/* Its config.xml, as `createItem` takes it; a Jenkinsfile that does the same is the comment at its
 * end. */
void job_config_add(struct text_buf *out);
#endif
