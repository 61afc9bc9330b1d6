#include "queue.h"

#include "io/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK     ((size_t)64 << 10) /* what is written to disk, and read from there, at once */
#define JOIN_MAX  ((size_t)64 << 10) /* parcels grow to about that by joining */
#define PUNCH_MIN ((off_t)1 << 20)   /* so much is given back to the file system at once */
#define KEEP_MAX  ((size_t)256 << 10)

/* Before the key and the lines of each. */
struct label {
	size_t lines, key; /* bytes */
	int64_t time;
	bool has_key;
};

/* ---- trains */

static struct label label_at(const struct train *t, size_t at)
{
	struct label l;

	memcpy(&l, t->b.p + at, sizeof l);
	return l;
}

static size_t size_of(const struct label *l)
{
	return sizeof *l + l->key + l->lines;
}

static struct parcel parcel_at(const struct train *t, size_t at)
{
	struct label l = label_at(t, at);
	const char *p = t->b.p + at + sizeof l;

	return (struct parcel){ .lines = { p + l.key, l.lines },
		                .key = { l.has_key ? p : NULL, l.key },
		                .time = l.time };
}

static bool joins(const struct train *t, const struct parcel *p)
{
	struct parcel last;

	if (t->at == t->b.n)
		return false;
	last = parcel_at(t, t->last);
	return last.lines.n < JOIN_MAX && parcel_same_key(&last, p);
}

static void train_clear(struct train *t)
{
	buf_trim(&t->b, KEEP_MAX);
	t->at = t->last = 0;
}

static void train_add(struct train *t, const struct parcel *p)
{
	struct label l = { p->lines.n, p->key.n, p->time, p->key.p };

	if (joins(t, p)) {
		l = label_at(t, t->last);
		l.lines += p->lines.n;
		memcpy(t->b.p + t->last, &l, sizeof l);
	} else {
		t->last = t->b.n;
		buf_add(&t->b, (const char *)&l, sizeof l);
		buf_add_slice(&t->b, p->key);
	}
	buf_add_slice(&t->b, p->lines);
}

/* ---- in memory */

void queue_init(struct queue *q, size_t limit)
{
	*q = (struct queue){ .limit = limit, .fd = -1 };
}

static bool on_disk(const struct queue *q)
{
	return q->read < q->written;
}

bool queue_empty(const struct queue *q)
{
	return q->head.b.n == 0 && q->tail.b.n == 0 && !on_disk(q);
}

size_t queue_room(const struct queue *q, size_t key)
{
	size_t room = q->held < q->limit ? q->limit - q->held : 0;

	return room < key ? 0 : room - key;
}

void queue_add(struct queue *q, const struct parcel *p)
{
	struct train *t = &q->head;

	/* what was taken from its beginning is as much as what is left: so each byte moves once */
	if (t->at && t->at >= t->b.n - t->at) {
		memmove(t->b.p, t->b.p + t->at, t->b.n - t->at);
		t->b.n -= t->at;
		t->last -= t->at;
		t->at = 0;
	}
	train_add(t, p);
	q->held += p->key.n + p->lines.n;
}

/* ---- on disk */

int queue_check_dir(const char *dir, struct err *e)
{
	struct stat st;

	if (stat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
		errno = ENOTDIR;
	else if (access(dir, W_OK | X_OK) == 0)
		return 0;
	return err_set(e, FAIL_OPEN, "cannot make files in %s:", dir);
}

/* Write the tail to the file. */
static int spill_tail(struct queue *q, const char *dir, struct err *e)
{
	size_t done = 0;

	if (q->fd < 0)
		q->fd = scratch_open(dir, e);
	if (q->fd < 0)
		return -1;
	while (done < q->tail.b.n) {
		ssize_t n = pwrite(q->fd, q->tail.b.p + done, q->tail.b.n - done,
		                   q->written + (off_t)done);

		if (n < 0 && errno != EINTR)
			return err_set(e, FAIL_IO, "cannot write to a file in %s:", dir);
		done += n > 0 ? (size_t)n : 0;
	}
	q->written += (off_t)done;
	q->spilled += q->tail_records;
	q->tail_records = 0;
	train_clear(&q->tail);
	return 0;
}

int queue_spill(struct queue *q, const struct parcel *p, uint64_t records, const char *dir,
                struct err *e)
{
	bool in_order = q->tail.b.n == 0 && !on_disk(q);

	if (in_order && p->key.n + p->lines.n <= queue_room(q, 0)) {
		queue_add(q, p);
		return 0;
	}
	if (q->tail.b.n >= CHUNK && spill_tail(q, dir, e) < 0)
		return -1;
	train_add(&q->tail, p);
	q->tail_records += records;
	return 0;
}

/* Give back what was read. */
static void forget(struct queue *q, off_t from)
{
	const int how = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	off_t begin = from / PUNCH_MIN * PUNCH_MIN, end = q->read / PUNCH_MIN * PUNCH_MIN;

	if (!on_disk(q)) {
		q->read = q->written = 0;
		if (ftruncate(q->fd, 0) < 0)
			return; /* it is written over */
	} else if (end > begin && fallocate(q->fd, how, begin, end - begin) < 0) {
		return; /* then it is given back at the end */
	}
}

/* Read at least N bytes to the head, as far as the file goes MOST. How many; -1 with *e. */
static ssize_t read_chunk(struct queue *q, size_t most, struct err *e)
{
	size_t left = (size_t)(q->written - q->read), done = 0;

	most = most < left ? most : left;
	while (done < most) {
		ssize_t n = pread(q->fd, buf_room(&q->head.b, most) + done, most - done,
		                  q->read + (off_t)done);

		if (n == 0)
			errno = EIO;
		if (n == 0 || (n < 0 && errno != EINTR))
			return err_set(e, FAIL_IO, "cannot read what was spilled:");
		done += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)done;
}

/* The whole parcels among the first N bytes of the head become its parcels. Returns their bytes. */
static size_t take_whole(struct queue *q, size_t n)
{
	struct train *t = &q->head;
	size_t at = 0;

	while (n - at >= sizeof(struct label)) {
		struct label l = label_at(t, at);

		if (size_of(&l) > n - at)
			break;
		t->last = at;
		at += size_of(&l);
		q->held += l.key + l.lines;
	}
	t->b.n = at;
	return at;
}

/* The head is empty: take from the disk what comes next. */
static int from_disk(struct queue *q, struct err *e)
{
	ssize_t n = read_chunk(q, CHUNK, e);
	off_t from = q->read;
	size_t whole;

	if (n < 0)
		return -1;
	whole = take_whole(q, (size_t)n);
	if (whole == 0) {
		struct label l = label_at(&q->head, 0);

		n = read_chunk(q, size_of(&l), e);
		if (n < 0)
			return -1;
		whole = take_whole(q, (size_t)n);
	}
	q->read += (off_t)whole;
	forget(q, from);
	return 0;
}

/* ---- out of it */

int queue_first(struct queue *q, struct parcel *p, struct err *e)
{
	if (queue_empty(q))
		return 0;
	if (q->head.b.n == 0 && on_disk(q) && from_disk(q, e) < 0)
		return -1;
	if (q->head.b.n == 0) {
		struct train t = q->head;

		q->head = q->tail;
		q->tail = t;
		q->tail_records = 0;
		take_whole(q, q->head.b.n);
	}
	*p = parcel_at(&q->head, q->head.at);
	return 1;
}

void queue_drop_first(struct queue *q)
{
	struct label l = label_at(&q->head, q->head.at);

	q->held -= l.key + l.lines;
	q->head.at += size_of(&l);
	if (q->head.at == q->head.b.n)
		train_clear(&q->head);
}

void queue_free(struct queue *q)
{
	buf_free(&q->head.b);
	buf_free(&q->tail.b);
	if (q->fd >= 0)
		close(q->fd);
}
