/*
 * fuzz_compile.c - any text as a program: it compiles, or a message says why not.
 */
#include "fuzz.h"

#include "expr/expr.h"
#include "json/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct expr_var vars[] = { { SLICE("x"), val_num(1) },
		                         { SLICE("y"), val_of(VAL_NONE) } };
	char *text = copy_padded((struct slice){ (const char *)data, size }, '\0', 1);
	struct expr_setup setup = { .source = { { text, size }, "EXPR" },
		                    .vars = &(struct expr_vars){ vars, 2 } };

	for (int lazy = 0; lazy < 2; lazy++) {
		struct err e = { 0 };
		struct plan plan;
		struct prog *p;

		plan_init(&plan);
		setup.plan = lazy ? &plan : NULL;
		p = expr_compile(&setup, &e);
		MUST(p || (e.kind == FAIL_COMPILE && *e.text));
		expr_free(p);
		plan_free(&plan);
	}
	free(text);
	return 0;
}
