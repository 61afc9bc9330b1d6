/* stee -o chart: what is drawn of a record. */
#include "stee.h"

#include "base/alloc.h"
#include "json/valwrite.h"

#include <math.h>
#include <stdlib.h>

#define NUMBER_OF_TIME 1e8 /* where nothing says that numbers are times: less is a label */

/* What a field's name is made of that needs no quotes, and a path of such. */
#define FIELD ".0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Fields that say when, or how often, and are not what is drawn. */
static const char *const usual[] = { "window_start", "window_end", "ts",      "time",
	                             "timestamp",    "@timestamp", "revision" };

static const char usual_x[] =
	".window_start // .ts // .time // .timestamp // .\"@timestamp\" // .window_end";

struct points {
	const struct args *args;
	const char *x_text; /* NULL: the usual fields */
	struct keyexpr *x, *y, *by;
	struct evtime *time;
	char *y_name; /* where --y is not given: the field, when it is known */
	struct buf y_text;
	bool decided, timed; /* are x times? */
	bool nulls;          /* there was a record without y */
	struct buf label, series;
};

struct points *points_new(const struct args *a, struct plan *plan, struct err *e)
{
	struct points *p = alloc_zero(1, sizeof *p);
	struct evtime_opts time = { .format = a->time.format, .zone = a->time.zone };

	p->args = a;
	p->x_text = a->x ? a->x : a->time.expr;
	p->x = keyexpr_new(a->x ? "--x" : "--time", p->x_text ? p->x_text : usual_x, plan, NULL, e);
	p->y = p->x && a->y ? keyexpr_new("--y", a->y, plan, NULL, e) : NULL;
	if (p->x && (p->y || !a->y))
		p->by = a->by ? keyexpr_new("--by", a->by, plan, NULL, e) : NULL;
	if (e->kind == FAIL_NONE)
		p->time = evtime_new(&time, plan, e);
	if (p->time)
		return p;
	points_free(p);
	return NULL;
}

void points_free(struct points *p)
{
	if (!p)
		return;
	keyexpr_free(p->x);
	keyexpr_free(p->y);
	keyexpr_free(p->by);
	evtime_free(p->time);
	free(p->y_name);
	buf_free(&p->y_text);
	buf_free(&p->label);
	buf_free(&p->series);
	free(p);
}

/* ---- which number */

/* Is this expression the field of that name? */
static bool is_field(const char *expr, struct slice name)
{
	return expr && expr[0] == '.' && slice_same(slice_from(expr + 1), name);
}

static bool may_be_y(const struct points *p, const struct member *m, struct heap *h)
{
	struct slice name = val_slice(h, m->key);

	if (!val_is_num(m->value) || is_field(p->x_text, name) || is_field(p->args->by, name))
		return false;
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		if (slice_same(slice_from(usual[i]), name))
			return false;
	return true;
}

static int several(const struct points *p, const struct obj *o, struct heap *h, struct err *e)
{
	struct buf names = { 0 };

	for (uint32_t i = 0; i < o->n; i++)
		if (may_be_y(p, &o->at[i], h)) {
			buf_adds(&names, names.n ? ", " : "");
			buf_add_slice(&names, val_slice(h, o->at[i].key));
		}
	err_set(e, FAIL_USAGE, "-o chart: there are several numbers (%.*s): --y EXPR says which",
	        (int)(names.n > 200 ? 200 : names.n), names.p);
	buf_free(&names);
	return -1;
}

/* --y is the number of the first record that has one; two of them are one too many. */
static int find_y(struct points *p, struct val record, struct heap *h, struct err *e)
{
	static const struct val_style plain = { 0 };
	struct val v = val_force(h, record), found = val_of(VAL_NULL);

	for (uint32_t i = 0; v.tag == VAL_OBJ && i < v.obj->n; i++) {
		if (!may_be_y(p, &v.obj->at[i], h))
			continue;
		if (found.tag != VAL_NULL)
			return several(p, v.obj, h, e);
		found = v.obj->at[i].key;
	}
	if (found.tag == VAL_NULL)
		return err_set(e, FAIL_DATA, "no number to draw (--y EXPR says what is drawn)");
	p->y_name = alloc_copy(val_slice(h, found).p, val_slice(h, found).n);
	buf_adds(&p->y_text, ".[");
	val_write(h, &p->y_text, found, &plain);
	buf_adds(&p->y_text, "]");
	buf_addc(&p->y_text, '\0');
	/* the records' scanner is at work: it finds no more fields */
	p->y = keyexpr_new("--y", p->y_text.p, NULL, NULL, e);
	return p->y ? 0 : -1;
}

/* ---- a point */

static struct slice text_of(struct heap *h, struct val v, struct buf *b)
{
	static const struct val_style plain = { 0 };

	if (val_type(v) == TYPE_STRING)
		return val_slice(h, v);
	buf_clear(b);
	val_write(h, b, v, &plain);
	return buf_slice(b);
}

/* Does it look like a time? A small number may be anything. */
static bool is_time(struct points *p, struct val v, struct heap *h)
{
	struct err none;
	int64_t t;

	err_clear(&none);
	if (val_is_num(v) && p->x_text && !p->args->time.format &&
	    !(fabs(val_double(v)) >= NUMBER_OF_TIME))
		return false;
	return evtime_value(p->time, v, h, &t, &none) == 0;
}

static int read_time(struct points *p, struct val v, struct heap *h, int64_t *time, struct err *e)
{
	struct err why;

	err_clear(&why);
	if (evtime_value(p->time, v, h, time, &why) == 0)
		return 0;
	*e = why;
	if (!p->x_text && why.kind == FAIL_DATA)
		err_set(e, FAIL_DATA, "%s; --x EXPR draws by something else", why.text);
	return -1;
}

static int read_x(struct points *p, const struct rec *rec, struct heap *h, struct point *to,
                  struct err *e)
{
	struct val v;

	if (keyexpr_value(p->x, val_from_rec(rec, 0), rec, h, &v, e) < 0)
		return -1;
	if (v.tag == VAL_NULL && !p->x_text)
		return err_set(e, FAIL_DATA,
		               "no time to draw by: none of window_start, ts, time, timestamp, "
		               "@timestamp, window_end is there (--x EXPR says what x is)");
	if (!p->decided)
		p->timed = !p->x_text || is_time(p, v, h);
	to->timed = p->timed;
	if (p->timed)
		return read_time(p, v, h, &to->time, e);
	to->label = text_of(h, v, &p->label);
	return 0;
}

/* 1, or 0 where there is none. */
static int read_y(struct points *p, const struct rec *rec, struct heap *h, struct point *to,
                  struct err *e)
{
	struct val v, record = val_from_rec(rec, 0);

	if (!p->y && find_y(p, record, h, e) < 0)
		return -1;
	if (keyexpr_value(p->y, record, p->y_name ? NULL : rec, h, &v, e) < 0)
		return -1;
	if (v.tag == VAL_NULL)
		return 0;
	if (!val_is_num(v))
		return err_set(e, FAIL_DATA, "%s%s: the value is %s, not a number",
		               p->y_name ? "" : "--y ", p->y_name ? p->y_name : p->args->y,
		               val_type_name(v));
	to->y = val_double(v);
	return 1;
}

int points_read(struct points *p, const struct rec *rec, struct heap *h, struct point *to,
                struct err *e)
{
	struct val v;
	int got;

	*to = (struct point){ .series = { "", 0 } };
	got = read_y(p, rec, h, to, e);
	p->nulls |= got == 0;
	if (got <= 0)
		return got;
	if (read_x(p, rec, h, to, e) < 0)
		return -1;
	if (p->by) {
		if (keyexpr_value(p->by, val_from_rec(rec, 0), rec, h, &v, e) < 0)
			return -1;
		to->series = text_of(h, v, &p->series);
	}
	p->decided = true;
	return 1;
}

const char *points_missing(const struct points *p)
{
	if (p->decided || !p->nulls)
		return NULL;
	return p->y_name ? p->y_name : p->args->y;
}

/* A field without its dot; what is more than a field as it is. */
static const char *called(const char *expr)
{
	const char *name = expr + 1;

	return expr[0] == '.' && *name && !name[strspn(name, FIELD)] ? name : expr;
}

void points_title(const struct points *p, struct buf *to)
{
	buf_adds(to, p->y_name ? p->y_name : called(p->args->y));
	buf_addf(to, " by %s", p->x_text ? called(p->x_text) : "time");
	if (p->by)
		buf_addf(to, ", %s", called(p->args->by));
}
