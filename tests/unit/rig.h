/*
 * rig.h - what several unit tests share: tables that go on behind a row that fails, records made of
 * text, programs run to their outputs.
 */
#ifndef UNIT_RIG_H
#define UNIT_RIG_H

/* cmocka needs these four before it, in this order */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "expr/expr.h"
#include "json/scan.h"
#include "json/valparse.h"
#include "json/valwrite.h"

#include <stdlib.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

/* Say where GOT is not what is wanted; 1 then, else 0: to be summed up over a table. */
static inline int differs(const char *label, struct slice got, const char *want)
{
	if (slice_same(got, slice_from(want)))
		return 0;
	print_error("%s:\n   got %.*s\n  want %s\n", label, (int)got.n, got.p, want);
	return 1;
}

static inline struct val parsed(struct heap *h, const char *json)
{
	struct check_fault fault;
	struct val v = val_of(VAL_NULL);

	if (val_parse(h, slice_from(json), &v, &fault) < 0)
		fail_msg("%s: byte %zu: %s", json, fault.at + 1, fault.text);
	return v;
}

/* ---- records */

/* A scanner and the text that its record is a view of. */
struct fed {
	struct scan *scan;
	struct buf text;
	struct rec rec;
};

static inline struct fed fed_new(const struct plan *plan)
{
	return (struct fed){ .scan = scan_new(plan, NULL) };
}

/* The record of a line of JSON; it stays until the next call. */
static inline const struct rec *feed(struct fed *f, const char *json)
{
	buf_clear(&f->text);
	buf_adds(&f->text, json);
	buf_addc(&f->text, '\n');
	memset(buf_room(&f->text, INDEX_PAD), 0, INDEX_PAD);
	scan_feed(f->scan, f->text.p, f->text.n);
	if (scan_next(f->scan, &f->rec) != SCAN_RECORD)
		fail_msg("%s: no record", json);
	return &f->rec;
}

static inline void fed_free(struct fed *f)
{
	scan_free(f->scan);
	buf_free(&f->text);
}

/* ---- programs */

/* Append the outputs, separated by blanks, and the error that ended them behind a '!'. */
static inline void write_outputs(struct eval *v, struct heap *h, struct buf *out)
{
	struct val one;
	int got;

	while ((got = eval_next(v, &one)) > 0) {
		if (out->n)
			buf_addc(out, ' ');
		val_write_canonical(h, out, one);
	}
	if (got == 0)
		return;
	buf_adds(out, out->n ? " !" : "!");
	eval_error_text(v, out);
}

/*
 * Run PROGRAM on INPUT, as a value made whole or, SCANNED, as a record of which it reads what it
 * needs.
 */
static inline void run_program(const char *program, const char *input, bool scanned,
                               struct buf *out)
{
	struct plan plan;
	struct expr_setup setup = { .source = { slice_from(program), "EXPR" },
		                    .plan = scanned ? &plan : NULL };
	struct heap h;
	struct eval *v;
	struct prog *p;
	struct fed f;
	struct err e;

	err_clear(&e);
	plan_init(&plan);
	heap_init(&h);
	p = expr_compile(&setup, &e);
	if (!p) {
		buf_addf(out, "does not compile: %s", e.text);
	} else {
		f = fed_new(&plan);
		v = eval_new(p, &h, NULL);
		if (scanned)
			eval_start(v, val_from_rec(feed(&f, input), 0), &f.rec);
		else
			eval_start(v, parsed(&h, input), NULL);
		write_outputs(v, &h, out);
		eval_free(v);
		fed_free(&f);
	}
	expr_free(p);
	heap_free(&h);
	plan_free(&plan);
}

struct program_row {
	const char *program, *input, *want; /* as write_outputs() writes them */
};

/* Each row both ways; how many differ. */
static inline int run_rows(const struct program_row *row, size_t n)
{
	struct buf out = { 0 };
	int wrong = 0;

	for (size_t i = 0; i < 2 * n; i++) {
		buf_clear(&out);
		run_program(row[i / 2].program, row[i / 2].input, i % 2, &out);
		wrong += differs(row[i / 2].program, buf_slice(&out), row[i / 2].want);
	}
	buf_free(&out);
	return wrong;
}

#define ASSERT_ROWS(table) assert_int_equal(run_rows(table, ROWS(table)), 0)

#endif
