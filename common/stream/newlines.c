#include "newlines.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define BLOCK 64

uint64_t newlines_count(struct slice s)
{
	const char *p = s.p, *end = s.p + s.n;
	uint64_t n = 0;

	for (; end - p >= BLOCK; p += BLOCK) {
		unsigned char some = 0; /* so that the compiler may count in vectors */

		for (int i = 0; i < BLOCK; i++)
			some = (unsigned char)(some + (p[i] == '\n'));
		n += some;
	}
	while (p < end)
		n += *p++ == '\n';
	return n;
}

size_t newlines_first(struct slice s, uint64_t most)
{
	const char *at = s.p, *end = s.p + s.n;

	for (; most && at < end; most--) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		at = newline ? newline + 1 : end;
	}
	return (size_t)(at - s.p);
}

int newlines_in_file(const char *path, uint64_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), why;
	char room[1 << 16];
	ssize_t got = -1;

	if (fd < 0)
		return -1;
	while ((got = read(fd, room, sizeof room)) > 0 || (got < 0 && errno == EINTR))
		if (got > 0)
			*n += newlines_count((struct slice){ room, (size_t)got });
	why = errno;
	close(fd);
	errno = why;
	return got < 0 ? -1 : 0;
}
