/* claims.h - several frameworks read files of the same names: whose is each? */
#ifndef CONFIG_CLAIMS_H
#define CONFIG_CLAIMS_H
#include <stdbool.h>
#include <stddef.h>

enum { CLAIM_READ_BYTES = 16 * 1024 };

/* The files that one framework takes for its tests. */
struct claim {
	const char *dir;       /* of the files, relative to the root; "." */
	char *const *imports;  /* module names that tell its tests; NULL: it takes no part */
	bool needs_import;     /* its tests hold one of them, or import what does */
	size_t evidence_count; /* how much speaks for it in the project */
	char **files;          /* relative to `dir`, owned strings; sorted by bytes */
	size_t file_count;
};

/* Leave each file that several claim to one of them: to the one whose module it imports; else to
 * the one that the files nearest to it belong to; else to one whose tests need no import, the one
 * with more evidence. The others' strings are freed. `root` is the project's folder. */
void claims_settle(const char *root, struct claim *claims, size_t count);
#endif
