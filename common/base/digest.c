#include "digest.h"

#include <sys/types.h>

#include <stdint.h>

#include <md5.h>
#include <sha2.h>

char *digest_sha256(struct slice s, char to[SHA256_HEX])
{
	return SHA256Data((const uint8_t *)s.p, s.n, to);
}

char *digest_md5(struct slice s, char to[MD5_HEX])
{
	return MD5Data((const uint8_t *)s.p, s.n, to);
}
