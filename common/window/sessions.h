/*
 * sessions.h - windows of activity: a key's records, no two neighbours of which lie further apart
 * than the gap. A record that comes late may join two sessions.
 *
 * A session is [first, last + gap); records exactly the gap apart belong together, so it closes
 * when the watermark is beyond its end. Merging of windows: T. Akidau et al., "The Dataflow Model",
 * VLDB 8 (2015), section 2.2.2. Floor: 7 (window)
 */
#ifndef WINDOW_SESSIONS_H
#define WINDOW_SESSIONS_H

#include "window.h"

struct sessions;

/*
 * GAP in ns. LONGEST: a record that would make a session longer than this begins another one, ns; 0
 * for any length.
 */
struct sessions *sessions_new(int64_t gap, int64_t longest, const struct win_opts *opts);

/* As panes_expect(). */
void sessions_expect(const struct sessions *s, uint64_t hash);

/* As panes_add(). A record is late if the session that it would be part of is. */
enum win_taken sessions_add(struct sessions *s, const struct win_record *r, struct err *e)
	__attribute__((warn_unused_result));

/* As panes_advance(). */
int sessions_advance(struct sessions *s, int64_t w, struct err *e)
	__attribute__((warn_unused_result));

/* As panes_frontier(). */
int64_t sessions_frontier(const struct sessions *s, int64_t w);

size_t sessions_groups(const struct sessions *s);

/* Bytes that are held; it looks at every state. */
size_t sessions_memory(const struct sessions *s);

/*
 * Let go of about N windows and keys, the oldest: each has an early result, and what comes for it
 * later begins it anew. How many in *DONE.
 */
int sessions_evict(struct sessions *s, size_t n, size_t *done, struct err *e)
	__attribute__((warn_unused_result));

/* Hand those that are open to another sink as early results, in no order, changing nothing. */
int sessions_show(struct sessions *s, const struct win_sink *to, struct err *e)
	__attribute__((warn_unused_result));

void sessions_free(struct sessions *s);

#endif
