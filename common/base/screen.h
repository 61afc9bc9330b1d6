/*
 * screen.h - text that may stand on a terminal's screen, and how many columns it takes.
 * Floor: 1 (base)
 */
#ifndef BASE_SCREEN_H
#define BASE_SCREEN_H

#include "buf.h"
#include "slice.h"

#include <stdbool.h>

/*
 * Add S to B without control characters and without what turns the direction of writing ('?' stands
 * for them), and without UTF8 in ASCII alone. East Asian characters take two columns, combining
 * ones none. What is wider than MOST columns is cut and ends in '~'. Returns the columns.
 */
size_t screen_text(bool utf8, struct buf *b, struct slice s, size_t most);

/* Is the locale's encoding UTF-8? By the environment, as setlocale() would: the tools know none. */
bool screen_utf8(void);

#endif
