/*
 * rotate.h - a log's rotation, as logrotate(8) and others do it. Errors end the program: it is a
 * test's.
 */
#ifndef TORTURE_ROTATE_H
#define TORTURE_ROTATE_H

#include <stdbool.h>

enum method {
	RENAME,       /* to .1, .1 to .2 and so on; then the log is created */
	DATED,        /* to log-N, and nothing else is renamed: logrotate's dateext */
	CREATE_FIRST, /* the same, but the old one is written to for a while */
	DELETE,       /* and created */
	COPYTRUNCATE, /* copied to .1, cut to nothing; nothing is written in between */
	COPY_RACE,    /* something is written in between, which no file has afterwards */
	SYMLINK,      /* the log is a link to log-N; another one takes its place */
	GZIP,         /* rename; .1 is packed at the next rotation: logrotate's delaycompress */
	GZIP_NOW,     /* rename; .1 is packed at once */
	ZSTD,
	ZSTD_NOW,
	METHODS
};

extern const char *const method_names[METHODS];

struct rotator {
	const char *log;
	unsigned keep; /* how many old files */
	int fd;        /* the log, open for appending; -1 at first */
};

/* Make the log and open it; GENERATION is the first. */
void rotate_start(struct rotator *r, enum method method, unsigned generation);

/*
 * The first half: the log gets another name (or a copy). r->fd is still open: for all methods but
 * COPYTRUNCATE (copied, not yet cut) what is written to it is in a file that is kept. GENERATION
 * is the new one.
 */
void rotate_away(struct rotator *r, enum method method, unsigned generation);

/* The second: r->fd is the new log. */
void rotate_reopen(struct rotator *r, enum method method);

/* Print why, with errno's text, and exit with 2. */
_Noreturn void die(const char *what, const char *name);

#endif
