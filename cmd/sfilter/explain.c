/* sfilter --explain: what a program reads, how it runs, what would be faster. */
#include "sfilter.h"

#include "json/jstring.h"

/* Can it stand behind a dot without quotes? */
static bool plain_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c | 32) >= 'a' && (c | 32) <= 'z') && c != '_' &&
		    !(i && c >= '0' && c <= '9'))
			return false;
	}
	return s.n > 0;
}

/* ".user.id", "." for the record itself */
static void write_path(struct buf *b, const struct plan *p, int32_t slot)
{
	const struct plan_node *n = &p->node[slot];

	if (n->parent < 0)
		return;
	write_path(b, p, n->parent);
	if (!n->key.p) {
		buf_addf(b, "%s[%u]", n->parent == 0 ? "." : "", n->index);
		return;
	}
	buf_addc(b, '.');
	if (plain_name(n->key))
		buf_add_slice(b, n->key);
	else
		jstring_write(b, n->key, false);
}

static void print_fields(const struct plan *p, bool whole)
{
	struct buf b = { 0 };

	for (size_t i = 1; i < p->n; i++) {
		if (p->node[i].first >= 0)
			continue; /* its parts are what is read, or it is named by them */
		buf_addc(&b, ' ');
		write_path(&b, p, (int32_t)i);
	}
	if (whole)
		buf_adds(&b, b.n ? " and the record as a whole" : " the record as a whole");
	printf("fields: %.*s\n", b.n ? (int)b.n : 5, b.n ? b.p : " none");
	buf_free(&b);
}

void explain_print(const struct filter *f)
{
	const struct args *a = f->args;

	printf("mode:    %s\n",
	       a->map ? "map: what EXPR gives is written" : "filter: records pass byte for byte");
	if (expr_reads_input(f->prog) || input_is_special(a))
		printf("fields:  all: each record is copied, since EXPR reads on while it runs\n");
	else
		print_fields(&f->plan, expr_reads_whole(f->prog));
	expr_explain(f->prog, stdout);
	if (expr_reads_input(f->prog) || input_is_special(a))
		printf("threads: one: -P needs a program that looks at one record at a time\n");
	else
		printf("threads: %u; -P N spreads records over N\n", (unsigned)a->jobs);
}
