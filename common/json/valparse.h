/*
 * valparse.h - a value out of JSON text, made whole in a heap.
 *
 * For what is no record: arguments, fromjson, values over several lines. Records go through the
 * scanner. Floor: 3 (json)
 */
#ifndef JSON_VALPARSE_H
#define JSON_VALPARSE_H

#include "check.h"
#include "val.h"

/* Parse one JSON value. Nothing of it refers to TEXT. Returns 0, or -1 and the fault. */
int val_parse(struct heap *h, struct slice text, struct val *v, struct check_fault *fault)
	__attribute__((warn_unused_result));

#endif
