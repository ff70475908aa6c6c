/* explain_text.c - why a test runs where and when, in sentences; see explain_text.h. */
#include "runner/report/explain_text.h"

#include "runner/report/console.h"
#include "shards/base/span.h"
#include "shards/model/test.h"

static const char *source_words(enum expectation expectation)
{
	switch (expectation) {
	case EXPECTATION_HISTORY:
		return "the median of its own past runs";
	case EXPECTATION_FILE:
		return "its share of what its file takes";
	case EXPECTATION_AREA:
		return "no time of its own is known: the 75th percentile of its area";
	case EXPECTATION_SUITE:
		return "no time of its own is known: the 75th percentile of its suite";
	case EXPECTATION_SIZE:
		return "no time is known in its suite: by the size of its file";
	case EXPECTATION_NONE:
		break;
	}
	return "nothing is known: every test counts the same";
}

static void add_span_after(struct text_buf *out, const char *before, uint64_t ns)
{
	text_buf_add_str(out, before);
	span_add(out, ns);
}

static void add_where(struct text_buf *out, const struct explanation *e)
{
	text_buf_printf(out, "  runs on worker %u (", e->worker);
	console_clean_name(out, text_from(e->node));
	add_span_after(out, "), from ", e->started_ns);
	add_span_after(out, " to ", e->ended_ns);
	add_span_after(out, " of ", e->makespan_ns);
	if (e->batch_tests > 1)
		text_buf_printf(out, "; number %u of %u in batch %u of that worker", e->place,
		                e->batch_tests, e->batch_number);
	else
		text_buf_printf(out, "; alone in batch %u of that worker", e->batch_number);
	if (e->start_up_ns > 0)
		add_span_after(out, ", whose framework takes to start ", e->start_up_ns);
	text_buf_add_char(out, '\n');
}

static void add_why(struct text_buf *out, const struct explanation *e)
{
	text_buf_printf(out, "  why then: pieces go out longest first, and %u of %u are longer\n",
	                e->rank - 1, e->piece_count);
	if (e->piece_tests > 1)
		text_buf_printf(out,
		                "  its area is kept together: %u tests go to one worker, one after "
		                "the other\n",
		                e->piece_tests);
	if (e->waited_ns > 0) {
		add_span_after(out, "  its worker stood still for ", e->waited_ns);
		text_buf_add_str(out, " before, for pools or cpus that were in use\n");
	}
	if (e->may_run_on < e->worker_count) {
		text_buf_printf(out, "  why there: only %u of %u workers may run it", e->may_run_on,
		                e->worker_count);
		if (e->labels[0] != '\0') {
			text_buf_add_str(out, ", by its labels '");
			console_clean_name(out, text_from(e->labels));
			text_buf_add_char(out, '\'');
		}
		text_buf_add_char(out, '\n');
	} else {
		text_buf_add_str(out, "  why there: every worker may run it; this one was free "
		                      "first\n");
	}
	if (e->need_count > 0) {
		text_buf_add_str(out, "  it takes turns at pool ");
		console_clean_name(out, text_from(e->first_pool));
		if (e->need_count > 1)
			text_buf_printf(out, " and %zu more", e->need_count - 1);
		text_buf_add_char(out, '\n');
	}
}

static void add_what_if(struct text_buf *out, const struct explanation *e)
{
	add_span_after(out, "  without it the run would take ", e->without_ns);
	add_span_after(out, ", if it took twice as long ", e->doubled_ns);
	text_buf_add_char(out, '\n');
}

void explain_text(struct text_buf *out, const struct explanation *e)
{
	console_clean_name(out, text_from(e->test->id));
	text_buf_add_str(out, "  (suite ");
	console_clean_name(out, text_from(e->suite));
	text_buf_add_str(out, ", area ");
	console_clean_name(out, text_from(e->area));
	text_buf_add_str(out, ")\n");
	if (e->is_skipped) {
		text_buf_add_str(out, "  is not run: ");
		console_clean_name(out, text_from(e->test->skip_reason));
		text_buf_add_char(out, '\n');
		return;
	}
	add_span_after(out, "  takes ", e->test->expected_ns);
	text_buf_printf(out, ": %s\n", source_words(e->test->expectation));
	add_where(out, e);
	add_why(out, e);
	add_what_if(out, e);
}
