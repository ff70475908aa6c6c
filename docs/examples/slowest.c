/* slowest.c - an example for libtanda: merge reports and name the slowest case.
 *
 *   cc slowest.c $(pkg-config --cflags --libs tanda) -o slowest
 *   ./slowest merged.xml reports/
 */
#include <stdio.h>
#include <tanda/junit.h>

struct slowest {
	char name[200];
	uint64_t time_ns;
};

static void on_case(void *data, const struct tanda_suite *suite, const struct tanda_case *item)
{
	struct slowest *slowest = data;

	if (item->time_ns == TANDA_TIME_UNKNOWN || item->time_ns < slowest->time_ns)
		return;
	slowest->time_ns = item->time_ns;
	snprintf(slowest->name, sizeof(slowest->name), "%.*s: %.*s", (int)suite->name.len,
	         suite->name.ptr, (int)item->name.len, item->name.ptr);
}

static void on_warning(void *data, const char *where, const char *message)
{
	(void)data;
	fprintf(stderr, "warning: %s: %s\n", where, message);
}

int main(int argc, char **argv)
{
	struct tanda_merge_options options = {.on_warning = on_warning};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct tanda_merge_result result;
	struct tanda_report report;
	struct slowest slowest = {"none", 0};

	if (argc < 3) {
		fputs("usage: slowest OUT.xml PATH...\n", stderr);
		return 2;
	}
	tanda_junit_init();
	if (tanda_junit_merge((const char *const *)argv + 2, (size_t)argc - 2, argv[1], &options,
	                      &result, &error) < 0) {
		fprintf(stderr, "%s: %s\n", error.where, error.message);
		return 1;
	}
	tanda_junit_read_file(argv[1], on_case, &slowest, &report);
	printf("%llu cases, %llu failures; the slowest is %s\n",
	       (unsigned long long)report.case_count, (unsigned long long)result.counts.failures,
	       slowest.name);
	return result.fault_count > 0 ? 1 : 0;
}
