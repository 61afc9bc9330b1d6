#include "content.h"

#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SKIP ((size_t)64 << 10)

int content_open(struct content *c, const char *path, struct stat *st, struct err *e)
{
	char magic[4];
	ssize_t n;

	*c = (struct content){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) };
	if (c->fd < 0)
		return err_set(e, FAIL_OPEN, "cannot open %s:", path);
	if (fstat(c->fd, st) < 0 || !S_ISREG(st->st_mode)) {
		content_close(c);
		return err_set(e, FAIL_OPEN, "cannot follow %s: it is no regular file", path);
	}
	n = pread(c->fd, magic, sizeof magic, 0);
	c->packed = n > 0 && unpack_wanted(magic, (size_t)n) > 0;
	return 0;
}

/* Begin to unpack at the start. */
static int begin(struct content *c, struct err *e)
{
	if (c->unpack)
		unpack_free(c->unpack);
	if (lseek(c->fd, 0, SEEK_SET) < 0)
		return err_set(e, FAIL_IO, "cannot read:");
	c->unpack = NULL;
	c->at = 0;
	return 0;
}

static long unpack_some(struct content *c, char *to, size_t n, struct err *e)
{
	char first[4];
	ssize_t have;
	long got;

	if (!c->unpack) {
		have = read(c->fd, first, sizeof first);
		if (have < 0)
			return err_set(e, FAIL_IO, "cannot read:");
		c->unpack = unpack_new(c->fd, first, (size_t)have);
	}
	do
		got = unpack_read(c->unpack, to, n, e);
	while (got == -2);
	if (got > 0)
		c->at += (uint64_t)got;
	return got;
}

/* All of N bytes, unless the end comes first. */
static long unpack_all(struct content *c, char *to, size_t n, struct err *e)
{
	size_t done = 0;
	long got = 1;

	while (done < n && got > 0) {
		got = unpack_some(c, to + done, n - done, e);
		done += got > 0 ? (size_t)got : 0;
	}
	return got < 0 ? -1 : (long)done;
}

long content_read(struct content *c, uint64_t at, char *to, size_t n, struct err *e)
{
	char skipped[SKIP];
	long got = 1;

	if (!c->packed) {
		got = pread(c->fd, to, n, (off_t)at);
		return got < 0 ? err_set(e, FAIL_IO, "cannot read:") : got;
	}
	if ((!c->unpack || at < c->at) && begin(c, e) < 0)
		return -1;
	while (c->at < at && got > 0)
		got = unpack_some(c, skipped, at - c->at < SKIP ? (size_t)(at - c->at) : SKIP, e);
	return got <= 0 ? got : unpack_all(c, to, n, e);
}

void content_rewind(struct content *c)
{
	if (c->unpack)
		unpack_free(c->unpack);
	c->unpack = NULL;
	c->at = 0;
}

void content_close(struct content *c)
{
	if (c->fd >= 0)
		close(c->fd);
	unpack_free(c->unpack);
	*c = (struct content){ .fd = -1 };
}

/* ---- prints */

void print_tail(struct print *p, const char *bytes, size_t n)
{
	size_t used = n < PRINT_TAIL ? n : PRINT_TAIL;

	p->tail_n = (uint32_t)used;
	p->tail = hash_stable(bytes + n - used, used);
}

void print_head(struct print *p, const char *bytes, size_t n)
{
	p->head_n = (uint32_t)n;
	p->head = hash_stable(bytes, n);
}

static bool same_bytes(struct content *c, uint64_t from, size_t n, uint64_t hash)
{
	char bytes[PRINT_HEAD];
	struct err ignored;

	err_clear(&ignored);
	return content_read(c, from, bytes, n, &ignored) == (long)n &&
	       hash_stable(bytes, n) == hash;
}

/* Are there as many bytes as that? */
static bool reaches(struct content *c, uint64_t at)
{
	struct err ignored;
	struct stat st;
	char byte;

	if (!c->packed)
		return fstat(c->fd, &st) == 0 && (uint64_t)st.st_size >= at;
	err_clear(&ignored);
	return at == 0 || content_read(c, at - 1, &byte, 1, &ignored) == 1;
}

bool print_fits(const struct print *p, uint64_t at, struct content *c)
{
	if (p->head_n == 0 || p->head_n > PRINT_HEAD || p->tail_n > PRINT_TAIL || p->tail_n > at)
		return false;
	return same_bytes(c, 0, p->head_n, p->head) &&
	       (p->tail_n ? same_bytes(c, at - p->tail_n, p->tail_n, p->tail) : reaches(c, at));
}
