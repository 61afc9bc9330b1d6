#include "positions.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/hash.h"
#include "base/stamp.h"
#include "saved.h"
#include "json/valparse.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION  1
#define HEAD     "{\"stail\":"
#define SUM_HEAD ",\"sum\":\""
#define SUM_HEX  16
#define TAIL_LEN (sizeof SUM_HEAD - 1 + SUM_HEX + sizeof "\"}\n" - 1)

/* A file's identity and length, as they are kept. */
struct output {
	bool kept; /* it is a regular file opened for appending, and ours alone */
	uint64_t dev, ino;
	int64_t born; /* ns; 0: the file system does not say */
	uint64_t size;
};

struct positions {
	struct positions_opts opts;
	struct feed feed;
	struct heap heap; /* what the feed got in seek() */
	char *path;       /* where the file is, if it was given by a link */
	char *fresh, *lock, *folder;
	int lock_fd;
	bool out_file; /* the output is a regular file, for appending or not */
	bool locked_out;
	bool appends;         /* it had lines of earlier runs */
	struct output out;    /* as of the last positions_written() */
	uint64_t bytes;       /* written by then */
	bool lines;           /* some were let out since the last save */
	bool failing;         /* the last save failed, which was said */
	int64_t tried;        /* when a save was last due */
	struct buf last, now; /* the file's text, up to the checksum */
};

/* ---- the file's text */

static void begin_text(const struct positions *p, bool in_order, struct buf *b)
{
	const struct output *o = &p->out;

	buf_clear(b);
	buf_addf(b, HEAD "%d,\"ended\":%s,\"stdout\":", VERSION, in_order ? "true" : "false");
	if (o->kept)
		buf_addf(b,
		         "{\"dev\":%" PRIu64 ",\"ino\":%" PRIu64 ",\"born\":%" PRId64
		         ",\"size\":%" PRIu64 "}",
		         o->dev, o->ino, o->born, o->size);
	else
		buf_adds(b, "null");
	buf_adds(b, ",\"feed\":");
}

/* The rest of the file's text, behind TEXT. Returns TO. */
static char *tail(struct slice text, char to[TAIL_LEN + 1])
{
	snprintf(to, TAIL_LEN + 1, SUM_HEAD "%016" PRIx64 "\"}\n", hash_stable(text.p, text.n));
	return to;
}

static int alien(const struct positions *p, const char *what, struct err *e)
{
	return err_set(e, FAIL_STATE,
	               "%s %s; remove it to begin anew, or give another file for positions",
	               p->opts.path, what);
}

static bool begins_as_ours(const struct buf *b)
{
	return b->n >= sizeof HEAD - 1 && memcmp(b->p, HEAD, sizeof HEAD - 1) == 0;
}

/* Is TEXT all of a file of ours? Cut off its checksum then. */
static int check_text(const struct positions *p, struct slice *text, struct err *e)
{
	char sum[TAIL_LEN + 1], what[80];
	size_t head = sizeof HEAD - 1, digits = 0;

	if (!begins_as_ours(&p->last))
		return alien(p, text->n ? "does not hold positions" : "is empty", e);
	while (head + digits < text->n && text->p[head + digits] >= '0' &&
	       text->p[head + digits] <= '9' && digits < 9)
		digits++;
	if (digits && strtol(text->p + head, NULL, 10) != VERSION) {
		snprintf(what, sizeof what, "holds positions of version %.*s, not %d", (int)digits,
		         text->p + head, VERSION);
		return alien(p, what, e);
	}
	if (text->n < head + TAIL_LEN)
		return alien(p, "is damaged: it is cut short", e);
	text->n -= TAIL_LEN;
	if (memcmp(text->p + text->n, tail(*text, sum), TAIL_LEN) != 0)
		return alien(p, "is damaged: its checksum does not fit", e);
	return 0;
}

/* ---- the output */

static int64_t born(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &st) < 0 || !(st.stx_mask & STATX_BTIME))
		return 0;
	return st.stx_btime.tv_sec * NS_PER_SEC + st.stx_btime.tv_nsec;
}

/* What the output is. -1 where another run appends to it. */
static int look_at_output(struct positions *p, struct err *e)
{
	struct stat st;
	int flags = fcntl(p->opts.out, F_GETFL);

	if (flags < 0 || fstat(p->opts.out, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	p->out_file = true;
	if (!(flags & O_APPEND))
		return 0;
	p->locked_out = flock(p->opts.out, LOCK_EX | LOCK_NB) == 0;
	if (!p->locked_out && errno == EWOULDBLOCK)
		return err_set(e, FAIL_STATE,
		               "another run that keeps positions appends to stdout's file: give "
		               "each its own, or a pipe");
	p->out = (struct output){ .kept = true,
		                  .dev = st.st_dev,
		                  .ino = st.st_ino,
		                  .born = born(p->opts.out),
		                  .size = (uint64_t)st.st_size };
	return 0;
}

/* Device numbers may change when a system starts, inodes be given again: the time of birth tells.
 */
static bool same_output(const struct output *a, const struct output *b)
{
	if (!a->kept || !b->kept || a->ino != b->ino)
		return false;
	return a->born && b->born ? a->born == b->born : a->dev == b->dev;
}

static void say(const struct positions *p, const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", p->opts.tool, p->opts.path, what);
}

/* Cut off what is behind the position kept. ENDED: nothing of ours is. */
static int cut_output(struct positions *p, const struct output *kept, bool ended, struct err *e)
{
	struct output *now = &p->out;

	if (!same_output(kept, now)) {
		if (kept->kept && !ended)
			say(p, "stdout is not the file that was appended to at the last save: it "
			       "is not cut back, and lines may come twice");
		return 0;
	}
	/* emptied between two runs: somebody took it */
	if (now->size < kept->size && !(ended && now->size == 0))
		return err_set(e, FAIL_STATE,
		               "%s: stdout's file has %" PRIu64 " bytes, and had %" PRIu64
		               ": output was lost; to go on without it append to another file, to "
		               "begin anew remove %s",
		               p->opts.path, now->size, kept->size, p->opts.path);
	if (!ended && now->size > kept->size) {
		if (ftruncate(p->opts.out, (off_t)kept->size) < 0)
			return err_set(
				e, FAIL_IO,
				"cannot cut stdout's file back to %" PRIu64 " bytes:", kept->size);
		now->size = kept->size;
	}
	p->appends = now->size > 0;
	return 0;
}

/* ---- writing */

static int sync_folder(const struct positions *p, struct err *e)
{
	int fd = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), done;

	if (fd < 0)
		return err_set(e, FAIL_IO, "cannot open %s:", p->folder);
	done = fsync(fd);
	if (done < 0 && errno == EINVAL) /* what has no such thing */
		done = 0;
	if (done < 0)
		err_set(e, FAIL_IO, "cannot sync %s:", p->folder);
	close(fd);
	return done;
}

static int write_all(int fd, struct slice s)
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

/* The file anew, with this text. */
static int replace(const struct positions *p, struct slice text, struct err *e)
{
	char sum[TAIL_LEN + 1];
	int fd = open(p->fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_set(e, FAIL_IO, "cannot write %s:", p->fresh);
	if (write_all(fd, text) < 0 ||
	    write_all(fd, (struct slice){ tail(text, sum), TAIL_LEN }) < 0 || fsync(fd) < 0) {
		err_set(e, FAIL_IO, "cannot write %s:", p->fresh);
		close(fd);
		unlink(p->fresh);
		return -1;
	}
	close(fd);
	if (rename(p->fresh, p->path) < 0)
		return err_set(e, FAIL_IO, "cannot rename %s:", p->fresh);
	return sync_folder(p, e);
}

/* What is to be kept stands in p->now. */
static int keep(struct positions *p, struct err *e)
{
	struct buf was = p->last;

	if (slice_same(buf_slice(&p->now), buf_slice(&p->last)))
		return 0;
	if (replace(p, buf_slice(&p->now), e) < 0) {
		buf_clear(&p->last); /* whether it is there is not known */
		return -1;
	}
	p->last = p->now;
	p->now = was;
	return 0;
}

/* Nothing of what is to be kept may be lost with the system. */
static int sync_output(const struct positions *p, struct err *e)
{
	if (p->out_file && fdatasync(p->opts.out) < 0)
		return err_set(e, FAIL_IO, "cannot sync stdout's file:");
	return 0;
}

static void describe(struct positions *p, bool in_order)
{
	begin_text(p, in_order, &p->now);
	p->feed.ops->save(p->feed.self, &p->now);
}

/* ---- the beginning */

static char *with_ending(const char *path, const char *ending)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s%s%c", path, ending, 0);
	return b.p;
}

static void name_files(struct positions *p)
{
	struct stat st;
	char *real = NULL, *slash;

	/* a link stays one */
	if (lstat(p->opts.path, &st) == 0 && S_ISLNK(st.st_mode))
		real = realpath(p->opts.path, NULL);
	p->path = real ? real : with_ending(p->opts.path, "");
	p->fresh = with_ending(p->path, ".new");
	p->lock = with_ending(p->path, ".lock");
	slash = strrchr(p->path, '/');
	p->folder = with_ending(slash ? p->path : ".", "");
	if (slash)
		p->folder[slash - p->path + (slash == p->path)] = '\0';
}

/* Lock the file. One that was removed while we waited for it is none. */
static int take_lock(struct positions *p, struct err *e)
{
	struct stat ours, named;

	for (;;) {
		p->lock_fd = open(p->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (p->lock_fd < 0)
			return err_set(e, FAIL_OPEN, "cannot open %s:", p->lock);
		if (flock(p->lock_fd, LOCK_EX | LOCK_NB) < 0) {
			if (errno == EWOULDBLOCK)
				err_set(e, FAIL_STATE,
				        "%s is in use by another run: positions are one run's own",
				        p->opts.path);
			else
				err_set(e, FAIL_OPEN, "cannot lock %s:", p->lock);
			close(p->lock_fd);
			p->lock_fd = -1;
			return -1;
		}
		if (fstat(p->lock_fd, &ours) == 0 && stat(p->lock, &named) == 0 &&
		    ours.st_ino == named.st_ino && ours.st_dev == named.st_dev)
			return 0;
		close(p->lock_fd);
	}
}

/* Read the file to p->last, of one that is not ours the beginning. 0: there is none. */
static int read_file(struct positions *p, struct err *e)
{
	struct stat st;
	ssize_t n;
	int fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_set(e, FAIL_OPEN, "cannot open %s:", p->opts.path);
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		close(fd);
		return alien(p, "is no regular file", e);
	}
	do {
		n = read(fd, buf_room(&p->last, 65536), 65536);
		p->last.n += n > 0 ? (size_t)n : 0;
	} while (n > 0 && begins_as_ours(&p->last));
	if (n < 0)
		err_set(e, FAIL_IO, "cannot read %s:", p->opts.path);
	close(fd);
	return n < 0 ? -1 : 1;
}

/* The text of the member "feed", which is the last one; p is NULL where it is missing. */
static struct slice feed_text(struct slice text)
{
	static const char name[] = ",\"feed\":";
	const char *at = memmem(text.p, text.n, name, sizeof name - 1);

	if (!at)
		return (struct slice){ NULL, 0 };
	at += sizeof name - 1;
	return (struct slice){ at, (size_t)(text.p + text.n - at) };
}

/* Go on from what stands in p->last. */
static int go_on(struct positions *p, struct err *e)
{
	struct slice text = buf_slice(&p->last);
	struct buf whole = { 0 };
	struct slice feed;
	struct check_fault fault;
	struct val v, out;
	struct output kept;
	bool ended;

	if (check_text(p, &text, e) < 0)
		return -1;
	p->last.n = text.n;
	feed = feed_text(text);
	buf_add_slice(&whole, text);
	buf_addc(&whole, '}');
	if (!feed.p || val_parse(&p->heap, buf_slice(&whole), &v, &fault) < 0) {
		buf_free(&whole);
		return alien(p, "is damaged", e);
	}
	buf_free(&whole);
	out = saved_member(v, "stdout");
	kept = (struct output){ .kept = out.tag == VAL_OBJ,
		                .dev = saved_number(out, "dev", 0),
		                .ino = saved_number(out, "ino", 0),
		                .born = (int64_t)saved_number(out, "born", 0),
		                .size = saved_number(out, "size", 0) };
	ended = saved_member(v, "ended").tag == VAL_TRUE;
	if (p->feed.ops->seek(p->feed.self, saved_member(v, "feed"), &p->heap, e) < 0)
		return err_at(e, "%s", p->opts.path);
	if (cut_output(p, &kept, ended, e) < 0)
		return -1;
	/* as they were, but of a run that has not ended */
	begin_text(p, false, &p->now);
	buf_add_slice(&p->now, feed);
	return 0;
}

static int begin(struct positions *p, struct err *e)
{
	int there;

	if (take_lock(p, e) < 0)
		return -1;
	there = read_file(p, e);
	if (there < 0 || look_at_output(p, e) < 0)
		return -1;
	if (there && go_on(p, e) < 0)
		return -1;
	if (!there)
		describe(p, false);
	if (sync_output(p, e) < 0)
		return -1;
	return keep(p, e);
}

static void free_all(struct positions *p)
{
	if (p->lock_fd >= 0) {
		unlink(p->lock);
		close(p->lock_fd);
	}
	if (p->locked_out)
		flock(p->opts.out, LOCK_UN);
	heap_free(&p->heap);
	buf_free(&p->last);
	buf_free(&p->now);
	free(p->path);
	free(p->fresh);
	free(p->lock);
	free(p->folder);
	free(p);
}

struct positions *positions_open(const struct positions_opts *opts, struct feed feed, struct err *e)
{
	struct positions *p = alloc_zero(1, sizeof *p);

	p->opts = *opts;
	p->feed = feed;
	p->lock_fd = -1;
	p->tried = stamp_monotonic();
	heap_init(&p->heap);
	name_files(p);
	if (begin(p, e) == 0)
		return p;
	free_all(p);
	return NULL;
}

bool positions_appends(const struct positions *p)
{
	return p->appends;
}

/* ---- on the way */

bool positions_due(struct positions *p, bool lines)
{
	p->lines = p->lines || lines;
	return stamp_monotonic() - p->tried >= p->opts.every;
}

void positions_wait(const struct positions *p, int64_t *timeout)
{
	int64_t left;

	if (!p->lines && !p->failing)
		return;
	left = p->tried + p->opts.every - stamp_monotonic();
	left = left < 0 ? 0 : left;
	if (*timeout < 0 || *timeout > left)
		*timeout = left;
}

/*
 * The output's length. If it grew by more than we wrote others append to it, whose lines must not
 * be cut off; that it became shorter is as it is.
 */
static void measure_output(struct positions *p, uint64_t ours)
{
	struct stat st;
	uint64_t size;

	if (!p->out.kept || fstat(p->opts.out, &st) < 0)
		return;
	size = (uint64_t)st.st_size;
	if (size > p->out.size && size - p->out.size > ours) {
		p->out.kept = false;
		say(p, "others append to stdout's file too: it will not be cut back, and lines may "
		       "come twice after a crash");
	}
	p->out.size = size;
}

int positions_written(struct positions *p, uint64_t bytes, struct err *e)
{
	if (p->feed.ops->written(p->feed.self, e) < 0)
		return -1;
	measure_output(p, bytes - p->bytes);
	p->bytes = bytes;
	return 0;
}

/* Keep the positions; a failure of the file's is told by *KEPT. */
static int save(struct positions *p, bool in_order, bool *kept, struct err *e)
{
	describe(p, in_order);
	*kept = true;
	if (slice_same(buf_slice(&p->now), buf_slice(&p->last)))
		return 0;
	if (sync_output(p, e) < 0)
		return -1;
	*kept = keep(p, e) == 0;
	return 0;
}

int positions_save(struct positions *p, struct err *e)
{
	struct err why;
	bool kept;

	err_clear(&why);
	p->tried = stamp_monotonic();
	if (save(p, false, &kept, &why) < 0) {
		*e = why;
		return -1;
	}
	if (!kept && !p->failing)
		fprintf(stderr, "%s: positions are not kept: %s; it is tried again\n", p->opts.tool,
		        why.text);
	if (kept && p->failing)
		say(p, "positions are kept again");
	p->failing = !kept;
	p->lines = p->lines && !kept;
	return 0;
}

int positions_close(struct positions *p, bool in_order, struct err *e)
{
	bool kept = false;
	int done = save(p, in_order, &kept, e);

	if (done == 0 && !kept)
		done = err_at(e, "the last positions are not kept");
	free_all(p);
	return done;
}
