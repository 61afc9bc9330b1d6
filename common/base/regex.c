#include "regex.h"

#include "alloc.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_LIMIT 50000000    /* steps before a match is given up: some tenths of a second */
#define HEAP_LIMIT  (512 << 10) /* KiB, the same for memory */

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
	struct slice subject;
	uint32_t options; /* of a match */
	int groups;
	const char **name; /* by group */
};

static void note_names(struct regex *r)
{
	uint32_t count = 0, size = 0, i;
	PCRE2_SPTR table = NULL;

	pcre2_pattern_info(r->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(r->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(r->code, PCRE2_INFO_NAMETABLE, &table);
	for (i = 0; i < count; i++, table += size) {
		int group = table[0] << 8 | table[1];

		if (group < r->groups)
			r->name[group] = (const char *)table + 2;
	}
}

struct regex *regex_new(struct slice pattern, int flags, struct err *e)
{
	uint32_t options = PCRE2_DUPNAMES, groups = 0;
	struct regex *r = alloc_zero(1, sizeof *r);
	PCRE2_UCHAR text[160];
	PCRE2_SIZE at;
	int code;

	options |= flags & REGEX_BYTES ? 0 : PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK;
	options |= flags & REGEX_ICASE ? PCRE2_CASELESS : 0;
	options |= flags & REGEX_EXTENDED ? PCRE2_EXTENDED : 0;
	options |= flags & REGEX_ANCHORED ? PCRE2_ANCHORED : 0;
	options |= flags & REGEX_DOTALL ? PCRE2_DOTALL : 0;
	r->code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, options, &code, &at, NULL);
	if (!r->code) {
		pcre2_get_error_message(code, text, sizeof text);
		err_set(e, FAIL_COMPILE, "%s at column %zu", (const char *)text, (size_t)at + 1);
		free(r);
		return NULL;
	}
	/* where there is no JIT the interpreter does */
	pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE);
	pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	r->groups = (int)groups + 1;
	r->name = alloc_zero((size_t)r->groups, sizeof *r->name);
	note_names(r);
	r->data = pcre2_match_data_create_from_pattern(r->code, NULL);
	r->context = pcre2_match_context_create(NULL);
	if (!r->data || !r->context)
		alloc_failed();
	pcre2_set_match_limit(r->context, MATCH_LIMIT);
	pcre2_set_heap_limit(r->context, HEAP_LIMIT);
	r->options = PCRE2_NO_UTF_CHECK | (flags & REGEX_NOTEMPTY ? PCRE2_NOTEMPTY : 0);
	return r;
}

int regex_match(struct regex *r, struct slice subject, size_t from)
{
	PCRE2_SPTR text = (PCRE2_SPTR)(subject.p ? subject.p : "");
	int n = pcre2_match(r->code, text, subject.n, from, r->options, r->data, r->context);

	/* the JIT's stack is small; the interpreter remembers in the heap */
	if (n == PCRE2_ERROR_JIT_STACKLIMIT)
		n = pcre2_match(r->code, text, subject.n, from, r->options | PCRE2_NO_JIT, r->data,
		                r->context);
	r->subject = subject;
	if (n == PCRE2_ERROR_NOMATCH)
		return 0;
	return n < 0 ? -1 : r->groups;
}

struct slice regex_group(const struct regex *r, int i)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->data);

	if (at[2 * i] == PCRE2_UNSET)
		return (struct slice){ 0 };
	return (struct slice){ r->subject.p + at[2 * i], at[2 * i + 1] - at[2 * i] };
}

int regex_groups(const struct regex *r)
{
	return r->groups;
}

const char *regex_name(const struct regex *r, int i)
{
	return r->name[i];
}

void regex_free(struct regex *r)
{
	if (!r)
		return;
	pcre2_match_context_free(r->context);
	pcre2_match_data_free(r->data);
	pcre2_code_free(r->code);
	free(r->name);
	free(r);
}
