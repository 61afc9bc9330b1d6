/*
 * fuzz_eval.c - a program, a NUL or newline, its input (null if that is no JSON): the program runs
 * three times, on the record as it was scanned, on the parsed value, and with memory collected all
 * the time, and gives the same outputs.
 *
 * Programs may run forever and build whatever they like: a run is ended after so many backtracks
 * and calls, at so many bytes in the heap, or at a single allocation that is too large.
 * The linker puts the functions named __wrap_.. in place (scripts/fuzz).
 */
#include "fuzz.h"

#include "expr/eval.h"
#include "json/scan.h"
#include "json/valparse.h"
#include "json/valwrite.h"

#include <setjmp.h>

#define STEPS   3000
#define HELD    ((size_t)16 << 20) /* bytes in the heap */
#define LARGEST ((size_t)64 << 20) /* bytes of one allocation */
#define OUTPUTS 50

void *__real_malloc(size_t n);
void *__real_realloc(void *p, size_t n);
void *__real_calloc(size_t n, size_t size);
bool __real_eval_make_room(struct eval *e);
void *__wrap_malloc(size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_calloc(size_t n, size_t size);
bool __wrap_eval_make_room(struct eval *e);

static jmp_buf too_much;
static bool armed; /* is there a run that may be ended? */
static unsigned steps;

/* ---- bounds */

static void bound(size_t n)
{
	if (armed && n > LARGEST) {
		armed = false;
		longjmp(too_much, 1);
	}
}

void *__wrap_malloc(size_t n)
{
	bound(n);
	return __real_malloc(n);
}

void *__wrap_realloc(void *p, size_t n)
{
	bound(n);
	return __real_realloc(p, n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	bound(n * size);
	return __real_calloc(n, size);
}

/* Asked at every backtrack and call, since there is never room. */
bool __wrap_eval_make_room(struct eval *e)
{
	bool room = ++steps <= STEPS;

	if (!room) {
		e->exhausted = true; /* nothing catches it */
		eval_fail(e, "too many steps");
	} else if (e->collects) {
		room = __real_eval_make_room(e);
	}
	e->room_until = 0;
	return room;
}

/* ---- one run */

struct run {
	struct heap heap;
	struct prog *prog;
	struct eval *eval;
	struct plan plan;
	struct scan *scan;
	struct buf outputs;
};

static void run_free(struct run *r)
{
	eval_free(r->eval);
	expr_free(r->prog);
	scan_free(r->scan);
	plan_free(&r->plan);
	heap_free(&r->heap);
	buf_free(&r->outputs);
}

static void write_outputs(struct run *r)
{
	struct val out;
	int got = 1;

	for (int n = 0; n < OUTPUTS && (got = eval_next(r->eval, &out)) > 0; n++) {
		val_write_canonical(&r->heap, &r->outputs, out);
		buf_addc(&r->outputs, '\n');
	}
	if (got < 0) {
		buf_adds(&r->outputs, "error: ");
		eval_error_text(r->eval, &r->outputs);
	}
	buf_addf(&r->outputs, "halted: %d", eval_halted(r->eval));
}

enum how { LAZY, EAGER, COLLECTED };

/* Compile and run. Returns false where it does not compile or was ended. TEXT: the input's line. */
static bool run(struct run *r, struct slice program, const char *text, size_t n, enum how how)
{
	struct expr_setup setup = { .source = { program, "EXPR" },
		                    .plan = how == LAZY ? &r->plan : NULL };
	struct val input = val_of(VAL_NULL);
	struct check_fault fault;
	struct err e = { 0 };
	struct rec rec;

	*r = (struct run){ 0 };
	heap_init(&r->heap);
	plan_init(&r->plan);
	/* what is compiled is bounded too: constants are computed */
	if (setjmp(too_much))
		return false;
	armed = true;
	r->prog = expr_compile(&setup, &e);
	armed = false;
	if (!r->prog)
		return false;
	r->scan = scan_new(&r->plan, NULL);
	scan_feed(r->scan, text, n);
	if (how == LAZY && scan_next(r->scan, &rec) == SCAN_RECORD)
		input = val_from_rec(&rec, 0);
	else if (how == LAZY)
		return false;
	else if (val_parse(&r->heap, (struct slice){ text, n - 1 }, &input, &fault) < 0)
		return false;
	r->eval = eval_new(r->prog, &r->heap, NULL);
	eval_set_memory(r->eval, HELD, how == COLLECTED);
	r->eval->room_until = 0;
	arena_alloc(&r->heap.arena, 1); /* so that it holds something */
	steps = 0;
	eval_start(r->eval, input, how == LAZY ? &rec : NULL);
	armed = true;
	if (setjmp(too_much))
		return false;
	write_outputs(r);
	armed = false;
	return !eval_exhausted(r->eval);
}

/* ---- the target */

/* Does the text of a program say that it may answer differently each time? */
static bool fickle(struct slice program)
{
	return memmem(program.p, program.n, "now", 3) || memmem(program.p, program.n, "local", 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = { (const char *)data, size };
	struct slice program = take_part(&rest, "\n\0", 2), input = take_part(&rest, "\n", 1);
	char *source = copy_padded(program, '\0', 1);
	struct check_fault fault;
	static struct run first, other;
	char *text;
	size_t n;

	if (check_json(input, &fault) < 0)
		input = SLICE("null");
	text = copy_padded(input, '\n', 1 + INDEX_PAD);
	n = input.n + 1;
	program.p = source;
	if (run(&first, program, text, n, LAZY)) {
		for (enum how how = EAGER; how <= COLLECTED; how++) {
			if (run(&other, program, text, n, how) && !fickle(program))
				must_be_same(how == EAGER ? "lazy and eager" : "lazy and collected",
				             buf_slice(&first.outputs), buf_slice(&other.outputs));
			run_free(&other);
		}
	}
	run_free(&first);
	free(source);
	free(text);
	return 0;
}
