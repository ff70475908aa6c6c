/* read.c - libxml2's SAX2 parser between the filter, which feeds it, and the walk, which it feeds.
 *
 * The parser asks for bytes itself (pull), so no file is ever in memory as a whole. It runs with
 * RECOVER, to go on after a repeated attribute, and decides nothing itself: the first fault that
 * counts ends the input and everything that comes behind it is dropped. Never HUGE, NOENT, DTDLOAD
 * or XINCLUDE: they are what makes strangers' XML dangerous. */
#include "runner/junit/read.h"

#include <inttypes.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/junit/clean.h"
#include "runner/junit/filter.h"
#include "runner/junit/hidden.h"
#include "runner/junit/report_file.h"
#include "runner/junit/walk.h"
#include "shards/base/mem.h"

enum {
	NAMESPACES_MAX =
		64, /* open at a time; the parser looks through all of them for each element */
	NAMES_MAX_BYTES = 1024 * 1024, /* of all different names; the parser keeps each */
	NAMES_KEPT_BYTES = 64 * 1024,  /* of all that one parser has read; then comes a new one */
	HARMLESS_MAX = 1000000,        /* faults that change nothing, such as an unknown prefix */
};

struct junit_reader {
	struct junit_handlers handlers;
	struct filter filter;
	struct walk walk;
	xmlParserCtxtPtr parser; /* NULL before the first report, and after one that went wrong */
	size_t open_namespaces[JUNIT_DEPTH_MAX + 1]; /* by depth */
	size_t depth;
	size_t namespace_count;
	uint64_t harmless_count;
	bool has_stopped;     /* nothing that the parser says counts any more */
	bool has_root_end;    /* the report was closed; what follows it is not part of it */
	bool is_degraded;     /* the parser went on after a fault */
	uint64_t aside_lines; /* that the parser did not see */
	uint64_t fault_line;  /* of what follows */
	struct text_buf fault;
	bool fault_is_first; /* it stands before the input's own fault, if that has one */
};

/* The parser is not stopped in the middle of its work, where it may still hold pointers into its
 * input: it comes to its end because there is no more input. */
static void stop(struct junit_reader *reader)
{
	reader->has_stopped = true;
	filter_close(&reader->filter);
}

static void note_fault(struct junit_reader *reader, const char *message)
{
	text_buf_clear(&reader->fault);
	reader->fault_line = (uint64_t)xmlSAX2GetLineNumber(reader->parser) + reader->aside_lines;
	clean_add_line(&reader->fault, text_from(message), reader->fault.max);
}

/* A fault at the end of the input may be there only because the input was cut. */
static bool is_before_end(const struct junit_reader *reader)
{
	const xmlParserInput *input = reader->parser->input;

	return input != NULL && input->cur < input->end;
}

static void stop_with(struct junit_reader *reader, const char *message)
{
	note_fault(reader, message);
	reader->fault_is_first = is_before_end(reader);
	stop(reader);
}

static int on_input_wanted(void *data, char *buffer, int len)
{
	struct junit_reader *reader = data;

	return (int)filter_read(&reader->filter, buffer, (size_t)len);
}

static void count_namespaces(struct junit_reader *reader, int count)
{
	if (reader->depth < countof(reader->open_namespaces))
		reader->open_namespaces[reader->depth] = (size_t)count;
	reader->depth++;
	reader->namespace_count += (size_t)count;
	if (reader->namespace_count > NAMESPACES_MAX)
		stop_with(reader, "too many namespaces");
}

static void on_element_started(void *data, const xmlChar *name, const xmlChar *prefix,
                               const xmlChar *uri, int namespace_count, const xmlChar **namespaces,
                               int attribute_count, int defaulted_count, const xmlChar **attributes)
{
	struct attribute list[FILTER_ATTRIBUTES_MAX];
	struct junit_reader *reader = data;
	uint32_t initials = 0;
	size_t count = 0, i;

	(void)prefix;
	(void)uri;
	(void)namespaces;
	(void)defaulted_count;
	if (reader->has_stopped)
		return;
	/* libxml2 gives five pointers for each: name, prefix, URI, value, value's end. Those with a
	 * prefix (xsi:type) come last, as the first of a name counts. */
	for (i = 0; i < 2 * (size_t)attribute_count && count < countof(list); i++) {
		const xmlChar **a = attributes + i % (size_t)attribute_count * 5;

		if ((a[1] != NULL) != (i >= (size_t)attribute_count))
			continue;
		list[count].name = (const char *)a[0];
		list[count].value.ptr = (const char *)a[3];
		list[count].value.len = (size_t)(a[4] - a[3]);
		initials |= attribute_initial(list[count++].name);
	}
	walk_start(&reader->walk, (const char *)name, (struct attributes){list, count, initials});
	if (reader->walk.fault[0] != '\0')
		stop_with(reader, reader->walk.fault);
	else
		count_namespaces(reader, namespace_count);
}

static void on_element_ended(void *data, const xmlChar *name, const xmlChar *prefix,
                             const xmlChar *uri)
{
	struct junit_reader *reader = data;

	(void)name;
	(void)prefix;
	(void)uri;
	if (reader->has_stopped)
		return;
	reader->depth--;
	reader->namespace_count -= reader->open_namespaces[reader->depth];
	walk_end(&reader->walk);
	reader->has_root_end = reader->depth == 0;
}

/* What waits aside comes instead of the character that holds its place. */
static void take_aside(struct junit_reader *reader)
{
	struct text text;
	uint64_t lines;

	if (!filter_take_aside(&reader->filter, &text, &lines))
		return;
	reader->aside_lines += lines;
	walk_text(&reader->walk, text);
}

static void take_hidden(struct junit_reader *reader, struct text text)
{
	while (text.len > 0) {
		struct text plain = hidden_before(text, HIDDEN_ASIDE);

		if (plain.len > 0)
			walk_hidden_text(&reader->walk, plain);
		text = text_from_offset(text, plain.len);
		if (text.len == 0)
			break;
		take_aside(reader);
		text = text_from_offset(text, HIDDEN_BYTES);
	}
}

static void on_text(void *data, const xmlChar *bytes, int len)
{
	struct junit_reader *reader = data;
	struct text text = {(const char *)bytes, (size_t)len};

	if (reader->has_stopped)
		return;
	if (hidden_may_be_in(text))
		take_hidden(reader, text);
	else
		walk_text(&reader->walk, text);
}

/* A DOCTYPE: no report needs one, and all of XML's bombs and leaks begin with it. */
static void on_doctype(void *data, const xmlChar *name, const xmlChar *external_id,
                       const xmlChar *system_id)
{
	struct junit_reader *reader = data;

	(void)external_id;
	(void)system_id;
	/* It names the root: JaCoCo's, say, is none of ours. */
	reader->walk.is_foreign = name != NULL && strcmp((const char *)name, "testsuite") != 0 &&
	                          strcmp((const char *)name, "testsuites") != 0;
	stop_with(reader, "a DOCTYPE is refused");
	xmlStopParser(reader->parser); /* not one declaration more, even of what it holds already */
}

/* Faults after which the rest still means what it says. */
static bool is_harmless(const xmlError *error)
{
	return error->level < XML_ERR_FATAL || error->domain == XML_FROM_NAMESPACE;
}

/* Without the line that a message may end with: it does not count what waits aside. */
static void cut_line(char *message)
{
	char *at = strstr(message, " line "), *next;

	while (at != NULL && (next = strstr(at + 1, " line ")) != NULL)
		at = next;
	if (at != NULL && strspn(at + 6, "0123456789\n") == strlen(at + 6))
		*at = '\0';
}

/* Behind the root's end: another document, or only words? What the parser has not asked for yet is
 * looked through, too. The filter leaves no other '<' than those of tags. */
static bool has_more_elements(struct junit_reader *reader)
{
	const xmlParserInput *input = reader->parser->input;
	char bytes[4096];
	struct text aside;
	uint64_t lines;
	size_t len;

	if (input != NULL && input->cur < input->end &&
	    memchr(input->cur, '<', (size_t)(input->end - input->cur)) != NULL)
		return true;
	do {
		while (filter_take_aside(&reader->filter, &aside, &lines))
			;
		len = filter_read(&reader->filter, bytes, sizeof(bytes));
		if (memchr(bytes, '<', len) != NULL)
			return true;
	} while (len > 0);
	return false;
}

static void on_parser_fault(void *data, xmlErrorPtr error)
{
	struct junit_reader *reader = data;
	char message[200];

	if (reader->has_stopped)
		return;
	if (is_harmless(error)) {
		if (++reader->harmless_count > HARMLESS_MAX)
			stop_with(reader, "too many faults");
		return;
	}
	if (error->code == XML_ERR_ATTRIBUTE_REDEFINED) {
		if (!reader->is_degraded)
			note_fault(reader, "an attribute twice: the first counts");
		reader->is_degraded = true;
		return;
	}
	if (reader->has_root_end && has_more_elements(reader)) {
		reader->has_root_end = false; /* not all of it was read, so it is not whole */
		stop_with(reader, "another document follows the report's end: it was not read");
		return;
	}
	if (reader->has_root_end) {
		reader->is_degraded = true;
		stop_with(reader, "something follows the report's end: it was not read");
		return;
	}
	snprintf(message, sizeof(message), "not well-formed: %s",
	         error->message != NULL ? error->message : "");
	cut_line(message);
	stop_with(reader, message);
}

static xmlParserInputPtr load_nothing(const char *url, const char *id, xmlParserCtxtPtr parser)
{
	(void)url;
	(void)id;
	(void)parser;
	return NULL;
}

void junit_init(void)
{
	xmlInitParser();
	xmlSetExternalEntityLoader(load_nothing);
}

void junit_deinit(void)
{
	xmlCleanupParser();
}

/* The parser. Most reports are small, and making one costs as much as reading ten cases. */

static void drop_parser(struct junit_reader *reader)
{
	if (reader->parser != NULL)
		xmlFreeParserCtxt(reader->parser);
	reader->parser = NULL;
}

static void make_parser(struct junit_reader *reader)
{
	const xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = on_element_started,
		.endElementNs = on_element_ended,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
		.internalSubset = on_doctype,
		.serror = (xmlStructuredErrorFunc)on_parser_fault,
	};

	reader->parser = xmlNewParserCtxt();
	if (reader->parser == NULL)
		return;
	*reader->parser->sax = sax;
	reader->parser->userData = reader;
	xmlCtxtUseOptions(reader->parser, XML_PARSE_RECOVER | XML_PARSE_NONET);
	xmlDictSetLimit(reader->parser->dict, NAMES_MAX_BYTES);
}

/* An input that asks the filter for more, again and again. */
static xmlParserInputPtr open_stream(struct junit_reader *reader)
{
	xmlParserInputBufferPtr buffer =
		xmlParserInputBufferCreateIO(on_input_wanted, NULL, reader, XML_CHAR_ENCODING_UTF8);
	xmlParserInputPtr input = NULL;

	if (buffer != NULL)
		input = xmlNewIOInputStream(reader->parser, buffer, XML_CHAR_ENCODING_UTF8);
	if (input == NULL && buffer != NULL)
		xmlFreeParserInputBuffer(buffer);
	return input;
}

/* The parser takes its input from the filter, which writes UTF-8. Most reports are so short that
 * they need no buffer between the two. */
static bool connect(struct junit_reader *reader)
{
	struct text whole;
	xmlParserInputPtr input =
		filter_read_whole(&reader->filter, &whole)
			? xmlNewStringInputStream(reader->parser, (const xmlChar *)whole.ptr)
			: open_stream(reader);

	if (input != NULL && inputPush(reader->parser, input) >= 0)
		return true;
	if (input != NULL)
		xmlFreeInputStream(input);
	return false;
}

/* Only a parser that came to the end of a good report, and learned no more names than reports have,
 * is as good as new. */
static void keep_or_drop_parser(struct junit_reader *reader)
{
	bool is_good = reader->parser->wellFormed && !reader->has_stopped && reader->has_root_end &&
	               reader->namespace_count == 0;

	if (is_good && xmlDictGetUsage(reader->parser->dict) <= NAMES_KEPT_BYTES)
		xmlCtxtReset(reader->parser);
	else
		drop_parser(reader);
}

struct junit_reader *junit_reader_new(const struct junit_handlers *handlers)
{
	struct junit_reader *reader = mem_calloc(1, sizeof(*reader));

	reader->handlers = *handlers;
	filter_init(&reader->filter, -1, TEXT_EMPTY, JUNIT_FILE_MAX_BYTES);
	walk_init(&reader->walk, &reader->handlers);
	text_buf_init(&reader->fault, 300);
	return reader;
}

void junit_reader_free(struct junit_reader *reader)
{
	if (reader == NULL)
		return;
	drop_parser(reader);
	filter_deinit(&reader->filter);
	walk_deinit(&reader->walk);
	text_buf_deinit(&reader->fault);
	free(reader);
}

static void begin(struct junit_reader *reader, int fd, struct text memory, const char *name)
{
	filter_restart(&reader->filter, fd, memory, JUNIT_FILE_MAX_BYTES);
	walk_begin(&reader->walk, name);
	reader->depth = 0;
	reader->namespace_count = 0;
	reader->harmless_count = 0;
	reader->has_stopped = false;
	reader->has_root_end = false;
	reader->is_degraded = false;
	reader->aside_lines = 0;
	reader->fault_line = 0;
	text_buf_clear(&reader->fault);
	reader->fault_is_first = false;
}

static void parse(struct junit_reader *reader)
{
	if (reader->parser == NULL)
		make_parser(reader);
	if (reader->parser == NULL || !connect(reader)) {
		text_buf_add_str(&reader->fault, "the XML parser could not be started");
		reader->has_stopped = true;
		drop_parser(reader);
		return;
	}
	xmlParseDocument(reader->parser);
	if (reader->parser->myDoc != NULL)
		xmlFreeDoc(reader->parser->myDoc);
	reader->parser->myDoc = NULL;
	keep_or_drop_parser(reader);
}

__attribute__((format(printf, 3, 4))) static void set_state(struct junit_summary *summary,
                                                            enum report_state state,
                                                            const char *format, ...)
{
	va_list args;

	summary->state = state;
	va_start(args, format);
	vsnprintf(summary->message, sizeof(summary->message), format, args);
	va_end(args);
}

/* The state that is told first is the one that matters most. */
static void sum_up(const struct junit_reader *reader, struct junit_summary *summary)
{
	const struct filter *filter = &reader->filter;
	const char *input_fault = reader->fault_is_first ? "" : filter_fault(filter);

	if (!filter->has_content && input_fault[0] == '\0')
		set_state(summary, REPORT_EMPTY, "the report is empty");
	else if (input_fault[0] != '\0' && !reader->has_root_end)
		set_state(summary, REPORT_BROKEN, "%s", input_fault);
	else if (!reader->has_root_end && reader->fault_line > 0)
		set_state(summary, REPORT_BROKEN, "line %" PRIu64 ": %s", reader->fault_line,
		          reader->fault.ptr);
	else if (!reader->has_root_end)
		set_state(summary, REPORT_BROKEN, "%s",
		          reader->fault.len > 0 ? reader->fault.ptr : "it has no elements");
	else if (reader->is_degraded)
		set_state(summary, REPORT_REPAIRED, "line %" PRIu64 ": %s", reader->fault_line,
		          reader->fault.ptr);
	else if (filter->repair != REPAIR_NONE)
		set_state(summary, REPORT_REPAIRED,
		          "line %" PRIu64 ": %s, made harmless (%" PRIu64 " in all)",
		          filter->repair_line, filter_repair_name(filter->repair),
		          filter->repair_count);
}

static void read_all(struct junit_reader *reader, int fd, struct text memory, const char *name,
                     struct junit_summary *summary)
{
	*summary = (struct junit_summary){.state = REPORT_WHOLE};
	begin(reader, fd, memory, name);
	parse(reader);
	walk_finish(&reader->walk);
	summary->case_count = reader->walk.case_count;
	summary->is_foreign = reader->walk.is_foreign;
	summary->root = reader->walk.root;
	summary->bytes = reader->filter.source.taken_bytes;
	summary->digest = source_digest(&reader->filter.source);
	sum_up(reader, summary);
}

void junit_reader_read_memory(struct junit_reader *reader, struct text bytes, const char *name,
                              struct junit_summary *ret_summary)
{
	read_all(reader, -1, bytes, name, ret_summary);
}

void junit_reader_read_fd(struct junit_reader *reader, int fd, const char *name,
                          struct junit_summary *ret_summary)
{
	read_all(reader, fd, TEXT_EMPTY, name, ret_summary);
}

void junit_reader_read_file(struct junit_reader *reader, const char *path,
                            struct junit_summary *ret_summary)
{
	int fd;

	*ret_summary = (struct junit_summary){.state = REPORT_WHOLE};
	fd = report_file_open(path, ret_summary);
	if (fd < 0)
		return;
	read_all(reader, fd, TEXT_EMPTY, path, ret_summary);
	close(fd);
}

/* For those who want only what a run needs to know of a case. */
struct plain {
	junit_case_fn on_case;
	void *data;
};

static void on_plain_case(void *data, const struct junit_case_in *item)
{
	const struct plain *plain = data;

	plain->on_case(plain->data, &item->result);
}

void junit_read_file(const char *path, junit_case_fn on_case, void *data,
                     struct junit_summary *ret_summary)
{
	struct plain plain = {on_case, data};
	struct junit_handlers handlers = {.on_case = on_plain_case, .data = &plain};
	struct junit_reader *reader = junit_reader_new(&handlers);

	junit_reader_read_file(reader, path, ret_summary);
	junit_reader_free(reader);
}

void junit_read_memory(struct text bytes, const char *name, junit_case_fn on_case, void *data,
                       struct junit_summary *ret_summary)
{
	struct plain plain = {on_case, data};
	struct junit_handlers handlers = {.on_case = on_plain_case, .data = &plain};
	struct junit_reader *reader = junit_reader_new(&handlers);

	junit_reader_read_memory(reader, bytes, name, ret_summary);
	junit_reader_free(reader);
}
