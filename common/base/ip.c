#include "ip.h"

#include <arpa/inet.h>

static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };

int ip_parse(struct slice text, struct ip *ip)
{
	char s[INET6_ADDRSTRLEN];

	if (text.n == 0 || text.n >= sizeof s || memchr(text.p, '\0', text.n))
		return -1;
	memcpy(s, text.p, text.n);
	s[text.n] = '\0';
	memcpy(ip->byte, mapped, sizeof mapped);
	return inet_pton(AF_INET, s, ip->byte + 12) == 1 || inet_pton(AF_INET6, s, ip->byte) == 1
	               ? 0
	               : -1;
}

int ip_parse_block(struct slice text, struct ip_block *block)
{
	const char *slash = text.n ? memchr(text.p, '/', text.n) : NULL, *p, *end = text.p + text.n;
	struct slice address = { text.p, slash ? (size_t)(slash - text.p) : text.n };
	/* 10.0.0.0/8 counts its own 32 bits, ::ffff:10.0.0.0/104 all of them */
	bool v4 = address.n && !memchr(address.p, ':', address.n);
	int bits = 0, most = v4 ? 32 : 128;

	if (ip_parse(address, &block->base) < 0)
		return -1;
	if (slash) {
		if (slash + 1 == end || end - slash > 4)
			return -1;
		for (p = slash + 1; p < end; p++) {
			if (*p < '0' || *p > '9')
				return -1;
			bits = bits * 10 + (*p - '0');
		}
		if (bits > most)
			return -1;
	}
	block->bits = (slash ? bits : most) + 128 - most;
	return 0;
}

bool ip_is_v4(const struct ip *ip)
{
	return memcmp(ip->byte, mapped, sizeof mapped) == 0;
}

bool ip_in_block(const struct ip *ip, const struct ip_block *block)
{
	size_t whole = (size_t)block->bits / 8;
	int rest = block->bits % 8;

	if (ip_is_v4(ip) && block->bits < 96)
		return false;
	if (memcmp(ip->byte, block->base.byte, whole) != 0)
		return false;
	return rest == 0 || (ip->byte[whole] ^ block->base.byte[whole]) >> (8 - rest) == 0;
}
