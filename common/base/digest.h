/*
 * digest.h - SHA-256 (FIPS 180-4) and MD5 (RFC 1321), by libmd.
 * Floor: 1 (base)
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "slice.h"

#define SHA256_HEX 65 /* characters, NUL included */
#define MD5_HEX    33

/* The digest in hexadecimal, lower case. Returns TO. */
char *digest_sha256(struct slice s, char to[SHA256_HEX]);
char *digest_md5(struct slice s, char to[MD5_HEX]);

#endif
