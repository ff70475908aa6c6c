/* job_config.c - see job_config.h. */
#include "runner/exec/jenkins/job_config.h"

void job_config_add(struct text_buf *out)
{
	text_buf_add_str(out, job_config_freestyle);
	text_buf_add_str(out, job_config_pipeline);
	text_buf_add_str(out, "-->\n");
}
