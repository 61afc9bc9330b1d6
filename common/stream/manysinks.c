#include "manysinks.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/map.h"
#include "io/descriptors.h"
#include "io/newfile.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define EACH 1024 /* bytes that a sink takes besides its name, about */

struct one {
	struct map_item item;
	struct one *newer, *older; /* in the list it is in */
	struct sink sink;
	bool resting;
	char name[];
};

/* In the order in which they were used. */
struct list {
	struct one *newest, *oldest;
	size_t n;
};

struct manysinks {
	struct filesink_opts opts;
	size_t most, memory;
	size_t taken; /* of memory */
	struct map names;
	struct list open, resting;
	struct one *last; /* the one that was put to last, or NULL */
	uint64_t bytes;   /* of what was forgotten */
};

/* ---- lists */

static void take_out(struct list *l, struct one *x)
{
	*(x->newer ? &x->newer->older : &l->newest) = x->older;
	*(x->older ? &x->older->newer : &l->oldest) = x->newer;
	l->n--;
}

static void put_in(struct list *l, struct one *x)
{
	x->newer = NULL;
	x->older = l->newest;
	*(l->newest ? &l->newest->newer : &l->oldest) = x;
	l->newest = x;
	l->n++;
}

/* ---- opening and closing */

/* Make the folders that PATH is in. */
static int make_folders(const char *path, bool durable, struct err *e)
{
	char *copy = alloc_copy(path, strlen(path));
	int did = 0;

	for (char *slash = copy; did == 0 && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		if (mkdir(copy, 0777) == 0) {
			did = durable ? newfile_sync_folder(copy, e) : 0;
			if (did < 0)
				rmdir(copy); /* so that it is made and synced if this is tried again
				              */
		} else if (errno != EEXIST)
			did = err_set(e, FAIL_OPEN, "cannot make the folder %s:", copy);
		*slash = '/';
	}
	free(copy);
	return did;
}

static size_t takes(const struct one *x)
{
	return EACH + 3 * (size_t)x->item.key_len;
}

static void forget(struct manysinks *m, struct list *l, struct one *x)
{
	take_out(l, x);
	map_remove(&m->names, &x->item);
	m->taken -= takes(x);
	m->bytes += x->sink.ops->bytes(x->sink.self);
	x->sink.ops->free(x->sink.self);
	free(x);
}

/* Have a descriptor less in use, if there is one to be had. */
static int rest_one(struct manysinks *m, struct err *e)
{
	for (struct one *x = m->open.oldest; x; x = x->newer) {
		int did = filesink_rest(&x->sink, e);

		if (did > 0) {
			take_out(&m->open, x);
			put_in(&m->resting, x);
			x->resting = true;
		}
		if (did)
			return did;
	}
	return 0;
}

/* Have room for another name. */
static int remember(struct manysinks *m, const struct one *x, struct err *e)
{
	while (m->taken + takes(x) > m->memory) {
		struct one *old = m->resting.oldest;

		if (!m->opts.append || !old)
			return err_set(e, FAIL_LIMIT,
			               "cannot open %s: %zu names are all that is remembered",
			               x->name, m->names.used);
		if (old->sink.ops->finish(old->sink.self, e) < 0)
			return -1;
		forget(m, &m->resting, old);
	}
	return 0;
}

static int make_way(struct manysinks *m, struct err *e)
{
	return m->open.n >= m->most && rest_one(m, e) < 0 ? -1 : 0;
}

/* Opening failed: is it to be tried again, with fewer files open? Else *E says why not. */
static bool has_given_way(struct manysinks *m, struct err *e)
{
	struct err why;
	size_t n = 0;
	int did = 1;

	while (did > 0 && descriptors_short()) {
		did = rest_one(m, &why);
		n += did > 0;
	}
	if (did == 0 && n == 0) {
		why = *e;
		err_set(e, why.kind, "%.900s (--max-open says how many are held open)", why.text);
	}
	if (did < 0)
		*e = why;
	return did >= 0 && n > 0;
}

static int try_open(struct manysinks *m, struct one *x, struct err *e)
{
	if (x->resting)
		return filesink_wake(&x->sink, e);
	if (!sink_is_url(x->name) && make_folders(x->name, m->opts.sync != SYNC_NEVER, e) < 0)
		return -1;
	return sink_open(x->name, &m->opts, &x->sink, e);
}

/* Open it, or open it again. */
static int open_one(struct manysinks *m, struct one *x, struct err *e)
{
	int did;

	if (make_way(m, e) < 0 || (!x->resting && remember(m, x, e) < 0))
		return -1;
	do
		did = try_open(m, x, e);
	while (did < 0 && has_given_way(m, e));
	return did;
}

/* A name that was not met before. */
static struct one *meet(struct manysinks *m, struct slice name, uint64_t hash, struct err *e)
{
	struct one *x = alloc_zero(1, sizeof *x + name.n + 1);

	memcpy(x->name, name.p, name.n);
	x->item = (struct map_item){ hash, x->name, (uint32_t)name.n };
	if (open_one(m, x, e) < 0) {
		free(x);
		return NULL;
	}
	map_add(&m->names, &x->item);
	m->taken += takes(x);
	put_in(&m->open, x);
	return x;
}

/* The sink of a name, open, as the one used last. NULL with *e. */
static struct one *find(struct manysinks *m, struct slice name, struct err *e)
{
	uint64_t hash = hash_bytes(name.p, name.n);
	struct one *x = (struct one *)(void *)map_find(&m->names, name, hash);
	bool rests;

	if (!x)
		return meet(m, name, hash, e);
	rests = x->resting;
	if (rests && open_one(m, x, e) < 0)
		return NULL;
	take_out(rests ? &m->resting : &m->open, x);
	put_in(&m->open, x);
	x->resting = false;
	return x;
}

/* ---- the sink */

static enum took put(void *self, const struct parcel *p, struct err *e)
{
	struct manysinks *m = self;

	assert(p->key.p);
	if (!m->last || !slice_same(slice_from(m->last->name), p->key))
		m->last = find(m, p->key, e);
	return m->last ? m->last->sink.ops->put(m->last->sink.self, p, e) : SINK_FAILED;
}

static enum took push(void *self, struct err *e)
{
	const struct manysinks *m = self;
	enum took all = SINK_TOOK;

	for (struct one *x = m->open.oldest; x; x = x->newer) {
		enum took took = x->sink.ops->push ? x->sink.ops->push(x->sink.self, e) : SINK_TOOK;

		if (took == SINK_FAILED)
			return took;
		if (took == SINK_FULL)
			all = took;
	}
	return all;
}

static size_t wait_for(void *self, struct pollfd *p, size_t room, int64_t *timeout)
{
	const struct manysinks *m = self;
	size_t n = 0;

	for (struct one *x = m->open.oldest; x; x = x->newer) {
		size_t left = n < room ? room - n : 0;

		n += x->sink.ops->wait(x->sink.self, left ? p + n : NULL, left, timeout);
	}
	return n;
}

static int tick(void *self, struct err *e)
{
	const struct manysinks *m = self;

	for (struct one *x = m->open.oldest; x; x = x->newer)
		if (x->sink.ops->tick && x->sink.ops->tick(x->sink.self, e) < 0)
			return -1;
	return 0;
}

/* Finish one that is open or rests, in this order. */
static int finish(void *self, struct err *e)
{
	struct manysinks *m = self;
	struct list *lists[] = { &m->open, &m->resting };
	struct err other;
	int did = 0;

	m->last = NULL;
	for (size_t i = 0; i < 2; i++)
		for (struct one *x = lists[i]->oldest; x; x = x->newer) {
			if (x->sink.ops->finish &&
			    x->sink.ops->finish(x->sink.self, did < 0 ? &other : e) < 0)
				did = -1;
		}
	return did;
}

static uint64_t bytes(const void *self)
{
	const struct manysinks *m = self;
	uint64_t sum = m->bytes;

	for (size_t i = 0; i < map_slots(&m->names); i++) {
		const struct one *x = (const struct one *)(void *)map_at(&m->names, i);

		if (x)
			sum += x->sink.ops->bytes(x->sink.self);
	}
	return sum;
}

static void free_all(void *self)
{
	struct manysinks *m = self;

	while (m->open.oldest)
		forget(m, &m->open, m->open.oldest);
	while (m->resting.oldest)
		forget(m, &m->resting, m->resting.oldest);
	map_free(&m->names);
	free(m);
}

static const struct sink_ops ops = { put, push, wait_for, tick, finish, bytes, free_all };

struct sink manysinks_within(const struct filesink_opts *opts, size_t most, size_t memory)
{
	struct manysinks *m = alloc_zero(1, sizeof *m);

	assert(most > 0);
	m->opts = *opts;
	m->most = most;
	m->memory = memory;
	return (struct sink){ &ops, m };
}

struct sink manysinks_new(const struct filesink_opts *opts, size_t most)
{
	return manysinks_within(opts, most, MANYSINKS_MEMORY);
}
