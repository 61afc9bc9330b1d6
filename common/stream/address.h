/*
 * address.h - the address of a socket out of a URL, and the parameters behind its '?'.
 *
 * Hosts are numbers or localhost: no name service is asked. Errors: FAIL_USAGE; they do not name
 * the URL. Floor: 7 (stream)
 */
#ifndef STREAM_ADDRESS_H
#define STREAM_ADDRESS_H

#include "base/err.h"
#include "base/url.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ADDRESS_TEXT 128 /* bytes of an address as text, NUL included */

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un un;
	} at;
	socklen_t size;
	bool loopback; /* only this machine reaches it */
};

/* The socket of a path, percent-encoded. */
int address_path(struct slice path, struct address *a, struct err *e)
	__attribute__((warn_unused_result));

/*
 * [//] [HOST ":"] PORT, of an URL that has been taken apart. LISTENS: the host may be left out, and
 * is 127.0.0.1 then; the port may be 0.
 */
int address_port(const struct url *u, bool listens, struct address *a, struct err *e)
	__attribute__((warn_unused_result));

/* "127.0.0.1:80", "[::1]:80", a path. Returns TO. */
const char *address_text(const struct address *a, char to[ADDRESS_TEXT]);

/* The port of an address that has one. */
int address_number(const struct address *a);

/* What may stand behind the '?'. */
enum {
	PARAM_MODE = 1 << 0,            /* mode=OCTAL: of the socket file */
	PARAM_REMOTE = 1 << 1,          /* remote=yes: other machines may connect */
	PARAM_MAX_CONNECTIONS = 1 << 2, /* max-connections=N */
	PARAM_IDLE = 1 << 3,            /* idle=DURATION: a connection silent so long is closed */
};

struct params {
	unsigned mode;            /* 0600 */
	bool remote;              /* no */
	uint64_t max_connections; /* 256 */
	int64_t idle;             /* ns; 0: for ever */
};

/* Read QUERY, a=b&c=d; ALLOWED of the PARAM_ bits. What is not named has its default. */
int params_parse(struct slice query, unsigned allowed, struct params *p, struct err *e)
	__attribute__((warn_unused_result));

#endif
