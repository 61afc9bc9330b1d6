/* sfilter's program: EXPR, the variables that options give it, compiled. */
#include "sfilter.h"

#include "base/alloc.h"
#include "io/reader.h"
#include "record/jsonlines.h"
#include "json/valparse.h"

#include <stdlib.h>

/* All bytes of a file, compressed or not, or as many whole lines of it as there are. */
static int read_all(const char *name, struct lines lines, struct buf *to, struct err *e)
{
	struct slice s;
	enum got got;

	while ((got = lines.ops->next(lines.self, false, -1, &s, e)) == GOT_LINES)
		buf_add_slice(to, s);
	lines.ops->free(lines.self);
	if (got == GOT_LONG)
		return err_set(e, FAIL_DATA, "%s: a value is too long", name);
	return got == GOT_ERROR ? -1 : 0;
}

static int read_bytes(const char *const *name, struct buf *to, struct err *e)
{
	struct reader_opts opts = { .max_line = SIZE_MAX, .binary = true };

	return read_all(*name, reader_new(name, 1, &opts), to, e);
}

char *program_read(const char *name, struct err *e)
{
	struct buf b = { 0 };

	if (read_bytes(&name, &b, e) < 0) {
		buf_free(&b);
		return NULL;
	}
	buf_addc(&b, '\0');
	if (strlen(b.p) < b.n - 1) {
		err_set(e, FAIL_COMPILE, "%s: byte %zu: a NUL is no part of a program", name,
		        strlen(b.p) + 1);
		buf_free(&b);
		return NULL;
	}
	return b.p;
}

/* ---- variables */

/* Make a variable's value of an option's text, or of the file that it names. */
typedef int make_value(struct heap *h, const char *const *text, struct val *v, struct err *e);

static int make_string(struct heap *h, const char *const *text, struct val *v, struct err *e)
{
	(void)e;
	*v = val_copy_str(h, slice_from(*text));
	return 0;
}

static int make_json(struct heap *h, const char *const *text, struct val *v, struct err *e)
{
	struct check_fault fault;

	if (val_parse(h, slice_from(*text), v, &fault) == 0)
		return 0;
	return err_set(e, FAIL_USAGE, "'%.60s' is no JSON: byte %zu: %s", *text, fault.at + 1,
	               fault.text);
}

static int make_raw(struct heap *h, const char *const *text, struct val *v, struct err *e)
{
	struct buf b = { 0 };
	int r = read_bytes(text, &b, e);

	*v = val_copy_str(h, buf_slice(&b));
	buf_free(&b);
	return r;
}

static int make_slurped(struct heap *h, const char *const *text, struct val *v, struct err *e)
{
	struct reader_opts opts = { .max_line = SIZE_MAX, .binary = true };
	struct check_fault fault;
	struct arr *a = arr_new(h, 8);
	struct buf b = { 0 };
	struct val one;
	int r = read_all(*text, jsonlines_new(reader_new(text, 1, &opts), SIZE_MAX / 2), &b, e);
	char *p = b.p, *end;

	for (; r == 0 && p < b.p + b.n; p = end + 1) {
		end = memchr(p, '\n', b.n - (size_t)(p - b.p));
		if (val_parse(h, (struct slice){ p, (size_t)(end - p) }, &one, &fault) < 0)
			r = err_set(e, FAIL_USAGE, "%s: value %u: byte %zu: %s", *text, a->n + 1,
			            fault.at + 1, fault.text);
		else
			a = arr_push(h, a, one);
	}
	buf_free(&b);
	*v = val_arr(a);
	return r;
}

static void bind_variable(struct filter *f, const char *name, struct val v)
{
	f->var[f->vars++] = (struct expr_var){ slice_from(name), v };
}

/* The variables of one option; all of them are members of $ARGS.named too. As in jq the first of a
 * name counts. */
static int bind_list(struct filter *f, const char *option, const struct option_list *l,
                     make_value *make, struct obj **named, struct err *e)
{
	struct val v;

	for (size_t i = 0; i < l->n; i += 2) {
		if (make(&f->constants, &l->item[i + 1], &v, e) < 0)
			return err_at(e, "--%s %s", option, l->item[i]);
		if (obj_get(*named, slice_from(l->item[i])))
			continue;
		bind_variable(f, l->item[i], v);
		*named = obj_set(&f->constants, *named,
		                 val_copy_str(&f->constants, slice_from(l->item[i])), val_share(v));
	}
	return 0;
}

static int bind_positional(struct filter *f, struct arr **list, struct err *e)
{
	const struct option_list *l = &f->args->positional;
	struct val v;

	*list = arr_new(&f->constants, l->n / 2 + 1);
	for (size_t i = 0; i < l->n; i += 2) {
		make_value *make = strcmp(l->item[i], "args") == 0 ? make_string : make_json;

		if (make(&f->constants, &l->item[i + 1], &v, e) < 0)
			return err_at(e, "--%s", l->item[i]);
		*list = arr_push(&f->constants, *list, v);
	}
	return 0;
}

static int bind_all(struct filter *f, struct err *e)
{
	const struct args *a = f->args;
	struct heap *h = &f->constants;
	struct obj *named = obj_new(h, 4), *all = obj_new(h, 2);
	struct arr *positional;

	f->var = alloc_array((a->arg.n + a->argjson.n + a->slurpfile.n + a->rawfile.n) / 2 + 1,
	                     sizeof *f->var);
	if (bind_list(f, "arg", &a->arg, make_string, &named, e) < 0 ||
	    bind_list(f, "argjson", &a->argjson, make_json, &named, e) < 0 ||
	    bind_list(f, "slurpfile", &a->slurpfile, make_slurped, &named, e) < 0 ||
	    bind_list(f, "rawfile", &a->rawfile, make_raw, &named, e) < 0 ||
	    bind_positional(f, &positional, e) < 0)
		return -1;
	all = obj_set(h, all, val_str(SLICE("positional")), val_arr(positional));
	all = obj_set(h, all, val_str(SLICE("named")), val_obj(named));
	bind_variable(f, "ARGS", val_obj(all));
	return 0;
}

/* ---- compiling */

/* An object, array or string as the whole filter is true for every record: hardly what was meant.
 */
static void warn_constant(const struct filter *f, const char *expr)
{
	const char *p = expr + strspn(expr, " \t\n");

	if (!f->args->map && (*p == '{' || *p == '[' || *p == '"'))
		fprintf(stderr, "sfilter: warning: this filter is true for every record; -m writes "
		                "what it gives\n");
}

int program_compile(struct filter *f, const char *expr, struct err *e)
{
	struct expr_setup setup = { .source = { slice_from(expr),
		                                f->args->file ? f->args->file : "EXPR" },
		                    .plan = input_is_special(f->args) ? NULL : &f->plan };

	if (bind_all(f, e) < 0)
		return -1;
	setup.var = f->var;
	setup.vars = f->vars;
	f->prog = expr_compile(&setup, e);
	if (!f->prog)
		return -1;
	warn_constant(f, expr);
	return 0;
}
