/* lease.h - one user at a time for something that several runs share: a locked file for each.
 *
 * The kernel lets the lock go when its holder dies, however that happens: a lease is never stale.
 * What the file says stays, so that the next holder knows what was left behind. */
#ifndef RECORD_LEASE_H
#define RECORD_LEASE_H
#include <stdbool.h>
#include <stdint.h>

struct tanda_error;

enum { LEASE_TEXT_MAX = 128 };

/* What a lease's file says of its holder. */
struct lease_note {
	char run[LEASE_TEXT_MAX], host[LEASE_TEXT_MAX]; /* "" when it says nothing */
	uint64_t pid;
	bool is_up; /* it has brought up what the lease is for, and not yet taken it down */
};

enum lease_answer { LEASE_TAKEN, LEASE_HELD, LEASE_FAULT };

struct lease {
	int fd; /* -1: not held */
};

/* Take the lease `name` in the folder `dir`, which is made when it is not there. TAKEN: *ret_note
 * is of the last holder. HELD: of the present one. FAULT: *error tells. */
enum lease_answer lease_take(const char *dir, const char *name, struct lease *ret_lease,
                             struct lease_note *ret_note, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Say who holds it. Returns -1 with *error set when it cannot be written. */
int lease_write(const struct lease *lease, const struct lease_note *note, struct tanda_error *error)
	__attribute__((warn_unused_result));

/* Let it go; what the file says stays as it is. */
void lease_release(struct lease *lease);
#endif
