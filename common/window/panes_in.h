/*
 * panes_in.h - what panes.c, panes_out.c, panes_limit.c and panes_fill.c share. Private to them.
 * Floor: 7 (window)
 */
#ifndef WINDOW_PANES_IN_H
#define WINDOW_PANES_IN_H

#include "carries.h"
#include "panes.h"

/* What stands before the aggregates' state of each group. */
struct cell {
	uint64_t records;
	int64_t newest; /* time of them; kept where windows are filled */
	bool dirty;     /* changed since the last early result */
} __attribute__((aligned(16)));

/* A slice and its groups. */
struct pane {
	struct span span;
	int64_t first_end, last_end; /* of the windows that hold it */
	bool dirty;                  /* a group of it is */
	bool folded;                 /* `filled` knows its keys */
	struct groups groups;
};

/* How often a window's key has been corrected; kept while corrections are taken. */
struct revision {
	struct map_item item; /* key: the window's end, then the key's bytes */
	int64_t end;
	uint32_t n;
	char key[];
};

/* A key that had records before the window that is due. */
struct filled {
	struct map_item item;
	int64_t newest; /* time of them */
	char *key;      /* behind the state */
	/* of its last window with records, and what those before left to that: FILL_PREVIOUS */
	char state[] __attribute__((aligned(16)));
};

struct panes {
	struct spans spans;
	struct win_opts opts;
	struct pane *pane; /* ascending */
	size_t n, cap;
	size_t last;      /* where the last record went */
	int64_t w;        /* the watermark */
	int64_t next_due; /* no window is due before W reaches this */
	int64_t tick;     /* EMIT_EVERY: of win_ticks() */
	struct map revisions;
	struct map filled;
	size_t known; /* bytes of what these two hold */
	struct carries carries;
	struct groups
		spare; /* of a slice that is gone, empty; state_size is 0 where there is none */
	char *before;  /* what is carried to the result that is handed out */
	char *left;    /* what a late record's slice left to those behind, and what it leaves now */
	struct buf scratch;
};

static inline struct cell *cell_of(struct group *g)
{
	return (struct cell *)(void *)g->state;
}

static inline void *state_of(const struct group *g)
{
	return (char *)g->state + sizeof(struct cell);
}

/* ---- panes.c */

void panes_init_groups(struct panes *p, struct groups *g);
void panes_free_groups(struct panes *p, struct groups *g);

void panes_free_spare(struct panes *p);

/* The first pane that begins at or after START. */
size_t panes_place(const struct panes *p, int64_t start);

/* The window due next after all that ended at or before AFTER, with records in the first N panes.
 */
bool panes_next_window(const struct panes *p, size_t n, int64_t after, struct span *window);

/* The first panes, which are free, are gone. */
void panes_shift(struct panes *p, size_t gone);

/* Forget what is known of keys beyond the panes: revisions, what is carried, and filled. */
void panes_forget_keys(struct panes *p);

/* ---- panes_out.c: results */

/* All keys of a window in order; those that changed if EARLY. panes_show() is in there too. */
int panes_out_window(struct panes *p, const struct span *window, bool early, struct err *e)
	__attribute__((warn_unused_result));

/* Of a window what the first GONE panes hold, as *N early results. */
int panes_out_part(struct panes *p, const struct span *window, size_t gone, size_t *n,
                   struct err *e) __attribute__((warn_unused_result));

/* Before a record is added, and behind it: the windows of its slice that had their result. */
int panes_out_withdraw(struct panes *p, const struct span *slice, const struct win_record *rec,
                       struct err *e) __attribute__((warn_unused_result));
int panes_out_correct(struct panes *p, const struct span *slice, const struct win_record *rec,
                      struct err *e) __attribute__((warn_unused_result));

/*
 * What the slice of a late record leaves to windows behind it (increase): it is noted before the
 * record is added; behind it, those of them that had their result are corrected where it changed.
 */
void panes_out_note(struct panes *p, const struct span *slice, const struct win_record *rec);
int panes_out_behind(struct panes *p, const struct span *slice, const struct win_record *rec,
                     struct err *e) __attribute__((warn_unused_result));

/* Behind a record: the windows that are open, if they are to say so each time, or each N times. */
int panes_out_update(struct panes *p, const struct span *slice, const struct win_record *rec,
                     struct err *e) __attribute__((warn_unused_result));

/* Forget the counts of windows that take no more corrections. */
void panes_out_forget(struct panes *p);

/* What a pane that goes leaves to those behind (increase). */
void panes_out_carry(struct panes *p, const struct pane *pane);

/* ---- panes_fill.c: windows without records */

/* A record of a group has come. */
void panes_fill_see(struct panes *p, const struct pane *pane, struct group *g, int64_t time);

/* A pane's keys are those of windows before any that is yet due. */
void panes_fill_fold(struct panes *p, struct pane *pane);

/* A window is about to have its result: keys that have none in it, but had lately, join SUM. */
void panes_fill_window(struct panes *p, const struct span *window, struct groups *sum);

/* What such a key's result is made of. */
const void *panes_fill_state(const struct panes *p, const struct group *g);

/* What was carried to that; NULL for nothing. */
const void *panes_fill_before(const struct panes *p, const struct group *g);

/* The time of its last record; STAMP_NONE if that is forgotten. */
int64_t panes_fill_newest(const struct panes *p, const struct group *g);

/* A key has had a result with records, to which p->before was carried. */
void panes_fill_note(struct panes *p, const struct group *g);

/* The first window that ends after AFTER, with records or without; false if none is to be filled.
 */
bool panes_fill_next(const struct panes *p, int64_t after, struct span *window);

/* Bytes that the states of last windows hold beside their own. */
size_t panes_fill_memory(const struct panes *p);

/* Forget keys that had no record at or after OLDEST. */
void panes_fill_forget(struct panes *p, int64_t oldest);

void panes_fill_free(struct panes *p);

#endif
