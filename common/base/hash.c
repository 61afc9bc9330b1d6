#include "hash.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#ifndef __clang_analyzer__ /* it is not asked about the library */
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

static uint64_t seed;

/* Before main(), so that all threads have the same. */
__attribute__((constructor)) static void draw_seed(void)
{
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
		seed = (uint64_t)time(NULL) * 0x9E3779B97F4A7C15u ^ (uint64_t)getpid();
	seed |= 1;
}

uint64_t hash_bytes(const void *p, size_t n)
{
	return XXH3_64bits_withSeed(p, n, seed);
}

uint64_t hash_stable(const void *p, size_t n)
{
	return XXH3_64bits(p, n);
}

uint64_t hash_seeded(const void *p, size_t n, uint64_t with)
{
	return XXH3_64bits_withSeed(p, n, with);
}

uint64_t hash_xxh64(const void *p, size_t n)
{
	return XXH64(p ? p : "", p ? n : 0, 0);
}
