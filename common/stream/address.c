#include "address.h"

#include "base/duration.h"
#include "base/near.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define CONNECTIONS_MAX 1000000

int address_path(struct slice path, struct address *a, struct err *e)
{
	struct buf b = { 0 };
	int done = 0;

	*a = (struct address){ .at.un.sun_family = AF_UNIX,
		               .size = sizeof a->at.un,
		               .loopback = true };
	url_decode(&b, path, false);
	if (b.n == 0)
		done = err_set(e, FAIL_USAGE, "the path of a socket is missing");
	else if (memchr(b.p, '\0', b.n))
		done = err_set(e, FAIL_USAGE, "a path has no %%00");
	else if (b.n >= sizeof a->at.un.sun_path)
		done = err_set(e, FAIL_USAGE,
		               "the path is longer than sockets can have (%zu bytes)",
		               sizeof a->at.un.sun_path - 1);
	else
		memcpy(a->at.un.sun_path, b.p, b.n);
	buf_free(&b);
	return done;
}

static int set_host(struct slice host, int port, struct address *a, struct err *e)
{
	char text[ADDRESS_TEXT];

	snprintf(text, sizeof text, "%.*s", (int)host.n, host.n ? host.p : "");
	if (strcmp(text, "localhost") == 0)
		strcpy(text, "127.0.0.1");
	*a = (struct address){ .at.v4.sin_family = AF_INET, .size = sizeof a->at.v4 };
	if (inet_pton(AF_INET, text, &a->at.v4.sin_addr) == 1) {
		a->at.v4.sin_port = htons((uint16_t)port);
		a->loopback = ntohl(a->at.v4.sin_addr.s_addr) >> 24 == 127;
		return 0;
	}
	*a = (struct address){ .at.v6.sin6_family = AF_INET6, .size = sizeof a->at.v6 };
	if (inet_pton(AF_INET6, text, &a->at.v6.sin6_addr) != 1)
		return err_set(e, FAIL_USAGE,
		               "'%s' is no address (numbers or localhost, like 127.0.0.1 or [::1])",
		               text);
	a->at.v6.sin6_port = htons((uint16_t)port);
	a->loopback = IN6_IS_ADDR_LOOPBACK(&a->at.v6.sin6_addr);
	return 0;
}

int address_port(const struct url *u, bool listens, struct address *a, struct err *e)
{
	struct url at = *u;
	char text[ADDRESS_TEXT];

	if (!u->host.p) {
		snprintf(text, sizeof text, "//%.*s", (int)(u->path.n > 100 ? 100 : u->path.n),
		         u->path.n ? u->path.p : "");
		if (url_parse(slice_from(text), &at, e) < 0)
			return err_set(e, FAIL_USAGE, "'%s' is no [HOST:]PORT", text + 2);
	}
	if (at.port < 0 && at.host.n && at.host.n < 6 && listens) {
		/* a port alone looks like a host */
		char digits[6] = { 0 }, *end;
		long port;

		memcpy(digits, at.host.p, at.host.n);
		port = strtol(digits, &end, 10);
		if (!*end && *digits >= '0' && *digits <= '9' && port <= 65535) {
			at.port = (int)port;
			at.host = SLICE("127.0.0.1");
		}
	}
	if (at.path.n > (at.path.n == 1 && *at.path.p == '/'))
		return err_set(e, FAIL_USAGE, "nothing may follow the port but '?' and parameters");
	if (at.user.p)
		return err_set(e, FAIL_USAGE, "there is no user at a socket");
	if (at.port < 0 || (at.port == 0 && !listens))
		return err_set(e, FAIL_USAGE,
		               "there is no such port, or none (like 127.0.0.1:5000%s)",
		               listens ? ", or 5000" : "");
	if (at.host.n == 0)
		return err_set(e, FAIL_USAGE, "the host is missing (like 127.0.0.1:%d)", at.port);
	return set_host(at.host, at.port, a, e);
}

int address_number(const struct address *a)
{
	return ntohs(a->at.any.sa_family == AF_INET6 ? a->at.v6.sin6_port : a->at.v4.sin_port);
}

const char *address_text(const struct address *a, char to[ADDRESS_TEXT])
{
	char host[INET6_ADDRSTRLEN];

	switch (a->at.any.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &a->at.v4.sin_addr, host, sizeof host);
		snprintf(to, ADDRESS_TEXT, "%s:%d", host, address_number(a));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &a->at.v6.sin6_addr, host, sizeof host);
		snprintf(to, ADDRESS_TEXT, "[%s]:%d", host, address_number(a));
		break;
	default:
		snprintf(to, ADDRESS_TEXT, "%s", a->at.un.sun_path);
	}
	return to;
}

/* ---- parameters */

static int read_mode(struct params *p, const char *text)
{
	char *end;
	unsigned long v = strtoul(text, &end, 8);

	if (*text < '0' || *text > '7' || *end || v > 0777)
		return -1;
	p->mode = (unsigned)v;
	return 0;
}

static int read_remote(struct params *p, const char *text)
{
	p->remote = strcmp(text, "yes") == 0;
	return p->remote || strcmp(text, "no") == 0 ? 0 : -1;
}

static int read_connections(struct params *p, const char *text)
{
	char *end;

	p->max_connections = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && p->max_connections >= 1 &&
	                       p->max_connections <= CONNECTIONS_MAX
	               ? 0
	               : -1;
}

static int read_idle(struct params *p, const char *text)
{
	return duration_parse(slice_from(text), &p->idle);
}

static const struct param {
	const char *name, *wants;
	int (*read)(struct params *p, const char *text);
	unsigned bit;
} params[] = {
	{ "mode", "octal permissions, like 660", read_mode, PARAM_MODE },
	{ "remote", "yes or no", read_remote, PARAM_REMOTE },
	{ "max-connections", "a number from 1 on", read_connections, PARAM_MAX_CONNECTIONS },
	{ "idle", "a duration, like 30s", read_idle, PARAM_IDLE },
};
#define PARAMS (sizeof params / sizeof params[0])

static int unknown(struct slice name, unsigned allowed, struct err *e)
{
	char list[100] = "", meant[40] = "";
	struct near near;
	size_t n = 0;

	near_begin(&near, name);
	for (size_t i = 0; i < PARAMS; i++) {
		if (!(params[i].bit & allowed))
			continue;
		n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "",
		                      params[i].name);
		near_try(&near, slice_from(params[i].name));
	}
	if (near.best.p)
		snprintf(meant, sizeof meant, ", meant %.*s", (int)near.best.n, near.best.p);
	return err_set(e, FAIL_USAGE, "unknown parameter '%.*s'%s (there %s %s)",
	               (int)(name.n > 40 ? 40 : name.n), name.p, meant,
	               strchr(list, ',') ? "are" : "is", n ? list : "none");
}

static const struct param *find(struct slice name, unsigned allowed)
{
	for (size_t i = 0; i < PARAMS; i++)
		if (params[i].bit & allowed && slice_same(name, slice_from(params[i].name)))
			return &params[i];
	return NULL;
}

static int read_one(struct slice text, unsigned allowed, struct params *p, struct err *e)
{
	const char *equals = memchr(text.p, '=', text.n);
	struct slice name = { text.p, equals ? (size_t)(equals - text.p) : text.n };
	const struct param *param = find(name, allowed);
	struct buf value = { 0 };
	int done;

	if (!param)
		return unknown(name, allowed, e);
	if (equals)
		url_decode(&value, (struct slice){ equals + 1, text.n - name.n - 1 }, false);
	buf_addc(&value, '\0');
	done = param->read(p, value.p);
	if (done < 0 || strlen(value.p) + 1 != value.n)
		done = err_set(e, FAIL_USAGE, "%s: '%.40s' is not %s", param->name, value.p,
		               param->wants);
	buf_free(&value);
	return done;
}

int params_parse(struct slice query, unsigned allowed, struct params *p, struct err *e)
{
	*p = (struct params){ .mode = 0600, .max_connections = 256 };
	while (query.n) {
		const char *amp = memchr(query.p, '&', query.n);
		size_t n = amp ? (size_t)(amp - query.p) : query.n;

		if (n && read_one((struct slice){ query.p, n }, allowed, p, e) < 0)
			return -1;
		n += amp != NULL;
		query.p += n;
		query.n -= n;
	}
	return 0;
}
