/*
 * fuzz_scan.c - lines of anything: the twins give one index, scanners with each of them one answer,
 * the first time and when the shapes are known, and it is the validator's. A value means the same
 * parsed and seen in its record, and what is written reads back as the same value.
 */
#include "fuzz.h"

#include "../unit/jsontext.h"

#include "json/check.h"
#include "json/scan.h"
#include "json/valparse.h"
#include "json/valwrite.h"

static void compare_indexes(const char *text, size_t n)
{
	struct twin twin[TWINS_MAX];
	size_t room = n + INDEX_PAD, count = twins(twin), found[TWINS_MAX];
	uint32_t *pos[TWINS_MAX];
	uint8_t *cls[TWINS_MAX];

	for (size_t t = 0; t < count; t++) {
		pos[t] = malloc(room * sizeof **pos);
		cls[t] = malloc(room);
		found[t] = twin[t].index(text, n, pos[t], cls[t]);
		MUST(found[t] == found[0]);
		MUST(memcmp(pos[t], pos[0], found[0] * sizeof **pos) == 0);
		MUST(memcmp(cls[t], cls[0], found[0]) == 0);
	}
	for (size_t t = 0; t < count; t++) {
		free(pos[t]);
		free(cls[t]);
	}
}

/* Does a number there perhaps leave the decimal arithmetic's range, so that it is written as a
 * double? */
static bool has_huge_exponent(struct slice s)
{
	size_t digits = 0;
	bool exponent = false;

	for (size_t i = 0; i < s.n; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';

		digits = digit && exponent ? digits + 1 : 0;
		if (digits == 9)
			return true;
		if (!digit)
			exponent = (s.p[i] | 32) == 'e' ||
			           (exponent && (s.p[i] == '+' || s.p[i] == '-'));
	}
	return false;
}

/* Is it the same value, parsed? And does it read back? */
static void compare_values(const struct rec *r, struct slice line)
{
	static const struct val_style verbatim = { 0 },
				      styles[] = { { .canonical = true },
		                                   { .sort = true, .ascii = true, .indent = 3 } };
	struct check_fault fault;
	struct val v, parsed, again;
	struct buf b = { 0 };
	bool huge = has_huge_exponent(line), deep = false;
	struct heap h;

	heap_init(&h);
	v = val_from_rec(r, 0);
	MUST(val_parse(&h, line, &parsed, &fault) == 0);
	MUST(val_equal(&h, v, parsed, &deep) && val_order(&h, parsed, v, &deep) == 0);
	val_write(&h, &b, v, &verbatim);
	must_be_same("record and verbatim text", buf_slice(&b), rec_value(r, 0));
	for (size_t i = 0; i < 2; i++) {
		buf_clear(&b);
		val_write(&h, &b, v, &styles[i]);
		MUST(val_parse(&h, buf_slice(&b), &again, &fault) == 0);
		MUST(huge || val_equal(&h, again, parsed, &deep));
	}
	buf_free(&b);
	heap_free(&h);
}

/* What a scanner says of a text, a line a record. */
static void write_all(struct scan *s, const struct plan *plan, const char *text, size_t n,
                      struct buf *to)
{
	enum scan_got got;
	struct rec r;

	buf_clear(to);
	scan_feed(s, text, n);
	while ((got = scan_next(s, &r)) != SCAN_END) {
		struct slice line = { r.text + r.begin, r.end - r.begin };
		struct check_fault fault;

		MUST((check_json(line, &fault) == 0) == (got == SCAN_RECORD));
		MUST(got == SCAN_RECORD || fault.at <= line.n);
		buf_addf(to, "%d %zu:", (int)got, (size_t)(line.p - text));
		for (size_t i = 0; got == SCAN_RECORD && i < plan->n; i++)
			buf_addf(to, " %d", (int)r.slot[i]);
		buf_addc(to, '\n');
		if (got == SCAN_RECORD)
			compare_values(&r, line);
	}
	buf_addf(to, "%zu lines\n", (size_t)scan_lines(s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct twin twin[TWINS_MAX];
	size_t count = twins(twin), n = size + 1;
	struct buf first = { 0 }, other = { 0 };
	struct plan plan;
	char *text = copy_padded((struct slice){ (const char *)data, size }, '\n', 1 + INDEX_PAD);

	compare_indexes(text, n);
	plan_init(&plan);
	plan_key(&plan, plan_key(&plan, 0, SLICE("a")), SLICE("b"));
	plan_index(&plan, plan_key(&plan, 0, SLICE("c")), 1);
	plan_key(&plan, plan_index(&plan, 0, 0), SLICE("a key of seventeen"));
	for (size_t t = 0; t < count; t++) {
		struct scan *s = scan_new(&plan, twin[t].index);

		/* twice: then the shapes are known */
		write_all(s, &plan, text, n, t ? &other : &first);
		if (t)
			must_be_same("scanners", buf_slice(&first), buf_slice(&other));
		write_all(s, &plan, text, n, &other);
		must_be_same("first and second scan", buf_slice(&first), buf_slice(&other));
		scan_free(s);
	}
	plan_free(&plan);
	buf_free(&first);
	buf_free(&other);
	free(text);
	return 0;
}
