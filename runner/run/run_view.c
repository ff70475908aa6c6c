/* run_view.c - see run_view.h. */
#include "runner/run/run_view.h"

#include <stdlib.h>
#include <string.h>

#include "runner/record/journal.h"
#include "runner/run/case_index.h"
#include "runner/run/hindsight.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

struct run_view {
	struct view view;
	const struct run_record *record;
	struct journal_reader *reader;
	struct case_index index;
	struct view_case *cases;
	struct hindsight hindsight;
	char reason[TANDA_MESSAGE_MAX];
};

static int read_case(void *data, size_t index, struct case_result *ret_result,
                     struct tanda_error *error)
{
	struct run_view *v = data;
	struct event event;

	if (journal_read_at(v->reader, v->record->cases[index].offset, &event, error) < 0)
		return -1;
	*ret_result = event.case_reported.result;
	return 0;
}

static void take_cases(struct run_view *v)
{
	const struct run_record *record = v->record;
	size_t i;

	v->cases = mem_calloc(record->case_count, sizeof(v->cases[0]));
	for (i = 0; i < record->case_count; i++) {
		const struct case_ref *ref = &record->cases[i];

		v->cases[i] = (struct view_case){ref->batch, ref->test, ref->status, ref->time_ns};
	}
	case_index_init(&v->index, record);
	v->view.cases = v->cases;
	v->view.case_count = record->case_count;
	v->view.case_order = v->index.order;
	v->view.case_first = v->index.first;
	v->view.read_case = read_case;
	v->view.data = v;
}

static void look_back(struct run_view *v)
{
	struct hindsight *hindsight = &v->hindsight;

	hindsight_find_all(hindsight, v->view.ledger);
	v->view.bound_ns = hindsight->bound_ns;
	v->view.bound_kind = hindsight->bound_kind;
	v->view.bound_what = hindsight->bound_what;
	v->view.bound_test = hindsight->bound_test;
	v->view.losses_known = hindsight->bound_ns > 0;
	v->view.losses = hindsight->losses;
	v->view.what_ifs = hindsight->what_ifs;
	v->view.what_if_count = hindsight->what_if_count;
}

/* ---- the whole ---- */

int run_view_new(const struct run_record *record, const char *journal_path, bool is_over,
                 struct run_view **ret_view, struct tanda_error *error)
{
	struct run_view *v = mem_calloc(1, sizeof(*v));

	if (journal_reader_new(journal_path, &v->reader, error) < 0) {
		free(v);
		return -1;
	}
	v->record = record;
	v->view.ledger = &record->ledger;
	v->view.totals = ledger_totals(&record->ledger);
	v->view.exit_code = ledger_exit(&record->ledger, v->reason, sizeof(v->reason));
	v->view.reason = v->reason;
	v->view.is_whole = is_over || record->ledger.is_finished;
	take_cases(v);
	look_back(v);
	v->view.end_ns = v->view.is_whole && record->ledger.has_ended ? record->ledger.last_end_ns
	                                                              : record->facts.end_ns;
	v->view.nodes = (const char *const *)record->facts.nodes;
	v->view.node_count = record->facts.node_count;
	v->view.worker_nodes = record->facts.worker_nodes;
	v->view.samples = record->facts.samples;
	v->view.sample_count = record->facts.sample_count;
	v->view.marks = record->facts.marks;
	v->view.mark_count = record->facts.mark_count;
	v->view.system = record->facts.system != NULL ? record->facts.system : "";
	v->view.cpus = record->facts.cpus;
	v->view.env_names = (const char *const *)record->facts.env_names;
	*ret_view = v;
	return 0;
}

const struct view *run_view_get(struct run_view *view, const char *out_prefix)
{
	view->view.out_prefix = out_prefix;
	return &view->view;
}

void run_view_free(struct run_view *view)
{
	if (view == NULL)
		return;
	journal_reader_free(view->reader);
	case_index_deinit(&view->index);
	free(view->cases);
	free(view);
}
