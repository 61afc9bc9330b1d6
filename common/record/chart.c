#include "chart.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/screen.h"
#include "chart_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

struct chart *chart_new(const struct chart_opts *opts)
{
	struct chart *c = alloc_zero(1, sizeof *c);

	c->opts = *opts;
	c->grain = 1;
	if (opts->title)
		c->title = alloc_copy(opts->title, strlen(opts->title));
	chart_resize(c, opts->width, opts->height);
	return c;
}

void chart_resize(struct chart *c, size_t width, size_t height)
{
	c->opts.width = width < CHART_WIDTH ? CHART_WIDTH : width;
	c->opts.height = height < CHART_HEIGHT ? CHART_HEIGHT : height;
}

static void free_names(struct chart_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->name[i]);
	free(names->name);
	map_free(&names->by_text);
}

void chart_free(struct chart *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->names.n; i++) {
		free(c->series[i].point);
		free(c->series[i].y);
	}
	free_names(&c->names);
	free_names(&c->labels);
	free(c->title);
	free(c);
}

/* ---- what comes */

/* The name's entry, made if there are fewer than MOST; else NULL. */
static struct chart_name *named(struct chart_names *names, struct slice text, size_t most)
{
	uint64_t hash = hash_bytes(text.p, text.n);
	struct map_item *it = map_find(&names->by_text, text, hash);
	struct chart_name *name;

	if (it)
		return (struct chart_name *)(void *)it;
	if (names->n == most || text.n > UINT32_MAX)
		return NULL;
	name = alloc_zero(1, sizeof *name + text.n + 1);
	if (text.n)
		memcpy(name->text, text.p, text.n);
	name->index = names->n;
	name->item = (struct map_item){ hash, name->text, (uint32_t)text.n };
	names->name = alloc_grow(names->name, &names->cap, names->n + 1, sizeof name);
	names->name[names->n++] = name;
	map_add(&names->by_text, &name->item);
	return name;
}

/* The series of a value that can be shown, or NULL. */
static struct chart_series *series_of(struct chart *c, struct slice series, double y)
{
	struct chart_name *name = fabs(y) <= 1e300 ? named(&c->names, series, CHART_SERIES) : NULL;

	if (!name) {
		c->hidden++;
		return NULL;
	}
	c->series[name->index].name = name;
	return &c->series[name->index];
}

void chart_label(struct chart *c, struct slice series, struct slice label, double y)
{
	struct chart_series *s = series_of(c, series, y);
	struct chart_name *name = s ? named(&c->labels, label, CHART_POINTS) : NULL;

	if (!s)
		return;
	if (!name) {
		c->hidden++;
		return;
	}
	s->y = alloc_grow(s->y, &s->y_cap, name->index + 1, sizeof *s->y);
	while (s->ys <= name->index)
		s->y[s->ys++] = (double)NAN;
	s->y[name->index] = y;
}

static int64_t grain_of(const struct chart *c, int64_t x)
{
	return x / c->grain - (x % c->grain < 0);
}

static void merge_points(const struct chart *c, struct chart_series *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->points; i++) {
		struct chart_point *p = &s->point[i], *to = kept ? &s->point[kept - 1] : NULL;

		if (!to || grain_of(c, to->x) != grain_of(c, p->x)) {
			s->point[kept++] = *p;
			continue;
		}
		to->sum += p->sum;
		to->n += p->n;
		to->last_x = p->last_x;
		to->last = p->last;
	}
	s->points = kept;
}

/* Put neighbours together, so that the series with the longest span has half its points at most. */
static void coarsen(struct chart *c)
{
	uint64_t most = 0;

	for (size_t i = 0; i < c->names.n; i++) {
		const struct chart_series *s = &c->series[i];
		uint64_t span =
			s->points ? (uint64_t)s->point[s->points - 1].x - (uint64_t)s->point[0].x
				  : 0;

		most = span > most ? span : most;
	}
	c->grain = (int64_t)(most / (CHART_POINTS / 2 - 1)) + 1;
	for (size_t i = 0; i < c->names.n; i++)
		merge_points(c, &c->series[i]);
}

/* The first point that is not of an earlier grain. */
static size_t place(const struct chart *c, const struct chart_series *s, int64_t grain)
{
	size_t lo = 0, hi = s->points;

	if (hi && grain_of(c, s->point[hi - 1].x) < grain)
		return hi;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (grain_of(c, s->point[mid].x) < grain)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void add_to(struct chart_point *p, int64_t x, double y)
{
	bool again = p->last_x == x;

	if (again && p->n == 1)
		p->sum = y;
	else
		p->sum += again ? y - p->last : y;
	p->n += !again;
	p->last_x = x;
	p->last = y;
}

void chart_time(struct chart *c, struct slice series, int64_t x, double y)
{
	struct chart_series *s = series_of(c, series, y);
	int64_t grain;
	size_t at;

	if (!s)
		return;
	grain = grain_of(c, x);
	at = place(c, s, grain);
	if (at < s->points && grain_of(c, s->point[at].x) == grain) {
		add_to(&s->point[at], x, y);
		return;
	}
	s->point = alloc_grow(s->point, &s->point_cap, s->points + 1, sizeof *s->point);
	memmove(s->point + at + 1, s->point + at, (s->points - at) * sizeof *s->point);
	s->point[at] = (struct chart_point){ x, y, 1, x, y };
	if (++s->points > CHART_POINTS)
		coarsen(c);
}

/* ---- the picture */

bool chart_has_series(const struct chart *c)
{
	return c->names.n > 1 || (c->names.n && c->names.name[0]->item.key_len);
}

void chart_color_on(const struct chart *c, size_t i, struct buf *to)
{
	static const char *const sgr[] = { "36", "33", "35", "32", "34", "31", "96", "93" };

	if (c->opts.color)
		buf_addf(to, "\033[%sm", sgr[i % (sizeof sgr / sizeof sgr[0])]);
}

void chart_color_off(const struct chart *c, struct buf *to)
{
	if (c->opts.color)
		buf_adds(to, "\033[0m");
}

void chart_repeat(struct buf *to, const char *text, size_t n)
{
	for (; n; n--)
		buf_adds(to, text);
}

void chart_trim(struct buf *to)
{
	while (to->n && to->p[to->n - 1] == ' ')
		to->n--;
}

void chart_newline(struct buf *to)
{
	chart_trim(to);
	buf_addc(to, '\n');
}

static void put_title(const struct chart *c, struct buf *to)
{
	if (!c->title)
		return;
	if (c->opts.color)
		buf_adds(to, "\033[1m");
	screen_text(c->opts.unicode, to, slice_from(c->title), c->opts.width);
	chart_color_off(c, to);
	chart_newline(to);
}

static void put_count(struct buf *to, uint64_t n, const char *one, const char *many)
{
	static const char start[] = "not shown: ";

	if (n == 0)
		return;
	buf_adds(to, to->n ? ", " : start);
	buf_addf(to, "%" PRIu64 " %s", n, n == 1 ? one : many);
}

static void put_hidden(const struct chart *c, const struct chart_hidden *hidden, struct buf *to)
{
	struct buf line = { 0 };

	put_count(&line, hidden->labels, "label", "labels");
	put_count(&line, hidden->series, "series", "series");
	put_count(&line, c->hidden, "value", "values");
	if (line.n) {
		screen_text(true, to, buf_slice(&line), c->opts.width);
		buf_addc(to, '\n');
	}
	buf_free(&line);
}

void chart_draw(const struct chart *c, struct buf *to)
{
	struct chart_hidden hidden = { 0, 0 };
	size_t taken = (c->title ? 1U : 0U) + (c->hidden ? 1U : 0U);

	if (c->names.n == 0 && c->hidden == 0)
		return;
	put_title(c, to);
	if (c->names.n) {
		if (c->opts.by_time)
			chart_lines(c, c->opts.height - taken, &hidden, to);
		else
			chart_bars(c, c->opts.height - taken, &hidden, to);
	}
	put_hidden(c, &hidden, to);
}
