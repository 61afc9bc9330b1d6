/*
 * Lines to many files, each of which is a generation.
 *
 *   1. All files get a few lines, in an order drawn.
 *   2. When the output has them all, one in ten is deleted; half of those come anew under the same
 *      name, others under new names. So nothing that is deleted was unread: what a bounded number
 *      of descriptors could not hold is no matter of this test.
 *   3. All that are there get more lines, in pieces too.
 */
#include "writer.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 30 /* s without a new line in the output */

struct one {
	unsigned name, generation;
	bool there;
};

static int open_one(struct writer *w, const struct one *f)
{
	char name[4096];
	int fd;

	snprintf(name, sizeof name, "%s/%u.log", w->log, f->name);
	fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0)
		die("open", name);
	return fd;
}

static void put_few(struct writer *w, const struct one *f)
{
	int fd = open_one(w, f);

	w->generation = f->generation;
	for (unsigned n = 1 + below(w, w->lines); n; n--)
		add_line(w, "x");
	if (below(w, 4) == 0) {
		size_t half = draw(w) % w->n;

		put_bytes(w, fd, w->block, half);
		pause_for(below(w, 50) ? 0 : 1000000);
		memmove(w->block, w->block + half, w->n - half);
		w->n -= half;
	}
	put_block(w, fd);
	close(fd);
}

static void put_all(struct writer *w, struct one *files, unsigned count)
{
	for (unsigned i = count; i > 1; i--) {
		unsigned other = below(w, i);
		struct one was = files[i - 1];

		files[i - 1] = files[other];
		files[other] = was;
	}
	for (unsigned i = 0; i < count; i++)
		if (files[i].there)
			put_few(w, &files[i]);
}

static uint64_t lines_seen(const char *name, uint64_t *at, uint64_t lines)
{
	static char buf[1 << 16];
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return lines;
	while ((n = pread(fd, buf, sizeof buf, (off_t)*at)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
		*at += (uint64_t)n;
	}
	close(fd);
	return lines;
}

static void wait_until_seen(struct writer *w)
{
	uint64_t at = 0, lines = 0, before;
	time_t grown = time(NULL);

	while (lines < w->seq && time(NULL) - grown < PATIENCE) {
		before = lines;
		lines = lines_seen(w->seen, &at, lines);
		if (lines > before)
			grown = time(NULL);
		pause_for(10000000);
	}
	if (lines < w->seq)
		fprintf(stderr,
		        "torture-writer: %" PRIu64 " of %" PRIu64
		        " lines were read before files were deleted\n",
		        lines, w->seq);
}

static void change_some(struct writer *w, struct one *files, unsigned *count)
{
	unsigned all = *count;
	char name[4096];

	for (unsigned i = 0; i < all; i++) {
		if (below(w, 10))
			continue;
		snprintf(name, sizeof name, "%s/%u.log", w->log, files[i].name);
		if (unlink(name) < 0)
			die("delete", name);
		files[i].there = false;
		files[*count] = (struct one){ below(w, 2) ? files[i].name : *count, *count, true };
		(*count)++;
	}
}

void write_many(struct writer *w)
{
	struct one *files = calloc((size_t)w->files * 2, sizeof *files);
	unsigned count = w->files;

	if (!files)
		die("get", "memory");
	for (unsigned i = 0; i < count; i++)
		files[i] = (struct one){ i, i, true };
	put_all(w, files, count);
	wait_until_seen(w);
	change_some(w, files, &count);
	put_all(w, files, count);
	free(files);
}
