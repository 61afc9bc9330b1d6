/*
 * descriptors.h - how many files this process may have open.
 *
 * Floor: 2 (io)
 */
#ifndef IO_DESCRIPTORS_H
#define IO_DESCRIPTORS_H

#include <stdbool.h>
#include <stdint.h>

/* Raise the soft limit, as far as the hard one lets us, so that FILES can be open, and some more.
 */
void descriptors_allow(uint64_t files);

/* Is there no room for a few more (EMFILE, ENFILE)? */
bool descriptors_short(void);

#endif
