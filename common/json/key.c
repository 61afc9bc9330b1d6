#include "key.h"

#include "check.h"

#include <math.h>

/* First bytes, in jq's order; END is lower than all. */
enum {
	KEY_END,
	KEY_NULL,
	KEY_FALSE,
	KEY_TRUE,
	KEY_NAN,
	KEY_MINUS_INFINITY,
	KEY_NEGATIVE,
	KEY_ZERO,
	KEY_POSITIVE,
	KEY_INFINITY,
	KEY_STRING,
	KEY_ARRAY,
	KEY_OBJECT
};

/* Powers of ten: one byte where they are small, else a byte beyond and eight more. */
#define POINT_MIDDLE 0x80
#define POINT_SMALL  100
#define POINT_BELOW  0x01
#define POINT_ABOVE  0xFE

/* ---- numbers */

/* Eight bytes, the most significant first, so that their order is that of the number. */
static void put64(struct buf *b, int64_t v)
{
	uint64_t u = __builtin_bswap64((uint64_t)v ^ UINT64_C(1) << 63);

	buf_add(b, (const char *)&u, 8);
}

static int64_t get64(const char *p)
{
	uint64_t u;

	memcpy(&u, p, 8);
	return (int64_t)(__builtin_bswap64(u) ^ UINT64_C(1) << 63);
}

static void put_point(struct buf *b, int64_t point)
{
	if (point >= -POINT_SMALL && point <= POINT_SMALL) {
		buf_addc(b, (char)(POINT_MIDDLE + point));
		return;
	}
	buf_addc(b, (char)(point < 0 ? POINT_BELOW : POINT_ABOVE));
	put64(b, point);
}

/* 0.DIGITS * 10^POINT; turned over as a whole where it is negative. */
static void put_decimal(struct buf *b, bool negative, int64_t point, struct slice digits)
{
	size_t from;

	if (digits.n == 0) {
		buf_addc(b, KEY_ZERO);
		return;
	}
	buf_addc(b, negative ? KEY_NEGATIVE : KEY_POSITIVE);
	from = b->n;
	put_point(b, point);
	buf_add_slice(b, digits);
	buf_addc(b, KEY_END);
	for (; negative && from < b->n; from++)
		b->p[from] = (char)~b->p[from];
}

/* A positive whole number without leading zeros, as most are: its digits stand there already. */
static bool put_plain(struct buf *b, struct slice literal)
{
	size_t n = literal.n;

	if (n > POINT_SMALL || *literal.p <= '0')
		return false;
	for (size_t i = 0; i < n; i++)
		if (literal.p[i] < '0' || literal.p[i] > '9')
			return false;
	while (literal.p[literal.n - 1] == '0')
		literal.n--;
	put_decimal(b, false, (int64_t)n, literal);
	return true;
}

static void put_literal(struct buf *b, struct slice literal)
{
	char room[64];
	struct buf digits = { .p = room, .cap = sizeof room };
	int64_t point;
	bool negative;

	if (put_plain(b, literal))
		return;
	if (literal.n > sizeof room)
		digits = (struct buf){ 0 };
	negative = num_digits(&digits, literal, &point);
	put_decimal(b, negative, point, buf_slice(&digits));
	if (digits.p != room)
		buf_free(&digits);
}

/* A number that was computed: whole ones exactly, others as they are written. */
static void put_double(struct buf *b, double d)
{
	struct buf text = { 0 };

	if (isnan(d)) {
		buf_addc(b, KEY_NAN);
	} else if (isinf(d)) {
		buf_addc(b, d < 0 ? KEY_MINUS_INFINITY : KEY_INFINITY);
	} else {
		if (fabs(d) < 0x1p63 && d == floor(d))
			buf_add_int(&text, (int64_t)d);
		else
			num_write(&text, d);
		put_literal(b, buf_slice(&text));
		buf_free(&text);
	}
}

/*
 * The digits at P as a value: a whole number as such, what has the precision of a double as one, so
 * that it is written as one; anything else as a literal.
 */
static struct val decimal(struct heap *h, bool negative, int64_t point, struct slice digits)
{
	int64_t shift = point - (int64_t)digits.n;
	struct buf b = { 0 };
	struct val v;

	if (negative)
		buf_addc(&b, '-');
	buf_add_slice(&b, digits);
	if (shift >= 0 && point <= 20) {
		for (; shift; shift--)
			buf_addc(&b, '0');
	} else {
		buf_addc(&b, 'e');
		buf_add_int(&b, shift);
	}
	v = val_lit((struct slice){ arena_copy(&h->arena, b.p, b.n), b.n });
	buf_free(&b);
	if (shift && digits.n <= 15 && point > -306 && point < 309)
		v = val_num(val_double(v));
	return v;
}

static const char *get_decimal(const char *p, struct heap *h, bool negative, struct val *v)
{
	uint8_t turn = negative ? 0xFF : 0, first = (uint8_t)*p++ ^ turn;
	int64_t point = first - POINT_MIDDLE;
	struct buf digits = { 0 };

	if (first == POINT_BELOW || first == POINT_ABOVE) {
		point = negative ? ~get64(p) : get64(p);
		p += 8;
	}
	for (; ((uint8_t)*p ^ turn) != KEY_END; p++)
		buf_addc(&digits, (char)((uint8_t)*p ^ turn));
	*v = decimal(h, negative, point, buf_slice(&digits));
	buf_free(&digits);
	return p + 1;
}

/* ---- strings */

static void put_string(struct buf *b, struct slice s)
{
	const char *nul;

	while (s.n && (nul = memchr(s.p, '\0', s.n))) {
		buf_add(b, s.p, (size_t)(nul - s.p) + 1);
		buf_addc(b, '\xFF');
		s.n -= (size_t)(nul - s.p) + 1;
		s.p = nul + 1;
	}
	buf_add_slice(b, s);
	buf_add(b, "\0", 2);
}

static const char *get_string(const char *p, struct heap *h, struct val *v)
{
	const char *end = p;
	size_t n = 0;
	char *to;

	while (end[0] || end[1])
		end++;
	to = arena_alloc(&h->arena, (size_t)(end - p) + 1);
	for (; p < end; p++) {
		to[n++] = *p;
		p += *p == '\0'; /* the 0xFF behind it */
	}
	*v = val_str((struct slice){ to, n });
	return end + 2;
}

/* ---- values: as deep in C as they are */

static int put(struct buf *b, struct heap *h, struct val v, unsigned depth);

static int put_array(struct buf *b, struct heap *h, const struct arr *a, unsigned depth)
{
	buf_addc(b, KEY_ARRAY);
	for (uint32_t i = 0; i < a->n; i++)
		if (put(b, h, a->at[i], depth) < 0)
			return -1;
	buf_addc(b, KEY_END);
	return 0;
}

static int put_object(struct buf *b, struct heap *h, const struct obj *o, unsigned depth)
{
	const uint32_t *member = obj_sorted(h, o);

	buf_addc(b, KEY_OBJECT);
	for (uint32_t i = 0; i < o->n; i++) {
		buf_addc(b, KEY_STRING);
		put_string(b, val_text(o->at[member[i]].key));
	}
	buf_addc(b, KEY_END);
	for (uint32_t i = 0; i < o->n; i++)
		if (put(b, h, o->at[member[i]].value, depth) < 0)
			return -1;
	return 0;
}

static int put(struct buf *b, struct heap *h, struct val v, unsigned depth)
{
	switch (val_type(v)) {
	case TYPE_FALSE:
		buf_addc(b, KEY_FALSE);
		return 0;
	case TYPE_TRUE:
		buf_addc(b, KEY_TRUE);
		return 0;
	case TYPE_NUMBER:
		if (v.tag == VAL_LIT)
			put_literal(b, val_text(v));
		else
			put_double(b, v.num);
		return 0;
	case TYPE_STRING:
		buf_addc(b, KEY_STRING);
		put_string(b, val_slice(h, v));
		return 0;
	case TYPE_ARRAY:
	case TYPE_OBJECT:
		if (depth == CHECK_DEPTH)
			return -1;
		v = val_force(h, v);
		return v.tag == VAL_ARR ? put_array(b, h, v.arr, depth + 1)
		                        : put_object(b, h, v.obj, depth + 1);
	default:
		buf_addc(b, KEY_NULL);
		return 0;
	}
}

int key_put(struct buf *b, struct heap *h, struct val v)
{
	size_t before = b->n;

	if (put(b, h, v, 0) == 0)
		return 0;
	b->n = before;
	return -1;
}

void key_put_edge(struct buf *b, enum val_type type, bool above)
{
	static const struct {
		uint8_t least, most;
	} first[] = {
		[TYPE_NULL] = { KEY_NULL, KEY_NULL },
		[TYPE_FALSE] = { KEY_FALSE, KEY_TRUE },
		[TYPE_TRUE] = { KEY_FALSE, KEY_TRUE },
		[TYPE_NUMBER] = { KEY_NAN, KEY_INFINITY },
		[TYPE_STRING] = { KEY_STRING, KEY_STRING },
		[TYPE_ARRAY] = { KEY_ARRAY, KEY_ARRAY },
		[TYPE_OBJECT] = { KEY_OBJECT, KEY_OBJECT },
	};

	buf_addc(b, (char)(above ? first[type].most : first[type].least));
	/* no key has it in second place */
	if (above)
		buf_addc(b, '\xFF');
}

static const char *get_array(const char *p, struct heap *h, struct val *v)
{
	struct arr *a = arr_new(h, 4);
	struct val item;

	while (*p != KEY_END) {
		p = key_get(p, h, &item);
		a = arr_push(h, a, item);
	}
	*v = val_arr(a);
	return p + 1;
}

static const char *get_object(const char *p, struct heap *h, struct val *v)
{
	struct obj *o = obj_new(h, 4);
	struct val key;

	while (*p != KEY_END) {
		p = key_get(p, h, &key);
		o = obj_set(h, o, key, val_of(VAL_NULL));
	}
	p++;
	for (uint32_t i = 0; i < o->n; i++)
		p = key_get(p, h, &o->at[i].value);
	*v = val_obj(o);
	return p;
}

const char *key_get(const char *p, struct heap *h, struct val *v)
{
	switch (*p++) {
	case KEY_FALSE:
	case KEY_TRUE:
		*v = val_bool(p[-1] == KEY_TRUE);
		return p;
	case KEY_NAN:
		*v = val_num(NAN);
		return p;
	case KEY_MINUS_INFINITY:
		*v = val_num(-INFINITY);
		return p;
	case KEY_INFINITY:
		*v = val_num(INFINITY);
		return p;
	case KEY_ZERO:
		*v = val_lit(SLICE("0"));
		return p;
	case KEY_NEGATIVE:
	case KEY_POSITIVE:
		return get_decimal(p, h, p[-1] == KEY_NEGATIVE, v);
	case KEY_STRING:
		return get_string(p, h, v);
	case KEY_ARRAY:
		return get_array(p, h, v);
	case KEY_OBJECT:
		return get_object(p, h, v);
	default:
		*v = val_of(VAL_NULL);
		return p;
	}
}
