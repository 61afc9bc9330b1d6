/*
 * feed.h - sources of lines, read to a text that says all there is to know about them.
 *
 * Each input begins with "<NAME>" where is_first() holds; an unterminated last line gets "~" behind
 * its newline; a line over the limit is "<long>" whether the source said so or it came among
 * others; an error is "<ERROR: text>". So one string comparison checks everything.
 */
#ifndef TESTS_FEED_H
#define TESTS_FEED_H

#include "unit.h"

#include "base/buf.h"
#include "io/lines.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FEED_MAX 40 /* the longest line that tests allow */

static inline void feed_lines(struct buf *log, struct slice lines)
{
	while (lines.n) {
		const char *newline = memchr(lines.p, '\n', lines.n);
		size_t n;

		assert_non_null(newline); /* whole lines, always */
		n = (size_t)(newline + 1 - lines.p);
		if (n - 1 > FEED_MAX)
			buf_adds(log, "<long>\n");
		else
			buf_add(log, lines.p, n);
		lines.p += n;
		lines.n -= n;
	}
}

/* Read until there is nothing more for now, or ever. False at the end. */
static inline bool feed_read(struct lines l, struct buf *log)
{
	struct slice lines;
	struct err e;
	enum got got;

	err_clear(&e);
	while ((got = l.ops->next(l.self, true, 0, &lines, &e)) != GOT_END && got != GOT_TICK) {
		const char *name = l.ops->name(l.self), *slash = strrchr(name, '/');

		if (got == GOT_ERROR) {
			buf_addf(log, "<ERROR: %s>\n", e.text);
			err_clear(&e);
			continue;
		}
		if (l.ops->is_first(l.self))
			buf_addf(log, "<%s>", slash ? slash + 1 : name);
		if (got == GOT_LONG)
			buf_adds(log, "<long>\n");
		else
			feed_lines(log, lines);
		if (!l.ops->terminated(l.self))
			buf_addc(log, '~');
	}
	return got == GOT_TICK;
}

/* The same to the end, and the source is freed. */
static inline void feed_all(struct lines l, struct buf *log)
{
	while (feed_read(l, log))
		;
	l.ops->free(l.self);
}

static inline void feed_write(int fd, const char *p, size_t n)
{
	assert_int_equal(write(fd, p, n), n);
}

/* Write a file anew, or behind what it has. */
static inline void feed_file(const char *path, const char *how, struct slice text)
{
	FILE *f = fopen(path, how);

	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
}

static inline void feed_run(const char *command)
{
	if (system(command) != 0)
		fail_msg("cannot run: %s", command);
}

/* A folder of the test's own becomes the current one; it is removed by feed_leave(). */
static char feed_folder[32];

static inline int feed_enter(void **state)
{
	(void)state;
	strcpy(feed_folder, "/tmp/unit.XXXXXX");
	return mkdtemp(feed_folder) && chdir(feed_folder) == 0 ? 0 : -1;
}

static inline int feed_leave(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", feed_folder);
	return chdir("/") || system(command);
}

#endif
