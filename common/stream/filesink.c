#include "filesink.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/stamp.h"
#include "device.h"
#include "newlines.h"
#include "outfile.h"
#include "rotate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define AGAIN    (100 * NS_PER_MS) /* between two tries where there is no room */
#define KEEP_MAX ((size_t)1 << 20)

struct filesink {
	struct filesink_opts opts;
	char *name;
	struct outfile out;
	struct rotation rotation;
	/* of the file in hand */
	bool used;        /* it has records */
	uint64_t records; /* with rotate_count, those of earlier runs, too */
	int64_t begun;    /* by the clock; with rotate_every */
	/* of all that was written */
	uint64_t sum_records, sum_bytes;
	int64_t sync_at; /* of SYNC_EVERY, monotonic; 0: nothing is to be synced */
	/* what there was no room for */
	struct buf left;
	size_t left_at;       /* bytes of it that are written */
	int64_t since, again; /* monotonic: when it was noticed, 0 for not; when to try next */
	bool said;
};

/* ---- what goes into the file in hand */

/* Bytes of S, whole records, that are for the file in hand. 0: for another one. */
static size_t fitting(const struct filesink *f, struct slice s)
{
	const struct filesink_opts *o = &f->opts;
	uint64_t most;

	if (f->out.torn)
		return newlines_first(s, 1, o->quoted);
	if (o->rotate_count) {
		if (f->records >= o->rotate_count)
			return 0;
		s.n = newlines_first(s, o->rotate_count - f->records, o->quoted);
	}
	most = o->rotate_size > f->out.size ? o->rotate_size - f->out.size : 0;
	if (o->rotate_size && s.n > most) {
		size_t whole = newlines_last((struct slice){ s.p, (size_t)most }, o->quoted);

		if (!whole && !f->used)
			return newlines_first(s, 1, o->quoted);
		s.n = whole;
	}
	return s.n;
}

static bool is_old(const struct filesink *f)
{
	return f->opts.rotate_every && f->used && !f->out.torn &&
	       stamp_now() - f->begun >= f->opts.rotate_every;
}

/* The file in hand is full: the next one. */
static int turn(struct filesink *f, struct err *e)
{
	if (f->opts.sync != SYNC_NEVER && outfile_sync(&f->out, e) < 0)
		return -1;
	/* somebody else may have renamed it */
	if (outfile_is_named(&f->out) && rotation_turn(&f->rotation, outfile_now(&f->out), e) < 0)
		return -1;
	if (outfile_renew(&f->out, e) < 0)
		return -1;
	f->used = false;
	f->records = 0;
	return 0;
}

/* ---- writing */

static int fail(const struct filesink *f, int why, struct err *e)
{
	errno = why;
	return err_set(e, FAIL_IO,
	               "cannot write to %s (%" PRIu64 " records, %" PRIu64
	               " bytes were written%s):",
	               f->name, f->sum_records, f->sum_bytes,
	               f->out.torn ? ", the last record in part" : "");
}

/* Writing failed: is it to be tried again? Else -1. */
static int no_room(struct filesink *f, int why, struct err *e)
{
	int64_t now = stamp_monotonic();
	char text[DURATION_TEXT];

	if ((why != ENOSPC && why != EDQUOT) || !f->opts.retry)
		return fail(f, why, e);
	if (!f->since)
		f->since = now;
	if (now - f->since >= f->opts.retry)
		return fail(f, why, e);
	if (!f->said)
		fprintf(stderr, "%s: there is no room for %s: it is tried again for %s\n",
		        f->opts.tool, f->name, duration_format(f->opts.retry, text));
	f->said = true;
	f->again = now + AGAIN;
	return 1;
}

static void note_written(struct filesink *f, struct slice s, bool records)
{
	uint64_t lines;

	if (s.n == 0)
		return;
	f->since = 0;
	f->sum_bytes += s.n;
	if (f->opts.sync == SYNC_EVERY && !f->sync_at)
		f->sync_at = stamp_monotonic() + f->opts.sync_every;
	if (!records)
		return;
	if (!f->used && f->opts.rotate_every)
		f->begun = stamp_now();
	f->used = true;
	lines = newlines_count(s, f->opts.quoted);
	f->records += lines;
	f->sum_records += lines;
}

/* Write *S, and leave in it what was not. 0; 1: there is no room; -1 with *e. */
static int write_out(struct filesink *f, struct slice *s, bool records, struct err *e)
{
	struct slice was = *s;
	int did = outfile_write(&f->out, s), why = errno;

	note_written(f, (struct slice){ was.p, was.n - s->n }, records);
	return did < 0 ? no_room(f, why, e) : 0;
}

/* What an empty file begins with. As write_out(). */
static int begin_file(struct filesink *f, struct err *e)
{
	struct buf head = { 0 };
	struct slice s;
	int did;

	if (f->out.size || !f->opts.head)
		return 0;
	f->opts.head(f->opts.context, f->name, &head);
	s = buf_slice(&head);
	did = s.n ? write_out(f, &s, false, e) : 0;
	buf_free(&head);
	return did;
}

/* The next records of *S into the file that they are for. As write_out(). */
static int write_part(struct filesink *f, struct slice *s, struct err *e)
{
	struct slice part = *s;
	size_t n;
	int did;

	if (is_old(f) && turn(f, e) < 0)
		return -1;
	did = begin_file(f, e);
	if (did)
		return did;
	part.n = n = fitting(f, *s);
	if (n == 0)
		return turn(f, e);
	did = write_out(f, &part, true, e);
	n -= part.n;
	*s = (struct slice){ s->p + n, s->n - n };
	return did;
}

static int write_records(struct filesink *f, struct slice *s, struct err *e)
{
	int did = outfile_wake(&f->out, e);

	while (s->n && did == 0)
		did = write_part(f, s, e);
	if (did == 0 && f->opts.sync == SYNC_EACH)
		did = outfile_sync(&f->out, e);
	return did;
}

/* ---- the sink */

static enum took push(void *self, struct err *e)
{
	struct filesink *f = self;
	struct slice s = { f->left.p + f->left_at, f->left.n - f->left_at };
	int did;

	if (f->left.n == 0)
		return SINK_TOOK;
	if (stamp_monotonic() < f->again)
		return SINK_FULL;
	did = write_records(f, &s, e);
	f->left_at = f->left.n - s.n;
	if (did)
		return did < 0 ? SINK_FAILED : SINK_FULL;
	buf_clear(&f->left);
	buf_trim(&f->left, KEEP_MAX);
	f->left_at = 0;
	f->said = false;
	return SINK_TOOK;
}

static enum took put(void *self, const struct parcel *p, struct err *e)
{
	struct filesink *f = self;
	struct slice s = p->lines;
	enum took took = push(f, e);
	int did;

	if (took != SINK_TOOK)
		return took;
	did = write_records(f, &s, e);
	if (did < 0)
		return SINK_FAILED;
	buf_add_slice(&f->left, s);
	return SINK_TOOK;
}

static void lower(int64_t *timeout, int64_t to)
{
	to = to < 0 ? 0 : to;
	if (*timeout < 0 || to < *timeout)
		*timeout = to;
}

static size_t wait_for(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	const struct filesink *f = self;

	(void)p, (void)room;
	if (f->left.n)
		lower(timeout, f->again - stamp_monotonic());
	else if (f->opts.rotate_every && f->used)
		lower(timeout, f->begun + f->opts.rotate_every - stamp_now());
	if (f->sync_at)
		lower(timeout, f->sync_at - stamp_monotonic());
	return 0;
}

static int tick(void *self, struct err *e)
{
	struct filesink *f = self;

	if (f->left.n == 0 && is_old(f) && (outfile_wake(&f->out, e) < 0 || turn(f, e) < 0))
		return -1;
	if (!f->sync_at || stamp_monotonic() < f->sync_at)
		return 0;
	f->sync_at = 0;
	return outfile_wake(&f->out, e) < 0 ? -1 : outfile_sync(&f->out, e);
}

/* All is written, and begun where there was nothing. */
static int complete(struct filesink *f, struct err *e)
{
	bool begins = f->opts.head && !f->out.size;
	enum took took;
	int did;

	if ((f->left.n || begins || f->out.dirty) && outfile_wake(&f->out, e) < 0)
		return -1;
	f->again = 0;
	took = push(f, e);
	if (took != SINK_TOOK)
		return took == SINK_FULL ? fail(f, ENOSPC, e) : -1;
	did = begin_file(f, e);
	return did > 0 ? fail(f, ENOSPC, e) : did;
}

/* The last file gets its name, and all that was rotated its form. */
static int finish(void *self, struct err *e)
{
	struct filesink *f = self;
	bool durable = f->opts.sync != SYNC_NEVER;

	if (complete(f, e) < 0 || (durable && outfile_sync(&f->out, e) < 0))
		return -1;
	if (outfile_rest(&f->out, e) < 0 || outfile_commit(&f->out, e) < 0 ||
	    (durable && outfile_sync(&f->out, e) < 0))
		return -1;
	rotation_join(&f->rotation);
	if (f->rotation.failed)
		return err_set(e, FAIL_IO, "%" PRIu64 " rotated files of %s are not compressed",
		               f->rotation.failed, f->name);
	return 0;
}

static uint64_t bytes(const void *self)
{
	return ((const struct filesink *)self)->sum_bytes;
}

static void free_sink(void *self)
{
	struct filesink *f = self;

	rotation_join(&f->rotation);
	outfile_free(&f->out);
	buf_free(&f->left);
	free(f->name);
	free(f);
}

static const struct sink_ops ops = { put, push, wait_for, tick, finish, bytes, free_sink };

int filesink_rest(const struct sink *s, struct err *e)
{
	struct filesink *f = s->self;

	if (s->ops != &ops || f->left.n)
		return 0;
	if (f->sync_at && outfile_sync(&f->out, e) < 0)
		return -1;
	f->sync_at = 0;
	rotation_join(&f->rotation);
	return outfile_rest(&f->out, e) < 0 ? -1 : 1;
}

int filesink_wake(const struct sink *s, struct err *e)
{
	struct filesink *f = s->self;

	return s->ops == &ops ? outfile_wake(&f->out, e) : 0;
}

/* ---- opening */

static int begin(struct filesink *f, struct err *e)
{
	const struct filesink_opts *o = &f->opts;
	enum outfile_how how = o->append ? OUT_APPEND : o->atomic ? OUT_ATOMIC : OUT_REPLACE;
	enum mend_as as = o->quoted ? MEND_QUOTED : o->records ? MEND_RECORDS : MEND_ANY;

	if (outfile_open(&f->out, f->name, how, as, o->tool, e) < 0)
		return -1;
	f->used = f->out.size > 0;
	f->begun = f->out.born == STAMP_NONE ? stamp_now() : f->out.born;
	f->rotation = (struct rotation){ .path = f->out.path,
		                         .tool = o->tool,
		                         .keep = o->keep,
		                         .pack = o->pack,
		                         .durable = o->sync != SYNC_NEVER };
	if (o->rotate_count && f->used &&
	    newlines_in_file(f->out.path, f->opts.quoted, &f->records) < 0)
		return err_set(e, FAIL_OPEN, "cannot count the records of %s:", f->name);
	return 0;
}

int filesink_open(const char *path, const struct filesink_opts *opts, struct sink *s, struct err *e)
{
	struct filesink *f;

	if (device_is(path))
		return device_open(path, opts, s, e);
	f = alloc_zero(1, sizeof *f);
	f->opts = *opts;
	f->name = alloc_copy(path, strlen(path));
	f->out.fd = -1;
	*s = (struct sink){ &ops, f };
	if (begin(f, e) == 0)
		return 0;
	free_sink(f);
	return -1;
}
