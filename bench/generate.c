/*
 * generate COUNT [SEED [USERS]] - write COUNT records of an imagined access log (about 190 bytes
 * each), the same for a given count and seed: times run on at 1,000 a second, three in ten up to 2
 * s late. Users are drawn from 100,000; with USERS they take turns, each of so many as often as
 * any.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t state;

/* xorshift64*: M. E. O'Neill's survey of small generators has it; good enough for data */
static uint64_t draw(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

static unsigned below(unsigned n)
{
	return (unsigned)((draw() >> 33) % n);
}

/* the product of three uniform variables: small mostly, with a long tail */
static double skewed(void)
{
	double u = (double)(draw() >> 11) / 9007199254740992.0,
	       v = (double)(draw() >> 11) / 9007199254740992.0;

	return 1.0 / (1.0 - u * v * 0.999);
}

int main(int argc, char **argv)
{
	static const char *const words[] = { "items", "users", "orders", "search",
		                             "cart",  "login", "export", "img" };
	static const char *const msgs[] = { "ok",
		                            "cache miss",
		                            "retry=1",
		                            "retry=2",
		                            "upstream \\\"b-3\\\" slow",
		                            "caf\xc3\xa9 \xe2\x9c\x93",
		                            "path C:\\\\tmp",
		                            "timeout after\\n30s" };
	static const char *const plans[] = { "free", "team", "corp" };
	static const int status[] = { 200, 200, 200, 200, 200, 200, 200, 200, 200, 200,
		                      200, 200, 200, 200, 200, 200, 304, 404, 404, 500 };
	long count = argc > 1 ? atol(argv[1]) : 0, users = argc > 3 ? atol(argv[3]) : 0, i;

	if (count < 1 || users < 0) {
		fprintf(stderr, "usage: generate COUNT [SEED [USERS]]\n");
		return 2;
	}
	state = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 0x9E3779B97F4A7C15u;
	for (i = 0; i < count; i++) {
		long at = below(10) < 3 ? i - (long)below(2000) : i;
		time_t sec = 1767225600 + (at - 2000) / 1000;
		char ts[32];
		unsigned path = below(400) * below(400) / 400;

		strftime(ts, sizeof ts, "%Y-%m-%dT%H:%M:%S", gmtime(&sec));
		printf("{\"ts\":\"%s.%03ldZ\",\"host\":\"web-%02u\",\"path\":\"/api/v%u/%s/"
		       "%u\",\"status\":%d,\"ms\":%.3f,"
		       "\"bytes\":%u,\"user\":{\"id\":%ld,\"plan\":\"%s\"},\"tags\":[\"t%u\",\"t%"
		       "u\"],\"msg\":\"%s\"}\n",
		       ts, (at + 4000) % 1000, below(20), path % 3 + 1, words[path % 8],
		       path / 8 * 37 % 1000, status[below(20)], 12 * skewed(), 200 + below(90000),
		       users ? i * 611953 % users : (long)below(100000), plans[below(3)], below(9),
		       below(9), msgs[below(8)]);
	}
	return fflush(stdout) != 0;
}
