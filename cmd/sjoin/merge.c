/* What a left record and a right row become. */
#include "sjoin.h"

#include "base/alloc.h"
#include "base/stamp.h"
#include "json/valparse.h"

#include <stdlib.h>

enum how { LEFT_WINS, RIGHT_WINS, NEST, PROGRAM };

/* Variables of a program. */
enum { VAR_LEFT, VAR_RIGHT, VAR_WINDOW, VARS };

struct merge {
	enum how how;
	bool texts; /* output is JSON: put together of texts where that can be */
	struct prog *prog;
	struct eval *eval;
};

int merge_init(struct join *j, struct err *e)
{
	static const struct expr_var vars[VARS] = {
		[VAR_LEFT] = { { "left", 4 }, { .tag = VAL_NONE } },
		[VAR_RIGHT] = { { "right", 5 }, { .tag = VAL_NONE } },
		[VAR_WINDOW] = { { "window", 6 }, { .tag = VAL_NONE } },
	};
	static const char *const names[] = { "left-wins", "right-wins", "nest" };
	struct merge *m = j->merge = alloc_zero(1, sizeof *m);
	const struct args *a = j->args;
	struct expr_setup setup = { .source = { .name = "--merge" },
		                    .vars = &(struct expr_vars){ vars, VARS } };

	m->texts = !j->frame.color && shared_writes_json(&a->shared);
	m->how = PROGRAM;
	for (int i = 0; i < PROGRAM && m->how == PROGRAM; i++)
		if (!a->merge || strcmp(a->merge, names[i]) == 0)
			m->how = (enum how)i;
	if (a->prefix && m->how != LEFT_WINS)
		return err_set(e, FAIL_USAGE, "--prefix goes with --merge left-wins");
	if (a->prefix && !*a->prefix)
		return err_set(e, FAIL_USAGE, "--prefix is empty: it tells fields apart");
	if (m->how != PROGRAM)
		return 0;
	setup.source.text = slice_from(a->merge);
	m->prog = expr_compile(&setup, e);
	if (!m->prog)
		return -1;
	m->eval = eval_new(m->prog, &j->heap, NULL);
	return 0;
}

bool merge_is_textual(const struct merge *m)
{
	return m->texts && (m->how == LEFT_WINS || m->how == NEST);
}

bool merge_is_of_fields(const struct merge *m)
{
	return m->how == LEFT_WINS || m->how == RIGHT_WINS;
}

void merge_free(struct merge *m)
{
	if (!m)
		return;
	eval_free(m->eval);
	expr_free(m->prog);
	free(m);
}

static struct val bound(struct join *j, int64_t ns)
{
	char text[STAMP_TEXT];
	size_t n = stamp_format(ns, text);

	return val_str((struct slice){ arena_copy(&j->heap.arena, text, n), n });
}

/* An object that begins, or is, with the bounds of the window in hand, if there is one. */
static struct obj *begin(struct join *j, const char *start, const char *end)
{
	struct obj *o = obj_new(&j->heap, 4);

	if (!j->window)
		return o;
	o = obj_set(&j->heap, o, val_str(slice_from(start)), bound(j, j->window->start));
	return obj_set(&j->heap, o, val_str(slice_from(end)), bound(j, j->window->end));
}

static int write_value(struct join *j, struct val v, struct err *e)
{
	return frame_write(&j->frame, &j->heap, v, e);
}

/* ---- by texts */

static int end_line(struct join *j, struct buf *out, struct err *e)
{
	buf_addc(out, '\n');
	j->frame.records_out++;
	return writer_check(&j->frame.out, e);
}

static int write_text(struct join *j, struct slice text, struct err *e)
{
	struct buf *out = writer_buf(&j->frame.out);

	buf_add_slice(out, text);
	return end_line(j, out, e);
}

static int nest_texts(struct join *j, const struct left *left, const struct row *right,
                      struct err *e)
{
	struct buf *out = writer_buf(&j->frame.out);

	buf_add_slice(out, SLICE("{\"left\":"));
	buf_add_slice(out, left ? left->json : SLICE("null"));
	buf_add_slice(out, SLICE(",\"right\":"));
	buf_add_slice(out, right ? right->json : SLICE("null"));
	buf_addc(out, '}');
	return end_line(j, out, e);
}

static bool left_has(const struct left *left, int32_t slot)
{
	return left->slot ? left->slot[slot] >= 0 : left->names >> slot & 1;
}

/* How many of the row's members the record has too; -1 where its text does not tell. */
static int64_t shared_members(const struct left *left, const struct row *right)
{
	int64_t n = 0;

	if (!left->slot && left->names & JOINREC_ODD)
		return -1;
	for (uint32_t i = 0; i < right->members; i++) {
		int32_t slot = right->member[i].slot;

		if (slot == JOIN_NO_SLOT || (left->slot && left->slot[slot] == SLOT_ODD))
			return -1;
		n += left_has(left, slot);
	}
	return n;
}

/* The name of a member that the record has too. */
static struct slice member_name(const struct join *j, const struct left *left,
                                const struct row *right, const struct row_member *m)
{
	const char *p = right->json.p + m->at + 1;

	/* in a stream's records names that stand for a bit have no escapes */
	return left->slot ? j->plan[SIDE_LEFT].node[m->slot].key
	                  : (struct slice){ p, (size_t)((const char *)strchr(p, '"') - p) };
}

/* Is one of these to have another name? */
static bool renames(const struct join *j, const struct left *left, const struct row *right)
{
	for (uint32_t i = 0; i < right->members; i++) {
		const struct row_member *m = &right->member[i];

		if (left_has(left, m->slot) &&
		    !joinkeys_has_field(j->keys, member_name(j, left, right, m)))
			return true;
	}
	return false;
}

/* The record's text with the row's members that it lacks before its last brace. */
static int add_members(struct join *j, const struct left *left, const struct row *right,
                       int64_t shared, struct err *e)
{
	struct buf *out = writer_buf(&j->frame.out);
	struct slice text = left->json;
	size_t inside;

	encode_object_end(text, &inside);
	buf_add(out, text.p, inside);
	if (right->members > shared && text.p[inside - 1] != '{')
		buf_addc(out, ',');
	if (!shared) {
		buf_add(out, right->json.p + 1, right->json.n - 1);
		return end_line(j, out, e);
	}
	for (uint32_t i = 0, first = 1; i < right->members; i++) {
		const struct row_member *m = &right->member[i];

		if (left_has(left, m->slot))
			continue;
		if (!first)
			buf_addc(out, ',');
		first = 0;
		buf_add(out, right->json.p + m->at, m->n);
	}
	buf_addc(out, '}');
	return end_line(j, out, e);
}

/* ---- by values */

static struct val left_value(struct join *j, const struct left *left)
{
	struct check_fault fault;
	struct val v;

	if (left && left->rec)
		return val_from_rec(left->rec, 0);
	if (!left || val_parse(&j->heap, left->json, &v, &fault) < 0)
		return val_of(VAL_NULL);
	return v;
}

static struct val right_value(struct join *j, const struct row *right)
{
	struct check_fault fault;
	struct val v;

	if (!right || val_parse(&j->heap, right->json, &v, &fault) < 0)
		return val_of(VAL_NULL);
	return v;
}

/* NAME behind as many prefixes as it takes to be none of A and none of B; in the heap. */
static struct val prefixed(struct join *j, const struct obj *a, const struct obj *b,
                           struct val name)
{
	struct heap *h = &j->heap;
	struct slice prefix = val_slice(h, val_copy_str(h, slice_from(j->args->prefix)));

	do
		name = val_concat(h, prefix, val_slice(h, name));
	while (obj_get(a, val_slice(h, name)) || obj_get(b, val_slice(h, name)));
	return name;
}

/* TO, an object of the caller's own, with FROM's members that it lacks; --prefix: and the others.
 */
static struct obj *add_lacking(struct join *j, struct obj *to, const struct obj *from)
{
	for (uint32_t i = 0; i < from->n; i++) {
		struct val name = from->at[i].key;
		struct slice text = val_slice(&j->heap, name);

		if (obj_get(to, text)) {
			if (!j->args->prefix || joinkeys_has_field(j->keys, text))
				continue;
			name = prefixed(j, to, from, name);
		}
		to = obj_set(&j->heap, to, name, from->at[i].value);
	}
	return to;
}

/* The same with FROM's members in place of those that it has. */
static struct obj *put_members(struct join *j, struct obj *to, const struct obj *from)
{
	for (uint32_t i = 0; i < from->n; i++)
		to = obj_set(&j->heap, to, from->at[i].key, from->at[i].value);
	return to;
}

static int merge_values(struct join *j, const struct left *left, const struct row *right,
                        struct err *e)
{
	struct val l = val_force(&j->heap, left_value(j, left));
	struct val r = right_value(j, right);
	struct obj *o;

	if (l.tag != VAL_OBJ || r.tag != VAL_OBJ)
		return err_set(e, FAIL_DATA,
		               "only objects have fields to merge (--merge nest or EXPR takes "
		               "whatever there is)");
	o = j->window ? put_members(j, begin(j, "window_start", "window_end"), l.obj)
	              : obj_own(&j->heap, l.obj);
	o = j->merge->how == RIGHT_WINS ? put_members(j, o, r.obj) : add_lacking(j, o, r.obj);
	return write_value(j, val_obj(o), e);
}

static int run_program(struct join *j, const struct left *left, const struct row *right,
                       struct err *e)
{
	struct eval *v = j->merge->eval;
	struct val l = left_value(j, left), out;
	int got;

	eval_set_var(v, VAR_LEFT, val_share(l));
	eval_set_var(v, VAR_RIGHT, right_value(j, right));
	eval_set_var(v, VAR_WINDOW,
	             j->window ? val_obj(begin(j, "start", "end")) : val_of(VAL_NULL));
	eval_start(v, val_share(l), NULL);
	while ((got = eval_next(v, &out)) > 0)
		if (write_value(j, out, e) < 0)
			return -1;
	return got == 0 ? 0 : eval_error_note(v, "--merge", e);
}

static int nest_values(struct join *j, const struct left *left, const struct row *right,
                       struct err *e)
{
	struct obj *o = begin(j, "window_start", "window_end");

	o = obj_set(&j->heap, o, val_str(SLICE("left")), left_value(j, left));
	o = obj_set(&j->heap, o, val_str(SLICE("right")), right_value(j, right));
	return write_value(j, val_obj(o), e);
}

/* ---- */

int merge_pass(struct join *j, const struct left *left, struct err *e)
{
	if (!j->merge->texts)
		return write_value(j, left_value(j, left), e);
	/* only a line of the input stays where it is until it is written: what was converted makes
	   room for the next record, and what a join of streams keeps goes */
	return left->slot && left->whole.p == left->line.p ? frame_pass(&j->frame, left->whole, e)
	                                                   : write_text(j, left->json, e);
}

/* A record or row that has no match. */
static int write_alone(struct join *j, const struct left *left, const struct row *right,
                       struct err *e)
{
	struct val v;

	if (j->window) {
		v = val_force(&j->heap, left ? left_value(j, left) : right_value(j, right));
		if (v.tag == VAL_OBJ)
			return write_value(
				j,
				val_obj(put_members(j, begin(j, "window_start", "window_end"),
			                            v.obj)),
				e);
	}
	if (left)
		return merge_pass(j, left, e);
	return j->merge->texts ? write_text(j, right->json, e)
	                       : write_value(j, right_value(j, right), e);
}

int merge_write(struct join *j, const struct left *left, const struct row *right, struct err *e)
{
	const struct merge *m = j->merge;
	int64_t shared;

	switch (m->how) {
	case PROGRAM:
		return run_program(j, left, right, e);
	case NEST:
		return m->texts && !j->window ? nest_texts(j, left, right, e)
		                              : nest_values(j, left, right, e);
	default:
		break;
	}
	if (!left || !right)
		return write_alone(j, left, right, e);
	shared = m->texts && m->how == LEFT_WINS && !j->window && right->members
	                 ? shared_members(left, right)
	                 : -1;
	if (shared < 0 || (shared && j->args->prefix && renames(j, left, right)))
		return merge_values(j, left, right, e);
	return add_members(j, left, right, shared, e);
}
