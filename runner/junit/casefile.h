/* casefile.h - which test file does a reported case come from, when only the report is there?
 *
 * Producers tell it in different places, or not at all (reference: the dialects of JUnit XML): the
 * case's or its suite's file; a class name or suite name that is a path; the module in a dotted
 * class name; else the class, else the suite. */
#ifndef JUNIT_CASEFILE_H
#define JUNIT_CASEFILE_H
#include <stdbool.h>

#include "shards/base/text.h"
#include "shards/model/result.h"

/* What the case's home is taken from, best first. */
enum casefile_source {
	CASEFILE_FILE,  /* the file attribute */
	CASEFILE_PATH,  /* a class name or suite name that is a path */
	CASEFILE_CLASS, /* a class, package or feature: no file, but a name of its own */
	CASEFILE_SUITE, /* the suite it stands in */
	CASEFILE_NONE,  /* nothing but the report it was found in */
};

/* Put the name of the case's home into `out` (cleared first): '/' between the segments of a path,
 * without "./" in front. `out` is empty for CASEFILE_NONE. Where `by_suite` is set a class name
 * that is no path is passed over: there each case has one of its own. */
enum casefile_source casefile_of(const struct case_result *result, bool by_suite,
                                 struct text_buf *out);

/* Is this class name nothing but the case's title, with or without those of the suites around it
 * (mocha, jest)? */
bool casefile_class_is_title(const struct case_result *result);
#endif
