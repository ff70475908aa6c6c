/* ci.c - see ci.h. Sources: GitHub, "Workflow commands"; GitLab, "Custom collapsible sections";
 * Buildkite, "Managing log output"; JetBrains, "Service messages"; Azure, "Logging commands". */
#include "runner/report/ci.h"

#include <inttypes.h>
#include <stdlib.h>

#include "shards/base/mem.h"
#include "shards/base/utf8.h"

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0';
}

enum ci ci_detect(void)
{
	static const struct {
		const char *variable;
		enum ci ci;
	} servers[] = {{"GITHUB_ACTIONS", CI_GITHUB},
	               {"GITLAB_CI", CI_GITLAB},
	               {"BUILDKITE", CI_BUILDKITE},
	               {"TEAMCITY_VERSION", CI_TEAMCITY},
	               {"TF_BUILD", CI_AZURE}};
	size_t i;

	for (i = 0; i < countof(servers); i++) {
		if (is_set(servers[i].variable))
			return servers[i].ci;
	}
	return CI_NONE;
}

bool ci_shows_color(enum ci ci)
{
	return ci == CI_GITHUB || ci == CI_GITLAB || ci == CI_BUILDKITE;
}

/* ---- escapes ---- */

struct escape {
	char byte;
	const char *written;
};

static void add_escaped(struct text_buf *out, struct text text, const struct escape *escapes,
                        size_t count)
{
	size_t at, i;

	for (at = 0; at < text.len; at++) {
		for (i = 0; i < count && escapes[i].byte != text.ptr[at]; i++)
			;
		if (i < count)
			text_buf_add_str(out, escapes[i].written);
		else
			text_buf_add_char(out, text.ptr[at]);
	}
}

static void add_github(struct text_buf *out, struct text text, bool is_property)
{
	static const struct escape escapes[] = {
		{'%', "%25"}, {'\r', "%0D"}, {'\n', "%0A"}, {':', "%3A"}, {',', "%2C"}};

	add_escaped(out, text, escapes, is_property ? countof(escapes) : 3);
}

static void add_azure(struct text_buf *out, struct text text)
{
	static const struct escape escapes[] = {
		{'%', "%AZP25"}, {'\r', "%0D"}, {'\n', "%0A"}, {';', "%3B"}, {']', "%5D"}};

	add_escaped(out, text, escapes, countof(escapes));
}

/* UTF-16, as Java has it. */
static void add_teamcity_code(struct text_buf *out, uint32_t code)
{
	if (code < 0x10000) {
		text_buf_printf(out, "|0x%04x", (unsigned)code);
		return;
	}
	code -= 0x10000;
	text_buf_printf(out, "|0x%04x|0x%04x", (unsigned)(0xD800 + (code >> 10)),
	                (unsigned)(0xDC00 + (code & 0x3FF)));
}

static void add_teamcity(struct text_buf *out, struct text text)
{
	static const struct escape escapes[] = {{'|', "||"}, {'\'', "|'"}, {'[', "|["},
	                                        {']', "|]"}, {'\n', "|n"}, {'\r', "|r"}};

	while (text.len > 0) {
		uint32_t code = 0;
		size_t len = 1;

		if (utf8_decode(text.ptr, text.len, &code, &len) != UTF8_WHOLE) {
			text_buf_add_char(out, '?');
			len = 1;
		} else if (len > 1) {
			add_teamcity_code(out, code);
		} else {
			add_escaped(out, (struct text){text.ptr, 1}, escapes, countof(escapes));
		}
		text = text_from_offset(text, len);
	}
}

/* ---- groups ---- */

void ci_begin_group(struct text_buf *out, enum ci ci, const struct ci_group *group)
{
	switch (ci) {
	case CI_NONE:
		return;
	case CI_GITHUB:
		if (!group->is_folded)
			return;
		text_buf_add_str(out, "::group::");
		add_github(out, group->title, false);
		break;
	case CI_AZURE:
		if (!group->is_folded)
			return;
		text_buf_add_str(out, "##[group]");
		text_buf_add(out, group->title);
		break;
	case CI_GITLAB:
		text_buf_printf(
			out, "\x1B[0Ksection_start:%" PRIu64 ":tanda_%" PRIu32 "%s\r\x1B[0K",
			group->unix_s, group->number, group->is_folded ? "[collapsed=true]" : "");
		text_buf_add(out, group->title);
		break;
	case CI_BUILDKITE:
		text_buf_add_str(out, group->is_folded ? "--- " : "+++ ");
		text_buf_add(out, group->title);
		break;
	case CI_TEAMCITY:
		if (!group->is_folded)
			return;
		text_buf_add_str(out, "##teamcity[blockOpened name='");
		add_teamcity(out, group->title);
		text_buf_add_str(out, "']");
		break;
	}
	text_buf_add_char(out, '\n');
}

void ci_end_group(struct text_buf *out, enum ci ci, const struct ci_group *group)
{
	switch (ci) {
	case CI_NONE:
	case CI_BUILDKITE: /* the next one's beginning is the end */
		return;
	case CI_GITHUB:
		text_buf_add_str(out, group->is_folded ? "::endgroup::\n" : "");
		return;
	case CI_AZURE:
		text_buf_add_str(out, group->is_folded ? "##[endgroup]\n" : "");
		return;
	case CI_GITLAB:
		text_buf_printf(out, "\x1B[0Ksection_end:%" PRIu64 ":tanda_%" PRIu32 "\r\x1B[0K\n",
		                group->unix_s, group->number);
		return;
	case CI_TEAMCITY:
		if (!group->is_folded)
			return;
		text_buf_add_str(out, "##teamcity[blockClosed name='");
		add_teamcity(out, group->title);
		text_buf_add_str(out, "']\n");
		return;
	}
}

/* ---- what is told besides ---- */

void ci_add_annotation(struct text_buf *out, enum ci ci, struct text file, struct text title,
                       struct text message)
{
	if (ci == CI_GITHUB) {
		text_buf_add_str(out, "::error ");
		if (file.len > 0) {
			text_buf_add_str(out, "file=");
			add_github(out, file, true);
			text_buf_add_char(out, ',');
		}
		text_buf_add_str(out, "title=");
		add_github(out, title, true);
		text_buf_add_str(out, "::");
		add_github(out, message, false);
		text_buf_add_char(out, '\n');
	} else if (ci == CI_AZURE) {
		text_buf_add_str(out, "##vso[task.logissue type=error");
		if (file.len > 0) {
			text_buf_add_str(out, ";sourcepath=");
			add_azure(out, file);
		}
		text_buf_add_char(out, ']');
		add_azure(out, title);
		text_buf_add_str(out, ": ");
		add_azure(out, message);
		text_buf_add_char(out, '\n');
	}
}

void ci_add_summary(struct text_buf *out, enum ci ci, struct text path)
{
	if (ci != CI_AZURE)
		return;
	text_buf_add_str(out, "##vso[task.uploadsummary]");
	add_azure(out, path);
	text_buf_add_char(out, '\n');
}

static void begin_message(struct text_buf *out, const char *kind, struct text name)
{
	text_buf_printf(out, "##teamcity[%s name='", kind);
	add_teamcity(out, name);
	text_buf_add_char(out, '\'');
}

static void end_message(struct text_buf *out, uint32_t worker)
{
	text_buf_printf(out, " flowId='tanda-w%" PRIu32 "']\n", worker);
}

void ci_add_test(struct text_buf *out, enum ci ci, uint32_t worker, struct text name,
                 enum ci_outcome outcome, struct text message, uint64_t time_ms)
{
	if (ci != CI_TEAMCITY)
		return;
	begin_message(out, "testStarted", name);
	end_message(out, worker);
	if (outcome != CI_PASSED) {
		begin_message(out, outcome == CI_FAILED ? "testFailed" : "testIgnored", name);
		text_buf_add_str(out, " message='");
		add_teamcity(out, message);
		text_buf_add_char(out, '\'');
		end_message(out, worker);
	}
	begin_message(out, "testFinished", name);
	text_buf_printf(out, " duration='%" PRIu64 "'", time_ms);
	end_message(out, worker);
}
