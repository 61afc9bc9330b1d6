/*
 * check.h - the plain validator: one JSON text, byte by byte, as RFC 8259 has it.
 *
 * Says where a text goes wrong and what was expected there. The scanner (scan.h) is fast and only
 * says that a record is bad; then this is asked why. In the tests it is the scanner's second
 * opinion. Invalid UTF-8 inside strings is let pass. Floor: 3 (json)
 */
#ifndef JSON_CHECK_H
#define JSON_CHECK_H

#include "base/slice.h"

#define CHECK_DEPTH 10000 /* open brackets at most */

struct check_fault {
	size_t at;     /* offset of the first wrong byte; the text's length if it ends too early */
	char text[96]; /* "expected ',' or '}', got 'x'" */
};

/* Is TEXT one JSON value, with white space around it? Returns 0, or -1 and the fault. */
int check_json(struct slice text, struct check_fault *fault) __attribute__((warn_unused_result));

#endif
