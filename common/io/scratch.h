/*
 * scratch.h - files for a run's own use: they have no name, and are gone with the process, however
 * it ends. Errors: FAIL_OPEN. Floor: 2 (io)
 */
#ifndef IO_SCRATCH_H
#define IO_SCRATCH_H

#include "base/err.h"

/* A new file in the folder DIR, which is made if it is missing. Returns its descriptor, or -1. */
int scratch_open(const char *dir, struct err *e) __attribute__((warn_unused_result));

/* The same for what opens files by name: that of an empty file, which the caller unlinks as soon as
 * it is open, and frees. NULL if there is none to be had. */
char *scratch_name(const char *dir, struct err *e) __attribute__((warn_unused_result));

#endif
