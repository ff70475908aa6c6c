/* recorder.c - see recorder.h. */
#include "runner/run/recorder.h"

#include <stdio.h>
#include <stdlib.h>

#include "runner/record/event_field.h"
#include "runner/run/secrets.h"
#include "tanda/error.h"

static void note_fault(struct recorder *recorder, const struct tanda_error *error)
{
	if (recorder->has_failed)
		return;
	recorder->has_failed = true;
	snprintf(recorder->fault, sizeof(recorder->fault), "the journal cannot be written: %.400s",
	         error->message);
}

void recorder_add(struct recorder *recorder, struct event event)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	char *owned[EVENT_FIELDS_MAX];
	size_t owned_count = 0;

	event.at_ns = clock_now_ns(&recorder->clock);
	if (recorder->masker != NULL)
		secrets_hide_event(recorder->masker, &event, owned, &owned_count);
	if (!recorder->has_failed && journal_append(recorder->journal, &event, &error) < 0)
		note_fault(recorder, &error);
	if (ledger_apply(&recorder->ledger, &event, &error) < 0) {
		fprintf(stderr, "tanda: bug: %s\n", error.message);
		abort(); /* tanda contradicts itself: nothing that follows could be trusted */
	}
	if (recorder->console != NULL)
		console_event(recorder->console, &event);
	while (owned_count > 0)
		free(owned[--owned_count]);
}

void recorder_flush(struct recorder *recorder)
{
	struct tanda_error error = TANDA_ERROR_INIT;

	if (!recorder->has_failed && journal_flush(recorder->journal, &error) < 0)
		note_fault(recorder, &error);
}

void recorder_warn(struct recorder *recorder, const char *message)
{
	recorder_add(recorder,
	             (struct event){.kind = EVENT_WARNED, .warned = {text_from(message)}});
}
