/*
 * files_in.h - what the files feed's files share.
 *
 *     files.c       the feed: whose turn it is, waiting
 *     files_read.c  a file is read on, its lines are handed out; truncation
 *     files_find.c  which files there are: names, patterns
 *     files_rotated.c  what was rotated away unread, and copies of what was truncated
 *     files_hold.c  descriptors: which files are open
 *     files_save.c  positions
 * Floor: 7 (stream)
 */
#ifndef STREAM_FILES_IN_H
#define STREAM_FILES_IN_H

#include "base/map.h"
#include "content.h"
#include "dirs.h"
#include "files.h"
#include "rotated.h"

#define DONE_MAX 1024 /* files of a log that were read to their end and are still known */

/* A place in a file, and the bytes before it. */
struct mark {
	uint64_t at;
	uint64_t line; /* lines before it */
	uint64_t tail;
	uint32_t tail_n;
};

struct file_id {
	dev_t dev;
	ino_t ino;
};

/* What one look tells of a file. */
struct seen {
	struct file_id id;
	int64_t born;  /* ns; 0: not known. Tells a file from another one that got its inode number
	                */
	int64_t mtime; /* ns */
	uint64_t size;
};

/* A file: a unit. */
struct file {
	struct map_item item; /* by its id, unless `forgotten` */
	struct file_id id;
	struct log *log;
	struct file *older, *newer; /* of the log's files */
	size_t unit;
	char *path; /* where it was last seen */
	struct content content;
	uint64_t at;         /* read so far */
	uint64_t lines;      /* handed out so far */
	int64_t born, mtime; /* ns; the latter when it was last looked at */
	struct print print;
	char head[PRINT_HEAD]; /* its first bytes, as far as the print has them */
	char *rest;            /* read, not handed out: an unfinished line */
	size_t rest_n;
	int64_t touched; /* when something last came, monotonic ns */
	struct mark handed, out, written;
	bool begins;   /* nothing of it has been handed out */
	bool skipping; /* inside a line that is too long */
	bool partly; /* what was handed out last was an unfinished line: its newline is none of its
	                own */
	bool replaced;  /* its log has a newer one */
	bool caught;    /* and this was read to its end since */
	bool rotation;  /* it was found by its rotated name: nobody writes it any more */
	bool placed;    /* and it is known for sure which are older */
	bool over;      /* nothing more is read of it; it is kept until its lines are written */
	bool forgotten; /* another file may have its id by now */
	bool truncated; /* its file goes on as another one */
	bool copied;    /* and what it had in a copy */
	bool queued;
	struct file *queue_next;
	struct file *held_prev,
		*held_next; /* of the files that are open, the one read last at the end */
	struct buf header;
};

/* What is remembered of a file that was read to its end. */
struct done {
	struct file_id id;
	int64_t born;
	struct print print; /* at its end */
	uint64_t at;
};

/* A name: a partition. */
struct log {
	struct map_item item; /* by its name */
	char *name;
	char *target; /* of a symbolic link: what it led to when it was last looked at */
	size_t part;
	struct file *oldest, *newest;
	int64_t mtime; /* no file of the log changed later than this when it was last known to be
	                  read to its end, ns */
	struct done *done; /* done_cap of them: a ring when there are DONE_MAX */
	size_t done_cap;
	size_t dones;  /* ever */
	bool matched;  /* by a pattern: it may go */
	bool told;     /* the kernel tells of its folder */
	bool look;     /* its name may be another file's by now */
	bool gone;     /* its name is no file's; it was said */
	bool absent;   /* it was not there at the start, with `ends` */
	bool refused;  /* it could not be opened; it was said */
	bool restored; /* its positions are of another run */
	bool leaving;  /* forgotten when its files are */
	bool straying; /* files of it are read whose names nobody tells of */
};

struct files {
	struct files_opts opts;
	const char *const *name; /* as given */
	size_t names;
	struct map logs, ids;
	struct log **log; /* by part; NULL: free */
	size_t parts, parts_cap;
	struct file **unit; /* NULL: free */
	size_t units, units_cap;
	size_t units_added;              /* ever */
	struct file *queue, **queue_end; /* whose turn it is */
	struct file *first;              /* whose turn comes before those; NULL: nobody's */
	struct dirs *dirs;
	struct file *held_first, *held_last;
	size_t held;
	size_t strays;         /* logs that are straying */
	size_t overs;          /* files that are over, kept for their positions */
	int64_t since;         /* the clock at the start: rotations that were there are no news */
	int64_t looked;        /* at all of them, monotonic ns */
	int64_t strayed;       /* at those that stray */
	bool untold;           /* there are logs that the kernel does not tell of */
	bool look_all;         /* events were lost */
	bool match;            /* patterns may match more */
	bool some_look;        /* a log's `look` is set */
	bool ending;           /* all was looked at, with `ends` */
	struct file *shown;    /* the last lines are of it */
	struct file **touched; /* let out since the last written() */
	size_t touches, touches_cap;
	uint64_t bytes, vanished;
	char *buf;
	size_t cap;
};

/* ---- files.c */

/* It is F's turn some time. */
void files_queue(struct files *s, struct file *f);

/* With --debug: say that of NAME. */
void files_debug(const struct files *s, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What there is to know of an open file. */
struct seen files_see(int fd);

/* The same of the file of that name, which is not opened; its inode number is 0 where there is
 * none.
 */
struct seen files_see_name(const char *path);

/* A new file of that log, behind (newer than) AFTER; NULL: the oldest. PATH is copied. */
struct file *files_add(struct files *s, struct log *l, struct file *after, const char *path,
                       const struct seen *seen);

/* The file of that id that is being read, or NULL. */
struct file *files_by_id(struct files *s, const struct seen *seen);

/* Nothing more is read of F: it is closed and, when its lines are written, forgotten. */
void files_end(struct files *s, struct file *f);

/* Remember a file that was read to its end. */
void files_done(struct log *l, const struct done *d);

/* F is nothing that was ever read. */
void files_discard(struct files *s, struct file *f);

/* F is not the one its id says any more. */
void files_forget_id(struct files *s, struct file *f);

/* ---- files_hold.c */

/* Have F open. 1 it is; 0 it is not to be had: another file has its name, and it is nowhere else.
 * -1 with *e set. */
int files_hold(struct files *s, struct file *f, struct err *e) __attribute__((warn_unused_result));

/* F lies at PATH now. */
void files_moved(struct file *f, const char *path);

/* It was opened, or read: it is the last to be closed for others. */
void files_held(struct files *s, struct file *f);

void files_close(struct files *s, struct file *f);

/* ---- files_read.c */

/*
 * Read on in F. GOT_LINES and GOT_LONG: B is filled; GOT_TICK: there is more, but no whole line
 * yet; GOT_END: there is nothing more now.
 */
enum got files_read(struct files *s, struct file *f, struct batch *b, struct err *e);

/* F's unfinished line as it is, if there is one. */
bool files_read_rest(struct files *s, struct file *f, struct batch *b);

/* Set F to begin at that place. */
void files_begin_at(struct file *f, uint64_t at, uint64_t line);

/* ---- files_find.c */

/* Look which files the names given are; at the start. -1 with *e set. */
int files_find_all(struct files *s, struct err *e) __attribute__((warn_unused_result));

/* Which file is it that has L's name now? */
void files_look_name(struct files *s, struct log *l);

/* Whatever may have changed without being told. */
void files_look_all(struct files *s);

/* Names that patterns match by now. */
void files_match(struct files *s);

/* The kernel tells: a dirs_tell; CONTEXT is the struct files. */
void files_told(void *context, void *owner, enum dirs_event what, const char *folder,
                const char *name);

/* Have L's newest file be the one that has its name now; FIRST: it was there when all began. 1 it
 * is; 0 it is followed as another log's; -1 with *e set. */
int files_open_newest(struct files *s, struct log *l, bool first, struct err *e)
	__attribute__((warn_unused_result));

/* Lines of F before that place. */
uint64_t files_lines_before(const struct file *f, uint64_t at);

/* Is NAME among the names given, or matched by a pattern that is? */
bool files_is_wanted(const struct files *s, const char *name, bool *matched);

/* The log of that name, made if it is not there. */
struct log *files_log(struct files *s, const char *name, bool matched);

void files_drop_log(struct files *s, struct log *l);

/* Are there files of L whose names nobody tells of? */
void files_restray(struct files *s, struct log *l);

/* ---- files_rotated.c */

/*
 * Rotations of L that are newer than AFTER (where that is none of them: than l->mtime, and born
 * since the start) and not known: add them behind AFTER. Returns how many.
 */
size_t files_catch_up(struct files *s, struct log *l, struct file *after);

/*
 * Is there a rotation whose contents are F's up to where that was read? *COPY reads what F has not
 * read: it was added before F, or was there; NULL: it is read to its end.
 */
bool files_find_copy(struct files *s, struct file *f, struct file **copy);

/* ---- files_save.c */

void files_let_out(void *self, size_t unit, uint64_t upto);
int files_written(void *self, struct err *e);
void files_save(const void *self, struct buf *json);
int files_seek(void *self, struct val value, struct heap *h, struct err *e);

#endif
