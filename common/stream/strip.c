#include "strip.h"

#include "base/regex.h"

static void look_regex(void *context, struct slice line, size_t *state, struct piece *p)
{
	size_t n;

	(void)state;
	if (regex_match(context, line, 0) <= 0)
		return;
	n = regex_group(context, 0).n;
	p->text = (struct slice){ line.p + n, line.n - n };
}

static void drop_regex(void *context)
{
	regex_free(context);
}

/* ---- CRI: 2016-10-06T00:17:09.669794202Z stdout P some text */

enum { CRI_STDOUT, CRI_STDERR, CRI_NONE };

/* The text up to a blank, which is taken off too. */
static struct slice take_word(struct slice *rest)
{
	const char *blank = rest->n ? memchr(rest->p, ' ', rest->n) : NULL;
	struct slice word = { rest->p, blank ? (size_t)(blank - rest->p) : rest->n };
	size_t n = word.n + (blank != NULL);

	rest->p += n;
	rest->n -= n;
	return word;
}

/* As RFC 3339 has it, as far as is needed to tell it from other text. */
static bool is_time(struct slice s)
{
	return s.n >= 20 && s.p[4] == '-' && s.p[7] == '-' && s.p[10] == 'T' && s.p[13] == ':' &&
	       s.p[16] == ':';
}

static void look_cri(void *context, struct slice line, size_t *state, struct piece *p)
{
	struct slice rest = line, time = take_word(&rest), stream = take_word(&rest),
		     flags = take_word(&rest);
	bool error = slice_same(stream, SLICE("stderr"));

	(void)context;
	(void)state;
	p->stream = CRI_NONE;
	if (!is_time(time) || (!error && !slice_same(stream, SLICE("stdout"))) || !flags.n ||
	    (*flags.p != 'P' && *flags.p != 'F') || (flags.n > 1 && flags.p[1] != ':'))
		return;
	p->stream = error ? CRI_STDERR : CRI_STDOUT;
	p->text = rest;
	p->starts = false;
	p->ends = *flags.p == 'F';
}

struct flow strip_new(struct flow inner, struct feed feed, const struct strip_opts *opts,
                      struct err *e)
{
	struct gather_opts gather = { .max_line = opts->max_line,
		                      .timeout = opts->timeout,
		                      .joint = GATHER_GLUE,
		                      .clock = opts->clock,
		                      .look = look_cri };
	struct err why;

	if (strcmp(opts->prefix, "cri") != 0) {
		gather.look = look_regex;
		gather.drop = drop_regex;
		gather.context =
			regex_new(slice_from(opts->prefix), REGEX_BYTES | REGEX_ANCHORED, &why);
		if (!gather.context) {
			inner.ops->free(inner.self);
			err_set(e, FAIL_USAGE, "--prefix: %s", why.text);
			return (struct flow){ 0 };
		}
	}
	return gather_new(inner, feed, &gather);
}
