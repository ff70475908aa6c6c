/* tables.c - the parts that are tables and lists: slow tests, areas, what-if, not run, warnings,
 * environment. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/report/html/html.h"
#include "runner/report/html/page.h"
#include "runner/report/story.h"
#include "shards/base/mem.h"

enum { PERCENT = 100, METER = 120, REASONS_MAX = 100, LISTED_MAX = 2000, WARNINGS_MAX = 500 };

/* A bar beside a figure. */
static void add_meter(struct page *page, double share)
{
	if (share > 1)
		share = 1;
	text_buf_printf(page->out,
	                "<svg class=\"meter\" width=\"%d\" height=\"8\" aria-hidden=\"true\"><rect "
	                "class=\"meter-ground\" fill=\"#eaeef2\" width=\"%d\" height=\"8\"/><rect "
	                "class=\"meter-bar\" fill=\"#54a3ff\" width=\"%.1f\" height=\"8\"/></svg>",
	                METER, METER, share * METER);
}

/* ---- slow tests ---- */

static void add_expected(struct page *page, const struct test_info *info, uint64_t time_ns)
{
	page_add(page, "<td class=\"r\">");
	if (!info->expected_known) {
		page_add(page, "not known</td><td class=\"r\"></td>");
		return;
	}
	page_add_span(page, info->expected_ns);
	page_add(page, "</td><td class=\"r\">");
	if (info->expected_ns > 0)
		text_buf_printf(page->out, "%+.0f %%",
		                ((double)time_ns - (double)info->expected_ns) * PERCENT /
		                        (double)info->expected_ns);
	page_add(page, "</td>");
}

/* The longest case of the attempt that decided: its index, SIZE_MAX when no case tells a time. */
static size_t longest_case(const struct view *view, uint32_t test, size_t *ret_count)
{
	const struct attempt *last = ledger_decisive_attempt(view->ledger, test);
	size_t longest = SIZE_MAX, i;

	*ret_count = 0;
	for (i = view->case_first[test]; last != NULL && i < view->case_first[test + 1]; i++) {
		size_t index = view->case_order[i];

		if (view->cases[index].batch != last->batch)
			continue;
		++*ret_count;
		if (view->cases[index].time_ns > 0 &&
		    (longest == SIZE_MAX ||
		     view->cases[index].time_ns > view->cases[longest].time_ns))
			longest = index;
	}
	return longest;
}

/* Which part of the test takes how long, and whether splitting it would shorten the run. */
static void add_hint(struct page *page, uint32_t test)
{
	const struct view *view = page->view;
	struct case_result result;
	size_t count, longest = longest_case(view, test, &count);

	if (outline_work_ns(view, test) > page->outline->share_ns && view->ledger->worker_count > 1)
		page_add(page, count > 1 ? "<b>split it:</b> longer than an even share. "
		                         : "<b>longer than an even share:</b> make it faster. ");
	if (longest == SIZE_MAX || count < 2 || page->has_failed)
		return;
	if (view->read_case(view->data, longest, &result, page->error) < 0) {
		page->has_failed = true;
		return;
	}
	text_buf_printf(page->out, "%zu cases, the longest <b>", count);
	page_add_span(page, result.time_ns);
	page_add(page, "</b>: ");
	html_add_name(page->out, text_head(result.name, 120));
}

static void add_slow(struct page *page, uint32_t test)
{
	const struct test_info *info = &page->view->ledger->tests[test].info;
	uint64_t time_ns = outline_time_ns(page->view, test);
	uint64_t longest_ns = outline_time_ns(page->view, page->outline->slowest[0]);

	page_add(page, "<tr><td>");
	page_add_test(page, test);
	page_add(page, "</td><td class=\"r\">");
	page_add_span(page, time_ns);
	page_add(page, "</td><td>");
	add_meter(page, (double)time_ns / (double)longest_ns);
	page_add(page, "</td>");
	add_expected(page, info, time_ns);
	page_add(page, "<td class=\"hint\">");
	add_hint(page, test);
	page_add(page, "</td></tr>\n");
}

void part_slow(struct page *page)
{
	const struct outline *outline = page->outline;
	size_t i;

	if (outline->slowest_count == 0)
		return;
	page_add(page, "<section id=\"slow\">\n<h2>Slowest tests</h2>\n");
	if (outline->errors.known_count > 0)
		text_buf_printf(page->out,
		                "<p class=\"note\">Expected times were off by %" PRIu64
		                " %% on average, over %" PRIu64 " tests that had one.</p>\n",
		                outline->errors.percent, outline->errors.known_count);
	page_add(page, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Slowest "
	               "tests\"><table>\n<thead><tr><th scope=\"col\">test</th><th scope=\"col\" "
	               "class=\"r\">took</th><th scope=\"col\"><span class=\"sr\">share</span>"
	               "</th><th scope=\"col\" class=\"r\">expected</th><th scope=\"col\" "
	               "class=\"r\">off by</th><th scope=\"col\">what to do</th></tr></thead>\n"
	               "<tbody>\n");
	for (i = 0; i < outline->slowest_count; i++)
		add_slow(page, outline->slowest[i]);
	page_add(page, "</tbody></table></div>\n</section>");
}

/* ---- areas ---- */

struct area_order {
	uint64_t work_ns;
	uint32_t area;
};

static int by_work(const void *left, const void *right)
{
	const struct area_order *a = left, *b = right;

	if (a->work_ns != b->work_ns)
		return a->work_ns < b->work_ns ? 1 : -1;
	return (a->area > b->area) - (a->area < b->area);
}

static struct area_order *order_areas(const struct page *page, uint64_t *ret_sum_ns)
{
	size_t count = page->view->ledger->area_count, i;
	struct area_order *order = mem_calloc(count, sizeof(order[0]));

	*ret_sum_ns = 0;
	for (i = 0; i < count; i++) {
		order[i] = (struct area_order){page->outline->areas[i].work_ns, (uint32_t)i};
		*ret_sum_ns += order[i].work_ns;
	}
	qsort(order, count, sizeof(order[0]), by_work);
	return order;
}

static void add_count_cell(struct page *page, uint64_t count, const char *css)
{
	text_buf_printf(page->out, "<td class=\"r%s%s\">", count > 0 ? " " : "",
	                count > 0 ? css : "");
	if (count > 0)
		html_add_number(page->out, count);
	page_add(page, "</td>");
}

static void add_area(struct page *page, uint32_t index, uint64_t sum_ns)
{
	const struct outline_area *area = &page->outline->areas[index];
	const struct ledger_area *planned = &page->view->ledger->areas[index];
	double share = sum_ns > 0 ? (double)area->work_ns / (double)sum_ns : 0;

	page_add(page, "<tr><th scope=\"row\">");
	html_add_name(page->out, text_from(planned->name));
	page_add(page, "</th><td class=\"r\">");
	html_add_number(page->out, planned->tests);
	page_add(page, "</td>");
	add_count_cell(page, area->verdicts[VERDICT_FAILED], "failed");
	add_count_cell(page, area->verdicts[VERDICT_ERROR] + area->verdicts[VERDICT_LOST], "error");
	add_count_cell(page, area->verdicts[VERDICT_FLAKY], "flaky");
	add_count_cell(page, area->verdicts[VERDICT_SKIPPED] + area->verdicts[VERDICT_NOT_RUN],
	               "skipped");
	page_add(page, "<td class=\"r\">");
	page_add_span(page, area->work_ns);
	page_add(page, "</td><td>");
	add_meter(page, share);
	text_buf_printf(page->out, " %.0f %%</td><td class=\"r\">", share * PERCENT);
	page_add_span(page, area->longest_ns);
	page_add(page, "</td></tr>\n");
}

void part_areas(struct page *page)
{
	uint64_t sum_ns;
	struct area_order *order = order_areas(page, &sum_ns);
	size_t i;

	page_add(page, "<section id=\"areas\">\n<h2>Areas</h2>\n<div class=\"scroll\" "
	               "tabindex=\"0\" role=\"region\" aria-label=\"Areas\"><table>\n<thead><tr>"
	               "<th scope=\"col\">area</th><th scope=\"col\" class=\"r\">tests</th><th "
	               "scope=\"col\" class=\"r\">failed</th><th scope=\"col\" class=\"r\">in "
	               "error</th><th scope=\"col\" class=\"r\">flaky</th><th scope=\"col\" "
	               "class=\"r\">skipped, not run</th><th scope=\"col\" class=\"r\">work</th>"
	               "<th scope=\"col\">share</th><th scope=\"col\" class=\"r\">longest "
	               "test</th></tr></thead>\n<tbody>\n");
	for (i = 0; i < page->view->ledger->area_count; i++)
		add_area(page, order[i].area, sum_ns);
	page_add(page, "</tbody></table></div>\n</section>");
	free(order);
}

/* ---- what if ---- */

static void add_what_if(struct page *page, const struct view_what_if *row, uint64_t longest_ns)
{
	bool is_now = row->workers == page->view->ledger->worker_count;

	text_buf_printf(page->out, "<tr%s><th scope=\"row\" class=\"r\">%u</th><td class=\"r\">",
	                row->is_knee ? " class=\"knee\"" : "", row->workers);
	page_add_span(page, row->makespan_ns);
	page_add(page, "</td><td>");
	add_meter(page, longest_ns > 0 ? (double)row->makespan_ns / (double)longest_ns : 0);
	page_add(page, "</td><td class=\"r\">");
	page_add_span(page, row->bound_ns);
	text_buf_printf(page->out, "</td><td class=\"r\">%" PRIu64 " %%</td><td>",
	                page_percent(row->bound_ns, row->makespan_ns));
	if (is_now)
		page_add(page, "as now ");
	if (row->is_knee)
		page_add(page, "<b>the knee:</b> more workers bring little");
	page_add(page, "</td></tr>\n");
}

void part_what_if(struct page *page)
{
	const struct view *view = page->view;
	uint64_t longest_ns = 0;
	size_t i;

	if (view->what_if_count == 0 || !story_is_worth_advice(view))
		return;
	for (i = 0; i < view->what_if_count; i++) {
		if (view->what_ifs[i].makespan_ns > longest_ns)
			longest_ns = view->what_ifs[i].makespan_ns;
	}
	page_add(page,
	         "<section id=\"what-if\">\n<h2>With other numbers of workers</h2>\n<p "
	         "class=\"note\">The same tests with the times that they took now, rehearsed. "
	         "How much they would slow one another down is not in it.</p>\n<div "
	         "class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Other numbers "
	         "of workers\"><table>\n<thead><tr><th scope=\"col\" class=\"r\">workers</th>"
	         "<th scope=\"col\" class=\"r\">would take</th><th scope=\"col\"><span "
	         "class=\"sr\">share</span></th><th scope=\"col\" class=\"r\">lower bound"
	         "</th><th scope=\"col\" class=\"r\">efficiency</th><th scope=\"col\"><span "
	         "class=\"sr\">remark</span></th></tr></thead>\n<tbody>\n");
	for (i = 0; i < view->what_if_count; i++)
		add_what_if(page, &view->what_ifs[i], longest_ns);
	page_add(page, "</tbody></table></div>\n</section>");
}

/* ---- not run, skipped ---- */

/* A list by its reasons, in the order of their first tests. */
struct reasons {
	struct dict by_reason;
	const char **reasons;
	size_t *counts;
	size_t count, cap, counts_cap;
	size_t *of; /* by position in the list: which reason */
};

static void note_reason(struct reasons *reasons, size_t position, const char *reason)
{
	size_t index = reasons->count;

	if (dict_add(&reasons->by_reason, text_from(reason), index)) {
		reasons->reasons = mem_grow(reasons->reasons, &reasons->cap, index + 1,
		                            sizeof(reasons->reasons[0]));
		reasons->counts = mem_grow(reasons->counts, &reasons->counts_cap, index + 1,
		                           sizeof(reasons->counts[0]));
		reasons->reasons[index] = reason;
		reasons->counts[index] = 0;
		reasons->count++;
	} else {
		(void)dict_find(&reasons->by_reason, text_from(reason), &index);
	}
	reasons->counts[index]++;
	reasons->of[position] = index;
}

static void reasons_init(struct reasons *reasons, const struct page *page,
                         const struct outline_list *list)
{
	size_t i;

	*reasons = (struct reasons){.of = mem_calloc(list->count, sizeof(reasons->of[0]))};
	dict_init(&reasons->by_reason);
	for (i = 0; i < list->count; i++) {
		const char *reason = page->outline->reasons[list->tests[i]];

		note_reason(reasons, i, reason != NULL ? reason : "no reason given");
	}
}

static void reasons_deinit(struct reasons *reasons)
{
	dict_deinit(&reasons->by_reason);
	free(reasons->reasons);
	free(reasons->counts);
	free(reasons->of);
}

/* The tests of one reason, behind its fold. */
static void add_tests_of(struct page *page, const struct outline_list *list,
                         const struct reasons *reasons, size_t wanted)
{
	size_t told = 0, i;

	page_add(page, "<details><summary>");
	page_add_count(page, reasons->counts[wanted], "test", "tests");
	page_add(page, ": ");
	html_add_name(page->out, text_head(text_from(reasons->reasons[wanted]), 1000));
	page_add(page, "</summary>\n<ul class=\"short\">\n");
	for (i = 0; i < list->count && told < LISTED_MAX; i++) {
		if (reasons->of[i] != wanted)
			continue;
		page_add(page, "<li>");
		page_add_test(page, list->tests[i]);
		page_add(page, "</li>\n");
		told++;
	}
	if (told < reasons->counts[wanted])
		page_add(page, "<li>the others are in the table of all tests</li>\n");
	page_add(page, "</ul></details>\n");
}

static void add_by_reason(struct page *page, enum verdict verdict, const char *title)
{
	const struct outline_list *list = &page->outline->lists[verdict];
	struct reasons reasons;
	size_t i;

	if (list->count == 0)
		return;
	reasons_init(&reasons, page, list);
	text_buf_printf(page->out, "<h3>%s <span class=\"n\">", title);
	html_add_number(page->out, list->count);
	page_add(page, "</span></h3>\n");
	for (i = 0; i < reasons.count && i < REASONS_MAX; i++)
		add_tests_of(page, list, &reasons, i);
	if (reasons.count > REASONS_MAX)
		text_buf_printf(page->out,
		                "<p>and %zu other reasons: the tests are in the table of all "
		                "tests</p>\n",
		                reasons.count - REASONS_MAX);
	reasons_deinit(&reasons);
}

void part_not_run(struct page *page)
{
	const struct outline_list *lists = page->outline->lists;

	if (lists[VERDICT_NOT_RUN].count + lists[VERDICT_SKIPPED].count == 0)
		return;
	page_add(page, "<section id=\"not-run\">\n<h2>Not run</h2>\n");
	add_by_reason(page, VERDICT_NOT_RUN, "Not run");
	add_by_reason(page, VERDICT_SKIPPED, "Skipped");
	page_add(page, "</section>");
}

/* ---- warnings ---- */

void part_warnings(struct page *page)
{
	const struct ledger *ledger = page->view->ledger;
	size_t i;

	if (ledger->warning_count == 0 && ledger->stale == 0)
		return;
	page_add(page, "<section id=\"warnings\">\n<h2>Warnings</h2>\n<ul>\n");
	for (i = 0; i < ledger->warning_count && i < WARNINGS_MAX; i++) {
		page_add(page, "<li>");
		html_add_name(page->out, text_head(text_from(ledger->warnings[i]), 4000));
		page_add(page, "</li>\n");
	}
	if (ledger->stale > 0)
		text_buf_printf(page->out,
		                "<li>%" PRIu64
		                " results came after their batch was given away, and "
		                "were not counted</li>\n",
		                ledger->stale);
	page_add(page, "</ul>\n</section>");
}

/* ---- environment ---- */

static void add_fact(struct page *page, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	text_buf_printf(page->out, "<div><dt>%s</dt><dd>", name);
	html_add_name(page->out, text_from(value));
	page_add(page, "</dd></div>\n");
}

static void add_number_fact(struct page *page, const char *name, uint64_t value)
{
	char words[40];

	if (value == 0)
		return;
	snprintf(words, sizeof(words), "%" PRIu64, value);
	add_fact(page, name, words);
}

static void add_suite(struct page *page, size_t index)
{
	const struct ledger_suite *suite = &page->view->ledger->suites[index];
	const char *names = page->view->env_names[index];

	page_add(page, "<tr><th scope=\"row\">");
	html_add_name(page->out, text_from(suite->name));
	page_add(page, "</th><td>");
	html_add_name(page->out, text_from(suite->framework));
	page_add(page, "</td><td>");
	html_add_name(page->out, text_from(suite->dir));
	page_add(page, "</td><td>");
	html_add_name(page->out, text_from(names));
	page_add(page, "</td></tr>\n");
}

void part_environment(struct page *page)
{
	const struct view *view = page->view;
	const struct ledger *ledger = view->ledger;
	char digest[32];
	size_t i;

	snprintf(digest, sizeof(digest), "%016" PRIx64, ledger->digest);
	page_add(page, "<section id=\"environment\">\n<h2>Environment</h2>\n<dl "
	               "class=\"facts\">\n");
	add_fact(page, "run", ledger->run_id);
	add_fact(page, "started", ledger->started);
	add_fact(page, "host", ledger->host);
	add_fact(page, "system", view->system);
	add_number_fact(page, "processors", view->cpus);
	add_number_fact(page, "workers", ledger->worker_count);
	add_number_fact(page, "nodes", view->node_count);
	add_fact(page, "plan", digest);
	add_fact(page, "tanda", ledger->version);
	page_add(page, "</dl>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	               "aria-label=\"Suites\"><table>\n<thead><tr><th scope=\"col\">suite</th><th "
	               "scope=\"col\">framework</th><th scope=\"col\">folder</th><th "
	               "scope=\"col\">variables it is given (names only)</th></tr></thead>\n"
	               "<tbody>\n");
	for (i = 0; i < ledger->suite_count; i++)
		add_suite(page, i);
	page_add(page, "</tbody></table></div>\n</section>");
}
