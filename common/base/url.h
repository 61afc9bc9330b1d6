/*
 * url.h - the parts of a URL (RFC 3986), and percent-decoding.
 * Floor: 1 (base)
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "buf.h"
#include "err.h"

/* Slices of the text, not decoded; p is NULL where a part is absent. The path is always there. */
struct url {
	struct slice scheme, user, password, host, path, query, fragment;
	int port; /* -1: absent */
};

/*
 * Take a URI reference apart (RFC 3986 appendix B; authority by section 3.2). An IPv6 host is given
 * without its brackets. -1 with FAIL_DATA for blanks and control characters, a scheme that is none,
 * brackets that do not close, a port that is none.
 */
int url_parse(struct slice text, struct url *u, struct err *e) __attribute__((warn_unused_result));

/*
 * Append S with its %xx decoded, and '+' as a blank if PLUS. A '%' that no two hexadecimal digits
 * follow stays as it is. The bytes need not be UTF-8.
 */
void url_decode(struct buf *b, struct slice s, bool plus);

#endif
