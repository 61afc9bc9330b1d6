/*
 * live.c - --live: the open windows as a table on stderr's terminal, updated in place.
 *
 * The table stands below what was written, each of its lines with its newline; the cursor is at the
 * beginning of the line below. Before anything else is written it is erased. The terminal is never
 * put into a state of its own, so however the process ends, there is none to be restored. It is
 * drawn when the input's buffer is refilled and when nothing comes, so records pay nothing.
 */
#include "swindow.h"

#include "base/aged.h"
#include "base/alloc.h"
#include "base/duration.h"
#include "base/hash.h"
#include "base/screen.h"
#include "base/stamp.h"
#include "json/valwrite.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DRAW_EVERY  (NS_PER_SEC / 10)
#define SHARE       9    /* a table that takes T to draw is drawn again T * SHARE later */
#define TREND       32   /* windows that a sparkline goes back */
#define TREND_KEYS  4096 /* keys of which they are kept */
#define COLUMNS     16   /* the window's beginning, keys, fields; more are left out */
#define TEXT_ENOUGH 400  /* bytes of a value that are looked at */

struct trend {
	int64_t end; /* of the newest window */
	size_t n;    /* values so far, the last TREND of which are kept */
	float value[TREND];
};

struct cell {
	size_t from, n; /* of row.text */
	size_t width;   /* columns on the screen */
	bool number;
};

struct shown {
	struct buf rank, key, text;
	int64_t start, end;
	struct cell cell[COLUMNS];
};

struct live {
	bool utf8, bold;
	size_t width, height; /* of the screen */
	int64_t next;         /* monotonic: not drawn again before */
	uint64_t shown;       /* records that the table on the screen knows of */
	/* the table on the screen: columns of each line */
	size_t *line, lines, line_cap;
	/* the table that is being made */
	struct shown **row; /* the greatest first; those behind `rows` are spare */
	size_t rows, most, row_cap;
	uint64_t open;
	char *name[COLUMNS];
	size_t columns;
	size_t wide[COLUMNS];
	struct buf out, rank, text;
	struct aged trends; /* by key; the one whose key was shown last is the newest */
};

static void pad(struct buf *b, size_t n)
{
	memset(buf_room(b, n), ' ', n);
	b->n += n;
}

/* ---- how keys went */

static struct trend *trend_of(const struct live *l, struct slice key)
{
	struct aged_item *it = aged_find(&l->trends, key, hash_bytes(key.p, key.n));

	return it ? (struct trend *)(void *)it->state : NULL;
}

/* A key is shown: from now on how it goes is kept. */
static void keep_trend(struct live *l, struct slice key)
{
	uint64_t hash = hash_bytes(key.p, key.n);
	struct aged_item *it = aged_find(&l->trends, key, hash);

	if (it) {
		aged_renew(&l->trends, it);
		return;
	}
	if (aged_count(&l->trends) >= TREND_KEYS)
		aged_drop(&l->trends, l->trends.oldest);
	aged_add(&l->trends, key, hash);
}

/* A rank as a number; NAN where it is none. */
static double number_of(struct windows *w, const struct buf *rank)
{
	struct val v;

	key_get(rank->p, &w->made, &v);
	return val_is_num(v) ? val_double(v) : (double)NAN;
}

void live_note(struct windows *w, const struct win_result *r, struct val v)
{
	struct live *l = w->live;
	struct trend *t = trend_of(l, r->key);
	struct err e;

	if (!t && aged_count(&l->trends) >= TREND_KEYS)
		return;
	if (!t) {
		keep_trend(l, r->key);
		t = trend_of(l, r->key);
	}
	if (t->n && r->end < t->end)
		return;
	err_clear(&e);
	buf_clear(&l->rank);
	if (results_rank(w, v, &l->rank, &e) < 0)
		return;
	/* a correction takes the place of what it corrects */
	t->n += !t->n || r->end > t->end || !r->revision;
	t->end = r->end;
	t->value[(t->n - 1) % TREND] = (float)number_of(w, &l->rank);
}

/* Between 0, or the least value where that is less, and the greatest. Returns its columns. */
static size_t put_trend(const struct live *l, struct buf *b, const struct trend *t, size_t most)
{
	static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { "_", ".", "-", ":", "=", "+", "*", "#" };
	size_t n = !t ? 0 : t->n < most ? t->n : most;
	float lo = 0, hi = 0;

	for (size_t i = t ? t->n - n : 0; t && i < t->n; i++) {
		lo = fminf(lo, t->value[i % TREND]); /* which pass over NAN */
		hi = fmaxf(hi, t->value[i % TREND]);
	}
	for (size_t i = t ? t->n - n : 0; t && i < t->n; i++) {
		float share = (t->value[i % TREND] - lo) / (hi - lo);

		buf_adds(b, !isfinite(t->value[i % TREND]) ? " "
		            : !(share >= 0)                ? (l->utf8 ? blocks : ascii)[0]
		                            : (l->utf8 ? blocks : ascii)[(int)(share * 7 + 0.5F)]);
	}
	return n;
}

/* ---- rows */

/* Digits that nobody reads are left out. */
static void shorten(struct buf *b)
{
	char copy[40];

	if (b->n <= 9 || b->n >= sizeof copy || !memchr(b->p, '.', b->n))
		return;
	memcpy(copy, b->p, b->n);
	copy[b->n] = '\0';
	buf_clear(b);
	buf_addf(b, "%.6g", strtod(copy, NULL));
}

static void put_cell(struct windows *w, struct shown *r, size_t i, const struct val *v)
{
	struct live *l = w->live;
	struct cell *c = &r->cell[i];

	*c = (struct cell){ .from = r->text.n, .number = v && val_is_num(*v) };
	if (!v)
		return;
	buf_clear(&l->text);
	if (val_type(*v) == TYPE_STRING)
		buf_add_slice(&l->text, val_slice(&w->made, *v));
	else
		val_write_start(&w->made, &l->text, *v, TEXT_ENOUGH);
	if (c->number)
		shorten(&l->text);
	c->width = screen_text(l->utf8, &r->text, buf_slice(&l->text), l->width / 3);
	c->n = r->text.n - c->from;
}

/* The columns of this table: what the first result has, but for the window's end. */
static void name_columns(struct windows *w, const struct obj *o)
{
	struct live *l = w->live;

	for (uint32_t i = 0; i < o->n && l->columns < COLUMNS; i++) {
		struct slice name = val_slice(&w->made, o->at[i].key);

		if (i != 1 && !slice_same(name, SLICE("final")))
			l->name[l->columns++] = alloc_copy(name.p, name.n);
	}
}

static void fill_row(struct windows *w, struct shown *r, const struct win_result *win, struct val v)
{
	struct live *l = w->live;

	buf_clear(&r->rank);
	buf_clear(&r->key);
	buf_clear(&r->text);
	buf_add_slice(&r->rank, buf_slice(&l->rank));
	buf_add_slice(&r->key, win->key);
	r->start = win->start;
	r->end = win->end;
	for (size_t i = 0; i < l->columns; i++)
		put_cell(w, r, i, obj_get(v.obj, slice_from(l->name[i])));
}

/* Does a result of this rank stand before a row? Of equals the one of the first window and key. */
static bool precedes(struct slice rank, const struct win_result *win, const struct shown *r)
{
	int order = slice_order(buf_slice(&r->rank), rank);

	if (order == 0)
		order = (win->end > r->end) - (win->end < r->end);
	return order ? order < 0 : slice_order(win->key, buf_slice(&r->key)) < 0;
}

/* An open window of a key: it has a row if it is among the greatest. */
static int take(void *context, const struct win_result *win, struct err *e)
{
	struct windows *w = context;
	struct live *l = w->live;
	struct err why;
	struct val v;
	struct shown *r;
	size_t at;

	(void)e;
	err_clear(&why);
	buf_clear(&l->rank);
	if (results_look(w, win, &v, &l->rank, &why) > 0) {
		if (l->open++ == 0)
			name_columns(w, v.obj);
		for (at = l->rows; at && precedes(buf_slice(&l->rank), win, l->row[at - 1]); at--)
			continue;
		if (at < l->most) {
			l->rows += l->rows < l->most;
			r = l->row[l->rows - 1];
			memmove(l->row + at + 1, l->row + at,
			        (l->rows - 1 - at) * sizeof(struct shown *));
			l->row[at] = r;
			fill_row(w, r, win, v);
		}
	}
	heap_reset(&w->made);
	return 0;
}

static void gather(struct windows *w)
{
	struct live *l = w->live;
	struct err e;

	l->most = l->height > 3 ? l->height - 3 : 0;
	if (w->args->top && w->args->top < l->most)
		l->most = w->args->top;
	for (size_t had = l->row_cap; had < l->most; had = l->row_cap) {
		l->row = alloc_grow(l->row, &l->row_cap, l->most, sizeof(struct shown *));
		for (; had < l->row_cap; had++)
			l->row[had] = alloc_zero(1, sizeof(struct shown));
	}
	for (size_t i = 0; i < l->columns; i++)
		free(l->name[i]);
	l->rows = l->open = l->columns = 0;
	err_clear(&e);
	if (w->kind.show(w->kind.self, &(struct win_sink){ w, take }, &e) < 0)
		l->rows = 0; /* it will be said when the window is over */
	for (size_t i = 0; i < l->rows; i++)
		keep_trend(l, buf_slice(&l->row[i]->key));
}

/* ---- the screen */

static void look_at_size(struct live *l)
{
	struct winsize size;
	bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row;

	l->width = known ? size.ws_col : 80;
	l->height = known ? size.ws_row : 24;
}

static void send(struct live *l)
{
	for (size_t done = 0; done < l->out.n;) {
		ssize_t n = write(STDERR_FILENO, l->out.p + done, l->out.n - done);

		if (n < 0 && errno != EINTR)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	buf_clear(&l->out);
}

/* Lead the cursor to the beginning of the table's first line, and erase it. */
static void put_erase(struct live *l)
{
	size_t rows = 0;

	/* a terminal that became narrower has broken lines that were longer */
	for (size_t i = 0; i < l->lines; i++)
		rows += l->line[i] > l->width ? (l->line[i] + l->width - 1) / l->width : 1;
	/* line by line: some terminals keep a screen that is cleared from its top as history */
	for (; rows; rows--)
		buf_adds(&l->out, "\033[A\033[2K");
	l->lines = 0;
}

static void make_way(void *context)
{
	struct windows *w = context;
	struct live *l = w->live;

	if (!l->lines)
		return;
	look_at_size(l);
	put_erase(l);
	send(l);
	l->shown = UINT64_MAX;
	l->next = stamp_monotonic() + DRAW_EVERY;
}

/* A line of the table, cut to the screen. */
static void put_line(struct live *l, struct slice text, bool bold)
{
	l->line = alloc_grow(l->line, &l->line_cap, l->lines + 1, sizeof *l->line);
	if (bold && l->bold)
		buf_adds(&l->out, "\033[1m");
	l->line[l->lines++] = screen_text(l->utf8, &l->out, text, l->width - 1);
	buf_adds(&l->out, bold && l->bold ? "\033[0m\n" : "\n");
}

static bool one_window(const struct live *l)
{
	for (size_t i = 1; i < l->rows; i++)
		if (l->row[i]->start != l->row[0]->start || l->row[i]->end != l->row[0]->end)
			return false;
	return true;
}

static void put_stamp(struct buf *b, const char *name, int64_t t)
{
	char text[STAMP_TEXT];

	stamp_format(t, text);
	buf_addf(b, "%s%s", name, t == STAMP_NONE ? "-" : text);
}

static void put_status(struct windows *w, bool one)
{
	struct live *l = w->live;

	buf_clear(&l->text);
	put_stamp(&l->text, "watermark ", w->mark.w);
	buf_addf(&l->text, "  late %" PRIu64 "  open %" PRIu64, w->late, l->open);
	if (one && l->rows && !w->untimed) {
		put_stamp(&l->text, "  window ", l->row[0]->start);
		put_stamp(&l->text, " to ", l->row[0]->end);
	}
	put_line(l, buf_slice(&l->text), true);
}

static size_t trend_room(const struct live *l)
{
	return l->width / 4 < TREND ? l->width / 4 : TREND;
}

/* A row of cells, the sparkline behind the keys; ROW NULL: the columns' names. */
static void put_row(struct windows *w, const struct shown *row, size_t first, size_t widest)
{
	struct live *l = w->live;
	size_t trend_at = 1 + keys_count(w->keys),
	       last = l->columns > trend_at ? l->columns : trend_at;

	buf_clear(&l->text);
	for (size_t i = first; i <= last; i++) {
		size_t width, from;

		if (i == trend_at && widest) {
			width = row ? put_trend(l, &l->text, trend_of(l, buf_slice(&row->key)),
			                        trend_room(l))
			            : screen_text(l->utf8, &l->text, SLICE("trend"), widest);
			pad(&l->text, widest - width + 2);
		}
		if (i >= l->columns)
			break;
		from = l->text.n;
		if (row) {
			width = row->cell[i].width;
			buf_add(&l->text, row->text.p + row->cell[i].from, row->cell[i].n);
		} else {
			width = screen_text(l->utf8, &l->text, slice_from(l->name[i]), l->wide[i]);
		}
		pad(&l->text, l->wide[i] - width + 2);
		/* numbers are set to the right, and so are their columns' names */
		if (l->row[0]->cell[i].number && l->wide[i] > width) {
			size_t n = l->text.n - 2 - from, gap = l->wide[i] - width;

			memmove(l->text.p + from + gap, l->text.p + from, n - gap);
			memset(l->text.p + from, ' ', gap);
		}
	}
	while (l->text.n && l->text.p[l->text.n - 1] == ' ')
		l->text.n--;
	put_line(l, buf_slice(&l->text), !row);
}

/* How wide columns are. Returns that of the sparklines, 0 where there are none yet. */
static size_t measure(struct live *l)
{
	size_t widest = 0;

	for (size_t i = 0; i < l->columns; i++) {
		buf_clear(&l->text);
		l->wide[i] = screen_text(l->utf8, &l->text, slice_from(l->name[i]), l->width / 3);
		for (size_t k = 0; k < l->rows; k++)
			if (l->row[k]->cell[i].width > l->wide[i])
				l->wide[i] = l->row[k]->cell[i].width;
	}
	for (size_t k = 0; k < l->rows; k++) {
		const struct trend *t = trend_of(l, buf_slice(&l->row[k]->key));
		size_t n = t->n < 5 && t->n ? 5 : t->n; /* as wide as "trend" */

		widest = n > widest ? n : widest;
	}
	return widest < trend_room(l) ? widest : trend_room(l);
}

static void draw(struct windows *w)
{
	struct live *l = w->live;
	int64_t began = stamp_monotonic(), took;
	size_t widest;
	bool one;

	put_erase(l);
	gather(w);
	one = one_window(l);
	put_status(w, one);
	if (l->rows) {
		widest = measure(l);
		put_row(w, NULL, one || w->untimed, widest);
		for (size_t i = 0; i < l->rows; i++)
			put_row(w, l->row[i], one || w->untimed, widest);
	}
	send(l);
	l->shown = w->counted + w->late;
	took = (stamp_monotonic() - began) * SHARE;
	l->next = began + (took > DRAW_EVERY ? took : DRAW_EVERY);
}

static void look(void *context)
{
	struct windows *w = context;
	struct live *l = w->live;
	size_t width = l->width, height = l->height;

	if (stamp_monotonic() < l->next)
		return;
	look_at_size(l);
	if (w->counted + w->late &&
	    (w->counted + w->late != l->shown || width != l->width || height != l->height))
		draw(w);
}

void live_tick(struct windows *w)
{
	if (w->live)
		look(w);
}

/* ---- */

int live_init(struct windows *w, struct err *e)
{
	const struct shared *s = &w->args->shared;
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	struct live *l;

	if (w->args->live && s->progress)
		return err_set(e, FAIL_USAGE, "--live and --progress exclude one another");
	if (!w->args->live || !isatty(STDERR_FILENO) || !term || !*term ||
	    strcmp(term, "dumb") == 0)
		return 0;
	l = w->live = alloc_zero(1, sizeof *l);
	l->utf8 = screen_utf8();
	l->bold = s->color_on || s->color == 1 ||
	          (s->color == 0 && !s->color_off && !(no_color && *no_color));
	aged_init(&l->trends, sizeof(struct trend));
	w->frame.look = look;
	w->frame.out.before = make_way;
	w->frame.out.context = w;
	return 0;
}

void live_end(struct windows *w)
{
	struct live *l = w->live;

	if (!l)
		return;
	make_way(w);
	w->frame.look = NULL;
	w->frame.out.before = NULL;
	for (size_t i = 0; i < l->row_cap; i++) {
		buf_free(&l->row[i]->rank);
		buf_free(&l->row[i]->key);
		buf_free(&l->row[i]->text);
		free(l->row[i]);
	}
	for (size_t i = 0; i < l->columns; i++)
		free(l->name[i]);
	free(l->row);
	free(l->line);
	buf_free(&l->out);
	buf_free(&l->rank);
	buf_free(&l->text);
	aged_free(&l->trends);
	free(l);
	w->live = NULL;
}
