#include "rotate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define NAME 4096

const char *const method_names[METHODS] = { "rename",  "dated",        "create-first",
	                                    "delete",  "copytruncate", "copytruncate-race",
	                                    "symlink", "gzip",         "gzip-now",
	                                    "zstd",    "zstd-now" };

static const char *const endings[] = { "", ".gz", ".zst" };

void die(const char *what, const char *name)
{
	fprintf(stderr, "torture-writer: cannot %s %s: %s\n", what, name, strerror(errno));
	exit(2);
}

/* ---- files */

/* The Nth old file's name. */
static const char *old_name(char name[NAME], const struct rotator *r, unsigned n,
                            const char *ending)
{
	snprintf(name, NAME, "%s.%u%s", r->log, n, ending);
	return name;
}

static void move(const char *from, const char *to)
{
	if (rename(from, to) < 0 && errno != ENOENT)
		die("rename", from);
}

static int create(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0)
		die("create", name);
	return fd;
}

static void put(int fd, const void *p, size_t n, const char *name)
{
	if (write(fd, p, n) != (ssize_t)n)
		die("write", name);
}

/* All of a file; of *n bytes; the caller frees it. */
static char *content(const char *name, size_t *n, struct stat *st)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	char *p;

	if (fd < 0 || fstat(fd, st) < 0)
		die("open", name);
	*n = (size_t)st->st_size;
	p = malloc(*n + 1);
	if (!p || read(fd, p, *n) != (ssize_t)*n)
		die("read", name);
	close(fd);
	return p;
}

/* ---- old ones */

static void shift(const struct rotator *r)
{
	char from[NAME], to[NAME];

	for (unsigned n = r->keep; n; n--)
		for (unsigned i = 0; i < sizeof endings / sizeof *endings; i++)
			move(old_name(from, r, n, endings[i]), old_name(to, r, n + 1, endings[i]));
	for (unsigned i = 0; i < sizeof endings / sizeof *endings; i++)
		unlink(old_name(to, r, r->keep + 1, endings[i]));
}

static size_t gzip(const char *in, size_t n, char *out, size_t room)
{
	z_stream z = { 0 };

	if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		die("start", "zlib");
	z.next_in = (Bytef *)in;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		die("pack", "with zlib");
	deflateEnd(&z);
	return z.total_out;
}

/*
 * Pack .1, if it is there, into .1.gz or .1.zst, then take it away. As with logrotate and gzip the
 * packed file has its name while it grows, and the time of what is in it afterwards.
 */
static void pack(const struct rotator *r, const char *ending)
{
	char from[NAME], to[NAME], *in, *out;
	struct timespec times[2];
	struct stat st;
	size_t n, room;
	int fd;

	if (access(old_name(from, r, 1, ""), F_OK) < 0)
		return;
	in = content(from, &n, &st);
	room = ZSTD_compressBound(n) + n / 1000 + 1024;
	out = malloc(room);
	if (!out)
		die("pack", from);
	n = strcmp(ending, ".gz") == 0 ? gzip(in, n, out, room)
	                               : ZSTD_compress(out, room, in, n, 1);
	fd = create(old_name(to, r, 1, ending));
	put(fd, out, n / 2, to);
	put(fd, out + n / 2, n - n / 2, to);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	futimens(fd, times);
	close(fd);
	if (unlink(from) < 0)
		die("delete", from);
	free(in);
	free(out);
}

/* ---- ways */

static const char *target(char name[NAME], const struct rotator *r, unsigned generation)
{
	snprintf(name, NAME, "%s-%u", r->log, generation);
	return name;
}

static void drop_target(const struct rotator *r, unsigned generation)
{
	char name[NAME];

	if (generation > r->keep)
		unlink(target(name, r, generation - r->keep - 1));
}

/* Let the log be a link to the file of GENERATION, from one moment to the next. */
static void point_to(const struct rotator *r, unsigned generation)
{
	char name[NAME], link[NAME];
	const char *base;

	target(name, r, generation);
	base = strrchr(name, '/');
	close(create(name));
	snprintf(link, sizeof link, "%s.link", r->log);
	if (symlink(base ? base + 1 : name, link) < 0)
		die("make", link);
	move(link, r->log);
	drop_target(r, generation);
}

/* The log's content so far, in .1. */
static void copy_away(const struct rotator *r)
{
	char to[NAME], *p;
	struct stat st;
	size_t n;
	int fd;

	shift(r);
	p = content(r->log, &n, &st);
	fd = create(old_name(to, r, 1, ""));
	put(fd, p, n, to);
	close(fd);
	free(p);
}

void rotate_start(struct rotator *r, enum method method, unsigned generation)
{
	if (method == SYMLINK)
		point_to(r, generation);
	r->fd = create(r->log);
}

void rotate_away(struct rotator *r, enum method method, unsigned generation)
{
	char to[NAME];

	switch (method) {
	case DATED:
		move(r->log, target(to, r, generation - 1));
		drop_target(r, generation);
		return;
	case DELETE:
		if (unlink(r->log) < 0)
			die("delete", r->log);
		return;
	case COPYTRUNCATE:
	case COPY_RACE:
		copy_away(r);
		return;
	case SYMLINK:
		point_to(r, generation);
		return;
	case GZIP:
	case ZSTD:
		pack(r, method == GZIP ? ".gz" : ".zst");
		break;
	default:
		break;
	}
	shift(r);
	move(r->log, old_name(to, r, 1, ""));
	if (method == CREATE_FIRST)
		close(create(r->log));
}

void rotate_reopen(struct rotator *r, enum method method)
{
	if (method == COPYTRUNCATE || method == COPY_RACE) {
		if (ftruncate(r->fd, 0) < 0)
			die("cut", r->log);
		return;
	}
	close(r->fd);
	r->fd = create(r->log);
	if (method == GZIP_NOW || method == ZSTD_NOW)
		pack(r, method == GZIP_NOW ? ".gz" : ".zst");
}
