/*
 * json-suite FILE - judge a file of the JSON test suite as one value: by the validator, and by the
 * scanner with each of its twins. Exit status 0 accepted, 5 rejected, 1 they disagree.
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "json/check.h"
#include "json/scan.h"

#include <stdio.h>
#include <stdlib.h>

static int judge(const struct plan *plan, index_fn *twin, const char *line, size_t n)
{
	struct scan *s = scan_new(plan, twin);
	struct rec r;
	int records = 0, bad = 0;
	enum scan_got got;

	scan_feed(s, line, n);
	while ((got = scan_next(s, &r)) != SCAN_END)
		got == SCAN_RECORD ? records++ : bad++;
	scan_free(s);
	return records == 1 && !bad;
}

int main(int argc, char **argv)
{
	FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
	struct check_fault fault;
	struct plan plan;
	struct buf text = { 0 };
	int valid, same;
	size_t n;

	if (!f)
		return 2;
	while ((n = fread(buf_room(&text, 65536), 1, 65536, f)) > 0)
		text.n += n;
	fclose(f);
	valid = check_json(buf_slice(&text), &fault) == 0;
	/* one line: a tab is white space where a newline is, and as wrong inside a string */
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\n')
			text.p[i] = '\t';
	buf_addc(&text, '\n');
	buf_room(&text, INDEX_PAD);
	plan_init(&plan);
	same = judge(&plan, index_portable, text.p, text.n) == valid;
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		same &= judge(&plan, index_avx2, text.p, text.n) == valid;
	if (index_best() == index_avx512)
		same &= judge(&plan, index_avx512, text.p, text.n) == valid;
#endif
	plan_free(&plan);
	buf_free(&text);
	return !same ? 1 : valid ? 0 : 5;
}
