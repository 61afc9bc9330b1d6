#include "options.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "generate.h"
#include "version.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG_ONLY 256 /* getopt's value of option number i is its letter, or LONG_ONLY + i */

void options_free_list(struct option_list *l)
{
	free(l->item);
	*l = (struct option_list){ 0 };
}

static void add_item(struct option_list *l, const char *item)
{
	l->item = alloc_grow(l->item, &l->cap, l->n + 1, sizeof *l->item);
	l->item[l->n++] = item;
}

int options_size(const char *text, uint64_t *v)
{
	static const struct {
		const char *suffix;
		uint64_t factor;
	} suffixes[] = {
		{ "", 1 },
		{ "k", 1000 },
		{ "K", 1000 },
		{ "M", 1000000 },
		{ "G", 1000000000 },
		{ "T", 1000000000000 },
		{ "Ki", UINT64_C(1) << 10 },
		{ "Mi", UINT64_C(1) << 20 },
		{ "Gi", UINT64_C(1) << 30 },
		{ "Ti", UINT64_C(1) << 40 },
	};
	const char *p = text;
	size_t i;

	for (*v = 0; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(*v, 10, v) ||
		    __builtin_add_overflow(*v, (uint64_t)(*p - '0'), v))
			return -1;
	if (p == text)
		return -1;
	for (i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
		if (strcmp(p, suffixes[i].suffix) == 0)
			return __builtin_mul_overflow(*v, suffixes[i].factor, v) ? -1 : 0;
	return -1;
}

/* The index of TEXT in "a|b|c", or -1. */
static int choice(const char *choices, const char *text)
{
	size_t n = strlen(text), len;
	int i = 0;

	for (;; i++) {
		len = strcspn(choices, "|");
		if (len == n && memcmp(choices, text, n) == 0)
			return i;
		if (!choices[len])
			return -1;
		choices += len + 1;
	}
}

static int bad_value(const struct option_def *o, const char *text, const char *what,
                     const char *expected, struct err *e)
{
	if (o->name)
		return err_set(e, FAIL_USAGE, "--%s: '%s' is %s %s", o->name, text, what, expected);
	return err_set(e, FAIL_USAGE, "-%c: '%s' is %s %s", o->letter, text, what, expected);
}

/* A duration, or a number of seconds. */
static int seconds_parse(const char *text, int64_t *ns)
{
	char with_unit[64];

	if (!*text || text[strspn(text, "0123456789.")])
		return duration_parse(slice_from(text), ns);
	if ((size_t)snprintf(with_unit, sizeof with_unit, "%s%ss", *text == '.' ? "0" : "", text) >=
	    sizeof with_unit)
		return -1;
	return duration_parse(slice_from(with_unit), ns);
}

static int check_positive(const struct option_def *o, const char *text, const int64_t *ns,
                          struct err *e)
{
	if (o->positive && *ns <= 0)
		return bad_value(o, text, "no", "length of time: more than 0 is allowed, like 10s",
		                 e);
	return 0;
}

/* Store a value (TEXT is NULL for flags). */
static int store(const struct option_def *o, void *to, const char *text, struct err *e)
{
	switch (o->kind) {
	case OPTION_FLAG:
	case OPTION_CLEAR:
		*(bool *)to = o->kind == OPTION_FLAG;
		return 0;
	case OPTION_SIZE:
		if (options_size(text, to) < 0)
			return bad_value(o, text, "no", "count (like 1000, 16k, 64Mi)", e);
		if (o->positive && *(uint64_t *)to == 0)
			return bad_value(o, text, "no", "count: 1 or more is allowed", e);
		return 0;
	case OPTION_DURATION:
		if (duration_parse(slice_from(text), to) < 0)
			return bad_value(o, text, "no", "duration (like 250ms, 10s, 1m, 2h, 1d)",
			                 e);
		return check_positive(o, text, to, e);
	case OPTION_SECONDS:
		if (seconds_parse(text, to) < 0)
			return bad_value(o, text, "no",
			                 "time (like 0.5 or 10 for seconds, or 250ms, 1m)", e);
		return check_positive(o, text, to, e);
	case OPTION_CHOICE:
		*(int *)to = choice(o->choices, text);
		if (*(int *)to < 0)
			return bad_value(o, text, "none of", o->choices, e);
		return 0;
	case OPTION_LIST:
	case OPTION_PAIR:
		add_item(to, text);
		return 0;
	default:
		*(const char **)to = text;
		return 0;
	}
}

/* ---- the tables as one list */

static size_t count(const struct option_def *o)
{
	size_t n = 0;

	while (o && (o[n].name || o[n].letter))
		n++;
	return n;
}

/* Does the tool say itself what this shared option is? */
static bool is_replaced(const struct tool *t, const struct option_def *shared)
{
	for (size_t i = 0; i < count(t->options); i++) {
		const char *name = t->options[i].name;

		if (name && shared->name && strcmp(name, shared->name) == 0)
			return true;
	}
	return false;
}

size_t options_count(const struct tool *t)
{
	size_t n = count(t->options);

	for (size_t i = 0; i < count(t->shared); i++)
		n += !is_replaced(t, &t->shared[i]);
	return n;
}

const struct option_def *options_at(const struct tool *t, size_t i)
{
	const struct option_def *o = t->shared;

	if (i < count(t->options))
		return &t->options[i];
	for (i -= count(t->options); i || is_replaced(t, o); o++)
		i -= !is_replaced(t, o);
	return o;
}

static void *place(const struct tool *t, size_t i, void *args)
{
	bool shared = i >= count(t->options);

	return (char *)args + (shared ? t->shared_offset : 0) + options_at(t, i)->offset;
}

/* Is the word behind it its value? */
static bool takes_value(const struct option_def *o)
{
	return !o->implied && o->kind != OPTION_FLAG && o->kind != OPTION_CLEAR &&
	       o->kind != OPTION_HELP && o->kind != OPTION_VERSION && o->kind != OPTION_REST;
}

static int set_defaults(const struct tool *t, void *args, struct err *e)
{
	for (size_t i = 0; i < options_count(t); i++) {
		const struct option_def *o = options_at(t, i);

		if (o->def && store(o, place(t, i, args), o->def, e) < 0)
			return -1;
	}
	return 0;
}

/* What getopt_long() wants to know, made from the tables. Freed by the caller. */
static struct option *long_options(const struct tool *t, char *letters)
{
	size_t n = options_count(t), i, k = 0;
	struct option *list = alloc_zero(n + 2, sizeof *list);

	*letters++ = '-'; /* operands come in their place, as option 1 */
	*letters++ = ':';
	for (i = 0; i < n; i++) {
		const struct option_def *o = options_at(t, i);

		if (o->letter) {
			*letters++ = o->letter;
			if (takes_value(o))
				*letters++ = ':';
		}
		if (o->name)
			list[k++] = (struct option){ o->name,
				                     o->implied       ? optional_argument
				                     : takes_value(o) ? required_argument
				                                      : no_argument,
				                     NULL,
				                     o->letter ? (unsigned char)o->letter
				                               : LONG_ONLY + (int)i };
	}
	list[k] = (struct option){ "generate", required_argument, NULL, LONG_ONLY + (int)n };
	*letters = '\0';
	return list;
}

static size_t find(const struct tool *t, int got)
{
	size_t i;

	if (got >= LONG_ONLY)
		return (size_t)(got - LONG_ONLY);
	for (i = 0; i < options_count(t); i++)
		if (options_at(t, i)->letter == got)
			break;
	return i;
}

/* Is this long option, "--wor" or "--wor=value", the beginning of some name? */
static bool abbreviates(const struct tool *t, const char *word)
{
	size_t n = strcspn(word + 2, "=");

	for (size_t i = 0; i < options_count(t); i++) {
		const char *name = options_at(t, i)->name;

		if (name && strncmp(name, word + 2, n) == 0)
			return true;
	}
	return false;
}

/* Say what is wrong with the word that getopt stumbled over. */
static int usage(const struct tool *t, int got, char **argv, struct err *e)
{
	const char *word = argv[optind - 1], *what = "unknown option '%s' (see %s --help)";

	if (got == ':')
		what = "option '%s' needs a value (see %s --help)";
	else if (optopt && find(t, optopt) == options_count(t))
		return err_set(e, FAIL_USAGE, "unknown option '-%c' (see %s --help)", optopt,
		               t->name);
	else if (optopt)
		what = "option '%s' takes no value (see %s --help)";
	else if (abbreviates(t, word))
		what = "option '%s' is ambiguous (see %s --help)";
	return err_set(e, FAIL_USAGE, what, word, t->name);
}

/*
 * A program may begin with a minus: -1, -.a; so does a number (-5). What looks so gets a byte put
 * before it, so that getopt takes it for an operand or a value; unmasked() takes it away again.
 */
#define MASK '\001'

static void mask_minus(const struct tool *t, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		char *masked;

		if (a[0] != '-' || !a[1] || a[1] == '-' || (a[1] | 32) >= 'a')
			continue;
		if (!t->takes_program && (a[1] < '0' || a[1] > '9'))
			continue;
		masked = alloc_array(strlen(a) + 2, 1);
		masked[0] = MASK;
		strcpy(masked + 1, a);
		argv[i] = masked;
	}
}

static char *unmasked(char *word)
{
	return word + (word[0] == MASK && word[1] == '-');
}

/* The command line as it is read: operands are gathered, or go where an OPTION_REST sends them. */
struct parsing {
	const struct tool *tool;
	void *args;
	int argc;
	char **argv;
	char **operand;
	int operands;
	const struct option_def *rest; /* the newest OPTION_REST, or NULL */
	struct option_list *rest_list;
	bool has_program; /* the program was among the operands */
};

static void take_operand(struct parsing *p, char *operand)
{
	const struct tool *t = p->tool;
	bool program =
		t->takes_program && !p->has_program &&
		!(t->program_file && *(const char **)(void *)((char *)p->args + t->program_file));

	operand = unmasked(operand);
	if (!program && p->rest) {
		add_item(p->rest_list, p->rest->name);
		add_item(p->rest_list, operand);
		return;
	}
	p->has_program = p->has_program || program;
	p->operand[p->operands++] = operand;
}

/* Operands so far, but for the program. */
static size_t operands_proper(const struct parsing *p)
{
	return (size_t)p->operands - p->has_program;
}

/* Of an OPTION_NEXT an item for each operand so far; one too many is that of the next. */
static struct option_list *next_list(const struct parsing *p, size_t i)
{
	struct option_list *l = place(p->tool, i, p->args);

	while (l->n < operands_proper(p))
		add_item(l, NULL);
	return l;
}

/* An OPTION_NEXT, number I, of the next operand. */
static int take_next(struct parsing *p, size_t i, char *text, struct err *e)
{
	struct option_list *l = next_list(p, i);

	if (l->n > operands_proper(p))
		return err_set(e, FAIL_USAGE,
		               "--%s is given twice before one operand (see %s --help)",
		               options_at(p->tool, i)->name, p->tool->name);
	add_item(l, unmasked(text));
	return 0;
}

/* Behind the last operand: had each OPTION_NEXT one? */
static int end_next(const struct parsing *p, struct err *e)
{
	for (size_t i = 0; i < options_count(p->tool); i++) {
		const struct option_def *o = options_at(p->tool, i);

		if (o->kind == OPTION_NEXT && next_list(p, i)->n > operands_proper(p))
			return err_set(
				e, FAIL_USAGE,
				"--%s stands before the operand that it is for, and there is "
				"none (see %s --help)",
				o->name, p->tool->name);
	}
	return 0;
}

/* One option that getopt found. 1: it was a text to print, and it is. */
static int take(struct parsing *p, int got, struct err *e)
{
	const struct tool *t = p->tool;
	void *args = p->args;
	size_t i = find(t, got);
	const struct option_def *o;
	const char *text = NULL;

	if (i == options_count(t))
		return options_generate(t, optarg) < 0
		               ? err_set(e, FAIL_USAGE, "--generate: no '%s'", optarg)
		               : 1;
	o = options_at(t, i);
	if (o->kind == OPTION_HELP) {
		options_generate(t, "help");
		return 1;
	}
	if (o->kind == OPTION_VERSION) {
		printf("%s %s\n", t->name, VERSION);
		return 1;
	}
	if (o->kind == OPTION_REST) {
		p->rest = o;
		p->rest_list = place(t, i, args);
		return 0;
	}
	if (o->kind == OPTION_NEXT)
		return take_next(p, i, optarg, e);
	if (o->kind == OPTION_PAIR)
		add_item(place(t, i, args), o->name);
	if (o->implied)
		text = optarg ? optarg : o->implied;
	else if (takes_value(o))
		text = unmasked(optarg);
	if (store(o, place(t, i, args), text, e) < 0)
		return -1;
	if (o->kind != OPTION_PAIR)
		return 0;
	if (optind >= p->argc)
		return err_set(e, FAIL_USAGE, "--%s needs a name and a value (see %s --help)",
		               o->name, t->name);
	return store(o, place(t, i, args), unmasked(p->argv[optind++]), e);
}

/* "-5", or "-5f" with letters of flags. */
static int take_number(struct parsing *p, char *word, struct err *e)
{
	const struct tool *t = p->tool;
	char *digits = word + 1, *letters = digits + strspn(digits, "0123456789");
	size_t i;
	int r;

	optarg = NULL;
	for (const char *at = letters; *at; at++) {
		i = find(t, *at);
		if (i == options_count(t) || takes_value(options_at(t, i)))
			return err_set(e, FAIL_USAGE, "unknown option '%s' (see %s --help)", word,
			               t->name);
		r = take(p, *at, e);
		if (r != 0)
			return r;
	}
	*letters = '\0';
	i = find(t, t->number);
	return store(options_at(t, i), place(t, i, p->args), digits, e);
}

int options_parse(const struct tool *t, int argc, char **argv, void *args, bool *done,
                  struct err *e)
{
	struct parsing p = { .tool = t, .args = args, .argc = argc, .argv = argv };
	char letters[256];
	struct option *list;
	int got, r = 0;

	*done = false;
	if (set_defaults(t, args, e) < 0)
		return -1;
	list = long_options(t, letters);
	p.operand = alloc_array((size_t)argc, sizeof *p.operand);
	if (t->takes_program || t->number)
		mask_minus(t, argc, argv);
	optind = 0; /* begin anew, whatever was parsed before */
	opterr = 0;
	while (r == 0 && (got = getopt_long(argc, argv, letters, list, NULL)) != -1) {
		if (got == 1 && t->number && unmasked(optarg) != optarg)
			r = take_number(&p, unmasked(optarg), e);
		else if (got == 1)
			take_operand(&p, optarg);
		else if (got == ':' || got == '?')
			r = usage(t, got, argv, e);
		else
			r = take(&p, got, e);
	}
	for (; r == 0 && optind < argc; optind++)
		take_operand(&p, argv[optind]);
	if (r == 0)
		r = end_next(&p, e);
	/* as many as there are they fit behind the tool's name */
	memcpy(argv + argc - p.operands, p.operand, (size_t)p.operands * sizeof *p.operand);
	free(p.operand);
	free(list);
	if (r == 1 && fflush(stdout) != 0)
		r = err_set(e, FAIL_IO, "cannot write to stdout:");
	*done = r == 1;
	return r < 0 ? -1 : argc - p.operands;
}
