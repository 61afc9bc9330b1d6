#include "open.h"

#include "base/near.h"
#include "datagrams.h"
#include "exec.h"
#include "listen.h"
#include "sockets.h"

#include <stdio.h>

struct opening {
	const char *url, *rest; /* behind the scheme's ':' */
	struct url parts;
	const struct feed_opts *opts;
	enum follow follow;
	struct feed *feed;
};

static bool is_path(const struct opening *o)
{
	return !o->parts.host.n && o->parts.path.n && memchr(o->parts.path.p, '/', o->parts.path.n);
}

/* SCHEME:PATH or SCHEME:///PATH. */
static int path_of(const struct opening *o, struct address *a, struct err *e)
{
	if (o->parts.host.n)
		return err_set(e, FAIL_USAGE, "a path has no // before it, or three");
	return address_path(o->parts.path, a, e);
}

static int open_unix(const struct opening *o, struct err *e)
{
	struct address a;
	struct params p;

	if (params_parse(o->parts.query, 0, &p, e) < 0 || path_of(o, &a, e) < 0)
		return -1;
	return sockets_open(o->url, &a, o->opts, o->follow, o->feed, e);
}

static int open_tcp(const struct opening *o, struct err *e)
{
	struct address a;
	struct params p;

	if (params_parse(o->parts.query, 0, &p, e) < 0 || address_port(&o->parts, false, &a, e) < 0)
		return -1;
	return sockets_open(o->url, &a, o->opts, o->follow, o->feed, e);
}

static int open_unix_listen(const struct opening *o, struct err *e)
{
	const unsigned allowed = PARAM_MODE | PARAM_MAX_CONNECTIONS | PARAM_IDLE;
	struct address a;
	struct params p;

	if (params_parse(o->parts.query, allowed, &p, e) < 0 || path_of(o, &a, e) < 0)
		return -1;
	return listen_open(o->url, &a, &p, false, o->opts, o->feed, e);
}

static int listen_tcp(const struct opening *o, bool syslog, struct err *e)
{
	const unsigned allowed = PARAM_REMOTE | PARAM_MAX_CONNECTIONS | PARAM_IDLE;
	struct address a;
	struct params p;

	if (params_parse(o->parts.query, allowed, &p, e) < 0 ||
	    address_port(&o->parts, true, &a, e) < 0)
		return -1;
	return listen_open(o->url, &a, &p, syslog, o->opts, o->feed, e);
}

static int open_tcp_listen(const struct opening *o, struct err *e)
{
	return listen_tcp(o, false, e);
}

static int open_syslog_tcp(const struct opening *o, struct err *e)
{
	return listen_tcp(o, true, e);
}

static int open_syslog(const struct opening *o, struct err *e)
{
	struct address a;
	struct params p;

	if (is_path(o)) {
		if (params_parse(o->parts.query, PARAM_MODE, &p, e) < 0 || path_of(o, &a, e) < 0)
			return -1;
	} else if (params_parse(o->parts.query, PARAM_REMOTE, &p, e) < 0 ||
	           address_port(&o->parts, true, &a, e) < 0) {
		return -1;
	}
	return datagrams_open(o->url, &a, &p, o->opts, o->feed, e);
}

static int open_exec(const struct opening *o, struct err *e)
{
	return exec_open(o->rest, o->opts, o->follow, o->feed, e);
}

static const struct {
	const char *name;
	int (*open)(const struct opening *o, struct err *e);
	bool opaque; /* what follows is no URL's parts */
} schemes[] = {
	{ "unix", open_unix, false },
	{ "tcp", open_tcp, false },
	{ "unix-listen", open_unix_listen, false },
	{ "tcp-listen", open_tcp_listen, false },
	{ "syslog", open_syslog, false },
	{ "syslog+tcp", open_syslog_tcp, false },
	{ "exec", open_exec, true },
};
#define SCHEMES (sizeof schemes / sizeof schemes[0])

/* What stands before the first ':', if that can be a scheme: letters, digits, + - . */
static struct slice scheme_of(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-.");

	return (struct slice){ text, text[n] == ':' && *text >= 'a' ? n : 0 };
}

static size_t find(struct slice scheme)
{
	size_t i = 0;

	while (i < SCHEMES && !slice_same(scheme, slice_from(schemes[i].name)))
		i++;
	return i;
}

bool feed_is_url(const char *text)
{
	struct slice scheme = scheme_of(text);

	return scheme.n && (find(scheme) < SCHEMES || strncmp(text + scheme.n, "://", 3) == 0);
}

static int unknown(const char *url, struct slice scheme, struct err *e)
{
	char list[200] = "", meant[40] = "";
	struct near near;
	size_t n = 0;

	near_begin(&near, scheme);
	for (size_t i = 0; i < SCHEMES; i++) {
		n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "",
		                      schemes[i].name);
		near_try(&near, slice_from(schemes[i].name));
	}
	if (near.best.p)
		snprintf(meant, sizeof meant, ", meant %.*s:", (int)near.best.n, near.best.p);
	return err_set(e, FAIL_USAGE, "%.100s: unknown scheme%s (there are %s; a file: ./%.*s..)",
	               url, meant, list, (int)(scheme.n > 40 ? 40 : scheme.n), scheme.p);
}

int feed_open(const char *url, const struct feed_opts *opts, enum follow follow, struct feed *feed,
              struct err *e)
{
	struct slice scheme = scheme_of(url);
	struct opening o = {
		.url = url, .rest = url + scheme.n + 1, .opts = opts, .follow = follow, .feed = feed
	};
	size_t i = find(scheme);

	if (!feed_is_url(url))
		return 1;
	if (i == SCHEMES)
		return unknown(url, scheme, e);
	if (!schemes[i].opaque && url_parse(slice_from(url), &o.parts, e) < 0) {
		e->kind = FAIL_USAGE;
		return err_at(e, "%.200s", url);
	}
	if (!schemes[i].opaque && o.parts.fragment.p)
		return err_set(e, FAIL_USAGE, "%.200s: a '#' must be written as %%23", url);
	return schemes[i].open(&o, e) < 0 ? err_at(e, "%.200s", url) : 0;
}
