/*
 * sjoin.h - what sjoin's files share.
 *
 *     options.c  the option table
 *     merge.c    what a left record and a right row become
 *     main.c     the table is read, then left records are looked up in it
 */
#ifndef SJOIN_H
#define SJOIN_H

#include "cli/frame.h"
#include "expr/expr.h"
#include "join/asof.h"
#include "join/joinkey.h"
#include "join/jointable.h"
#include "window/evtime.h"

enum join_type { JOIN_INNER, JOIN_LEFT, JOIN_RIGHT, JOIN_FULL, JOIN_SEMI, JOIN_ANTI };

struct args {
	struct shared shared;
	struct option_list on;
	int type;     /* enum join_type */
	int matches;  /* enum matches */
	int key_type; /* 0 jq's, 1 string */
	bool ignore_case;
	const char *validate; /* "m:1" or NULL */
	const char *merge, *prefix, *right_format;
	/* as of a time */
	bool asof, strict;
	int direction;     /* enum asof_direction */
	int64_t tolerance; /* ns; 0: any */
	struct evtime_opts time;
};

extern const struct tool sjoin_tool;

struct merge;

/* A left record. */
struct left {
	struct slice line;     /* as it came, its newline included */
	struct slice whole;    /* as JSON, its newline included */
	struct slice json;     /* the same without it */
	const int32_t *slot;   /* of the left plan */
	const struct rec *rec; /* NULL: it was looked at before, and is to be read anew */
	const char *name;      /* of the input */
	uint64_t number;       /* its line there */
	int64_t time;          /* --asof */
};

struct ahead;

struct join {
	const struct args *args;
	struct frame frame;
	struct plan plan[2]; /* by enum side */
	struct heap heap;    /* of the record in hand */
	struct joinkeys *keys;
	struct evtime *time[2]; /* --asof */
	char *time_expr[2];
	struct asof_opts asof;
	struct jointable *table;
	struct merge *merge;
	struct ahead *ahead; /* records that are held back; NULL: none ever */
};

/* ---- merge.c */

/* Understand --merge and --prefix. -1 with FAIL_USAGE or FAIL_COMPILE. */
int merge_init(struct join *j, struct err *e) __attribute__((warn_unused_result));

/*
 * Write what LEFT and RIGHT become; one of them may be NULL where it has no match. -1 with
 * FAIL_DATA where they cannot be merged, with another kind if it cannot be written.
 */
int merge_write(struct join *j, const struct left *left, const struct row *right, struct err *e)
	__attribute__((warn_unused_result));

/* Write a left record by itself. */
int merge_pass(struct join *j, const struct left *left, struct err *e)
	__attribute__((warn_unused_result));

/* Does it mostly look at texts, not at values? */
bool merge_is_textual(const struct merge *m);

void merge_free(struct merge *m);

#endif
