/* test_outdir.c - rules of the out folder: tanda's files are cleared or kept aside, no others. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/unit/record_scratch.h"
#include "runner/record/journal.h"
#include "runner/record/outdir.h"
#include "tanda/error.h"

struct fixture {
	char *dir; /* the test's */
	char *out; /* the out folder, not there at first */
};

static int set_up(void **state)
{
	struct fixture *fixture = mem_calloc(1, sizeof(*fixture));

	fixture->dir = scratch_new();
	fixture->out = mem_printf("%s/build/tanda-out", fixture->dir);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	free(fixture->out);
	scratch_free(fixture->dir);
	free(fixture);
	return 0;
}

/* NAME in the out folder; one at a time. */
static const char *in_out(const struct fixture *fixture, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", fixture->out, name);
	return path;
}

static struct outdir *claim_out(const struct fixture *fixture)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct outdir *outdir;

	if (outdir_claim(fixture->out, &outdir, &error) < 0)
		fail_msg("%s: %s", error.where, error.message);
	return outdir;
}

static void refuse_out(const struct fixture *fixture, const char *part_of_message)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct outdir *outdir;

	assert_int_equal(outdir_claim(fixture->out, &outdir, &error), -1);
	if (strstr(error.message, part_of_message) == NULL)
		fail_msg("'%s' is not in '%s'", part_of_message, error.message);
	assert_string_not_equal(error.hint, "");
}

static void release_moved(struct outdir *outdir, const char *expected)
{
	if (expected == NULL)
		assert_null(outdir_moved_aside(outdir));
	else
		assert_string_equal(outdir_moved_aside(outdir), expected);
	outdir_release(outdir);
}

static void write_run(const struct fixture *fixture, bool is_finished)
{
	struct event started = {.kind = EVENT_RUN_STARTED,
				.run_started = {.run_id = TEXT_LIT("r")}};
	struct event finished = {.kind = EVENT_RUN_FINISHED};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct journal *journal;

	assert_int_equal(journal_create(in_out(fixture, "journal.ndjson"), &journal, &error), 0);
	assert_int_equal(journal_append(journal, &started, &error), 0);
	if (is_finished)
		assert_int_equal(journal_append(journal, &finished, &error), 0);
	journal_close(journal);
	scratch_write(in_out(fixture, "junit.xml"), TEXT_LIT("<testsuites/>"));
	scratch_write(in_out(fixture, "junit.xml.part-77"), TEXT_LIT("<tests"));
	scratch_write(in_out(fixture, "last-failed.txt"), TEXT_LIT("web\tx\n"));
	assert_int_equal(mkdir(in_out(fixture, "logs"), 0755), 0);
	scratch_write(in_out(fixture, "logs/0000.log"), TEXT_LIT("log"));
	assert_int_equal(mkdir(in_out(fixture, "collected"), 0755), 0);
	assert_int_equal(mkdir(in_out(fixture, "collected/deep"), 0755), 0);
	scratch_write(in_out(fixture, "collected/deep/a.png"), TEXT_LIT("png"));
	scratch_write(in_out(fixture, "mine.txt"), TEXT_LIT("mine"));
}

static void a_missing_folder_is_made_with_marker_and_gitignore(void **state)
{
	const struct fixture *fixture = *state;
	struct outdir *outdir = claim_out(fixture);
	struct text bytes;

	assert_null(outdir_warning(outdir));
	assert_null(outdir_moved_aside(outdir));
	assert_true(scratch_exists(in_out(fixture, ".tanda-out")));
	bytes = scratch_read(in_out(fixture, ".gitignore"));
	assert_true(text_equal_str(bytes, "*\n"));
	free((char *)bytes.ptr);
	outdir_release(outdir);
	outdir = claim_out(fixture); /* and known again */
	outdir_release(outdir);
}

static void a_strangers_folder_is_refused_and_left_alone(void **state)
{
	const struct fixture *fixture = *state;
	char *parent = mem_printf("%s/build", fixture->dir);

	assert_int_equal(mkdir(parent, 0755), 0);
	assert_int_equal(mkdir(fixture->out, 0755), 0);
	scratch_write(in_out(fixture, "junit.xml"), TEXT_LIT("theirs"));
	refuse_out(fixture, "did not make this folder");
	assert_false(scratch_exists(in_out(fixture, ".tanda-out")));
	assert_false(scratch_exists(in_out(fixture, ".lock")));
	assert_true(scratch_exists(in_out(fixture, "junit.xml")));
	/* a link does for no marker */
	assert_int_equal(symlink("junit.xml", in_out(fixture, ".tanda-out")), 0);
	refuse_out(fixture, "did not make this folder");
	free(parent);
}

static void an_empty_folder_is_taken(void **state)
{
	const struct fixture *fixture = *state;
	char *parent = mem_printf("%s/build", fixture->dir);

	assert_int_equal(mkdir(parent, 0755), 0);
	assert_int_equal(mkdir(fixture->out, 0755), 0);
	outdir_release(claim_out(fixture));
	assert_true(scratch_exists(in_out(fixture, ".tanda-out")));
	free(parent);
}

static void a_finished_run_is_cleared_and_nothing_else(void **state)
{
	const struct fixture *fixture = *state;
	struct outdir *outdir = claim_out(fixture);

	write_run(fixture, true);
	outdir_release(outdir);
	outdir = claim_out(fixture);
	assert_null(outdir_moved_aside(outdir));
	assert_false(scratch_exists(in_out(fixture, "journal.ndjson")));
	assert_false(scratch_exists(in_out(fixture, "junit.xml")));
	assert_false(scratch_exists(in_out(fixture, "junit.xml.part-77")));
	assert_false(scratch_exists(in_out(fixture, "last-failed.txt")));
	assert_false(scratch_exists(in_out(fixture, "logs")));
	assert_false(scratch_exists(in_out(fixture, "collected")));
	assert_true(scratch_exists(in_out(fixture, "mine.txt")));
	assert_true(scratch_exists(in_out(fixture, ".tanda-out")));
	outdir_release(outdir);
}

static void unfinished_runs_are_moved_aside_one_by_one(void **state)
{
	const struct fixture *fixture = *state;

	outdir_release(claim_out(fixture));
	write_run(fixture, false);
	release_moved(claim_out(fixture), in_out(fixture, "unfinished-1"));
	assert_true(scratch_exists(in_out(fixture, "unfinished-1/journal.ndjson")));
	assert_true(scratch_exists(in_out(fixture, "unfinished-1/logs/0000.log")));
	assert_true(scratch_exists(in_out(fixture, "mine.txt")));
	assert_false(scratch_exists(in_out(fixture, "journal.ndjson")));
	write_run(fixture, false);
	release_moved(claim_out(fixture), in_out(fixture, "unfinished-2"));
	assert_true(scratch_exists(in_out(fixture, "unfinished-1/junit.xml")));
	assert_true(scratch_exists(in_out(fixture, "unfinished-2/junit.xml")));
	release_moved(claim_out(fixture), NULL);
}

static void planted_links_are_removed_and_nothing_behind_them(void **state)
{
	const struct fixture *fixture = *state;
	char *home = mem_printf("%s/home", fixture->dir);
	char *precious = mem_printf("%s/home/precious", fixture->dir);

	outdir_release(claim_out(fixture));
	assert_int_equal(mkdir(home, 0755), 0);
	scratch_write(precious, TEXT_LIT("precious"));
	assert_int_equal(symlink(precious, in_out(fixture, "junit.xml")), 0);
	assert_int_equal(symlink(precious, in_out(fixture, "journal.ndjson")), 0);
	assert_int_equal(symlink(home, in_out(fixture, "logs")), 0);
	assert_int_equal(mkdir(in_out(fixture, "batches"), 0755), 0);
	assert_int_equal(symlink(home, in_out(fixture, "batches/dir")), 0);
	assert_int_equal(symlink(precious, in_out(fixture, "batches/file")), 0);
	release_moved(claim_out(fixture), NULL);
	assert_false(scratch_exists(in_out(fixture, "junit.xml")));
	assert_false(scratch_exists(in_out(fixture, "logs")));
	assert_false(scratch_exists(in_out(fixture, "batches")));
	assert_true(scratch_exists(precious));
	free(precious);
	free(home);
}

static void a_folder_named_like_a_report_is_told_not_removed(void **state)
{
	const struct fixture *fixture = *state;

	outdir_release(claim_out(fixture));
	assert_int_equal(mkdir(in_out(fixture, "report.html"), 0755), 0);
	scratch_write(in_out(fixture, "report.html/mine"), TEXT_LIT("mine"));
	refuse_out(fixture, "report.html");
	assert_true(scratch_exists(in_out(fixture, "report.html/mine")));
}

static void two_runs_at_once_are_refused(void **state)
{
	const struct fixture *fixture = *state;
	struct outdir *outdir = claim_out(fixture);

	refuse_out(fixture, "another run of tanda (pid ");
	outdir_release(outdir);
	outdir_release(claim_out(fixture));
}

/* As root everything can be written, so the child becomes nobody first. Returns its verdict. */
static bool as_nobody(bool (*check)(const struct fixture *fixture), const struct fixture *fixture)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(2);
		_exit(check(fixture) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status == 0;
}

static bool is_told_to_be_unwritable(const struct fixture *fixture)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct outdir *outdir;

	return outdir_claim(fixture->out, &outdir, &error) == -1 &&
	       strstr(error.message, "permission denied") != NULL && error.hint[0] != '\0';
}

static void a_folder_that_cannot_be_written_fails_before_anything_runs(void **state)
{
	const struct fixture *fixture = *state;
	char *parent = mem_printf("%s/build", fixture->dir);

	assert_int_equal(chmod(fixture->dir, 0755), 0);
	assert_int_equal(mkdir(parent, 0555), 0);
	assert_true(as_nobody(is_told_to_be_unwritable, fixture)); /* cannot be made */
	assert_int_equal(mkdir(fixture->out, 0555), 0);
	assert_true(as_nobody(is_told_to_be_unwritable, fixture)); /* cannot be claimed */
	scratch_write(in_out(fixture, ".tanda-out"), TEXT_EMPTY);
	assert_true(as_nobody(is_told_to_be_unwritable, fixture)); /* is tanda's */
	free(parent);
}

static bool clears_folders_without_rights(const struct fixture *fixture)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct outdir *outdir;

	if (outdir_claim(fixture->out, &outdir, &error) < 0 ||
	    mkdir(in_out(fixture, "batches"), 0755) < 0 ||
	    mkdir(in_out(fixture, "batches/a"), 0755) < 0)
		return false;
	outdir_release(outdir);
	scratch_write(in_out(fixture, "batches/a/f"), TEXT_LIT("x"));
	return chmod(in_out(fixture, "batches/a"), 0) == 0 &&
	       chmod(in_out(fixture, "batches"), 0500) == 0 &&
	       outdir_claim(fixture->out, &outdir, &error) == 0 &&
	       !scratch_exists(in_out(fixture, "batches"));
}

static void rights_that_a_test_took_away_do_not_stop_the_clearing(void **state)
{
	const struct fixture *fixture = *state;

	assert_int_equal(chmod(fixture->dir, 0777), 0);
	assert_true(as_nobody(clears_folders_without_rights, fixture));
}

static void what_is_no_folder_is_refused(void **state)
{
	const struct fixture *fixture = *state;
	char *parent = mem_printf("%s/build", fixture->dir);

	scratch_write(parent, TEXT_LIT("a file"));
	refuse_out(fixture, "not a folder");
	free(parent);
}

static void a_folder_removed_meanwhile_is_made_anew(void **state)
{
	const struct fixture *fixture = *state;
	struct tanda_error error = TANDA_ERROR_INIT;
	struct outdir *outdir = claim_out(fixture);

	assert_false(outdir_is_gone(outdir));
	unlink(in_out(fixture, ".tanda-out"));
	unlink(in_out(fixture, ".gitignore"));
	unlink(in_out(fixture, ".lock"));
	assert_int_equal(rmdir(fixture->out), 0);
	assert_true(outdir_is_gone(outdir));
	assert_int_equal(outdir_restore(outdir, &error), 0);
	assert_false(outdir_is_gone(outdir));
	assert_true(scratch_exists(in_out(fixture, ".tanda-out")));
	refuse_out(fixture, "another run of tanda"); /* the lock is held again */
	outdir_release(outdir);
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    RULE(a_missing_folder_is_made_with_marker_and_gitignore),
	    RULE(a_strangers_folder_is_refused_and_left_alone),
	    RULE(an_empty_folder_is_taken),
	    RULE(a_finished_run_is_cleared_and_nothing_else),
	    RULE(unfinished_runs_are_moved_aside_one_by_one),
	    RULE(planted_links_are_removed_and_nothing_behind_them),
	    RULE(a_folder_named_like_a_report_is_told_not_removed),
	    RULE(two_runs_at_once_are_refused),
	    RULE(a_folder_that_cannot_be_written_fails_before_anything_runs),
	    RULE(rights_that_a_test_took_away_do_not_stop_the_clearing),
	    RULE(what_is_no_folder_is_refused),
	    RULE(a_folder_removed_meanwhile_is_made_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
