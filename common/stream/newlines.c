#include "newlines.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Where records end that may have quotes, however they come in pieces. */
struct quotes {
	bool open;
};

/* Count those of a piece, MOST at most; *LAST is where the last one ends. */
static uint64_t count_quoted(struct quotes *q, struct slice s, uint64_t most, size_t *last)
{
	uint64_t n = 0;

	*last = 0;
	for (size_t i = 0; i < s.n && n < most; i++) {
		if (s.p[i] == '"')
			q->open = !q->open;
		if (s.p[i] != '\n' || q->open)
			continue;
		n++;
		*last = i + 1;
	}
	return n;
}

uint64_t newlines_count(struct slice s, bool quoted)
{
	struct quotes q = { false };
	size_t last;

	return quoted ? count_quoted(&q, s, UINT64_MAX, &last) : slice_count(s, '\n');
}

size_t newlines_first(struct slice s, uint64_t most, bool quoted)
{
	const char *at = s.p, *end = s.p + s.n;
	struct quotes q = { false };
	size_t last;

	if (quoted)
		return count_quoted(&q, s, most, &last) < most ? s.n : last;
	for (; most && at < end; most--) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		at = newline ? newline + 1 : end;
	}
	return (size_t)(at - s.p);
}

size_t newlines_last(struct slice s, bool quoted)
{
	const char *newline = s.n ? memrchr(s.p, '\n', s.n) : NULL;
	struct quotes q = { false };
	size_t last = newline ? (size_t)(newline - s.p) + 1 : 0;

	if (quoted)
		count_quoted(&q, s, UINT64_MAX, &last);
	return last;
}

int newlines_in_file(const char *path, bool quoted, uint64_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), why;
	struct quotes q = { false };
	char room[1 << 16];
	ssize_t got = -1;
	size_t last;

	if (fd < 0)
		return -1;
	while ((got = read(fd, room, sizeof room)) > 0 || (got < 0 && errno == EINTR)) {
		struct slice s = { room, got > 0 ? (size_t)got : 0 };

		*n += quoted ? count_quoted(&q, s, UINT64_MAX, &last) : slice_count(s, '\n');
	}
	why = errno;
	close(fd);
	errno = why;
	return got < 0 ? -1 : 0;
}

int newlines_last_quoted(int fd, uint64_t size, uint64_t *last)
{
	struct quotes q = { false };
	char room[1 << 16];
	uint64_t at = 0;

	*last = 0;
	while (at < size) {
		size_t most = size - at < sizeof room ? (size_t)(size - at) : sizeof room, ends;
		ssize_t got = pread(fd, room, most, (off_t)at);

		if (got == 0)
			errno = EIO; /* it became shorter */
		if (got == 0 || (got < 0 && errno != EINTR))
			return -1;
		if (got < 0)
			continue;
		count_quoted(&q, (struct slice){ room, (size_t)got }, UINT64_MAX, &ends);
		if (ends)
			*last = at + ends;
		at += (uint64_t)got;
	}
	return 0;
}
