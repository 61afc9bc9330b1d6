/*
 * rate.h - so many records in so long, as options are given it. Floor: 9 (cli)
 */
#ifndef CLI_RATE_H
#define CLI_RATE_H

#include "base/err.h"
#include "stream/pace.h"

/* N, N/s, N/m or N/h, N as sizes are. OPTION is named where TEXT is none: -1 with FAIL_USAGE. */
int rate_parse(const char *option, const char *text, struct rate *rate, struct err *e)
	__attribute__((warn_unused_result));

#endif
