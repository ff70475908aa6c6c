/* fuzz_config.c - any bytes for tanda.json: read, written out and read again, or refused. */
#include <stdint.h>
#include <stdlib.h>

#include "runner/config/config.h"
#include "tanda/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct config *config)
{
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *again = NULL;
	char *written = config_to_json(config);

	if (config_parse(text_from(written), "again.json", NULL, 0, &again, &error) < 0)
		abort();
	config_free(again);
	free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text source = {(const char *)data, size};
	struct tanda_error error = TANDA_ERROR_INIT;
	struct config *config = NULL;

	if (config_parse(source, "tanda.json", NULL, 0, &config, &error) < 0) {
		if (!tanda_error_is_set(&error))
			abort();
		return 0;
	}
	free(config_show(config));
	check_round_trip(config);
	config_free(config);
	return 0;
}
