/*
 * watch.h - has the file of a name been written, or another one put in its place?
 *
 * A change is: who wrote to the file has closed it; another file was renamed, linked or copied
 * whole to its name; a symbolic link or a folder on the way to it became another one. That it was
 * removed is none, until there is another one. The kernel notes it all (inotify), so nothing is
 * missed between two looks, and a look costs a system call. File systems over a network do not tell
 * what others do to them.
 * Errors: FAIL_OPEN with errno's text. Floor: 7 (stream)
 */
#ifndef STREAM_WATCH_H
#define STREAM_WATCH_H

#include "base/err.h"

struct watch;

/* Watch from now on. NAME must outlive it; it need not be there. */
struct watch *watch_new(const char *name, struct err *e) __attribute__((warn_unused_result));

/*
 * Was there a change since the last call, or watch_new()? 1 yes: what is opened from now on is its
 * outcome, or what became of it by then, which the next call tells. 0 no. -1 yes, but it cannot be
 * watched any more, and later calls say no.
 */
int watch_changed(struct watch *w, struct err *e) __attribute__((warn_unused_result));

void watch_free(struct watch *w);

#endif
