/* write.c - see write.h. */
#include "runner/junit/write.h"

#include <assert.h>
#include <stdlib.h>

#include "runner/junit/elements.h"
#include "runner/junit/outfile.h"
#include "shards/base/mem.h"

enum writer_state { WRITER_NEW, WRITER_IN_ROOT, WRITER_IN_SUITE, WRITER_FINISHED };

struct junit_writer {
	struct outfile file;
	enum writer_state state;
	uint64_t suite_count;
	struct markup markup;
	struct elements elements;
};

static void on_markup_full(void *data, struct text bytes)
{
	outfile_write(data, bytes);
}

int junit_writer_new(const char *path, struct junit_writer **ret_writer, struct tanda_error *error)
{
	struct junit_writer *writer = mem_calloc(1, sizeof(*writer));

	if (outfile_open(&writer->file, path, error) != 0) {
		free(writer);
		return -1;
	}
	markup_init(&writer->markup, MARKUP_FULL_BYTES, on_markup_full, &writer->file);
	elements_init(&writer->elements, &writer->markup);
	*ret_writer = writer;
	return 0;
}

void junit_writer_free(struct junit_writer *writer)
{
	if (writer == NULL)
		return;
	outfile_discard(&writer->file);
	elements_deinit(&writer->elements);
	markup_deinit(&writer->markup);
	free(writer);
}

void junit_write_begin(struct junit_writer *writer, struct text name, struct junit_counts counts,
                       uint64_t wall_ns, struct text timestamp)
{
	assert(writer->state == WRITER_NEW);
	writer->state = WRITER_IN_ROOT;
	elements_begin(&writer->elements, name, counts, wall_ns, timestamp);
}

static void close_suite(struct junit_writer *writer)
{
	if (writer->state == WRITER_IN_SUITE)
		elements_end_suite(&writer->elements);
	writer->state = WRITER_IN_ROOT;
}

void junit_write_suite(struct junit_writer *writer, const struct junit_suite *suite)
{
	assert(writer->state == WRITER_IN_ROOT || writer->state == WRITER_IN_SUITE);
	close_suite(writer);
	writer->state = WRITER_IN_SUITE;
	elements_begin_suite(&writer->elements, suite, writer->suite_count++);
}

void junit_write_case(struct junit_writer *writer, const struct junit_case *item)
{
	assert(writer->state == WRITER_IN_SUITE);
	elements_put_case(&writer->elements, item);
}

int junit_writer_finish(struct junit_writer *writer, struct tanda_error *error)
{
	assert(writer->state == WRITER_IN_ROOT || writer->state == WRITER_IN_SUITE);
	close_suite(writer);
	elements_end(&writer->elements);
	markup_flush(&writer->markup);
	writer->state = WRITER_FINISHED;
	return outfile_commit(&writer->file, error);
}
