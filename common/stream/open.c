#include "open.h"

#include "datagrams.h"
#include "exec.h"
#include "listen.h"
#include "scheme.h"
#include "sockets.h"

struct sourcing {
	const struct feed_opts *opts;
	enum follow follow;
	struct feed *feed;
};

static const struct sourcing *how(const struct opening *o)
{
	return o->context;
}

static bool is_path(const struct opening *o)
{
	return !o->parts.host.n && o->parts.path.n && memchr(o->parts.path.p, '/', o->parts.path.n);
}

static int connect_to(const struct opening *o, const struct address *a, struct err *e)
{
	return sockets_open(o->url, a, how(o)->opts, how(o)->follow, how(o)->feed, e);
}

static int open_unix(const struct opening *o, struct err *e)
{
	struct address a;

	return scheme_to_unix(o, &a, e) < 0 ? -1 : connect_to(o, &a, e);
}

static int open_tcp(const struct opening *o, struct err *e)
{
	struct address a;

	return scheme_to_tcp(o, &a, e) < 0 ? -1 : connect_to(o, &a, e);
}

static int open_unix_listen(const struct opening *o, struct err *e)
{
	const unsigned allowed = PARAM_MODE | PARAM_MAX_CONNECTIONS | PARAM_IDLE;
	struct address a;
	struct params p;

	if (params_parse(o->parts.query, allowed, &p, e) < 0 || scheme_path(o, &a, e) < 0)
		return -1;
	return listen_open(o->url, &a, &p, false, how(o)->opts, how(o)->feed, e);
}

static int listen_tcp(const struct opening *o, bool syslog, struct err *e)
{
	const unsigned allowed = PARAM_REMOTE | PARAM_MAX_CONNECTIONS | PARAM_IDLE;
	struct address a;
	struct params p;

	if (params_parse(o->parts.query, allowed, &p, e) < 0 ||
	    address_port(&o->parts, true, &a, e) < 0)
		return -1;
	return listen_open(o->url, &a, &p, syslog, how(o)->opts, how(o)->feed, e);
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
		if (params_parse(o->parts.query, PARAM_MODE, &p, e) < 0 ||
		    scheme_path(o, &a, e) < 0)
			return -1;
	} else if (params_parse(o->parts.query, PARAM_REMOTE, &p, e) < 0 ||
	           address_port(&o->parts, true, &a, e) < 0) {
		return -1;
	}
	return datagrams_open(o->url, &a, &p, how(o)->opts, how(o)->feed, e);
}

static int open_exec(const struct opening *o, struct err *e)
{
	return exec_open(o->rest, how(o)->opts, how(o)->follow, how(o)->feed, e);
}

static const struct scheme schemes[] = {
	{ "unix", open_unix, false },
	{ "tcp", open_tcp, false },
	{ "unix-listen", open_unix_listen, false },
	{ "tcp-listen", open_tcp_listen, false },
	{ "syslog", open_syslog, false },
	{ "syslog+tcp", open_syslog_tcp, false },
	{ "exec", open_exec, true },
	{ NULL, NULL, false },
};

bool feed_is_url(const char *text)
{
	return scheme_is_url(schemes, text);
}

int feed_open(const char *url, const struct feed_opts *opts, enum follow follow, struct feed *feed,
              struct err *e)
{
	struct sourcing how = { .opts = opts, .follow = follow };

	how.feed = feed;
	return feed_is_url(url) ? scheme_open(schemes, url, &how, e) : 1;
}
