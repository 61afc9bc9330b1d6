/*
 * err.h - the one error idiom: what went wrong, carried up to main.
 *
 * A `struct err` lives on main's stack and is the last parameter of whatever can fail. The place
 * that knows why calls err_set(); callers add where with err_at(); only main prints.
 * Floor: 1 (base)
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum fail {
	FAIL_NONE,
	FAIL_USAGE,   /* the command line is wrong */
	FAIL_OPEN,    /* a file or device cannot be opened */
	FAIL_IO,      /* reading or writing failed */
	FAIL_EPIPE,   /* the reader of our output went away */
	FAIL_LIMIT,   /* a limit (memory, depth, record length) was reached */
	FAIL_STATE,   /* state or protocol broken (a control line that must not be) */
	FAIL_COMPILE, /* an expression does not compile */
	FAIL_DATA,    /* a record is bad */
};

/* Exit statuses of all tools; jq's users know them. */
enum status {
	STATUS_OK = 0,
	STATUS_FALSE = 1,      /* -e: the last result was false or null */
	STATUS_TROUBLE = 2,    /* usage, I/O, broker or state error */
	STATUS_COMPILE = 3,    /* an expression does not compile */
	STATUS_NOTHING = 4,    /* -e: nothing came out */
	STATUS_BAD_RECORDS = 5 /* some records were bad */
};

struct err {
	enum fail kind;
	char text[1000]; /* one line, of a program three; lower case, no full stop at the end */
};

/*
 * Note a failure. A format that ends in ':' gets strerror(errno) appended. A failure noted
 * already is replaced. Returns -1, so that failing is one statement.
 */
int err_set(struct err *e, enum fail kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put a context in front of the failure noted in E: "CONTEXT: what it said". Returns -1. */
int err_at(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Have '?' for control characters other than tab and newline: what data brings into a message must
 * not steer a terminal. Returns TEXT. */
char *err_plain(char *text);

/* Forget a failure. */
void err_clear(struct err *e);

/* The exit status that belongs to a kind of failure. */
enum status err_status(enum fail kind);

#endif
