#include "start.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP ((size_t)64 << 10)

/* ---- what is asked for */

/* The multiplier that P is, whole; 0 if it is none. */
static uint64_t multiplier(const char *p)
{
	static const char powers[] = "kmgtpe";
	uint64_t base = 1024, factor = 1;
	const char *power;

	if (!*p || strcmp(p, "b") == 0)
		return *p ? 512 : 1;
	if (!strchr("kKmMGTPE", *p))
		return 0;
	power = strchr(powers, *p | 32);
	if (strcmp(p + 1, "B") == 0)
		base = 1000;
	else if (p[1] && strcmp(p + 1, "iB") != 0 && strcmp(p + 1, "i") != 0)
		return 0;
	for (const char *at = powers; at <= power; at++)
		factor *= base;
	return factor;
}

int start_parse(const char *text, bool bytes, struct start *s)
{
	bool from = *text == '+';
	const char *p = text + (from || *text == '-'), *digits = p;
	uint64_t n = 0, factor;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
			return -1;
	if (p == digits && *p)
		n = 1;
	else if (p == digits)
		return -1;
	factor = multiplier(p);
	if (!factor || __builtin_mul_overflow(n, factor, &n))
		return -1;
	s->count = n;
	if (bytes)
		s->kind = from ? START_FROM_BYTE : START_LAST_BYTES;
	else
		s->kind = from ? START_FROM_LINE : START_LAST_LINES;
	return 0;
}

/* ---- where that is */

/* The last COUNT lines of SIZE bytes, block by block from the end. */
static int64_t last_lines(int fd, int64_t size, uint64_t count, char *block)
{
	int64_t at = size;
	uint64_t seen = 0;

	while (at > 0) {
		size_t want = at < (int64_t)STEP ? (size_t)at : STEP;
		ssize_t n = pread(fd, block, want, at - (int64_t)want);
		/* a newline at the very end ends the last line, it begins none */
		size_t left = n < 0 ? 0 : (size_t)n - (at == size);
		const char *newline;

		if (n < 0)
			return -1;
		if ((size_t)n < want)
			return 0; /* it was cut meanwhile: what is there by now is new */
		at -= n;
		while ((newline = memrchr(block, '\n', left))) {
			left = (size_t)(newline - block);
			if (++seen == count)
				return at + (int64_t)left + 1;
		}
	}
	return 0;
}

/* Behind the first COUNT lines. */
static int64_t behind_lines(int fd, uint64_t count, char *block)
{
	int64_t at = 0;
	ssize_t n;

	while (count > 0 && (n = pread(fd, block, STEP, at)) != 0) {
		const char *p = block, *end = block + n;

		if (n < 0)
			return -1;
		while (count > 0 && (p = memchr(p, '\n', (size_t)(end - p)))) {
			p++;
			count--;
		}
		at += p ? p - block : n;
	}
	return at;
}

static int64_t find(int fd, int64_t size, const struct start *s)
{
	char *block = alloc_array(STEP, 1);
	int64_t at = s->kind == START_FROM_LINE ? behind_lines(fd, s->count - 1, block)
	                                        : last_lines(fd, size, s->count, block);

	free(block);
	return at;
}

int64_t start_offset(int fd, const struct start *s)
{
	struct stat st;
	uint64_t size;

	if (fstat(fd, &st) < 0)
		return -1;
	size = (uint64_t)st.st_size;
	switch (s->kind) {
	case START_ALL:
		return 0;
	case START_LAST_LINES:
		return s->count ? find(fd, st.st_size, s) : st.st_size;
	case START_FROM_LINE:
		return s->count > 1 ? find(fd, st.st_size, s) : 0;
	case START_LAST_BYTES:
		return s->count < size ? (int64_t)(size - s->count) : 0;
	case START_FROM_BYTE:
		if (s->count <= 1)
			return 0;
		return s->count - 1 < size ? (int64_t)s->count - 1 : st.st_size;
	}
	return -1;
}
