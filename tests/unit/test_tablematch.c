/* tablematch.h: networks, prefixes and ranges, by hand and beside models that look at each row. */
#include "unit.h"

#include "join/tablematch.h"
#include "jsontext.h"
#include "rig.h"
#include "json/key.h"

#include <inttypes.h>

struct setup {
	struct plan plan;
	struct heap heap;
	struct jointable *table;
	struct tablematch *match;
	struct buf exact, lines;
	uint64_t line;
	struct err e;
};

static void begin(struct setup *x, enum match_kind kind, enum matches pick)
{
	*x = (struct setup){ 0 };
	plan_init(&x->plan);
	heap_init(&x->heap);
	x->table = jointable_new(MATCHES_ALL, &x->plan);
	x->match = tablematch_new(kind, pick, x->table);
}

static void end(struct setup *x)
{
	tablematch_free(x->match);
	jointable_free(x->table);
	heap_free(&x->heap);
	plan_free(&x->plan);
	buf_free(&x->exact);
	buf_free(&x->lines);
}

/* The equal part of a key, as a string's. */
static struct slice exact(struct setup *x, const char *text)
{
	buf_clear(&x->exact);
	if (!text)
		return SLICE("");
	assert_int_equal(key_put(&x->exact, &x->heap, val_str(slice_from(text))), 0);
	return buf_slice(&x->exact);
}

/* Add a row, the next line of the table, whether it is taken or not. */
static int add(struct setup *x, const char *text, const char *last)
{
	struct slice key = exact(x, text);
	struct val v = val_num((double)++x->line);
	int did;

	err_clear(&x->e);
	did = tablematch_add(x->match, key, parsed(&x->heap, last), v, x->line, &x->heap, &x->e);
	if (x->exact.n)
		memset(x->exact.p, '#', x->exact.n);
	heap_reset(&x->heap);
	return did;
}

/* The lines of the rows found; they are marked, and their texts are those of their lines. */
static struct slice found(struct setup *x, const char *text, const char *value)
{
	const struct row *row =
		tablematch_find(x->match, exact(x, text), parsed(&x->heap, value), &x->heap);
	char line[24];

	buf_clear(&x->lines);
	for (; row; row = row->next) {
		snprintf(line, sizeof line, "%" PRIu64, row->line);
		assert_slice("text", row->json, slice_from(line));
		assert_true(row->matched);
		buf_addf(&x->lines, "%s%s", x->lines.n ? " " : "", line);
	}
	heap_reset(&x->heap);
	return buf_slice(&x->lines);
}

/* The lines of the table's rows that were found up to now, or that were not. */
static void left_over(struct setup *x, bool matched, const char *want)
{
	buf_clear(&x->lines);
	for (const struct row *row = jointable_first(x->table); row; row = row->later)
		if (row->matched == matched)
			buf_addf(&x->lines, "%s%" PRIu64, x->lines.n ? " " : "", row->line);
	assert_slice("left over", buf_slice(&x->lines), slice_from(want));
}

/* ---- by hand */

struct want {
	const char *value;
	const char *lines[4]; /* by enum matches: all, first, last, longest */
};

static void by_hand(enum match_kind kind, const char *const *key, size_t n, const struct want *want,
                    size_t wants)
{
	struct setup x;
	int wrong = 0;

	for (int pick = MATCHES_ALL; pick <= MATCHES_LONGEST; pick++) {
		begin(&x, kind, (enum matches)pick);
		for (size_t i = 0; i < n; i++)
			if (add(&x, NULL, key[i]) < 0)
				fail_msg("%s: %s", key[i], x.e.text);
		tablematch_loaded(x.match);
		for (size_t i = 0; i < wants; i++)
			wrong += differs(want[i].value, found(&x, NULL, want[i].value),
			                 want[i].lines[pick]);
		end(&x);
		if (wrong)
			fail_msg("pick %d", pick);
	}
}

static void test_tablematch_find__networks(void **state)
{
	static const char *const key[] = {
		"\"10.0.0.0/8\"",           /* 1 */
		"\"10.1.0.0/16\"",          /* 2 */
		"\"10.1.2.3\"",             /* 3: a block of one */
		"\"0.0.0.0/0\"",            /* 4 */
		"\"::/0\"",                 /* 5 */
		"\"2001:db8::/32\"",        /* 6 */
		"\"2001:DB8:1::/48\"",      /* 7 */
		"\"::ffff:10.2.0.0/111\"",  /* 8: 10.2.0.0/15 */
		"\"10.1.255.255/16\"",      /* 9: as the second */
		"\"2001:db8::1/128\"",      /* 10 */
		"\"255.255.255.255/32\"",   /* 11 */
		"\"::ffff:0:0/96\"",        /* 12: as the fourth */
		"\"10.128.0.0/9\"",         /* 13 */
		"\"2001:db8:8000::/33\"",   /* 14 */
		"\"\\u0031\\u0030.9.9.9\"", /* 15: escaped */
	};
	static const struct want want[] = {
		{ "\"10.1.2.3\"", { "3 2 9 1 4 12", "1", "12", "3" } },
		{ "\"::ffff:10.1.2.3\"", { "3 2 9 1 4 12", "1", "12", "3" } },
		{ "\"::FFFF:a01:203\"", { "3 2 9 1 4 12", "1", "12", "3" } },
		{ "\"10.1.2.4\"", { "2 9 1 4 12", "1", "12", "2" } },
		{ "\"10.3.255.255\"", { "8 1 4 12", "1", "12", "8" } },
		{ "\"10.4.0.0\"", { "1 4 12", "1", "12", "1" } },
		{ "\"10.127.255.255\"", { "1 4 12", "1", "12", "1" } },
		{ "\"10.128.0.0\"", { "13 1 4 12", "1", "13", "13" } },
		{ "\"10.9.9.9\"", { "15 1 4 12", "1", "15", "15" } },
		{ "\"9.255.255.255\"", { "4 12", "4", "12", "4" } },
		{ "\"0.0.0.0\"", { "4 12", "4", "12", "4" } },
		{ "\"255.255.255.255\"", { "11 4 12", "4", "12", "11" } },
		{ "\"::\"", { "5", "5", "5", "5" } },
		{ "\"::1\"", { "5", "5", "5", "5" } },
		/* IPv4-compatible, which is none of IPv4's */
		{ "\"::10.1.2.3\"", { "5", "5", "5", "5" } },
		{ "\"2001:db8::1\"", { "10 6 5", "5", "10", "10" } },
		{ "\"2001:0db8:0000:0000:0000:0000:0000:0001\"", { "10 6 5", "5", "10", "10" } },
		{ "\"2001:db8:1:ffff::\"", { "7 6 5", "5", "7", "7" } },
		{ "\"2001:db8:7fff::\"", { "6 5", "5", "6", "6" } },
		{ "\"2001:db8:8000::\"", { "14 6 5", "5", "14", "14" } },
		{ "\"2001:db9::\"", { "5", "5", "5", "5" } },
		/* no addresses */
		{ "\"10.1.2\"", { "", "", "", "" } },
		{ "\"10.1.2.03\"", { "", "", "", "" } },
		{ "\"10.1.2.3/32\"", { "", "", "", "" } },
		{ "\"10.1.2.3 \"", { "", "", "", "" } },
		{ "\"10.1.2.256\"", { "", "", "", "" } },
		{ "\"fe80::1%eth0\"", { "", "", "", "" } },
		{ "\"[::1]\"", { "", "", "", "" } },
		{ "\"\"", { "", "", "", "" } },
		{ "\"-\"", { "", "", "", "" } },
		{ "\"10.1.2.3\\u0000\"", { "", "", "", "" } },
		{ "167837955", { "", "", "", "" } },
		{ "[\"10.1.2.3\"]", { "", "", "", "" } },
		{ "true", { "", "", "", "" } },
	};

	(void)state;
	by_hand(MATCH_CIDR, key, COUNT(key), want, COUNT(want));
}

static void test_tablematch_find__prefixes(void **state)
{
	static const char *const key[] = {
		"\"\"",                   /* 1 */
		"\"/\"",                  /* 2 */
		"\"/api\"",               /* 3 */
		"\"/api/\"",              /* 4 */
		"\"/api/v1\"",            /* 5 */
		"\"/\"",                  /* 6: as the second */
		"\"\xC3\xA9\"",           /* 7: é */
		"\"\\u00e9\"",            /* 8: the same */
		"\"\\ud83d\\ude00\"",     /* 9: an emoji, of four bytes */
		"\"/api\\u0000\"",        /* 10 */
		"\"\xC3\xA9t\xC3\xA9\"",  /* 11: été */
		"\"\xE6\x97\xA5\"",       /* 12: 日 */
		"\"/api/v1/users/{id}\"", /* 13 */
	};
	static const struct want want[] = {
		{ "\"/api/v1/x\"", { "5 4 3 2 6 1", "1", "6", "5" } },
		{ "\"/api/v1\"", { "5 4 3 2 6 1", "1", "6", "5" } },
		{ "\"/api/v\"", { "4 3 2 6 1", "1", "6", "4" } },
		{ "\"/apiv1\"", { "3 2 6 1", "1", "6", "3" } },
		{ "\"/ap\"", { "2 6 1", "1", "6", "2" } },
		{ "\"\\/api\\/v1\\/users\\/{id}\"", { "13 5 4 3 2 6 1", "1", "13", "13" } },
		{ "\"/api\\u0000x\"", { "10 3 2 6 1", "1", "10", "10" } },
		{ "\"API\"", { "1", "1", "1", "1" } },
		{ "\"\"", { "1", "1", "1", "1" } },
		{ "\"\xC3\xA9\"", { "7 8 1", "1", "8", "7" } },
		{ "\"\\u00e9t\\u00e9s\"", { "11 7 8 1", "1", "11", "11" } },
		/* è begins with é's first byte; e and an accent is another text */
		{ "\"\xC3\xA8\"", { "1", "1", "1", "1" } },
		{ "\"e\xCC\x81t\"", { "1", "1", "1", "1" } },
		{ "\"\xF0\x9F\x98\x80!\"", { "9 1", "1", "9", "9" } },
		{ "\"\xF0\x9F\x98\x81\"", { "1", "1", "1", "1" } },
		{ "\"\xE6\x97\xA5\xE6\x9C\xAC\"", { "12 1", "1", "12", "12" } },
		{ "5", { "", "", "", "" } },
		{ "[\"/\"]", { "", "", "", "" } },
		{ "false", { "", "", "", "" } },
	};

	(void)state;
	by_hand(MATCH_PREFIX, key, COUNT(key), want, COUNT(want));
}

/* The rest of what ranges are is test_ranges.c's. */
static void test_tablematch_find__ranges(void **state)
{
	static const char *const key[] = {
		"[0,11925]",                       /* 1: brackets */
		"[11926,48475]",                   /* 2 */
		"[48476,null]",                    /* 3 */
		"[0,48475]",                       /* 4 */
		"[null,-1]",                       /* 5 */
		"[\"2026-01-01\",\"2026-06-30\"]", /* 6 */
	};
	static const struct want want[] = {
		{ "0", { "1 4", "1", "4", "1" } },
		{ "11925", { "1 4", "1", "4", "1" } },
		{ "11925.5", { "4", "4", "4", "4" } },
		{ "11926", { "4 2", "2", "4", "2" } },
		{ "48476", { "3", "3", "3", "3" } },
		{ "-20", { "5", "5", "5", "5" } },
		{ "\"2026-06-30\"", { "6", "6", "6", "6" } },
		{ "\"2026-07-01\"", { "", "", "", "" } },
	};

	(void)state;
	by_hand(MATCH_BETWEEN, key, COUNT(key), want, COUNT(want));
}

static void test_tablematch_add__refuses(void **state)
{
	static const struct {
		enum match_kind kind;
		const char *last, *word;
	} rows[] = {
		{ MATCH_CIDR, "\"10.0.0.0/33\"", "no network" },
		{ MATCH_CIDR, "\"10.0.0.1/\"", "no network" },
		{ MATCH_CIDR, "\"/8\"", "no network" },
		{ MATCH_CIDR, "\"/\"", "no network" },
		{ MATCH_CIDR, "\"10.0.0.0/-1\"", "no network" },
		{ MATCH_CIDR, "\"10.0.0.0/+8\"", "no network" },
		{ MATCH_CIDR, "\"10.0.0.0/8 \"", "no network" },
		{ MATCH_CIDR, "\" 10.0.0.0/8\"", "no network" },
		{ MATCH_CIDR, "\"10.0.0.0/8/8\"", "no network" },
		{ MATCH_CIDR, "\"10/8\"", "no network" },
		{ MATCH_CIDR, "\"10.0.0.0/255.0.0.0\"", "no network" },
		{ MATCH_CIDR, "\"10.0.0.0/4294967304\"", "no network" },
		{ MATCH_CIDR, "\"10.0.0.0\\u0000/8\"", "no network" },
		{ MATCH_CIDR, "\"10.0.0.0/8\\u0000\"", "no network" },
		{ MATCH_CIDR, "\"::/129\"", "no network" },
		{ MATCH_CIDR, "\"2001:db8::/\"", "no network" },
		{ MATCH_CIDR, "\"::ffff:10.0.0.0/129\"", "no network" },
		{ MATCH_CIDR, "\"2001:db8::/32%eth0\"", "no network" },
		{ MATCH_CIDR, "\"example.org\"", "no network" },
		{ MATCH_CIDR, "\"\"", "no network" },
		{ MATCH_CIDR, "10", "no network" },
		{ MATCH_CIDR, "[\"10.0.0.0/8\"]", "no network" },
		{ MATCH_PREFIX, "1", "number, not a string" },
		{ MATCH_PREFIX, "true", "boolean, not a string" },
		{ MATCH_PREFIX, "[\"/\"]", "array, not a string" },
		{ MATCH_PREFIX, "{}", "object, not a string" },
		{ MATCH_BETWEEN, "1", "[from, to]" },
		{ MATCH_BETWEEN, "\"1-2\"", "[from, to]" },
		{ MATCH_BETWEEN, "[]", "[from, to]" },
		{ MATCH_BETWEEN, "[1]", "[from, to]" },
		{ MATCH_BETWEEN, "[1,2,3]", "[from, to]" },
		{ MATCH_BETWEEN, "{\"from\":1,\"to\":2}", "[from, to]" },
		{ MATCH_BETWEEN, "[1,\"2\"]", "two types" },
	};
	struct setup x;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin(&x, rows[i].kind, MATCHES_LONGEST);
		assert_row(rows[i].last, add(&x, NULL, rows[i].last) < 0);
		assert_row(rows[i].last, x.e.kind == FAIL_DATA);
		assert_row(x.e.text, strstr(x.e.text, rows[i].word));
		assert_row(x.e.text, strncmp(x.e.text, "--match ", 8) == 0);
		/* it is no row of the table */
		assert_null(jointable_first(x.table));
		tablematch_loaded(x.match);
		assert_int_equal(found(&x, NULL, rows[i].last).n, 0);
		end(&x);
	}
}

static void test_tablematch__nothing_in_the_table(void **state)
{
	static const char *const values[] = { "\"10.0.0.1\"", "\"\"", "1" };
	struct setup x;

	(void)state;
	for (int kind = MATCH_CIDR; kind <= MATCH_BETWEEN; kind++)
		for (int pick = MATCHES_ALL; pick <= MATCHES_LONGEST; pick++) {
			begin(&x, (enum match_kind)kind, (enum matches)pick);
			tablematch_loaded(x.match);
			for (size_t i = 0; i < COUNT(values); i++)
				assert_int_equal(found(&x, NULL, values[i]).n, 0);
			end(&x);
		}
}

/* The equal parts are no prefix of one another, whatever stands behind them. */
static void test_tablematch_find__equal_parts_before(void **state)
{
	struct setup x;

	(void)state;
	begin(&x, MATCH_PREFIX, MATCHES_ALL);
	assert_int_equal(add(&x, "a", "\"\""), 0);
	assert_int_equal(add(&x, "a", "\"bc\""), 0);
	assert_int_equal(add(&x, "ab", "\"c\""), 0);
	assert_int_equal(add(&x, "ab", "\"\""), 0);
	assert_int_equal(add(&x, "", "\"abc\""), 0);
	tablematch_loaded(x.match);
	assert_slice("a", found(&x, "a", "\"bcd\""), SLICE("2 1"));
	assert_slice("ab", found(&x, "ab", "\"cd\""), SLICE("3 4"));
	assert_slice("", found(&x, "", "\"abc\""), SLICE("5"));
	assert_slice("none", found(&x, "abc", "\"\""), SLICE(""));
	assert_slice("none", found(&x, NULL, "\"abc\""), SLICE(""));
	end(&x);

	begin(&x, MATCH_CIDR, MATCHES_LONGEST);
	assert_int_equal(add(&x, "a", "\"10.0.0.0/8\""), 0);
	assert_int_equal(add(&x, "b", "\"10.0.0.0/8\""), 0);
	assert_int_equal(add(&x, "b", "\"10.1.0.0/16\""), 0);
	tablematch_loaded(x.match);
	assert_slice("a", found(&x, "a", "\"10.1.1.1\""), SLICE("1"));
	assert_slice("b", found(&x, "b", "\"10.1.1.1\""), SLICE("3"));
	assert_slice("c", found(&x, "c", "\"10.1.1.1\""), SLICE(""));
	end(&x);

	begin(&x, MATCH_BETWEEN, MATCHES_LONGEST);
	assert_int_equal(add(&x, "b", "[1,5]"), 0);
	assert_int_equal(add(&x, "a", "[1,9]"), 0);
	assert_int_equal(add(&x, "b", "[null,null]"), 0);
	tablematch_loaded(x.match);
	assert_slice("a", found(&x, "a", "3"), SLICE("2"));
	assert_slice("b", found(&x, "b", "3"), SLICE("1"));
	assert_slice("b", found(&x, "b", "7"), SLICE("3"));
	assert_slice("c", found(&x, "c", "3"), SLICE(""));
	end(&x);
}

static void test_tablematch_find__marks_what_it_gives(void **state)
{
	struct setup x;

	(void)state;
	begin(&x, MATCH_PREFIX, MATCHES_LONGEST);
	add(&x, NULL, "\"a\"");
	add(&x, NULL, "\"ab\"");
	add(&x, NULL, "\"ab\"");
	add(&x, NULL, "\"c\"");
	tablematch_loaded(x.match);
	left_over(&x, true, "");
	found(&x, NULL, "\"abc\"");
	found(&x, NULL, "\"b\"");
	left_over(&x, true, "2");
	found(&x, NULL, "\"a\"");
	left_over(&x, false, "3 4");
	end(&x);

	begin(&x, MATCH_BETWEEN, MATCHES_ALL);
	add(&x, NULL, "[1,2]");
	add(&x, NULL, "[2,3]");
	add(&x, NULL, "[3,2]");
	tablematch_loaded(x.match);
	found(&x, NULL, "2");
	left_over(&x, false, "3");
	end(&x);
}

/* ---- beside models */

__extension__ typedef unsigned __int128 address;

struct model_row {
	char exact;
	size_t length; /* of the network or prefix */
	struct buf text;
	address base;
	bool v4;
};

/* What is to be found: rows for which HOLDS, the longest first, or the one that is picked. */
static void model(const struct model_row *row, size_t n, enum matches pick, char exact_part,
                  bool (*holds)(const struct model_row *row, const struct model_row *value),
                  const struct model_row *value, struct buf *to)
{
	size_t hit[512], hits = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k;

		if (row[i].exact != exact_part || !holds(&row[i], value))
			continue;
		for (k = hits++; k && row[hit[k - 1]].length < row[i].length; k--)
			hit[k] = hit[k - 1];
		hit[k] = i;
	}
	if (hits && pick != MATCHES_ALL) {
		for (size_t i = 1; i < hits; i++)
			if ((pick == MATCHES_FIRST && hit[i] < hit[0]) ||
			    (pick == MATCHES_LAST && hit[i] > hit[0]))
				hit[0] = hit[i];
		hits = 1;
	}
	buf_clear(to);
	for (size_t i = 0; i < hits; i++)
		buf_addf(to, "%s%zu", i ? " " : "", hit[i] + 1);
	buf_addc(to, '\0');
}

/* An address as JSON, IPv4 now and then as IPv6 has it; false then. */
static bool write_address(struct chance *c, const struct model_row *a, struct buf *to)
{
	address v = a->base;
	unsigned part[8];

	for (int i = 0; i < 8; i++)
		part[i] = (unsigned)(v >> (112 - 16 * i)) & 0xFFFF;
	buf_addc(to, '"');
	if (a->v4 && chance_below(c, 4)) {
		buf_addf(to, "%u.%u.%u.%u", part[6] >> 8, part[6] & 255, part[7] >> 8,
		         part[7] & 255);
		return true;
	}
	for (int i = 0; i < 8; i++)
		buf_addf(to, chance_below(c, 2) ? "%s%x" : "%s%04X", i ? ":" : "", part[i]);
	return false;
}

/* Few bits differ, so that networks lie within one another. */
static void random_address(struct chance *c, struct model_row *to)
{
	static const uint64_t high[] = { 0, UINT64_C(0x20010DB800000000),
		                         UINT64_C(0x20010DB800010000),
		                         UINT64_C(0x20010DB8FFFF0000) };
	uint64_t low = chance_bits(c) & chance_bits(c) & chance_bits(c);

	to->v4 = chance_below(c, 2);
	if (to->v4)
		to->base = (address)0xFFFF << 32 | (UINT32_C(0x0A000000) ^ (uint32_t)low);
	else
		to->base = (address)CHANCE_OF(c, high) << 64 | low;
	/* what IPv4 is mapped to */
	if (!to->v4 && to->base >> 32 == 0xFFFF)
		to->base ^= (address)1 << 127;
}

static void random_network(struct chance *c, struct model_row *to)
{
	bool dotted;

	random_address(c, to);
	to->length = to->v4 ? 96 + chance_below(c, 33) : chance_below(c, 129);
	to->exact = "ab"[chance_below(c, 3) == 0];
	buf_clear(&to->text);
	dotted = write_address(c, to, &to->text);
	if (to->length < 128 || chance_below(c, 2))
		buf_addf(&to->text, "/%zu", to->length - (dotted ? 96 : 0));
	buf_addc(&to->text, '"');
	buf_addc(&to->text, '\0');
	if (to->length < 128)
		to->base = to->length ? to->base >> (128 - to->length) << (128 - to->length) : 0;
}

static bool network_holds(const struct model_row *network, const struct model_row *one)
{
	size_t rest = 128 - network->length;

	return network->v4 == one->v4 &&
	       (rest == 128 || network->base >> rest == one->base >> rest);
}

static void random_value(struct chance *c, enum match_kind kind, struct model_row *to);

static void beside_model(enum match_kind kind,
                         void (*random_row)(struct chance *c, struct model_row *to),
                         bool (*holds)(const struct model_row *row, const struct model_row *value))
{
	static struct model_row row[300], value;
	struct chance c = { 42 };
	struct buf want = { 0 };
	struct setup x;

	for (int round = 0; round < 160; round++) {
		enum matches pick = (enum matches)(round % 4);
		size_t n = chance_below(&c, round % 16 ? 40 : COUNT(row));

		begin(&x, kind, pick);
		for (size_t i = 0; i < n; i++) {
			random_row(&c, &row[i]);
			if (add(&x, row[i].exact == 'a' ? "a" : "b", row[i].text.p) < 0)
				fail_msg("%s: %s", row[i].text.p, x.e.text);
		}
		tablematch_loaded(x.match);
		for (int i = 0; i < 80; i++) {
			char part[2] = { "abc"[chance_below(&c, 3)], '\0' };

			random_value(&c, kind, &value);
			model(row, n, pick, part[0], holds, &value, &want);
			if (differs(value.text.p, found(&x, part, value.text.p), want.p))
				fail_msg("round %d, pick %d", round, (int)pick);
		}
		end(&x);
	}
	for (size_t i = 0; i < COUNT(row); i++) {
		buf_free(&row[i].text);
		row[i].text = (struct buf){ 0 };
	}
	buf_free(&value.text);
	value.text = (struct buf){ 0 };
	buf_free(&want);
}

static void test_tablematch_find__networks_as_a_model(void **state)
{
	(void)state;
	beside_model(MATCH_CIDR, random_network, network_holds);
}

/* A string of up to N pieces; its length is that of its UTF-8. */
static void random_string(struct chance *c, size_t n, struct model_row *to)
{
	/* as JSON has them, and bytes of UTF-8 */
	static const struct {
		const char *json;
		size_t bytes;
	} piece[] = { { "a", 1 },
		      { "/", 1 },
		      { "\\/", 1 },
		      { "\xC3\xA9", 2 },
		      { "\\u00e9", 2 },
		      { "\xC3\xA8", 2 },
		      { "\\u0000", 1 },
		      { "\\ud83d\\ude00", 4 },
		      { "\xF0\x9F\x98\x80", 4 },
		      { "\xE6\x97\xA5", 3 } };

	to->exact = "ab"[chance_below(c, 3) == 0];
	to->length = 0;
	buf_clear(&to->text);
	buf_addc(&to->text, '"');
	for (n = chance_below(c, n + 1); n; n--) {
		/* mostly of few */
		size_t i = chance_below(c, chance_below(c, 3) ? 5 : COUNT(piece));

		buf_adds(&to->text, piece[i].json);
		to->length += piece[i].bytes;
	}
	buf_addc(&to->text, '"');
	buf_addc(&to->text, '\0');
}

static void random_prefix(struct chance *c, struct model_row *to)
{
	random_string(c, 5, to);
}

/* The next character of a JSON string, one spelling of each. */
static char next_character(const char **p)
{
	static const struct {
		const char *json;
		char name;
	} known[] = { { "\\/", '/' },
		      { "\xC3\xA9", 'e' },
		      { "\\u00e9", 'e' },
		      { "\xC3\xA8", 'f' },
		      { "\\u0000", '0' },
		      { "\\ud83d\\ude00", ':' },
		      { "\xF0\x9F\x98\x80", ':' },
		      { "\xE6\x97\xA5", 'j' } };

	for (size_t i = 0; i < COUNT(known); i++)
		if (strncmp(*p, known[i].json, strlen(known[i].json)) == 0) {
			*p += strlen(known[i].json);
			return known[i].name;
		}
	return *(*p)++;
}

static bool prefix_holds(const struct model_row *prefix, const struct model_row *value)
{
	const char *a = prefix->text.p + 1, *b = value->text.p + 1;

	while (*a != '"')
		if (next_character(&a) != next_character(&b))
			return false;
	return true;
}

static void random_value(struct chance *c, enum match_kind kind, struct model_row *to)
{
	if (kind == MATCH_PREFIX) {
		random_string(c, 8, to);
		return;
	}
	random_address(c, to);
	buf_clear(&to->text);
	write_address(c, to, &to->text);
	buf_addc(&to->text, '"');
	buf_addc(&to->text, '\0');
}

static void test_tablematch_find__prefixes_as_a_model(void **state)
{
	(void)state;
	beside_model(MATCH_PREFIX, random_prefix, prefix_holds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tablematch_find__networks),
		cmocka_unit_test(test_tablematch_find__prefixes),
		cmocka_unit_test(test_tablematch_find__ranges),
		cmocka_unit_test(test_tablematch_add__refuses),
		cmocka_unit_test(test_tablematch__nothing_in_the_table),
		cmocka_unit_test(test_tablematch_find__equal_parts_before),
		cmocka_unit_test(test_tablematch_find__marks_what_it_gives),
		cmocka_unit_test(test_tablematch_find__networks_as_a_model),
		cmocka_unit_test(test_tablematch_find__prefixes_as_a_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
