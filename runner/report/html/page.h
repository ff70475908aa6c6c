/* page.h - report.html: one self-contained page that is readable without script and style.
 *
 * page.html is the frame; each {{slot}} in it is written by a function of page_parts. Private to
 * this folder but for report_html(). */
#ifndef REPORT_HTML_PAGE_H
#define REPORT_HTML_PAGE_H
#include "runner/report/course.h"
#include "runner/report/outline.h"
#include "runner/report/view.h"

struct tanda_error;

struct page {
	const struct view *view;
	const struct outline *outline;
	const struct course *course;
	struct text_buf *out;
	size_t text_max_bytes; /* of each trace and output: the more failures, the less of each */
	struct tanda_error *error;
	bool has_failed; /* a case could not be read back; *error tells */
};

/* Above these the page tells less of what passed, never less of what did not. */
enum {
	PAGE_ROWS_MAX = 10000,   /* in the table of all tests, beside those that did not pass */
	PAGE_DETAILS_MAX = 1000, /* failures told at length; the rest as rows */
	PAGE_CASES_MAX = 20,     /* failed cases of one test told at length */
	PAGE_OPEN_MAX = 10,      /* failures that are unfolded */
	PAGE_MAX_BYTES = 1 << 30,
};

/* The whole page; the caller frees it. NULL, with *error set, when a case cannot be read back. */
char *report_html(const struct view *view, struct tanda_error *error);

/* ---- what the parts share ---- */

void page_add(struct page *page, const char *html);
void page_add_span(struct page *page, uint64_t ns);
/* "3 of them" in words: "1 test", "3 tests". */
void page_add_count(struct page *page, uint64_t count, const char *one, const char *many);
/* The test's id, linked to where the page tells of it, if it does. */
void page_add_test(struct page *page, uint32_t test);
/* "passed", "failed", "not_run"...: verdicts and outcomes as classes. */
const char *page_outcome_class(enum outcome outcome);
/* <span class="badge failed">FAIL</span> for a test's verdict. */
void page_add_badge(struct page *page, uint32_t test);
/* Is the test in a block of its own (id="tN"), so that rows and bars lead there? */
bool page_has_block(const struct page *page, uint32_t test);
/* Is it in the table of all tests (id="rN")? */
bool page_has_row(const struct page *page, uint32_t test);
/* Is there any node but this machine? */
bool page_tells_nodes(const struct page *page);
/* Tests in a quarantine, expired or not. */
uint64_t page_quarantined_count(const struct page *page);
uint64_t page_percent(uint64_t part, uint64_t whole);

/* ---- parts ---- */

void part_title(struct page *page);
void part_navigation(struct page *page);
void part_verdict(struct page *page);
void part_balance(struct page *page);
void part_timeline(struct page *page);
void part_what_if(struct page *page);
void part_failures(struct page *page);
void part_errors(struct page *page);
void part_flaky(struct page *page);
void part_nodes(struct page *page);
void part_quarantine(struct page *page);
void part_slow(struct page *page);
void part_areas(struct page *page);
void part_errands(struct page *page);
void part_not_run(struct page *page);
void part_unplanned(struct page *page);
void part_warnings(struct page *page);
void part_tests(struct page *page);
void part_environment(struct page *page);

/* Where the load of one node is drawn below its lanes, in the units of the chart. */
struct strip_place {
	double left, top, height;
	uint64_t start_ns, end_ns;
	double scale; /* units per nanosecond */
};
void strip_write(struct page *page, uint32_t node, const struct strip_place *place);
bool strip_has_samples(const struct view *view, uint32_t node);
#endif
