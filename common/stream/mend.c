#include "mend.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "newlines.h"
#include "json/check.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP ((size_t)64 << 10)

struct tail {
	int fd; /* for reading */
	const char *path, *tool;
	enum mend_as as;
	uint64_t size;
	char *p; /* the file's last N bytes, at the end of a block of CAP */
	size_t n, cap;
};

static int read_at(int fd, char *to, size_t n, uint64_t at)
{
	while (n) {
		ssize_t got = pread(fd, to, n, (off_t)at);

		if (got == 0)
			errno = EIO; /* it became shorter */
		if (got == 0 || (got < 0 && errno != EINTR))
			return -1;
		if (got > 0) {
			to += got;
			n -= (size_t)got;
			at += (uint64_t)got;
		}
	}
	return 0;
}

/* Read STEP more bytes in front of those that are there. */
static int read_more(struct tail *t)
{
	size_t n = t->size - t->n < STEP ? (size_t)(t->size - t->n) : STEP;

	if (t->n + n > t->cap) {
		size_t cap = t->cap ? t->cap * 2 : STEP;
		char *p = alloc_array(cap, 1);

		if (t->n)
			memcpy(p + cap - t->n, t->p + t->cap - t->n, t->n);
		free(t->p);
		t->p = p;
		t->cap = cap;
	}
	if (read_at(t->fd, t->p + t->cap - t->n - n, n, t->size - t->n - n) < 0)
		return -1;
	t->n += n;
	return 0;
}

/* The last record that may be quoted: empty where it has its end. As find_last(). */
static int find_quoted(struct tail *t, struct slice *record)
{
	uint64_t last;

	if (newlines_last_quoted(t->fd, t->size, &last) < 0)
		return -1;
	last = t->size - last;
	while (t->n < last && t->n <= MEND_MAX)
		if (read_more(t) < 0)
			return -1;
	record->n = last < t->n ? (size_t)last : t->n;
	record->p = t->p + t->cap - record->n;
	return last > MEND_MAX;
}

/* The last line: empty where it has its newline. -1 with errno; 1: it is too long. */
static int find_last(struct tail *t, struct slice *line)
{
	const char *end, *at;
	size_t seen = 0;

	do {
		if (read_more(t) < 0)
			return -1;
		end = t->p + t->cap;
		at = memrchr(end - t->n, '\n', t->n - seen);
		seen = t->n;
	} while (!at && t->n < t->size && t->n <= MEND_MAX);
	at = at ? at + 1 : end - t->n;
	*line = (struct slice){ at, (size_t)(end - at) };
	return line->n > MEND_MAX;
}

/* Does it begin as a JSON object or array? */
static bool begins_json(struct slice line)
{
	size_t i = 0;

	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	return i < line.n && (line.p[i] == '{' || line.p[i] == '[');
}

static bool is_whole(struct slice line)
{
	struct check_fault fault;

	return begins_json(line) && check_json(line, &fault) == 0;
}

/* Is the last line none of a text? */
static bool is_binary(const struct tail *t, struct slice line)
{
	size_t near = t->n < STEP ? t->n : STEP;

	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if ((c < ' ' && c != '\t' && c != '\r') || c == 0x7f)
			return true;
	}
	return memchr(t->p + t->cap - near, '\0', near);
}

static int write_at_end(int fd, struct slice s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			s.p += n;
			s.n -= (size_t)n;
		}
	}
	return 0;
}

/* Append LINE to PATH.torn. */
static int save_torn(const struct tail *t, struct slice line, struct err *e)
{
	struct buf b = { 0 };
	int fd, did = 0;

	buf_addf(&b, "%s.torn", t->path);
	buf_addc(&b, '\0');
	fd = open(b.p, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0) {
		did = err_set(e, FAIL_OPEN, "cannot open %s:", b.p);
	} else {
		if (write_at_end(fd, line) < 0 || write_at_end(fd, SLICE("\n")) < 0 ||
		    fsync(fd) < 0)
			did = err_set(e, FAIL_IO, "cannot write to %s:", b.p);
		close(fd);
	}
	buf_free(&b);
	return did;
}

static int add_newline(int fd, const struct tail *t, struct err *e)
{
	if (write_at_end(fd, SLICE("\n")) < 0)
		return err_set(e, FAIL_IO, "cannot write to %s:", t->path);
	return 0;
}

static int end_line(int fd, const struct tail *t, size_t n, const char *what, struct err *e)
{
	if (add_newline(fd, t, e) < 0)
		return -1;
	fprintf(stderr, "%s: %s: the last line (%zu bytes%s) had no newline: it was added\n",
	        t->tool, t->path, n, what);
	return 0;
}

static int end_text(int fd, const struct tail *t, struct err *e)
{
	if (add_newline(fd, t, e) < 0)
		return -1;
	fprintf(stderr, "%s: %s: the last line had no newline: it is ended with one\n", t->tool,
	        t->path);
	return 0;
}

static int take_off(int fd, const struct tail *t, struct slice line, struct err *e)
{
	if (save_torn(t, line, e) < 0)
		return -1;
	if (ftruncate(fd, (off_t)(t->size - line.n)) < 0)
		return err_set(e, FAIL_IO, "cannot cut the torn last line off %s:", t->path);
	fprintf(stderr, "%s: %s: the last line was torn: its %zu %s moved to %s.torn\n", t->tool,
	        t->path, line.n, line.n == 1 ? "byte was" : "bytes were", t->path);
	return 0;
}

static bool has_grown(int fd, uint64_t size)
{
	struct stat st;

	return fstat(fd, &st) < 0 || (uint64_t)st.st_size != size;
}

static int mend(int fd, struct tail *t, struct err *e)
{
	struct slice line;
	int did = t->as == MEND_QUOTED ? find_quoted(t, &line) : find_last(t, &line);

	if (did < 0)
		return err_set(e, FAIL_IO, "cannot read the last line of %s:", t->path);
	if (line.n == 0 || has_grown(fd, t->size))
		return 0;
	if ((t->as == MEND_ANY && is_binary(t, line)) || (did > 0 && line.p[line.n - 1] == '\n'))
		return 0;
	if (did > 0)
		return end_line(fd, t, MEND_MAX, " and more", e);
	if (t->as != MEND_QUOTED && is_whole(line))
		return end_line(fd, t, line.n, ", whole", e);
	if (t->as == MEND_ANY && !begins_json(line))
		return end_text(fd, t, e);
	return take_off(fd, t, line, e);
}

int mend_last_line(int fd, const char *path, enum mend_as as, const char *tool, struct err *e)
{
	struct tail t = { .path = path, .tool = tool, .as = as };
	struct stat st;
	int did;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return 0;
	t.size = (uint64_t)st.st_size;
	t.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (t.fd < 0 && (errno == EMFILE || errno == ENFILE))
		return err_set(e, FAIL_OPEN, "cannot open %s:", path);
	if (t.fd < 0)
		return 0;
	did = mend(fd, &t, e);
	close(t.fd);
	free(t.p);
	return did;
}
