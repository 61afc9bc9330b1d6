#include "vm.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <sys/mman.h>

#define STACK_BYTES                                                                                \
	((size_t)1 << 30) /* address space for frames; touched only as deep as calls go */
#define PARAMS_MAX  16
#define CHOICES_MAX ((size_t)16 << 20)

static void put_presets(struct eval *e)
{
	const struct prog *p = e->prog;

	for (size_t i = 0; i < p->presets; i++)
		e->main->reg[p->preset[i].reg] = p->constant[p->preset[i].constant];
}

struct eval *eval_new(const struct prog *p, struct heap *heap, const struct eval_world *world)
{
	static const struct eval_world nothing = { 0 };
	struct eval *e = alloc_zero(1, sizeof *e);

	e->prog = p;
	e->heap = heap;
	e->world = world ? world : &nothing;
	e->main = alloc_zero(1, sizeof *e->main + p->func[0].regs * sizeof(struct val));
	e->main->regs = p->func[0].regs;
	put_presets(e);
	e->halted = -1;
	e->room_until = SIZE_MAX;
	return e;
}

void eval_free(struct eval *e)
{
	if (!e)
		return;
	if (e->stack)
		munmap(e->stack, STACK_BYTES);
	eval_regex_free(e);
	eval_kept_free(e);
	tz_free(e->zone);
	free(e->main);
	free(e->choice);
	buf_free(&e->scratch);
	free(e);
}

void eval_set_var(struct eval *e, size_t i, struct val value)
{
	e->main->reg[EVAL_VAR_REG + i] = value;
}

/* What an earlier run left in registers is no more. */
static void forget(struct eval *e)
{
	memset(e->main->reg, 0, e->main->regs * sizeof(struct val));
	put_presets(e);
	e->error = val_of(VAL_NULL);
}

void eval_start(struct eval *e, struct val input, const struct rec *rec)
{
	if (e->collects)
		forget(e);
	e->exhausted = false;
	e->main->reg[0] = input;
	e->rec = rec;
	e->pc = e->prog->code + e->prog->func[0].entry;
	e->frame = e->main;
	e->choices = 0;
	e->fresh = true;
}

struct val eval_error(const struct eval *e)
{
	return e->error;
}

int eval_halted(const struct eval *e)
{
	return e->halted;
}

struct heap *eval_heap(struct eval *e)
{
	return e->heap;
}

bool eval_failed(struct val v)
{
	return v.tag == VAL_FAILED;
}

struct val eval_raise(struct eval *e, struct val error)
{
	e->error = error;
	return val_private(VAL_FAILED, 0);
}

/* ---- choices and frames */

static inline bool short_of_room(const struct eval *e)
{
	return arena_used(&e->heap->arena) > e->room_until;
}

static inline char *frame_end(const struct eval *e, const struct frame *f)
{
	return f == e->main ? e->stack : (char *)(f->reg + f->regs);
}

/* Where the next frame goes: behind the current one and all that a choice still needs. */
static inline char *frames_top(const struct eval *e)
{
	char *top = frame_end(e, e->frame);

	if (e->choices && e->choice[e->choices - 1].top > top)
		top = e->choice[e->choices - 1].top;
	return top;
}

/* Every loop comes by here or through a choice: so what it builds is bounded. */
static inline bool within_memory(struct eval *e)
{
	if (e->collects || !heap_over(e->heap))
		return true;
	eval_fail(e, "the program takes more than %zu bytes of memory", e->heap->limit);
	return false;
}

static inline bool leave(struct eval *e, enum choice_kind kind, const struct insn *resume,
                         uint32_t mark)
{
	char *top = frames_top(e);

	if (!within_memory(e))
		return false;
	if (e->choices == e->choice_cap) {
		if (e->choices == CHOICES_MAX) {
			eval_fail(e, "more than %zu alternatives are pending", CHOICES_MAX);
			return false;
		}
		e->choice =
			alloc_grow(e->choice, &e->choice_cap, e->choices + 1, sizeof *e->choice);
	}
	e->choice[e->choices++] = (struct choice){ resume, e->frame, top, mark, kind };
	return true;
}

/* Resume the newest choice. False if there is none: no more output. */
static inline bool resume(struct eval *e)
{
	while (e->choices) {
		const struct choice *c = &e->choice[--e->choices];

		if (c->kind == CHOICE_FORK) {
			e->pc = c->resume;
			e->frame = c->frame;
			return true;
		}
	}
	return false;
}

/* Go to whoever catches the error. False if nobody does. */
static bool unwind(struct eval *e)
{
	while (e->choices && e->halted < 0 && !e->exhausted) {
		const struct choice *c = &e->choice[--e->choices];

		if (c->kind == CHOICE_UNTRY) {
			e->choices = c->mark;
		} else if (c->kind != CHOICE_FORK) {
			e->pc = c->resume;
			e->frame = c->frame;
			return true;
		}
	}
	e->choices = 0;
	return false;
}

static bool need_stack(struct eval *e)
{
	void *p;
	size_t i;

	if (e->stack)
		return true;
	p = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
	         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED) {
		eval_fail(e, "no address space for calls");
		return false;
	}
	e->stack = p;
	e->stack_end = e->stack + STACK_BYTES;
	for (i = 0; i < e->choices; i++)
		e->choice[i].top = e->stack;
	return true;
}

/* May a last call take the place of frame OLD: does no choice need it, nor what the call is given?
 */
static bool replaceable(const struct eval *e, const struct frame *old, const struct frame *outer,
                        const struct val *param, unsigned params)
{
	if (outer == old || (e->choices && e->choice[e->choices - 1].top > (const char *)old))
		return false;
	for (; params; params--, param++)
		if (param->tag == VAL_CLOSURE && param->ptr == old)
			return false;
	return true;
}

/*
 * Make the frame for a call of function number FUNC with the values at PARAM. A last call (TAIL)
 * returns to the caller's caller, and takes its caller's place on the stack where nothing needs it
 * any more.
 */
static bool enter(struct eval *e, const struct insn *in, uint32_t func, const struct val *param,
                  struct frame *outer, bool tail)
{
	const struct func *f = &e->prog->func[func];
	struct frame *old = e->frame, *new;
	struct frame head = { .caller = old,
		              .outer = outer,
		              .back = in + 1,
		              .regs = f->regs,
		              .to = in->d,
		              .with_path = f->with_path };
	struct val params[PARAMS_MAX];
	char *at;

	if (!within_memory(e) || !need_stack(e))
		return false;
	at = frames_top(e);
	memcpy(params, param, f->params * sizeof *params);
	if (tail) {
		head.caller = old->caller;
		head.back = old->back;
		head.to = old->to;
		if (replaceable(e, old, outer, params, f->params))
			at = (char *)old;
	}
	new = (struct frame *)(void *)at;
	if ((size_t)(e->stack_end - at) < sizeof *new + f->regs * sizeof(struct val)) {
		eval_fail(e, "the recursion is too deep (%zu MiB of calls)", STACK_BYTES >> 20);
		return false;
	}
	*new = head;
	memcpy(new->reg, params, f->params * sizeof *params);
	memset(new->reg + f->params, 0, (f->regs - f->params) * sizeof *params);
	e->frame = new;
	e->pc = e->prog->code + f->entry;
	return true;
}

static struct frame *levels_out(struct frame *f, int32_t levels)
{
	while (levels-- > 0)
		f = f->outer;
	return f;
}

/* ---- values of the record */

static struct val slot_slow(struct eval *e, int32_t slot)
{
	const struct plan_node *n = &e->prog->plan->node[slot];
	int32_t k = e->rec->slot[slot];
	struct val of;

	if (k >= 0)
		return val_from_rec(e->rec, (uint32_t)k);
	if (k == SLOT_ABSENT)
		return val_of(VAL_NULL);
	of = slot_slow(e, n->parent);
	if (eval_failed(of) || of.tag == VAL_NULL)
		return of;
	return op_index(e, of, n->key.p ? val_str(n->key) : val_num(n->index));
}

static inline struct val slot_value(struct eval *e, int32_t slot)
{
	int32_t k = e->rec->slot[slot];

	return k >= 0 ? val_from_rec(e->rec, (uint32_t)k) : slot_slow(e, slot);
}

/* ---- iterations */

static struct val begin_iteration(struct eval *e, struct val over, struct val *position)
{
	enum val_type type = val_type(over);
	char dump[DUMP_TEXT];

	*position = val_private(
		VAL_MARK, over.tag == VAL_RAWARR || over.tag == VAL_RAWOBJ ? over.len + 1 : 0);
	if (type != TYPE_ARRAY && type != TYPE_OBJECT)
		return eval_fail(e, "Cannot iterate over %s (%s)", val_type_name(over),
		                 eval_dump(e, over, dump));
	return val_share(over);
}

/* The next of an iteration: false at its end. *KEY may be NULL. *LAST: nothing comes behind it. */
static bool next_of(struct val over, struct val *position, struct val *out, struct val *key,
                    bool *last)
{
	uint32_t i = position->len, after;

	if (over.tag == VAL_ARR) {
		if (i >= over.arr->n)
			return false;
		*out = over.arr->at[i];
		after = i + 1;
		*last = after == over.arr->n;
		if (key)
			*key = val_num(i);
	} else if (over.tag == VAL_OBJ) {
		if (i >= over.obj->n)
			return false;
		*out = over.obj->at[i].value;
		after = i + 1;
		*last = after == over.obj->n;
		if (key)
			*key = over.obj->at[i].key;
	} else {
		if (i >= over.rec->skip[over.len])
			return false;
		*out = val_from_rec(over.rec, i);
		after = rec_after(over.rec, i) + 1;
		*last = after > over.rec->skip[over.len];
	}
	position->len = after;
	return true;
}

/* Objects of records may name a key twice, and paths need numbers of elements: then they are made.
 */
static struct val iterable(struct eval *e, struct val v, bool with_keys)
{
	if (v.tag == VAL_RAWOBJ || (v.tag == VAL_RAWARR && with_keys))
		return val_force(e->heap, v);
	return v;
}

/* ---- ranges */

/* Turn a range's state into doubles. */
static bool range_bounds(struct eval *e, struct val *state)
{
	int i;

	for (i = 0; i < 3; i++) {
		if (!val_is_num(state[i])) {
			eval_fail(e, "Range bounds must be numeric");
			return false;
		}
		state[i] = val_num(val_double(state[i]));
	}
	return true;
}

static bool range_goes_on(const struct val *state)
{
	double step = state[2].num;

	return step > 0 ? state[0].num < state[1].num : step < 0 && state[0].num > state[1].num;
}

/* ---- the machine */

/*
 * Run until there is an output (1, in *OUT), no more of them (0), or an error nobody catches (-1).
 * One switch, each case a few lines: the length is that of the instruction set.
 */
static int run(struct eval *e, struct val *out) /* NOLINT(readability-function-size) */
{
	struct val *r = e->frame->reg, v;
	const struct insn *in;
	struct frame *f;
	bool last;

#define PUT(value)                                                                                 \
	do {                                                                                       \
		v = (value);                                                                       \
		if (v.tag == VAL_FAILED)                                                           \
			goto error;                                                                \
		r[in->d] = v;                                                                      \
	} while (0)
	for (;;) {
		in = e->pc++;
		switch ((enum insn_op)in->op) {
		case I_MOVE:
			r[in->d] = r[in->a];
			break;
		case I_CONST:
			r[in->d] = e->prog->constant[in->x];
			break;
		case I_SLOT:
			PUT(slot_value(e, in->x));
			break;
		case I_UP:
			r[in->d] = levels_out(e->frame, in->x)->reg[in->a];
			break;
		case I_SHARE:
			val_share(r[in->a]);
			break;
		case I_JUMP:
			e->pc += in->x;
			break;
		case I_JT:
			if (val_true(r[in->a]))
				e->pc += in->x;
			break;
		case I_JF:
			if (!val_true(r[in->a]))
				e->pc += in->x;
			break;
		case I_FORK:
			if (!leave(e, CHOICE_FORK, e->pc + in->x, 0))
				goto error;
			break;
		case I_FAIL:
			goto fail;
		case I_MARK:
			r[in->d] = val_private(VAL_MARK, (uint32_t)e->choices);
			break;
		case I_CUT:
			e->choices = r[in->a].len;
			break;
		case I_TRY:
			r[in->d] = val_private(VAL_MARK, (uint32_t)e->choices);
			if (!leave(e, CHOICE_TRY, e->pc + in->x, 0))
				goto error;
			break;
		case I_UNTRY:
			if (!leave(e, CHOICE_UNTRY, NULL, r[in->a].len))
				goto error;
			break;
		case I_CATCH:
			r[in->d] = e->error;
			break;
		case I_RAISE:
			eval_raise(e, r[in->a]);
			goto error;
		case I_OUT:
			*out = r[in->a];
			return 1;
		case I_ITER:
			r[in->d] = iterable(e, r[in->a], in->b);
			PUT(begin_iteration(e, r[in->d], &r[in->d + 1]));
			break;
		case I_EACH:
			if (!next_of(r[in->a], &r[in->a + 1], &r[in->d],
			             in->b == NO_REG ? NULL : &r[in->b], &last))
				goto fail;
			if (!last && !leave(e, CHOICE_FORK, in, 0))
				goto error;
			break;
		case I_RANGE:
			if (!range_bounds(e, r + in->a))
				goto error;
			if (!range_goes_on(r + in->a))
				goto fail;
			r[in->d] = r[in->a];
			r[in->a].num += r[in->a + 2].num;
			if (range_goes_on(r + in->a) && !leave(e, CHOICE_FORK, in, 0))
				goto error;
			break;
		case I_INPUT:
			v = eval_input(e);
			if (v.tag == VAL_FAILED)
				goto error;
			if (v.tag == VAL_NONE)
				goto fail;
			r[in->d] = v;
			if (!leave(e, CHOICE_FORK, in, 0))
				goto error;
			break;
		case I_TICK:
			r[in->d].num += 1;
			if (r[in->d].num >= val_double(r[in->a]))
				e->choices = r[in->b].len;
			break;
		case I_SKIP:
			if (r[in->d].num > 0) {
				r[in->d].num -= 1;
				goto fail;
			}
			break;
		case I_INDEX:
			PUT(op_index(e, r[in->a], r[in->b]));
			break;
		case I_FIELD:
			PUT(op_field(e, r[in->a], e->prog->constant[in->x]));
			break;
		case I_SLICE:
			PUT(op_slice(e, r[in->a], r[in->b], r[in->b + 1]));
			break;
		case I_ADD:
		case I_SUB:
		case I_MUL:
		case I_DIV:
		case I_MOD:
		case I_EQ:
		case I_NE:
		case I_LT:
		case I_LE:
		case I_GT:
		case I_GE:
			PUT(op_binary(e, (enum binary_op)(in->op - I_ADD), r[in->a], r[in->b]));
			break;
		case I_ADD_OWN:
			PUT(op_add_own(e, r[in->a], r[in->b]));
			break;
		case I_NEG:
			PUT(op_negate(e, r[in->a]));
			break;
		case I_NOT:
			r[in->d] = val_bool(!val_true(r[in->a]));
			break;
		case I_ARRAY0:
			r[in->d] = val_arr(arr_new(e->heap, 4));
			break;
		case I_PUSH:
			r[in->d].arr = arr_push(e->heap, r[in->d].arr, r[in->a]);
			break;
		case I_ARRAY:
			r[in->d] = vm_array(e, r + in->a, in->x);
			break;
		case I_OBJECT:
			PUT(vm_object(e, r + in->a, in->x));
			break;
		case I_STRING:
			PUT(vm_string(e, r + in->a, in->x));
			break;
		case I_FORMAT:
			PUT(format_apply(e, in->x, r[in->a]));
			break;
		case I_BUILTIN:
			PUT(builtin_at((size_t)in->x)->fn(e, r + in->a));
			break;
		case I_CALL:
		case I_TAIL:
			if (short_of_room(e) && !eval_make_room(e))
				goto error;
			if (!enter(e, in, (uint32_t)in->x, r + in->a, levels_out(e->frame, in->b),
			           in->op == I_TAIL))
				goto error;
			r = e->frame->reg;
			break;
		case I_CALLV:
		case I_TAILV:
			if (short_of_room(e) && !eval_make_room(e))
				goto error;
			v = r[in->a];
			if (!enter(e, in, v.len + (uint32_t)in->x, r + in->b, v.ptr,
			           in->op == I_TAILV))
				goto error;
			r = e->frame->reg;
			break;
		case I_CLOSURE:
			r[in->d] = (struct val){ .tag = VAL_CLOSURE,
				                 .len = (uint32_t)in->x,
				                 .ptr = e->frame };
			break;
		case I_RET:
			f = e->frame;
			e->frame = f->caller;
			e->pc = f->back;
			e->frame->reg[f->to] = r[in->a];
			if (f->with_path)
				e->frame->reg[f->to + 1] = r[in->a + 1];
			r = e->frame->reg;
			break;
		case I_PATH0:
			r[in->d] = (struct val){ .tag = VAL_PATH, .ptr = NULL };
			break;
		case I_PATHADD:
			r[in->d] = vm_path_add(e, r[in->a], r[in->b]);
			break;
		case I_PATHSLICE:
			PUT(op_slice_key(e, r[in->b], r[in->b + 1]));
			r[in->d] = vm_path_add(e, r[in->a], r[in->d]);
			break;
		case I_PATHCAT:
			PUT(vm_path_cat(e, r[in->a], r[in->b]));
			break;
		case I_PATHLIST:
			r[in->d] = val_arr(path_list(e, r[in->a].ptr));
			break;
		case I_PATHSAME:
			if (eval_failed(vm_path_same(e, in, r)))
				goto error;
			break;
		case I_GETPATH:
			PUT(op_getpath(e, r[in->a], vm_path_keys(e, r[in->b])));
			break;
		case I_TAKEPATH:
			PUT(vm_take_path(e, r[in->a], vm_path_keys(e, r[in->b])));
			break;
		case I_SETPATH:
			PUT(op_setpath(e, r[in->a], vm_path_keys(e, r[in->x]), r[in->b]));
			break;
		case I_DELPATHS:
			PUT((in->x ? op_delete : op_delpaths)(e, r[in->a], r[in->b]));
			break;
		}
		continue;
	error:
		if (!unwind(e))
			return -1;
		r = e->frame->reg;
		continue;
	fail:
		if (!resume(e))
			return 0;
		if (short_of_room(e) && !eval_make_room(e))
			goto error;
		r = e->frame->reg;
	}
#undef PUT
}

int eval_next(struct eval *e, struct val *out)
{
	if (!e->fresh && !resume(e))
		return 0;
	e->fresh = false;
	return run(e, out);
}
