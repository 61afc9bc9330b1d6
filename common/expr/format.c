/* The formats: @csv, @sh and the like. */
#include "base/utf8.h"
#include "bi.h"
#include "json/valwrite.h"

#include <stdio.h>

typedef struct val format_fn(struct eval *e, struct val v);

static struct val text_of(struct eval *e, struct val v)
{
	return bi_tostring(e, &v);
}

static struct val json_of(struct eval *e, struct val v)
{
	return bi_tojson(e, &v);
}

static struct val finish(struct eval *e, struct buf *b)
{
	struct val v =
		b->n > VAL_TEXT_MAX ? eval_text(e, b) : val_copy_str(eval_heap(e), buf_slice(b));

	buf_free(b);
	return v;
}

/* ---- rows */

static void csv_string(struct buf *b, struct slice s)
{
	size_t i;

	buf_addc(b, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_addc(b, '"');
		if (s.p[i])
			buf_addc(b, s.p[i]);
		else
			buf_adds(b, "\\0");
	}
	buf_addc(b, '"');
}

static void tsv_string(struct buf *b, struct slice s)
{
	static const char from[] = "\t\n\r\\", to[] = "tnr\\0"; /* the last of each: NUL */
	const char *at;
	size_t i;

	for (i = 0; i < s.n; i++) {
		at = strchr(from, s.p[i]);
		if (at)
			buf_addc(b, '\\');
		buf_addc(b, at ? to[at - from] : s.p[i]);
	}
}

static struct val row(struct eval *e, struct val v, char separator)
{
	struct heap *h = eval_heap(e);
	struct buf b = { 0 };
	struct val item;
	uint32_t i;

	if (val_type(v) != TYPE_ARRAY)
		return bi_fail(e, v,
		               separator == ',' ? "cannot be csv-formatted, only array"
		                                : "cannot be tsv-formatted, only array");
	v = val_force(h, v);
	for (i = 0; i < v.arr->n; i++) {
		item = v.arr->at[i];
		if (i)
			buf_addc(&b, separator);
		if (val_type(item) == TYPE_STRING && separator == ',') {
			csv_string(&b, val_slice(h, item));
		} else if (val_type(item) == TYPE_STRING) {
			tsv_string(&b, val_slice(h, item));
		} else if (val_type(item) >= TYPE_ARRAY) {
			buf_free(&b);
			return bi_fail(e, item, "is not valid in a csv row");
		} else if (item.tag != VAL_NULL) {
			val_write_canonical(h, &b, item);
		}
	}
	return finish(e, &b);
}

static struct val csv_of(struct eval *e, struct val v)
{
	return row(e, v, ',');
}

static struct val tsv_of(struct eval *e, struct val v)
{
	return row(e, v, '\t');
}

/* ---- quoting */

static struct val html_of(struct eval *e, struct val v)
{
	struct slice s = val_slice(eval_heap(e), v);
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '<':
			buf_adds(&b, "&lt;");
			break;
		case '>':
			buf_adds(&b, "&gt;");
			break;
		case '&':
			buf_adds(&b, "&amp;");
			break;
		case '\'':
			buf_adds(&b, "&apos;");
			break;
		case '"':
			buf_adds(&b, "&quot;");
			break;
		case '\0':
			buf_adds(&b, "\\0");
			break;
		default:
			buf_addc(&b, s.p[i]);
		}
	return finish(e, &b);
}

static struct val sh_of(struct eval *e, struct val v)
{
	struct heap *h = eval_heap(e);
	struct buf b = { 0 };
	struct val one = v;
	uint32_t i, n = 1;

	v = val_force(h, v);
	if (val_type(v) == TYPE_ARRAY)
		n = v.arr->n;
	for (i = 0; i < n; i++) {
		struct slice s;
		size_t k;

		if (val_type(v) == TYPE_ARRAY)
			one = v.arr->at[i];
		if (i)
			buf_addc(&b, ' ');
		if (val_type(one) >= TYPE_ARRAY) {
			buf_free(&b);
			return bi_fail(e, one, "can not be escaped for shell");
		}
		if (val_type(one) != TYPE_STRING) {
			val_write_canonical(h, &b, one);
			continue;
		}
		s = val_slice(h, one);
		buf_addc(&b, '\'');
		for (k = 0; k < s.n; k++)
			if (s.p[k] == '\'')
				buf_adds(&b, "'\\''");
			else if (s.p[k] == '\0')
				buf_adds(&b, "\\0");
			else
				buf_addc(&b, s.p[k]);
		buf_addc(&b, '\'');
	}
	return finish(e, &b);
}

/* ---- URI: RFC 3986, section 2 */

static bool unreserved(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
	       (c && strchr("-_.~", c));
}

static struct val uri_of(struct eval *e, struct val v)
{
	static const char hex[] = "0123456789ABCDEF";
	struct slice s = val_slice(eval_heap(e), v);
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (unreserved(s.p[i])) {
			buf_addc(&b, s.p[i]);
			continue;
		}
		buf_addc(&b, '%');
		buf_addc(&b, hex[c >> 4]);
		buf_addc(&b, hex[c & 15]);
	}
	return finish(e, &b);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static struct val urid_of(struct eval *e, struct val v)
{
	struct slice s = val_slice(eval_heap(e), v);
	struct buf b = { 0 };
	bool bad = false;
	size_t i;

	for (i = 0; i < s.n && !bad; i++) {
		int hi, lo;

		if (s.p[i] != '%') {
			buf_addc(&b, s.p[i]);
			continue;
		}
		hi = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
		lo = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
		if (hi < 0 || lo < 0)
			bad = true;
		else
			buf_addc(&b, (char)(hi << 4 | lo));
		i += 2;
	}
	if (bad || !utf8_valid(buf_slice(&b))) {
		buf_free(&b);
		return bi_fail(e, val_str(s), "is not a valid uri encoding");
	}
	return finish(e, &b);
}

/* ---- base 64 and 32: RFC 4648 */

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base32_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* Groups of BITS bits as digits, padded to a multiple of PAD digits. */
static struct val encode(struct eval *e, struct val v, const char *digits, unsigned bits,
                         size_t pad)
{
	struct slice s = val_slice(eval_heap(e), v);
	struct buf b = { 0 };
	unsigned held = 0, acc = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		acc = (acc << 8 | (unsigned char)s.p[i]) & 0xFFFF;
		for (held += 8; held >= bits; held -= bits)
			buf_addc(&b, digits[acc >> (held - bits) & ((1u << bits) - 1)]);
	}
	if (held)
		buf_addc(&b, digits[acc << (bits - held) & ((1u << bits) - 1)]);
	while (b.n % pad)
		buf_addc(&b, '=');
	return finish(e, &b);
}

static struct val decode(struct eval *e, struct val v, const char *digits, unsigned bits,
                         const char *name)
{
	struct slice s = val_slice(eval_heap(e), v);
	struct buf b = { 0 };
	unsigned held = 0, acc = 0;
	char what[64];
	const char *at;
	size_t i;

	for (i = 0; i < s.n && s.p[i] != '='; i++) {
		at = s.p[i] ? strchr(digits, s.p[i]) : NULL;
		if (!at) {
			buf_free(&b);
			snprintf(what, sizeof what, "is not valid %s data", name);
			return bi_fail(e, val_str(s), what);
		}
		acc = (acc << bits | (unsigned)(at - digits)) & 0xFFFF;
		held += bits;
		if (held >= 8) {
			held -= 8;
			buf_addc(&b, (char)(acc >> held & 0xFF));
		}
	}
	/* a digit alone cannot make a byte */
	if (held >= bits) {
		buf_free(&b);
		snprintf(what, sizeof what, "trailing %s byte found", name);
		return bi_fail(e, val_str(s), what);
	}
	return finish(e, &b);
}

static struct val base64_of(struct eval *e, struct val v)
{
	return encode(e, v, base64_digits, 6, 4);
}

static struct val base64d_of(struct eval *e, struct val v)
{
	return decode(e, v, base64_digits, 6, "base64");
}

static struct val base32_of(struct eval *e, struct val v)
{
	return encode(e, v, base32_digits, 5, 8);
}

static struct val base32d_of(struct eval *e, struct val v)
{
	return decode(e, v, base32_digits, 5, "base32");
}

static const struct {
	const char *name;
	format_fn *fn;
	bool on_text; /* of any value: its text is made first */
} formats[] = {
	{ "text", text_of, false },    { "json", json_of, false },
	{ "csv", csv_of, false },      { "tsv", tsv_of, false },
	{ "html", html_of, true },     { "uri", uri_of, true },
	{ "urid", urid_of, true },     { "sh", sh_of, false },
	{ "base64", base64_of, true }, { "base64d", base64d_of, true },
	{ "base32", base32_of, true }, { "base32d", base32d_of, true },
};

int format_find(struct slice name)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (slice_same(name, slice_from(formats[i].name)))
			return (int)i;
	return -1;
}

struct val format_apply(struct eval *e, int format, struct val v)
{
	if (formats[format].on_text)
		v = text_of(e, v);
	return eval_failed(v) ? v : formats[format].fn(e, v);
}
