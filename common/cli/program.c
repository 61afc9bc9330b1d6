#include "program.h"

#include "base/alloc.h"
#include "io/reader.h"
#include "record/jsonlines.h"
#include "json/valparse.h"

#include <stdlib.h>
#include <string.h>

/* ---- files */

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

/* The text of a program's file. NULL with *e set; the caller frees. */
static char *read_text(const char *name, struct err *e)
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

/* ---- values */

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

/* By the option's name: arg, argjson, slurpfile, rawfile, args, jsonargs. */
static make_value *maker(const char *option)
{
	return strcmp(option, "rawfile") == 0     ? make_raw
	       : strcmp(option, "slurpfile") == 0 ? make_slurped
	       : strstr(option, "json")           ? make_json
	                                          : make_string;
}

/* ---- variables */

/* The named ones, each as a variable and as a member of what becomes $ARGS.named; or NULL. */
static struct obj *make_named(struct program *p, const struct option_list *l, struct expr_var *var,
                              struct err *e)
{
	struct heap *h = &p->heap;
	struct obj *named = obj_new(h, 4);
	struct val v;

	for (size_t i = 0; i < l->n; i += 3) {
		struct slice name = slice_from(l->item[i + 1]);

		if (maker(l->item[i])(h, &l->item[i + 2], &v, e) < 0) {
			err_at(e, "--%s %s", l->item[i], l->item[i + 1]);
			return NULL;
		}
		if (obj_get(named, name))
			continue;
		var[p->vars.n++] = (struct expr_var){ name, v };
		named = obj_set(h, named, val_copy_str(h, name), val_share(v));
	}
	return named;
}

/* What becomes $ARGS.positional, or NULL. */
static struct arr *make_positional(struct program *p, const struct option_list *l, struct err *e)
{
	struct arr *a = arr_new(&p->heap, l->n / 2 + 1);
	struct val v;

	for (size_t i = 0; i < l->n; i += 2) {
		if (maker(l->item[i])(&p->heap, &l->item[i + 1], &v, e) < 0) {
			err_at(e, "--%s", l->item[i]);
			return NULL;
		}
		a = arr_push(&p->heap, a, v);
	}
	return a;
}

static int make_variables(struct program *p, const struct program_opts *opts, struct err *e)
{
	struct heap *h = &p->heap;
	struct expr_var *var = arena_array(&h->arena, opts->named.n / 3 + 1, sizeof *var);
	struct obj *all = obj_new(h, 2), *named;
	struct arr *positional;

	p->vars.var = var;
	named = make_named(p, &opts->named, var, e);
	positional = named ? make_positional(p, &opts->rest, e) : NULL;
	if (!positional)
		return -1;
	all = obj_set(h, all, val_str(SLICE("positional")), val_arr(positional));
	all = obj_set(h, all, val_str(SLICE("named")), val_obj(named));
	var[p->vars.n++] = (struct expr_var){ SLICE("ARGS"), val_obj(all) };
	return 0;
}

/* ---- */

int program_init(struct program *p, const struct program_opts *opts, const char *word,
                 const char *name, struct err *e)
{
	*p = (struct program){ 0 };
	heap_init(&p->heap);
	if (opts->file) {
		word = p->text = read_text(opts->file, e);
		name = opts->file;
		if (!p->text)
			return -1;
	}
	p->source = (struct source){ slice_from(word), name };
	return make_variables(p, opts, e);
}

void program_free(struct program *p)
{
	heap_free(&p->heap);
	free(p->text);
}

void program_free_opts(struct program_opts *opts)
{
	options_free_list(&opts->named);
	options_free_list(&opts->rest);
}
