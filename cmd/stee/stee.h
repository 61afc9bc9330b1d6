/*
 * stee.h - what stee's files share.
 *
 *     options.c  the option table, and what options say together
 *     dests.c    destinations: opened, and handed what is theirs
 *     route.c    which of them a record is for, under which name
 *     forms.c    records in a destination's format, file by file
 *     piles.c    records for many files, put together by name
 *     points.c   what of a record is drawn: x, y, and which series
 *     picture.c  a destination's picture, and how it is shown while the stream runs
 *     main.c     the loop
 */
#ifndef STEE_H
#define STEE_H

#include "cli/frame.h"
#include "expr/keyexpr.h"
#include "stream/outlets.h"
#include "stream/pathname.h"
#include "stream/sinks.h"
#include "window/evtime.h"

struct args {
	struct shared shared;
	bool quiet, append, route, atomic;
	int output_error;              /* enum output_error, 0 where none is asked for */
	struct option_list conditions; /* --if of each DEST, or NULL */
	uint64_t rotate_size, rotate_count;
	int64_t rotate_every; /* ns */
	int compress;         /* -1, else gzip or zstd */
	uint64_t keep;
	const char *sync; /* --fsync */
	int64_t retry;    /* ns */
	uint64_t max_open;
	const char *partition;
	uint64_t partitions;
	struct evtime_opts time;
	int on_slow; /* enum on_slow */
	uint64_t queue;
	const char *spill_dir;
	uint64_t union_of;
	const char *x, *y, *by; /* of -o chart, or NULL */
	uint64_t height;        /* lines */
};

extern const struct tool stee_tool;

/* Are records looked into, or only lines passed on? DESTS are the operands. */
bool options_look(const struct args *a, const char *const *dests, size_t count);

/* Do they contradict one another? -1 with FAIL_USAGE. */
int options_check(const struct args *a, const char *const *dests, size_t count, struct err *e)
	__attribute__((warn_unused_result));

/* Is a picture asked for? */
bool options_chart(const struct args *a);

/* The format of -o, which is given and no picture. -1 with FAIL_USAGE. */
int options_to(const struct args *a, enum format *f, struct err *e)
	__attribute__((warn_unused_result));

/* What files are opened with; FAIL_USAGE for --fsync. */
int options_files(const struct args *a, struct filesink_opts *files, struct err *e)
	__attribute__((warn_unused_result));

/* ---- forms.c */

/*
 * What the files of one destination are written by: an encoder each, so that each has the columns
 * of its own records.
 */
struct forms;

struct forms_opts {
	struct encode_opts encode;
	uint64_t
		union_of; /* columns are those of so many records, which are held back; 0: of one */
	bool heads;       /* files ask for their header by forms_head(); else it is written first */
	bool append;      /* with `heads`: a file that has a header goes on with its columns */
};

struct forms *forms_new(const struct forms_opts *opts);

/* There will be a file of that NAME. -1 with FAIL_OPEN where it has a header that does not do. */
int forms_begin(struct forms *f, const char *name, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Append V as the file of that NAME is to have it to OUT; nothing where it is held back. -1 with
 * FAIL_DATA where it does not fit, another kind where the file's own header cannot be read.
 */
int forms_write(struct forms *f, struct slice name, struct heap *h, struct val v, struct buf *out,
                struct err *e) __attribute__((warn_unused_result));

/* head() of filesink.h; FORMS is a struct forms. */
void forms_head(void *forms, const char *path, struct buf *to);

/*
 * Give what is held back of each file to EACH; rows that wait for their columns at the LAST only.
 * -1 of EACH ends it.
 */
typedef int forms_each(void *context, struct slice name, struct slice text, struct err *e);
int forms_flush(struct forms *f, bool last, forms_each *each, void *context, struct err *e)
	__attribute__((warn_unused_result));

void forms_free(struct forms *f);

/* ---- piles.c */

/*
 * Records for one destination of many files: those of a name are put together, so that the files
 * get few and large pieces where names alternate from record to record.
 */
struct piles;

struct piles *piles_new(void);

/* Add whole records, which are copied. */
void piles_add(struct piles *p, struct slice name, struct slice text);

/* Hand all of them to an outlet. -1 ends the run. */
int piles_empty(struct piles *p, struct outlets *o, size_t outlet, struct err *e)
	__attribute__((warn_unused_result));

void piles_free(struct piles *p);

/* ---- points.c */

/* A value that is drawn; its texts live until the next one is read, and as long as the record. */
struct point {
	bool timed; /* the same for all of them */
	int64_t time;
	struct slice label; /* where it is not timed */
	struct slice series;
	double y;
};

struct points;

/* Compile what is to be drawn; fields are added to PLAN. NULL with FAIL_COMPILE or FAIL_USAGE. */
struct points *points_new(const struct args *a, struct plan *plan, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Read a record's point: 1, or 0 where y is null. -1 with FAIL_DATA where it has none, FAIL_USAGE
 * where it is not clear which of its numbers is y.
 */
int points_read(struct points *p, const struct rec *rec, struct heap *h, struct point *to,
                struct err *e) __attribute__((warn_unused_result));

/* The expression of y, or its field, where records came and none had a number there; else NULL. */
const char *points_missing(const struct points *p);

/* What the picture of the points that were read is called: "n by host". */
void points_title(const struct points *p, struct buf *to);

void points_free(struct points *p);

/* ---- picture.c */

struct picture;

/* One of POINTS, which outlives it. ON_STDOUT: stdout's; on a terminal it is shown as it grows. */
struct picture *picture_new(const struct args *a, const struct points *points, bool color,
                            bool on_stdout);

void picture_add(struct picture *p, const struct point *at);

/* Take what is shown off the terminal. NULL is fine, here and below. */
void picture_erase(struct picture *p);

/* How long until it is to be shown anew, ns; -1: there is nothing new. Show it if that is now. */
int64_t picture_due(const struct picture *p);
void picture_look(struct picture *p);

/* The whole picture, at the end; nothing where there were no points. */
void picture_draw(struct picture *p, struct buf *to);

void picture_free(struct picture *p);

/* ---- route.c */

struct dest {
	const char *text;  /* as it was given, but braces that stand for themselves once */
	char *plain;       /* the same where it is ours, or NULL */
	size_t outlet;     /* its number; of one that could not be opened SIZE_MAX */
	struct prog *prog; /* of --if, or NULL */
	struct eval *eval;
	struct pathname *name;   /* of a template, or NULL */
	struct piles *piles;     /* with `name` */
	struct forms *forms;     /* or NULL: lines as they are, or JSON */
	struct picture *picture; /* of -o chart, instead; or NULL */
	/* of the record at hand */
	bool takes;
	struct buf key; /* with `name` */
};

/* Which of the destinations records are for. Starts zeroed, but for the destinations. */
struct route {
	const struct args *args;
	struct dest *dest;
	size_t dests;
	struct plan *plan;
	struct heap heap; /* of the record at hand */
	struct evtime *time;
	struct tz *zone;
	struct keyexpr *partition;
	struct buf key, text;
};

/* Compile conditions, names and the like, which add to PLAN. -1 with FAIL_USAGE, FAIL_COMPILE. */
int route_init(struct route *r, const struct args *a, struct plan *plan, struct dest *dest,
               size_t dests, struct err *e) __attribute__((warn_unused_result));

/*
 * Decide for a record: `takes` and `key` of each destination. -1 with FAIL_DATA where an expression
 * fails on it, or it has not what it takes: nothing is decided then.
 */
int route_record(struct route *r, const struct rec *rec, struct err *e)
	__attribute__((warn_unused_result));

/* Decide for a line that is no record: it goes to what takes any line. */
void route_line(struct route *r);

void route_free(struct route *r);

/* ---- dests.c */

struct dests {
	const struct args *args;
	struct outlets *outlets;
	struct dest *dest;
	size_t n;
	struct dest out;       /* stdout, where it is written to */
	struct points *points; /* of -o chart, made beforehand; or NULL */
	bool json;             /* -o json: what came in another format goes on as JSON */
	bool failed;           /* one could not be opened; it was said */
	struct buf header, text;
	struct heap *heap; /* of the record at hand */
};

/*
 * Open them and stdout, which may be coloured (COLOR). FROM: the input's format. -1 with
 * FAIL_USAGE, or where one cannot be opened and that is to end the run.
 */
int dests_open(struct dests *d, const struct args *a, enum format from, bool color, struct err *e)
	__attribute__((warn_unused_result));

/* The line that names the fields of what follows. -1 ends the run, as below. */
int dests_header(struct dests *d, struct slice line, struct err *e)
	__attribute__((warn_unused_result));

/* A control line, for stdout alone. */
int dests_control(struct dests *d, struct slice line, struct err *e)
	__attribute__((warn_unused_result));

/* A line as it is, for stdout and those that take it. */
int dests_pass(struct dests *d, struct slice line, struct err *e)
	__attribute__((warn_unused_result));

/*
 * A record, for stdout and those that take it. *WHY is set, FAIL_DATA, where it does not fit the
 * format of one, which goes without it.
 */
int dests_write(struct dests *d, const struct record *r, struct err *why, struct err *e)
	__attribute__((warn_unused_result));

/* Before the input's buffer changes: hand over what was passed. -1 ends the run. */
int dests_settle(struct dests *d, struct err *e) __attribute__((warn_unused_result));

/* Bytes that went to stdout. */
uint64_t dests_bytes(const struct dests *d);

/* Hand over what is held back, too; LAST: also what waits for its columns. -1 ends the run. */
int dests_flush(struct dests *d, bool last, struct err *e) __attribute__((warn_unused_result));

void dests_free(struct dests *d);

#endif
