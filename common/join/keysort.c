#include "keysort.h"

#include "base/alloc.h"
#include "base/pq.h"
#include "io/scratch.h"
#include "io/writer.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define RUN_SIZE ((size_t)16 << 20)

/* Before a key, in memory and in a run: its number, and its length. */
#define HEAD (sizeof(size_t) + sizeof(uint16_t))

struct run {
	struct pq_item item;
	const char *p, *end;
};

struct keysort {
	const char *dir;
	struct buf text; /* of the keys that are in memory; RUN_SIZE, so that it stays in place */
	const char **at; /* each of them */
	size_t n, cap, nth;
	int fd; /* of the runs, or -1 */
	struct writer out;
	size_t *end; /* of each run */
	size_t runs, run_cap;
	char *map;
	struct run *run;
	struct pq merge;
};

struct keysort *keysort_new(const char *dir)
{
	struct keysort *s = alloc_zero(1, sizeof *s);

	s->dir = dir;
	s->fd = -1;
	return s;
}

/* The key at P; where the next one begins is returned. */
static const char *get(const char *p, struct slice *key, size_t *number)
{
	uint16_t n;

	memcpy(number, p, sizeof *number);
	memcpy(&n, p + sizeof *number, sizeof n);
	*key = (struct slice){ p + HEAD, n };
	return p + HEAD + n;
}

static int compare(const char *a, const char *b)
{
	struct slice x, y;
	size_t i, k;
	int d;

	get(a, &x, &i);
	get(b, &y, &k);
	d = slice_order(x, y);
	return d ? d : (i > k) - (i < k);
}

static int by_pointers(const void *a, const void *b)
{
	return compare(*(const char *const *)a, *(const char *const *)b);
}

static bool before(const struct pq_item *a, const struct pq_item *b)
{
	return compare(((const struct run *)(const void *)a)->p,
	               ((const struct run *)(const void *)b)->p) < 0;
}

/* What is in memory becomes a run. */
static int write_run(struct keysort *s, struct err *e)
{
	if (s->fd < 0) {
		s->fd = scratch_open(s->dir, e);
		if (s->fd < 0)
			return -1;
		writer_init(&s->out, s->fd, s->dir, false);
	}
	qsort(s->at, s->n, sizeof *s->at, by_pointers);
	for (size_t i = 0; i < s->n; i++) {
		struct slice key;
		size_t number;
		const char *end = get(s->at[i], &key, &number);

		buf_add(writer_buf(&s->out), s->at[i], (size_t)(end - s->at[i]));
		if (writer_check(&s->out, e) < 0)
			return -1;
	}
	if (writer_flush(&s->out, e) < 0)
		return -1;
	s->end = alloc_grow(s->end, &s->run_cap, s->runs + 1, sizeof *s->end);
	s->end[s->runs++] = (size_t)s->out.bytes;
	s->n = 0;
	buf_clear(&s->text);
	return 0;
}

int keysort_add(struct keysort *s, struct slice key, size_t number, struct err *e)
{
	uint16_t n = (uint16_t)key.n;

	if (s->text.n + HEAD + n > RUN_SIZE && write_run(s, e) < 0)
		return -1;
	if (!s->text.cap)
		buf_room(&s->text, RUN_SIZE);
	s->at = alloc_grow(s->at, &s->cap, s->n + 1, sizeof *s->at);
	s->at[s->n++] = s->text.p + s->text.n;
	buf_add(&s->text, (const char *)&number, sizeof number);
	buf_add(&s->text, (const char *)&n, sizeof n);
	buf_add(&s->text, key.p, n);
	return 0;
}

int keysort_added(struct keysort *s, struct err *e)
{
	size_t begin = 0;

	if (!s->runs) {
		if (s->n)
			qsort(s->at, s->n, sizeof *s->at, by_pointers);
		return 0;
	}
	if (write_run(s, e) < 0)
		return -1;
	buf_free(&s->text);
	s->map = mmap(NULL, s->end[s->runs - 1], PROT_READ, MAP_SHARED, s->fd, 0);
	if (s->map == MAP_FAILED) {
		s->map = NULL;
		return err_set(e, FAIL_IO, "cannot read what was written to %s:", s->dir);
	}
	s->merge.before = before;
	s->merge.loose = true;
	s->run = alloc_array(s->runs, sizeof *s->run);
	for (size_t i = 0; i < s->runs; i++) {
		s->run[i] = (struct run){ .p = s->map + begin, .end = s->map + s->end[i] };
		begin = s->end[i];
		pq_add(&s->merge, &s->run[i].item, 0);
	}
	return 0;
}

bool keysort_next(struct keysort *s, struct slice *key, size_t *number)
{
	struct run *run = (struct run *)(void *)pq_first(&s->merge);

	if (!s->runs) {
		if (s->nth == s->n)
			return false;
		get(s->at[s->nth++], key, number);
		return true;
	}
	if (!run)
		return false;
	pq_remove(&s->merge, &run->item);
	run->p = get(run->p, key, number);
	if (run->p < run->end)
		pq_add(&s->merge, &run->item, 0);
	return true;
}

void keysort_free(struct keysort *s)
{
	if (!s)
		return;
	if (s->map)
		munmap(s->map, s->end[s->runs - 1]);
	if (s->fd >= 0)
		close(s->fd);
	writer_free(&s->out);
	pq_free(&s->merge);
	buf_free(&s->text);
	free(s->at);
	free(s->end);
	free(s->run);
	free(s);
}
