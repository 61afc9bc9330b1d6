/* Builtins that jq has not: texts of other formats into values, addresses, digests. */
#include "base/digest.h"
#include "base/duration.h"
#include "base/hash.h"
#include "base/ip.h"
#include "base/url.h"
#include "bi.h"
#include "record/csvline.h"
#include "record/decode.h"
#include "json/valparse.h"

#include <inttypes.h>
#include <stdio.h>

/* The input as text, or a failure "TYPE (VALUE) cannot be WHAT, only a string". */
static bool text_of(struct eval *e, struct val v, const char *what, struct slice *s,
                    struct val *failed)
{
	char message[64];

	if (val_type(v) == TYPE_STRING) {
		*s = val_slice(eval_heap(e), v);
		return true;
	}
	snprintf(message, sizeof message, "cannot be %s, only a string", what);
	*failed = bi_fail(e, v, message);
	return false;
}

static bool parse_text_of(struct eval *e, struct val v, struct slice *s, struct val *failed)
{
	return text_of(e, v, "parsed", s, failed);
}

/* "NAME: WHY (while parsing "TEXT")", the text as eval_dump() cuts it */
static struct val cannot_parse(struct eval *e, const char *name, const char *why, struct slice s)
{
	char dump[DUMP_TEXT];

	return eval_fail(e, "%s: %s (while parsing %s)", name, why, eval_dump(e, val_str(s), dump));
}

/* ---- rows and pairs */

struct val bi_parse_logfmt(struct eval *e, const struct val *arg)
{
	struct check_fault fault;
	struct val v, failed;
	struct slice s;
	struct err err;
	char *text;

	if (!parse_text_of(e, arg[0], &s, &failed))
		return failed;
	/* 16 readable bytes behind it, for decode_value() */
	text = arena_alloc(&eval_heap(e)->arena, s.n + 16);
	memcpy(text, s.p, s.n);
	memset(text + s.n, 0, 16);
	err_clear(&err);
	buf_clear(&e->scratch);
	buf_addc(&e->scratch, '{');
	if (decode_logfmt_members(&e->scratch, (struct slice){ text, s.n }, false, false, &err) < 0)
		return cannot_parse(e, "parse_logfmt", err.text, s);
	buf_addc(&e->scratch, '}');
	if (val_parse(eval_heap(e), buf_slice(&e->scratch), &v, &fault) < 0)
		return cannot_parse(e, "parse_logfmt", fault.text, s);
	return v;
}

struct fields {
	struct heap *heap;
	struct arr *list;
};

static void add_field(void *context, struct slice field)
{
	struct fields *f = context;

	f->list = arr_push(f->heap, f->list, val_copy_str(f->heap, field));
}

static struct val parse_csv(struct eval *e, struct val row, char separator)
{
	struct fields f = { eval_heap(e), arr_new(eval_heap(e), 8) };
	struct val failed;
	struct slice s;
	struct err err;

	if (!parse_text_of(e, row, &s, &failed))
		return failed;
	err_clear(&err);
	if (csvline_row(s, separator, add_field, &f, &err) < 0)
		return cannot_parse(e, "parse_csv", err.text, s);
	return val_arr(f.list);
}

struct val bi_parse_csv(struct eval *e, const struct val *arg)
{
	return parse_csv(e, arg[0], ',');
}

struct val bi_parse_csv_by(struct eval *e, const struct val *arg)
{
	struct slice separator = { 0 };

	if (val_type(arg[1]) == TYPE_STRING)
		separator = val_slice(eval_heap(e), arg[1]);
	if (separator.n != 1 || !*separator.p || strchr("\"\r\n", *separator.p) ||
	    (*separator.p & 0x80))
		return bi_fail(e, arg[1], "cannot separate fields, only an ASCII character can");
	return parse_csv(e, arg[0], *separator.p);
}

/* ---- URLs */

static struct obj *put(struct eval *e, struct obj *o, const char *name, struct val v)
{
	return obj_set(eval_heap(e), o, val_str(slice_from(name)), v);
}

static struct val part(struct slice s)
{
	return s.p ? val_str(s) : val_of(VAL_NULL);
}

struct val bi_parse_url(struct eval *e, const struct val *arg)
{
	struct obj *o = obj_new(eval_heap(e), 8);
	struct val failed;
	struct slice s;
	struct url u;
	struct err err;

	if (!parse_text_of(e, arg[0], &s, &failed))
		return failed;
	err_clear(&err);
	if (url_parse(s, &u, &err) < 0)
		return cannot_parse(e, "parse_url", err.text, s);
	o = put(e, o, "scheme", part(u.scheme));
	o = put(e, o, "user", part(u.user));
	o = put(e, o, "password", part(u.password));
	o = put(e, o, "host", part(u.host));
	o = put(e, o, "port", u.port < 0 ? val_of(VAL_NULL) : val_num(u.port));
	o = put(e, o, "path", part(u.path));
	o = put(e, o, "query", part(u.query));
	o = put(e, o, "fragment", part(u.fragment));
	return val_obj(o);
}

static struct val decoded(struct eval *e, const char *from, const char *to)
{
	buf_clear(&e->scratch);
	url_decode(&e->scratch, (struct slice){ from, (size_t)(to - from) }, true);
	return val_copy_str(eval_heap(e), buf_slice(&e->scratch));
}

/* A name that comes again makes its value an array of all. */
static struct obj *put_again(struct eval *e, struct obj *o, struct val name, struct val value)
{
	struct heap *h = eval_heap(e);
	struct val *old = obj_get(o, val_text(name));
	struct arr *list;

	if (!old)
		return obj_set(h, o, name, value);
	list = old->tag == VAL_ARR ? old->arr : arr_push(h, arr_new(h, 4), *old);
	*old = val_arr(arr_push(h, list, value));
	return o;
}

/* As browsers send forms (WHATWG URL, application/x-www-form-urlencoded parsing). */
struct val bi_parse_query(struct eval *e, const struct val *arg)
{
	struct obj *o = obj_new(eval_heap(e), 8);
	const char *p, *end, *stop, *eq;
	struct val failed, name;
	struct slice s;

	if (!parse_text_of(e, arg[0], &s, &failed))
		return failed;
	for (p = s.p, end = p + s.n; p < end; p = stop + (stop < end)) {
		stop = memchr(p, '&', (size_t)(end - p));
		stop = stop ? stop : end;
		if (stop == p)
			continue;
		eq = memchr(p, '=', (size_t)(stop - p));
		name = decoded(e, p, eq ? eq : stop);
		o = put_again(e, o, name, decoded(e, eq ? eq + 1 : stop, stop));
	}
	return val_obj(o);
}

/* ---- quantities */

struct val bi_parse_duration(struct eval *e, const struct val *arg)
{
	struct val failed;
	struct slice s, body;
	int64_t ns;

	if (!parse_text_of(e, arg[0], &s, &failed))
		return failed;
	body = s;
	if (s.n > 1 && (*s.p == '-' || *s.p == '+')) {
		body.p++;
		body.n--;
	}
	if (duration_parse(body, &ns) < 0)
		return cannot_parse(e, "parse_duration", "expected pairs like 1h30m or 1.5s", s);
	return val_num((double)(*s.p == '-' ? -ns : ns) / (double)NS_PER_SEC);
}

/* The factor of a unit: nothing, k M G T P E with or without i and B. 0: none. */
static double byte_unit(struct slice s)
{
	static const char prefixes[] = "kmgtpe";
	double factor = 1;
	const char *at;
	double base;

	if (s.n && (s.p[s.n - 1] | 32) == 'b')
		s.n--;
	if (s.n == 0)
		return 1;
	base = s.n == 2 && s.p[1] == 'i' ? 1024 : 1000;
	at = strchr(prefixes, *s.p | 32);
	if (!at || s.n != (base > 1000 ? 2 : 1))
		return 0;
	for (; at >= prefixes; at--)
		factor *= base;
	return factor;
}

struct val bi_parse_bytes(struct eval *e, const struct val *arg)
{
	struct val failed;
	struct slice s, number, unit;
	size_t n = 0, digits = 0;
	double factor;

	if (!parse_text_of(e, arg[0], &s, &failed))
		return failed;
	for (; n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || (s.p[n] == '.' && digits == n)); n++)
		digits += s.p[n] != '.';
	number = (struct slice){ s.p, n };
	n += n < s.n && s.p[n] == ' ';
	unit = (struct slice){ s.p + n, s.n - n };
	factor = byte_unit(unit);
	if (digits == 0 || s.p[number.n - 1] == '.' || *s.p == '.' || factor <= 0)
		return cannot_parse(e, "parse_bytes", "expected a size like 10k, 16Mi or 1.5GB", s);
	return val_num(num_parse(number) * factor);
}

/* ---- addresses */

/* Is it in one of the blocks? A failure in *FAILED. */
static bool in_blocks(struct eval *e, const struct ip *ip, const struct val *block, uint32_t n,
                      struct val *failed)
{
	struct ip_block b;
	struct slice s;
	bool yes = false;
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (!parse_text_of(e, block[i], &s, failed))
			return false;
		if (ip_parse_block(s, &b) < 0) {
			*failed = cannot_parse(e, "ip_in", "expected a block like 10.0.0.0/8", s);
			return false;
		}
		yes |= ip_in_block(ip, &b);
	}
	return yes;
}

struct val bi_ip_in(struct eval *e, const struct val *arg)
{
	struct val blocks = val_force(eval_heap(e), arg[1]), failed = val_of(VAL_NONE);
	struct slice s;
	struct ip ip;
	bool yes;

	if (!parse_text_of(e, arg[0], &s, &failed))
		return failed;
	if (ip_parse(s, &ip) < 0)
		return cannot_parse(e, "ip_in", "expected an IPv4 or IPv6 address", s);
	if (blocks.tag == VAL_ARR)
		yes = in_blocks(e, &ip, blocks.arr->at, blocks.arr->n, &failed);
	else
		yes = in_blocks(e, &ip, &blocks, 1, &failed);
	return failed.tag == VAL_NONE ? val_bool(yes) : failed;
}

/* ---- digests, of a string's UTF-8 */

static bool hashed(struct eval *e, struct val v, struct slice *s, struct val *failed)
{
	return text_of(e, v, "hashed", s, failed);
}

struct val bi_sha256(struct eval *e, const struct val *arg)
{
	char hex[SHA256_HEX];
	struct val failed;
	struct slice s;

	return hashed(e, arg[0], &s, &failed)
	               ? val_copy_str(eval_heap(e), slice_from(digest_sha256(s, hex)))
	               : failed;
}

struct val bi_md5(struct eval *e, const struct val *arg)
{
	char hex[MD5_HEX];
	struct val failed;
	struct slice s;

	return hashed(e, arg[0], &s, &failed)
	               ? val_copy_str(eval_heap(e), slice_from(digest_md5(s, hex)))
	               : failed;
}

struct val bi_xxh64(struct eval *e, const struct val *arg)
{
	struct val failed;
	struct slice s;

	return hashed(e, arg[0], &s, &failed)
	               ? val_strf(eval_heap(e), "%016" PRIx64, hash_xxh64(s.p, s.n))
	               : failed;
}
