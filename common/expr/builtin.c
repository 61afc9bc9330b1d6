/* The table of builtins; what they are made of is in bi_*.c. */
#include "builtin.h"

#include "bi.h"
#include "gen_call.h"

static const struct builtin builtins[] = {
#define BUILTIN(name, arity, fn, flags) { name, arity, fn, flags },
#include "bi_list.h"
#undef BUILTIN
};
#define COUNT (sizeof builtins / sizeof builtins[0])

const struct builtin *builtin_at(size_t i)
{
	return i < COUNT ? &builtins[i] : NULL;
}

const struct builtin *builtin_find(struct slice name, uint32_t arity)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (builtins[i].arity == (int)arity &&
		    slice_same(name, slice_from(builtins[i].name)))
			return &builtins[i];
	return NULL;
}

/* All names that a program can call. */
struct val bi_builtins(struct eval *e, const struct val *arg)
{
	struct arr *a = arr_new(eval_heap(e), 256);
	const char *name;
	uint32_t arity;
	size_t i;

	(void)arg;
	for (i = 0; (name = gen_form_at(i, &arity)); i++)
		a = arr_push(eval_heap(e), a, val_strf(eval_heap(e), "%s/%u", name, arity));
	for (i = 0; i < COUNT; i++)
		if (builtins[i].name[0] != '_')
			a = arr_push(eval_heap(e), a,
			             val_strf(eval_heap(e), "%s/%d", builtins[i].name,
			                      builtins[i].arity));
	for (i = 0; (name = prelude_name(i)); i++)
		a = arr_push(eval_heap(e), a, val_str(slice_from(name)));
	return val_arr(a);
}
