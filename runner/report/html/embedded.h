/* embedded.h - page.html, page.css and page.js as the build put them into the program. */
#ifndef REPORT_HTML_EMBEDDED_H
#define REPORT_HTML_EMBEDDED_H
#include "shards/base/text.h"

struct embedded_part {
	struct text content;
	const char *hash; /* "sha256-...": what the page's policy lets run and style */
};

extern const struct embedded_part embedded_html, embedded_css, embedded_js;
#endif
