/* policy.c - see policy.h. */
#include "shards/plan/policy.h"

#include <stdio.h>

static const char *areas_word(const struct policy *policy)
{
	return policy->keeps_areas ? ", area by area" : "";
}

void policy_words(const struct policy *policy, char *words, size_t size)
{
	unsigned first = policy->first_permille;

	switch (policy->kind) {
	case POLICY_SINGLES:
		snprintf(words, size, "one test at a time, longest first");
		return;
	case POLICY_GUIDED:
		snprintf(words, size,
		         "batches of what waits / (%.4g x workers), at least %u start-ups' worth%s",
		         policy->divisor_percent / 100.0, policy->least_start_ups,
		         areas_word(policy));
		return;
	case POLICY_SHARES:
		if (first >= 1000)
			snprintf(words, size, "each worker its whole even share at once%s",
			         areas_word(policy));
		else
			snprintf(
				words, size,
				"%u %% of each worker's even share first%s, the rest in batches of at "
				"least %u start-ups' worth",
				(first + 5) / 10, areas_word(policy), policy->least_start_ups);
		return;
	case POLICY_ASSIGNED:
		break;
	}
	snprintf(words, size, "each worker what it was given");
}
