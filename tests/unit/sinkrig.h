/*
 * sinkrig.h - sinks of files: what is handed to them, and what stands in a folder then.
 */
#ifndef TESTS_SINKRIG_H
#define TESTS_SINKRIG_H

#include "feed.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "io/unpack.h"
#include "stream/sink.h"

#include <dirent.h>
#include <errno.h>
#include <time.h>

/* All of a file, unpacked if it is compressed. Fails the test where there is none. */
static inline struct buf sink_read(const char *path)
{
	struct buf b = { 0 };
	struct err e = { 0 };
	char room[4096];
	int fd = open(path, O_RDONLY);
	long n;

	if (fd < 0)
		fail_msg("there is no file %s", path);
	n = read(fd, room, sizeof room);
	if (n > 0 && unpack_wanted(room, (size_t)n) == 1) {
		struct unpack *u = unpack_new(fd, room, (size_t)n);

		while ((n = unpack_read(u, room, sizeof room, &e)) > 0 || n == -2)
			buf_add(&b, room, n > 0 ? (size_t)n : 0);
		unpack_free(u);
	} else {
		for (; n > 0; n = read(fd, room, sizeof room))
			buf_add(&b, room, (size_t)n);
	}
	if (n < 0)
		fail_msg("%s: %s", path, e.text);
	close(fd);
	return b;
}

static inline void assert_file(const char *path, const char *text)
{
	struct buf b = sink_read(path);

	assert_slice(path, buf_slice(&b), slice_from(text));
	buf_free(&b);
}

static inline int is_name(const struct dirent *d)
{
	return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
	       strcmp(d->d_name, "stderr") != 0;
}

/* The names in FOLDER, a blank between them. */
static inline void assert_names(const char *folder, const char *names)
{
	struct dirent **d;
	struct buf b = { 0 };
	int n = scandir(folder, &d, is_name, alphasort);

	assert_true(n >= 0);
	for (int i = 0; i < n; i++) {
		buf_addf(&b, "%s%s", i ? " " : "", d[i]->d_name);
		free(d[i]);
	}
	free(d);
	assert_slice(folder, buf_slice(&b), slice_from(names));
	buf_free(&b);
}

static inline enum took sink_try(struct sink s, const char *text, struct err *e)
{
	struct parcel p = { .lines = slice_from(text), .time = STAMP_NONE };

	return s.ops->put(s.self, &p, e);
}

static inline void sink_put(struct sink s, const char *text)
{
	struct err e = { 0 };

	if (sink_try(s, text, &e) != SINK_TOOK)
		fail_msg("'%s' was not taken: %s", text, e.text);
}

static inline void sink_tick(struct sink s)
{
	struct err e = { 0 };

	if (s.ops->tick(s.self, &e) < 0)
		fail_msg("%s", e.text);
}

static inline void sink_end(struct sink s)
{
	struct err e = { 0 };

	if (s.ops->finish(s.self, &e) < 0)
		fail_msg("%s", e.text);
	s.ops->free(s.self);
}

static inline void sink_give_up(struct sink s)
{
	s.ops->free(s.self);
}

static inline void pause_ms(long ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* What is said on stderr until loud() goes into the file "stderr". */
static int quiet_stderr = -1;

static inline void quiet(void)
{
	int fd = open("stderr", O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);

	assert_true(fd >= 0);
	quiet_stderr = dup(2);
	dup2(fd, 2);
	close(fd);
}

static inline void loud(void)
{
	dup2(quiet_stderr, 2);
	close(quiet_stderr);
}

#endif
