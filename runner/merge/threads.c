/* threads.c - see threads.h. */
#include "runner/merge/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

struct thread {
	pthread_t id;
	bool is_started;
	void (*work)(void *data, size_t index);
	void *data;
	size_t index;
};

size_t threads_count(size_t wanted, size_t tasks)
{
	cpu_set_t processors;
	size_t count = wanted;

	if (count == 0) {
		CPU_ZERO(&processors);
		count = sched_getaffinity(0, sizeof(processors), &processors) == 0
		                ? (size_t)CPU_COUNT(&processors)
		                : 1;
	}
	if (count > THREADS_MAX)
		count = THREADS_MAX;
	if (count > tasks)
		count = tasks;
	return count > 0 ? count : 1;
}

static void *run(void *data)
{
	struct thread *thread = data;

	thread->work(thread->data, thread->index);
	return NULL;
}

void threads_run(size_t count, void (*work)(void *data, size_t index), void *data)
{
	struct thread threads[THREADS_MAX];
	size_t i;

	for (i = 0; i + 1 < count; i++) {
		threads[i] = (struct thread){.work = work, .data = data, .index = i};
		threads[i].is_started = pthread_create(&threads[i].id, NULL, run, &threads[i]) == 0;
	}
	work(data, count - 1);
	for (i = 0; i + 1 < count; i++) {
		if (threads[i].is_started)
			pthread_join(threads[i].id, NULL);
		else
			work(data, i);
	}
}
