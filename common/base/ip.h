/*
 * ip.h - IPv4 and IPv6 addresses and blocks of them (CIDR, RFC 4632 and RFC 4291).
 *
 * An IPv4 address mapped into IPv6 (::ffff:10.0.0.1) is the IPv4 address.
 * Floor: 1 (base)
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "slice.h"

#include <stdint.h>

struct ip {
	uint8_t byte[16]; /* big-endian; an IPv4 address mapped into IPv6 */
};

struct ip_block {
	struct ip base;
	int bits; /* of the prefix, 0-128; those of IPv4 from 96 on */
};

/* Parse an address: 10.0.0.1 without leading zeros, or IPv6 without brackets and zone. 0 or -1. */
int ip_parse(struct slice text, struct ip *ip) __attribute__((warn_unused_result));

/*
 * Parse ADDRESS/BITS, or an address alone, which is a block of one. Bits behind the prefix need not
 * be zero. 0 or -1.
 */
int ip_parse_block(struct slice text, struct ip_block *block) __attribute__((warn_unused_result));

/* Is it an IPv4 address? Blocks of IPv6 that reach beyond it (::/0) do not hold it. */
bool ip_is_v4(const struct ip *ip);

bool ip_in_block(const struct ip *ip, const struct ip_block *block);

#endif
