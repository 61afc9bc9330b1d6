#include "multiline.h"

#include "base/regex.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* Take a text, or white space, off the front. */
static bool take(struct slice *s, const char *text)
{
	size_t n = strlen(text);

	if (s->n < n || memcmp(s->p, text, n) != 0)
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

static size_t take_space(struct slice *s)
{
	size_t n = 0;

	while (n < s->n && is_space(s->p[n]))
		n++;
	s->p += n;
	s->n -= n;
	return n;
}

static bool is_empty(struct slice line)
{
	return line.n == 0 || (line.n == 1 && *line.p == '\r');
}

/* ---- by an expression, by white space */

static void look_regex(void *context, struct slice line, size_t *state, struct piece *p)
{
	(void)state;
	p->starts = regex_match(context, line, 0) > 0;
	p->ends = false;
}

static void drop_regex(void *context)
{
	regex_free(context);
}

static void look_indent(void *context, struct slice line, size_t *state, struct piece *p)
{
	(void)context;
	(void)state;
	p->starts = !line.n || !is_space(*line.p);
	p->ends = false;
}

/* ---- JSON: the state is how many brackets are open */

static bool begins_json(struct slice line)
{
	take(&line, "\xEF\xBB\xBF");
	take_space(&line);
	return line.n && (*line.p == '{' || *line.p == '[');
}

/* Brackets that are open behind the line; 0 where it ends inside a string, which no JSON does. */
static size_t count_open(struct slice line, size_t open)
{
	bool in_string = false;

	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		if (in_string) {
			i += c == '\\';
			in_string = c != '"';
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			open++;
		} else if (c == '}' || c == ']') {
			open -= open > 0;
		}
	}
	return in_string ? 0 : open;
}

static void look_json(void *context, struct slice line, size_t *state, struct piece *p)
{
	(void)context;
	p->starts = *state == 0;
	if (*state || begins_json(line))
		*state = count_open(line, *state);
	p->ends = *state == 0;
}

/* ---- Java (Throwable.printStackTrace) */

enum { JAVA_TRACE = 1 }; /* the record has lines of a trace */

/* "java.lang.IllegalStateException: why": a qualified name that says what it is? */
static bool is_exception(struct slice line)
{
	static const char *const ends[] = { "Exception", "Error", "Throwable" };
	size_t n = 0, dots = 0;

	while (n < line.n && line.p[n] != ':' && !is_space(line.p[n]) && line.p[n] != '\r')
		dots += line.p[n++] == '.';
	for (size_t i = 0; dots && i < sizeof ends / sizeof *ends; i++) {
		size_t m = strlen(ends[i]);

		if (n > m && memcmp(line.p + n - m, ends[i], m) == 0)
			return n == line.n || line.p[n] == ':' || line.p[n] == '\r';
	}
	return false;
}

/* "... 12 more", or "... 12 common frames omitted" as logback has it. */
static bool is_left_out(struct slice s)
{
	return take(&s, "... ") && s.n && *s.p >= '0' && *s.p <= '9';
}

static bool is_trace(struct slice line)
{
	struct slice s = line;
	bool indented = take_space(&s) > 0;

	if (indented && (take(&s, "at ") || is_left_out(s) || take(&s, "[CIRCULAR REFERENCE")))
		return true;
	return take(&s, "Caused by: ") || take(&s, "Suppressed: ");
}

static void look_java(void *context, struct slice line, size_t *state, struct piece *p)
{
	(void)context;
	p->ends = false;
	p->starts = false;
	if (is_trace(line)) {
		*state = JAVA_TRACE;
		return;
	}
	/* an exception below the message that it was logged with */
	if (*state != JAVA_TRACE && is_exception(line))
		return;
	*state = 0;
	p->starts = true;
}

/* ---- Python (traceback.print_exception) */

enum {
	PYTHON_FRAMES = 1, /* in a traceback, before the exception itself */
	PYTHON_BEHIND,     /* behind it: another one may follow */
};

static bool is_python_chain(struct slice line)
{
	return take(&line, "During handling of the above exception, another ") ||
	       take(&line, "The above exception was the direct cause of ");
}

static void look_python(void *context, struct slice line, size_t *state, struct piece *p)
{
	struct slice s = line;

	(void)context;
	p->ends = false;
	p->starts = false;
	if (take(&s, "Traceback (most recent call last):"))
		*state = PYTHON_FRAMES;
	else if (*state == PYTHON_FRAMES)
		*state = line.n && is_space(*line.p) ? PYTHON_FRAMES : PYTHON_BEHIND;
	else if (*state != PYTHON_BEHIND || !(is_empty(line) || is_python_chain(line)))
		p->starts = true;
	if (p->starts)
		*state = 0;
}

/* ---- which one */

static const struct {
	const char *name;
	void (*look)(void *context, struct slice line, size_t *state, struct piece *p);
} kinds[] = {
	{ "indent", look_indent },
	{ "json", look_json },
	{ "java", look_java },
	{ "python", look_python },
};

bool multiline_is_json(const char *how)
{
	return strcmp(how, "json") == 0;
}

struct flow multiline_new(struct flow inner, struct feed feed, const struct multiline_opts *opts,
                          struct err *e)
{
	struct gather_opts gather = { .max_line = opts->max_line,
		                      .timeout = opts->timeout,
		                      .joint = JOINT,
		                      .clock = opts->clock };
	struct err why;

	if (opts->json || multiline_is_json(opts->how))
		gather.joint = ' ';
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(opts->how, kinds[i].name) == 0)
			gather.look = kinds[i].look;
	if (!gather.look) {
		gather.look = look_regex;
		gather.drop = drop_regex;
		gather.context = regex_new(slice_from(opts->how), REGEX_BYTES, &why);
		if (!gather.context) {
			inner.ops->free(inner.self);
			err_set(e, FAIL_USAGE, "--multiline: %s", why.text);
			return (struct flow){ 0 };
		}
	}
	return gather_new(inner, feed, &gather);
}
