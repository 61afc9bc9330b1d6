/*
 * unit.h - what every unit test includes, cmocka's own headers in their order.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/slice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Fail and say which row of a table it was. */
#define assert_row(label, true_thing)                                                              \
	do {                                                                                       \
		if (!(true_thing))                                                                 \
			fail_msg("%s: not so: %s", label, #true_thing);                            \
	} while (0)

/* Fail unless two bytes strings are the same, and show both. */
#define assert_slice(label, got, expected)                                                         \
	do {                                                                                       \
		struct slice got_ = got, expected_ = expected;                                     \
		if (!slice_same(got_, expected_))                                                  \
			fail_msg("%s: got '%.*s', expected '%.*s'", label, (int)got_.n,            \
			         got_.n ? got_.p : "", (int)expected_.n,                           \
			         expected_.n ? expected_.p : "");                                  \
	} while (0)

#endif
