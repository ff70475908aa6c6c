/* secrets.h - the values that no sink may show: found in the environment and in files, hidden in
 * texts and in whole folders, and looked for at the end in everything that was written.
 *
 * There are two gates, and all that is written comes through one of them: the recorder (every
 * event, from which journal, console and reports are made) and the driver (every byte that a
 * command prints). What commands write to files themselves is masked there before it is read. */
#ifndef RUN_SECRETS_H
#define RUN_SECRETS_H
#include <stdbool.h>
#include <stddef.h>

#include "shards/base/mask.h"

struct config;
struct event;
struct tanda_error;
struct test_list;

struct secrets {
	struct mask *mask; /* NULL: there are none */
	char **names;      /* of the variables, in the order of the mask's secrets */
	char **env;        /* "NAME=VALUE" for tests on any node; NULL-terminated, or NULL */
	size_t count;
	char **warnings; /* NULL-terminated, or NULL */
};

/* Find them by config->secrets. What cannot be hidden (too short, an everyday word) is a warning
 * that names the variable. Fails when a file cannot be read; close it then, too. */
int secrets_open(struct secrets *secrets, const struct config *config, struct tanda_error *error)
	__attribute__((warn_unused_result));
void secrets_close(struct secrets *secrets);

/* The text with everything hidden; NULL when there is nothing to hide. The caller frees it. */
char *secrets_hide(const struct secrets *secrets, const char *text);
void secrets_hide_error(const struct secrets *secrets, struct tanda_error *error);
/* In place; texts that change are added to `owned`, for the caller to free after the event. */
void secrets_hide_event(struct masker *masker, struct event *event, char **owned,
                        size_t *owned_count);

/* In the ids of all tests, which are shown, journalled and remembered; their files and locators
 * stay what they are. */
void secrets_hide_ids(const struct secrets *secrets, struct test_list *tests);

/* Mask every text file below `folder`, and names that hold a secret. A file with NUL bytes in its
 * head is left alone: it would be broken. May run on any thread. */
void secrets_hide_folder(const struct secrets *secrets, const char *folder);

/* Look through files and folders (NULL-terminated; what is not there is passed over) for what
 * should not be in them. Returns -1 with the first that is found: its file, and whose value it
 * holds. */
int secrets_scan(const struct secrets *secrets, const char *const *paths, struct tanda_error *error)
	__attribute__((warn_unused_result));
#endif
