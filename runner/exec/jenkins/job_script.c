/* job_script.c - see job_script.h. */
#include "runner/exec/jenkins/job_script.h"

#include "runner/exec/driver.h"
#include "runner/exec/jenkins/api.h"
#include "runner/exec/shell/script.h"
#include "tanda/error.h"

/* A limit ends by the whole second: rather a little later than too soon. */
static uint64_t seconds_of(uint64_t ms)
{
	return (ms + 999) / 1000;
}

static void add_run(struct text_buf *script, const struct assignment *a)
{
	size_t i;

	text_buf_add(script, TEXT_LIT("tanda_run "));
	script_add_node_word(script, text_from(a->work_dir));
	text_buf_printf(
		script, " %d %llu %s %llu %llu", a->drops_stderr ? 1 : 0,
		(unsigned long long)seconds_of(a->limit_ms), script_signal_word(a->stop_signal),
		(unsigned long long)seconds_of(a->grace_ms), (unsigned long long)a->log_max_bytes);
	for (i = 0; a->argv[i] != NULL; i++) {
		text_buf_add_char(script, ' ');
		script_add_node_word(script, text_from(a->argv[i]));
	}
	text_buf_add_char(script, '\n');
}

static int fail_too_large(const struct text_buf *buf, const char *what, struct tanda_error *error)
{
	if (!buf->overflowed)
		return 0;
	tanda_error_set(error, NULL,
	                "%s takes more than the %d bytes that a parameter of Jenkins may have",
	                what, API_SCRIPT_MAX_BYTES);
	return -1;
}

int job_script_build(const struct assignment *a, struct text_buf *ret_script,
                     struct text_buf *ret_env, struct tanda_error *error)
{
	text_buf_init(ret_script, API_SCRIPT_MAX_BYTES);
	text_buf_init(ret_env, API_SCRIPT_MAX_BYTES);
	script_add_environment(ret_env, a->own_env);
	text_buf_add_str(ret_script, job_script_batch);
	script_add_files(ret_script, a);
	script_add_wanted(ret_script, a->wanted_files);
	text_buf_add(ret_script, TEXT_LIT("tanda_begin "));
	script_add_word(ret_script, text_from(a->key));
	text_buf_add(ret_script, TEXT_LIT("\neval \"$TANDA_ENV\"\ntanda_files || tanda_give_up "
	                                  "\"its files cannot be written in $tanda_station\"\n"));
	add_run(ret_script, a);
	if (fail_too_large(ret_script, "the command of a batch", error) < 0)
		tanda_error_hint(error, "give it fewer tests: a shorter \"batch_max\"");
	else if (fail_too_large(ret_env, "the environment of a batch", error) < 0)
		tanda_error_hint(error, "say less in \"env\"");
	else
		return 0;
	text_buf_deinit(ret_script);
	text_buf_deinit(ret_env);
	return -1;
}
