/* output.c - suites are rendered on several threads, in chunks, and written in their order.
 *
 * A chunk gathers in memory, to be written at once; one that is large does so piece by piece, from
 * its turn on. So memory stays small whatever a suite's size, and the first chunk never waits. */
#include "runner/merge/output.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runner/junit/outfile.h"
#include "runner/merge/render.h"
#include "runner/merge/threads.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

enum {
	CHUNK_SUITES = 128,
	CHUNK_BYTES = 128 * 1024,  /* of spool */
	PIECE_BYTES = 1024 * 1024, /* that gather, at most */
	TIMESTAMP_MAX_BYTES = 40,
};

struct writing {
	const struct output *output;
	struct outfile file;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t turn_has_come;
	size_t next_suite; /* of the chunk that is to be taken next */
	uint64_t next_chunk;
	uint64_t turn; /* the chunk that may write */
	bool has_failed;
	struct tanda_error error;
};

/* A thread's work. */
struct chunk {
	struct writing *writing;
	uint64_t number;
	size_t first, end; /* suites */
};

/* Take the next suites; false when there are none. */
static bool take_chunk(struct writing *writing, struct chunk *chunk)
{
	const struct suites *suites = writing->output->suites;
	uint64_t bytes = 0;

	pthread_mutex_lock(&writing->lock);
	chunk->number = writing->next_chunk++;
	chunk->first = writing->next_suite;
	chunk->end = chunk->first;
	while (chunk->end < suites->count && chunk->end - chunk->first < CHUNK_SUITES &&
	       bytes < CHUNK_BYTES)
		bytes += suites->list[chunk->end++].spool_bytes;
	writing->next_suite = chunk->end;
	pthread_mutex_unlock(&writing->lock);
	return chunk->end > chunk->first;
}

static void wait_for_turn(struct chunk *chunk)
{
	struct writing *writing = chunk->writing;

	pthread_mutex_lock(&writing->lock);
	while (writing->turn != chunk->number)
		pthread_cond_wait(&writing->turn_has_come, &writing->lock);
	pthread_mutex_unlock(&writing->lock);
}

/* Only the chunk whose turn it is touches the file. */
static void on_markup_full(void *data, struct text bytes)
{
	struct chunk *chunk = data;

	wait_for_turn(chunk);
	outfile_write(&chunk->writing->file, bytes);
}

static void pass_turn(struct chunk *chunk, int status, const struct tanda_error *error)
{
	struct writing *writing = chunk->writing;

	pthread_mutex_lock(&writing->lock);
	if (status < 0 && !writing->has_failed) {
		writing->has_failed = true;
		writing->error = *error;
	}
	writing->turn++;
	pthread_cond_broadcast(&writing->turn_has_come);
	pthread_mutex_unlock(&writing->lock);
}

static void render_chunks(void *data, size_t index)
{
	struct writing *writing = data;
	const struct output *output = writing->output;
	struct chunk chunk = {.writing = writing};
	struct renderer renderer;
	struct markup markup;

	(void)index;
	markup_init(&markup, PIECE_BYTES, on_markup_full, &chunk);
	renderer_init(&renderer, &markup, output->limits, output->joins_attempts,
	              output->time_is_sum);
	while (take_chunk(writing, &chunk)) {
		struct tanda_error error = TANDA_ERROR_INIT;
		int status = 0;
		size_t i;

		for (i = chunk.first; i < chunk.end && status == 0; i++)
			status = renderer_put_suite(&renderer, &output->suites->list[i], i, &error);
		markup_flush(&markup);
		wait_for_turn(&chunk); /* where there was nothing to be written */
		pass_turn(&chunk, status, &error);
	}
	renderer_deinit(&renderer);
	markup_deinit(&markup);
}

static void on_frame_full(void *data, struct text bytes)
{
	outfile_write(data, bytes);
}

/* What is around the suites. */
static void write_frame(struct writing *writing, bool is_begin, struct junit_counts counts)
{
	const struct output *output = writing->output;
	struct text_buf timestamp;
	struct elements elements;
	struct markup markup;

	text_buf_init(&timestamp, TIMESTAMP_MAX_BYTES);
	markup_init(&markup, MARKUP_FULL_BYTES, on_frame_full, &writing->file);
	elements_init(&elements, &markup);
	instant_add(&timestamp, output->started);
	if (is_begin)
		elements_begin(&elements, output->name, counts, output->wall_ns,
		               text_buf_text(&timestamp));
	else
		elements_end(&elements);
	markup_flush(&markup);
	elements_deinit(&elements);
	markup_deinit(&markup);
	text_buf_deinit(&timestamp);
}

static struct writing *writing_new(const struct output *output)
{
	struct writing *writing = mem_calloc(1, sizeof(*writing));

	writing->output = output;
	pthread_mutex_init(&writing->lock, NULL);
	pthread_cond_init(&writing->turn_has_come, NULL);
	return writing;
}

static void writing_free(struct writing *writing)
{
	pthread_mutex_destroy(&writing->lock);
	pthread_cond_destroy(&writing->turn_has_come);
	free(writing);
}

static int write_file(struct writing *writing, size_t threads, struct junit_counts counts,
                      uint64_t *ret_bytes, struct tanda_error *error)
{
	write_frame(writing, true, counts);
	threads_run(threads, render_chunks, writing);
	write_frame(writing, false, counts);
	*ret_bytes += writing->file.written_bytes;
	if (!writing->has_failed)
		return outfile_commit(&writing->file, error);
	*error = writing->error;
	outfile_discard(&writing->file);
	return -1;
}

int output_write(const struct output *output, const char *path, uint64_t *ret_bytes,
                 struct tanda_error *error)
{
	struct writing *writing = writing_new(output);
	size_t threads = threads_count(output->thread_count, output->suites->count);
	int status;

	*ret_bytes = 0;
	status = path != NULL ? outfile_open(&writing->file, path, error)
	                      : outfile_open_stdout(&writing->file, error);
	if (status == 0)
		status = write_file(writing, threads, output->counts, ret_bytes, error);
	writing_free(writing);
	return status;
}
