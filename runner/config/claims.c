/* claims.c - see claims.h. */
#include "runner/config/claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shards/base/dict.h"
#include "shards/base/mem.h"
#include "shards/base/text.h"

/* A bit each; and each file without an owner looks at every other. */
enum { CLAIMANTS_MAX = 64, NEIGHBOURS_MAX = 5000 };

/* A file with those who claim it, a bit each, and its owner once that is known. */
struct contested {
	char *path; /* relative to the root */
	uint64_t claimants;
	size_t owner; /* SIZE_MAX: not known */
};

struct contest {
	struct claim *claims;
	size_t count;
	struct contested *files;
	size_t file_count, file_cap;
	struct dict by_path;
};

static char *path_of(const struct claim *claim, const char *file)
{
	if (strcmp(claim->dir, ".") == 0)
		return mem_strdup(file);
	return mem_printf("%s/%s", claim->dir, file);
}

static void note_claim(struct contest *contest, size_t claim, const char *file)
{
	char *path = path_of(&contest->claims[claim], file);
	size_t index = contest->file_count;

	if (dict_find(&contest->by_path, text_from(path), &index)) {
		free(path);
	} else {
		contest->files = mem_grow(contest->files, &contest->file_cap,
		                          contest->file_count + 1, sizeof(contest->files[0]));
		contest->files[contest->file_count++] = (struct contested){path, 0, SIZE_MAX};
		(void)dict_add(&contest->by_path, text_from(path), index);
	}
	contest->files[index].claimants |= UINT64_C(1) << claim;
}

/* Is the module named in quotes, as an import has it? */
static bool names_module(const char *source, const char *module)
{
	const char *found = source;
	size_t len = strlen(module);

	while ((found = strstr(found, module)) != NULL) {
		bool opens = found > source && strchr("\"'`", found[-1]) != NULL;

		if (opens && (found[len] == found[-1] || found[len] == '/'))
			return true;
		found += len;
	}
	return false;
}

static bool imports_any(const char *source, char *const *modules)
{
	size_t i;

	for (i = 0; modules[i] != NULL; i++) {
		if (names_module(source, modules[i]))
			return true;
	}
	return false;
}

/* The one claimant whose module the file imports. */
static size_t importer(const struct contest *contest, const struct contested *file,
                       const char *source)
{
	size_t owner = SIZE_MAX, i;

	for (i = 0; i < contest->count; i++) {
		if ((file->claimants >> i & 1) == 0 ||
		    !imports_any(source, contest->claims[i].imports))
			continue;
		if (owner != SIZE_MAX)
			return SIZE_MAX;
		owner = i;
	}
	return owner;
}

static void find_importers(struct contest *contest, const char *root)
{
	char *source = mem_alloc(CLAIM_READ_BYTES + 1);
	size_t i;

	for (i = 0; i < contest->file_count; i++) {
		struct contested *file = &contest->files[i];
		char *path = mem_printf("%s/%s", root, file->path);
		FILE *stream = fopen(path, "re");
		size_t len = stream != NULL ? fread(source, 1, CLAIM_READ_BYTES, stream) : 0;

		source[len] = '\0';
		file->owner = importer(contest, file, source);
		if (stream != NULL)
			fclose(stream);
		free(path);
	}
	free(source);
}

/* How many folders two paths have in common. */
static size_t shared_folders(const char *a, const char *b)
{
	size_t count = 0, i;

	for (i = 0; a[i] != '\0' && a[i] == b[i]; i++)
		count += a[i] == '/';
	return count;
}

/* The owner by import of what lies nearest, if it claims this file too. */
static size_t neighbours_owner(const struct contest *contest, const struct contested *file)
{
	size_t owner = SIZE_MAX, nearest = 0, i;

	for (i = 0; i < contest->file_count && contest->file_count <= NEIGHBOURS_MAX; i++) {
		const struct contested *other = &contest->files[i];
		size_t shared = shared_folders(file->path, other->path);

		if (other->owner == SIZE_MAX || shared <= nearest ||
		    (file->claimants >> other->owner & 1) == 0)
			continue;
		nearest = shared;
		owner = other->owner;
	}
	return owner;
}

static bool is_better(const struct claim *a, const struct claim *b)
{
	if (a->needs_import != b->needs_import)
		return !a->needs_import;
	return a->evidence_count > b->evidence_count;
}

static size_t likeliest(const struct contest *contest, const struct contested *file)
{
	size_t best = SIZE_MAX, i;

	for (i = 0; i < contest->count; i++) {
		if ((file->claimants >> i & 1) != 0 &&
		    (best == SIZE_MAX || is_better(&contest->claims[i], &contest->claims[best])))
			best = i;
	}
	return best;
}

/* Whose each file is, in the order of contest->files. */
static size_t *find_owners(const struct contest *contest)
{
	size_t *owners = mem_calloc(contest->file_count, sizeof(owners[0]));
	size_t i;

	for (i = 0; i < contest->file_count; i++) {
		const struct contested *file = &contest->files[i];

		owners[i] = file->owner;
		if (owners[i] == SIZE_MAX)
			owners[i] = neighbours_owner(contest, file);
		if (owners[i] == SIZE_MAX)
			owners[i] = likeliest(contest, file);
	}
	return owners;
}

static void drop_others(struct contest *contest, size_t claim_index, const size_t *owners)
{
	struct claim *claim = &contest->claims[claim_index];
	size_t kept = 0, i, index;

	for (i = 0; i < claim->file_count; i++) {
		char *path = path_of(claim, claim->files[i]);
		bool is_mine = dict_find(&contest->by_path, text_from(path), &index) &&
		               owners[index] == claim_index;

		free(path);
		if (is_mine)
			claim->files[kept++] = claim->files[i];
		else
			free(claim->files[i]);
	}
	claim->file_count = kept;
	claim->files[kept] = NULL;
}

static bool takes_part(const struct claim *claim)
{
	return claim->imports != NULL && claim->file_count > 0;
}

void claims_settle(const char *root, struct claim *claims, size_t count)
{
	struct contest contest = {.claims = claims,
	                          .count = count < CLAIMANTS_MAX ? count : CLAIMANTS_MAX};
	size_t claimants = 0, i, j;
	size_t *owners;

	for (i = 0; i < contest.count; i++)
		claimants += takes_part(&claims[i]);
	if (claimants < 2)
		return;
	dict_init(&contest.by_path);
	for (i = 0; i < contest.count; i++)
		for (j = 0; takes_part(&claims[i]) && j < claims[i].file_count; j++)
			note_claim(&contest, i, claims[i].files[j]);
	find_importers(&contest, root);
	owners = find_owners(&contest);
	for (i = 0; i < contest.count; i++)
		if (takes_part(&claims[i]))
			drop_others(&contest, i, owners);
	for (i = 0; i < contest.file_count; i++)
		free(contest.files[i].path);
	free(contest.files);
	free(owners);
	dict_deinit(&contest.by_path);
}
