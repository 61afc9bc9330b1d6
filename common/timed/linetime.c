/* The event time of a line that is no record yet. */
#include "linetime.h"

#include "base/alloc.h"
#include "json/scan.h"

#include <stdlib.h>

struct linetime {
	struct decoder *decoder; /* NULL for JSON */
	struct plan plan;
	struct scan *scan;
	struct evtime *time;
	struct heap heap;
	struct buf json;
};

struct linetime *linetime_new(const struct decode_opts *decode, const struct evtime_opts *time,
                              struct err *e)
{
	struct linetime *t = alloc_zero(1, sizeof *t);

	plan_init(&t->plan);
	heap_init(&t->heap);
	t->time = evtime_new(time, &t->plan, e);
	if (t->time && decode->format != FORMAT_NONE && decode->format != FORMAT_JSON)
		t->decoder = decode_new(decode, e);
	if (!t->time || e->kind != FAIL_NONE) {
		linetime_free(t);
		return NULL;
	}
	t->scan = scan_new(&t->plan, NULL);
	return t;
}

void linetime_free(struct linetime *t)
{
	if (!t)
		return;
	scan_free(t->scan);
	decode_free(t->decoder);
	evtime_free(t->time);
	plan_free(&t->plan);
	heap_free(&t->heap);
	buf_free(&t->json);
	free(t);
}

void linetime_restart(struct linetime *t, int64_t mtime)
{
	if (t->decoder)
		decode_restart(t->decoder, mtime);
}

/* The line as one of JSON; false where it is no record. */
static bool convert(struct linetime *t, struct slice *line)
{
	struct slice bare = { line->p, line->n - 1 };
	struct err why;

	if (!t->decoder)
		return true;
	if (bare.n && bare.p[bare.n - 1] == '\r')
		bare.n--;
	err_clear(&why);
	buf_clear(&t->json);
	if (decode_line(t->decoder, bare, true, &t->json, &why) != DECODED_RECORD)
		return false;
	buf_addc(&t->json, '\n');
	buf_room(&t->json, INDEX_PAD);
	*line = buf_slice(&t->json);
	return true;
}

int64_t linetime_of(struct linetime *t, struct slice line)
{
	struct err why;
	struct rec rec;
	int64_t ns = STAMP_NONE;

	if (!convert(t, &line))
		return STAMP_NONE;
	scan_feed(t->scan, line.p, line.n);
	if (scan_next(t->scan, &rec) != SCAN_RECORD)
		return STAMP_NONE;
	err_clear(&why);
	if (evtime_read(t->time, &rec, &t->heap, &ns, &why) < 0)
		ns = STAMP_NONE;
	heap_reset(&t->heap);
	return ns;
}
