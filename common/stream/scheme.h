/*
 * scheme.h - what a URL's scheme stands for: tables of them, for sources (open.h) and destinations
 * (sinks.h). Floor: 7 (stream)
 */
#ifndef STREAM_SCHEME_H
#define STREAM_SCHEME_H

#include "address.h"
#include "base/url.h"

struct opening {
	const char *url, *rest; /* behind the scheme's ':' */
	struct url parts;       /* of a scheme that is not opaque */
	void *context;
};

struct scheme {
	const char *name; /* NULL: the table's end */
	int (*open)(const struct opening *o, struct err *e);
	bool opaque; /* what follows is no URL's parts */
};

/* Is this a URL, not a file's name? One that begins with a scheme of TABLE and ':', or any "x://".
 */
bool scheme_is_url(const struct scheme *table, const char *text);

/* Open what URL names. -1 with FAIL_USAGE (also for a scheme that is not in TABLE) or what its
 * function says; they name the URL. */
int scheme_open(const struct scheme *table, const char *url, void *context, struct err *e)
	__attribute__((warn_unused_result));

/* Of SCHEME:PATH or SCHEME:///PATH: the socket's address. */
int scheme_path(const struct opening *o, struct address *a, struct err *e)
	__attribute__((warn_unused_result));

/* The address of a connection to unix:PATH, or of one to tcp://HOST:PORT; no parameters. */
int scheme_to_unix(const struct opening *o, struct address *a, struct err *e)
	__attribute__((warn_unused_result));
int scheme_to_tcp(const struct opening *o, struct address *a, struct err *e)
	__attribute__((warn_unused_result));

#endif
