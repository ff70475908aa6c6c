/* node_words.c - see node_words.h. */
#include "runner/report/node_words.h"

#include <inttypes.h>
#include <string.h>

#include "runner/report/words.h"
#include "shards/base/mem.h"
#include "shards/model/node.h"

enum { PERMILLE_PER_PERCENT = 10, PERCENT = 100, WHY_MAX_BYTES = 160, STALLED_NOTABLE = 50 };

bool node_words_are_wanted(const struct ledger *ledger)
{
	return ledger->node_count > 1 ||
	       (ledger->node_count == 1 &&
	        strcmp(ledger->nodes[0].name, node_kind_name(NODE_LOCAL)) != 0);
}

/* ---- how it came and went ---- */

static void add_bytes(struct text_buf *out, uint64_t bytes)
{
	if (bytes >= 1000000)
		text_buf_printf(out, "%.1f MB", (double)bytes / 1e6);
	else
		text_buf_printf(out, "%.0f kB", (double)bytes / 1e3);
}

static void add_comings(struct text_buf *out, const struct node_life *node)
{
	text_buf_add_str(out, "reached in ");
	words_add_span(out, node->opened_ns / node->up_count);
	if (node->prepared_ns == 0)
		return;
	text_buf_add_str(out, ", its workspace there in ");
	words_add_span(out, node->prepared_ns / node->up_count);
	if (node->sent_bytes > 0) {
		text_buf_add_str(out, " (");
		add_bytes(out, node->sent_bytes);
		text_buf_add_char(out, ')');
	}
}

static const char *turn_word(enum node_change change)
{
	switch (change) {
	case NODE_UP:
		return "back";
	case NODE_UNREACHABLE:
		return "not reached";
	case NODE_LOST:
		return "lost";
	case NODE_LEFT_OUT:
		return "left out";
	}
	return "";
}

void node_words_add_life(struct text_buf *out, const struct node_life *node, node_name_fn add_name)
{
	const char *separator = "";
	bool was_up = false;
	size_t i;

	if (node->up_count > 0) {
		add_comings(out, node);
		separator = "; ";
	}
	for (i = 0; i < node->turn_count; i++) {
		const struct node_turn *turn = &node->turns[i];
		struct text why = text_head(text_from(turn->message), WHY_MAX_BYTES);

		if (turn->change == NODE_UP && !was_up) {
			was_up = true; /* how long that took is told already */
			continue;
		}
		text_buf_printf(out, "%s%s at ", separator, turn_word(turn->change));
		words_add_span(out, turn->at_ns);
		if (why.len > 0) {
			text_buf_add_str(out, ": ");
			add_name(out, why);
		}
		separator = "; ";
	}
}

/* ---- figures ---- */

static const char *const titles[] = {
	[NODE_EXECUTORS] = "executors",
	[NODE_TESTS] = "tests",
	[NODE_BUSY] = "busy",
	[NODE_CPU_BUSY] = "processors",
	[NODE_CPU_WAIT] = "waited for them",
	[NODE_SPEED] = "speed",
	[NODE_START_UP] = "a start",
};

_Static_assert(countof(titles) == NODE_FIGURE_COUNT, "a title for each");

const char *node_words_figure_title(enum node_figure figure)
{
	return titles[figure];
}

static void add_mean(struct text_buf *out, uint64_t sum_permille, uint64_t count)
{
	if (count > 0)
		text_buf_printf(out, "%.0f %%",
		                (double)sum_permille / (double)count / PERMILLE_PER_PERCENT);
}

static void add_busy(struct text_buf *out, const struct node_life *node,
                     const struct node_tally *tally, uint64_t wall_ns)
{
	double all_ns = (double)wall_ns * node->executors;

	if (all_ns > 0)
		text_buf_printf(out, "%.0f %%", (double)tally->busy_ns * PERCENT / all_ns);
}

void node_words_add_figure(struct text_buf *out, const struct node_life *node,
                           const struct node_tally *tally, uint64_t wall_ns,
                           enum node_figure figure)
{
	switch (figure) {
	case NODE_EXECUTORS:
		text_buf_printf(out, "%" PRIu32, node->executors);
		break;
	case NODE_TESTS:
		text_buf_printf(out, "%" PRIu64, tally->tests);
		break;
	case NODE_BUSY:
		add_busy(out, node, tally, wall_ns);
		break;
	case NODE_CPU_BUSY:
		add_mean(out, node->busy_permille, node->sample_count);
		break;
	case NODE_CPU_WAIT:
		add_mean(out, node->stalled_permille, node->sample_count);
		break;
	case NODE_SPEED:
		if (tally->speed > 0)
			text_buf_printf(out, "%.2fx", tally->speed);
		break;
	case NODE_START_UP:
		if (tally->starts > 0)
			words_add_span(out, tally->start_up_ns / tally->starts);
		break;
	}
}

void node_words_add_line(struct text_buf *out, const struct ledger *ledger, size_t number,
                         const struct node_tally *tally, uint64_t wall_ns, node_name_fn add_name)
{
	const struct node_life *node = &ledger->nodes[number];

	add_name(out, text_from(node->name));
	text_buf_add_str(out, ": ");
	words_add_count(out, node->executors, "executor", "executors");
	text_buf_add_str(out, ", ");
	words_add_count(out, tally->tests, "test", "tests");
	if (wall_ns > 0) {
		text_buf_add_str(out, ", busy ");
		add_busy(out, node, tally, wall_ns);
		text_buf_add_str(out, " of the time");
	}
	if (node->sample_count > 0) {
		text_buf_add_str(out, "; processors ");
		add_mean(out, node->busy_permille, node->sample_count);
		text_buf_add_str(out, ", waited for ");
		add_mean(out, node->stalled_permille, node->sample_count);
	}
	if (tally->speed > 0)
		text_buf_printf(out, "; speed %.2fx", tally->speed);
	if (tally->starts > 0) {
		text_buf_add_str(out, "; a start ");
		words_add_span(out, tally->start_up_ns / tally->starts);
	}
}

/* ---- contention ---- */

static const struct node_life *fullest(const struct ledger *ledger)
{
	const struct node_life *found = NULL;
	size_t i;

	for (i = 0; i < ledger->node_count; i++) {
		const struct node_life *node = &ledger->nodes[i];

		if (node_life_is_full(node) &&
		    (found == NULL || node->full_count * found->sample_count >
		                              found->full_count * node->sample_count))
			found = node;
	}
	return found;
}

/* What has room takes more; else there must be another. */
static const struct node_life *roomiest(const struct ledger *ledger, const struct node_life *full)
{
	size_t i;

	for (i = 0; i < ledger->node_count; i++) {
		const struct node_life *node = &ledger->nodes[i];

		if (node != full && node->sample_count > 0 && !node_life_is_full(node) &&
		    node->full_count == 0)
			return node;
	}
	return NULL;
}

bool node_words_add_contention(struct text_buf *out, const struct ledger *ledger,
                               node_name_fn add_name)
{
	const struct node_life *full = fullest(ledger), *other;

	if (full == NULL)
		return false;
	other = roomiest(ledger, full);
	text_buf_add_str(out, "The processors of ");
	add_name(out, text_from(full->name));
	text_buf_printf(out, " bounded this run: %" PRIu32 " executors", full->executors);
	if (full->cpus > 0) {
		text_buf_add_str(out, " shared ");
		words_add_count(out, full->cpus, "processor", "processors");
	}
	text_buf_printf(out, ", which were over 90 %% busy for %.0f %% of the time",
	                (double)full->full_count * PERCENT / (double)full->sample_count);
	if (full->stalled_permille >= full->sample_count * STALLED_NOTABLE) {
		text_buf_add_str(out, " and waited for in ");
		add_mean(out, full->stalled_permille, full->sample_count);
		text_buf_add_str(out, " of it");
	}
	if (other != NULL) {
		text_buf_add_str(out, "; give it fewer and ");
		add_name(out, text_from(other->name));
		text_buf_add_str(out, ", which had room, more.");
	} else {
		text_buf_add_str(out, "; more executors there bring nothing, another node does.");
	}
	return true;
}
