#include "keyexpr.h"

#include "base/alloc.h"
#include "json/key.h"

#include <stdlib.h>

struct keyexpr {
	const char *option;
	struct prog *prog;
	struct eval *eval;
	int32_t slot; /* of a mere field, or -1 */
};

struct keyexpr *keyexpr_new(const char *option, const char *text, struct plan *plan,
                            const struct expr_vars *vars, struct err *e)
{
	struct expr_setup setup = { .source = { slice_from(text), option },
		                    .plan = plan,
		                    .vars = vars };
	struct prog *prog = expr_compile(&setup, e);
	struct keyexpr *k;

	if (!prog)
		return NULL;
	k = alloc_zero(1, sizeof *k);
	*k = (struct keyexpr){ .option = option, .prog = prog, .slot = expr_slot(prog) };
	return k;
}

void keyexpr_free(struct keyexpr *k)
{
	if (!k)
		return;
	eval_free(k->eval);
	expr_free(k->prog);
	free(k);
}

bool keyexpr_keeps_state(const struct keyexpr *k)
{
	return expr_keeps_state(k->prog);
}

int32_t keyexpr_slot(const struct keyexpr *k)
{
	return k->slot;
}

int keyexpr_value(struct keyexpr *k, struct val input, const struct rec *rec, struct heap *h,
                  struct val *v, struct err *e)
{
	int got;

	*v = val_of(VAL_NULL);
	if (rec && k->slot >= 0) {
		int32_t at = rec->slot[k->slot];

		if (at >= 0)
			*v = val_from_rec(rec, (uint32_t)at);
		if (at >= 0 || at == SLOT_ABSENT)
			return 0;
	}
	if (!k->eval)
		k->eval = eval_new(k->prog, h, NULL);
	eval_start(k->eval, input, rec);
	got = eval_next(k->eval, v);
	if (got >= 0)
		return 0;
	return eval_error_note(k->eval, k->option, e);
}

int keyexpr_read(struct keyexpr *k, struct val input, const struct rec *rec, struct heap *h,
                 struct buf *to, struct err *e)
{
	struct val v;

	if (keyexpr_value(k, input, rec, h, &v, e) < 0)
		return -1;
	if (key_put(to, h, v) < 0)
		return err_set(e, FAIL_DATA, "%s: the value is nested too deeply", k->option);
	return 0;
}
