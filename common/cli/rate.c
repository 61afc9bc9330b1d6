#include "rate.h"

#include "base/duration.h"
#include "options.h"

#include <string.h>

int rate_parse(const char *option, const char *text, struct rate *rate, struct err *e)
{
	char count[32];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	const char *unit = slash ? slash + 1 : "s";

	rate->per = strcmp(unit, "s") == 0   ? NS_PER_SEC
	            : strcmp(unit, "m") == 0 ? NS_PER_MIN
	            : strcmp(unit, "h") == 0 ? NS_PER_HOUR
	                                     : 0;
	if (n < sizeof count && rate->per) {
		memcpy(count, text, n);
		count[n] = '\0';
		if (options_size(count, &rate->lines) == 0 && rate->lines > 0)
			return 0;
	}
	return err_set(e, FAIL_USAGE, "%s: '%s' is no rate (like 100, 10k/s, 5/m)", option, text);
}
