/* fuzz_features.c - any bytes for an application's configuration: its toggles are read and
 * evaluated, or the file is refused with a place. */
#include <stdint.h>
#include <stdlib.h>

#include "runner/config/features_read.h"
#include "shards/base/mem.h"
#include "tanda/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void evaluate(const struct feature *feature)
{
	static const char *const groups[] = {"beta", NULL};
	static const int64_t moments[] = {0, 1556719199000, 1800000000000, 4000000000000};
	struct feature_context context = {.user = "juan", .groups = groups};
	struct text_buf reason;
	size_t i;

	text_buf_init(&reason, 400);
	for (i = 0; i < countof(moments); i++) {
		context.now_ms = moments[i];
		if (feature_evaluate(feature, &context, &reason) == FEATURE_UNKNOWN &&
		    reason.len == 0)
			abort();
		text_buf_clear(&reason);
	}
	text_buf_deinit(&reason);
	mem_free_strings(feature_forced(feature, feature->name, true));
	mem_free_strings(feature_forced(feature, feature->name, false));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text source = {(const char *)data, size};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct features features;
	size_t i;

	if (features_parse(source, "appsettings.json", &features, &error) < 0) {
		if (!tanda_error_is_set(&error))
			abort();
		return 0;
	}
	for (i = 0; i < features.count; i++)
		evaluate(&features.list[i]);
	features_deinit(&features);
	return 0;
}
