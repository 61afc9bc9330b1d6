/* options.h: parsing by table. */
#include "unit.h"

#include "base/duration.h"
#include "cli/generate.h"
#include "cli/options.h"

#include <unistd.h>

struct shared {
	uint64_t size;
	int choice;
};

struct args {
	bool flag, other, kept;
	const char *text, *file;
	int64_t duration;
	uint64_t rows;
	struct option_list list, pair, next;
	struct shared shared;
	int only_letter, implied;
	int64_t wait;
};

#define AT(field)     offsetof(struct args, field)
#define SHARED(field) offsetof(struct shared, field)

static const struct option_def own[] = {
	{ .letter = 'f',
	  .name = "flag",
	  .kind = OPTION_FLAG,
	  .offset = AT(flag),
	  .help = "a flag" },
	{ .letter = 'x',
	  .name = "other",
	  .kind = OPTION_FLAG,
	  .offset = AT(other),
	  .help = "another" },
	{ .name = "drop", .kind = OPTION_CLEAR, .offset = AT(kept), .help = "clear it" },
	{ .letter = 't',
	  .name = "text",
	  .kind = OPTION_STRING,
	  .offset = AT(text),
	  .arg = "T",
	  .def = "none",
	  .help = "a text" },
	{ .name = "file",
	  .kind = OPTION_FILE,
	  .offset = AT(file),
	  .arg = "FILE",
	  .help = "a file" },
	{ .letter = 'd',
	  .name = "delay",
	  .kind = OPTION_DURATION,
	  .offset = AT(duration),
	  .arg = "D",
	  .def = "1m",
	  .help = "a time" },
	{ .letter = 'l',
	  .name = "list",
	  .kind = OPTION_LIST,
	  .offset = AT(list),
	  .arg = "X",
	  .help = "again" },
	{ .name = "pair",
	  .kind = OPTION_PAIR,
	  .offset = AT(pair),
	  .arg = "NAME VALUE",
	  .help = "two" },
	{ .name = "two",
	  .kind = OPTION_PAIR,
	  .offset = AT(pair),
	  .arg = "NAME VALUE",
	  .help = "two of another kind" },
	{ .name = "if",
	  .kind = OPTION_NEXT,
	  .offset = AT(next),
	  .arg = "EXPR",
	  .help = "of the next" },
	{ .letter = 'c',
	  .kind = OPTION_CHOICE,
	  .offset = AT(only_letter),
	  .arg = "C",
	  .choices = "x|y",
	  .help = "by letter" },
	{ .letter = 'g',
	  .name = "go",
	  .kind = OPTION_CHOICE,
	  .offset = AT(implied),
	  .arg = "HOW",
	  .choices = "on|back",
	  .implied = "on",
	  .help = "with or without" },
	{ .letter = 'w',
	  .name = "wait",
	  .kind = OPTION_SECONDS,
	  .offset = AT(wait),
	  .arg = "TIME",
	  .positive = true,
	  .help = "seconds" },
	{ 0 },
};

static const struct option_def common[] = {
	{ .letter = 's',
	  .name = "size",
	  .kind = OPTION_SIZE,
	  .offset = SHARED(size),
	  .arg = "N",
	  .def = "16Mi",
	  .help = "a size" },
	{ .name = "choice",
	  .kind = OPTION_CHOICE,
	  .offset = SHARED(choice),
	  .arg = "W",
	  .choices = "red|green|blue",
	  .def = "green",
	  .help = "a colour" },
	{ .letter = 'h', .name = "help", .kind = OPTION_HELP, .help = "print this text" },
	{ .letter = 'V', .name = "version", .kind = OPTION_VERSION, .help = "print the version" },
	{ 0 },
};

static const char *const synopsis[] = { "[options] [FILE ...]", NULL };

static const struct tool tool = {
	.name = "tool",
	.purpose = "do things",
	.synopsis = synopsis,
	.options = own,
	.shared = common,
	.shared_offset = AT(shared),
};

#define WORDS 12

/* Each command line gets words of its own: what the parser puts in their place stays reachable, and
 * what it says of its operands. */
static char *lines[256][WORDS + 2], **words;
static const char **nexts[COUNT(lines)];
static size_t lines_used;

/* Parse "tool" and these words; the index of the first operand or -1. */
static int parse(const struct tool *t, const char *const *argv, struct args *a, bool *done,
                 struct err *e)
{
	int n = 0, first;
	size_t line = lines_used++ % COUNT(lines);

	words = lines[line];
	words[n++] = (char *)(uintptr_t) "tool";
	for (; *argv; argv++)
		words[n++] = (char *)(uintptr_t)*argv;
	words[n] = NULL;
	*a = (struct args){ .kept = true, .implied = -1 };
	err_clear(e);
	first = options_parse(t, n, words, a, done, e);
	nexts[line] = a->next.item;
	return first;
}

static void check_text(const char *label, const char *got, const char *expected)
{
	if ((!got) != (!expected) || (got && strcmp(got, expected) != 0))
		fail_msg("%s: got '%s', expected '%s'", label, got ? got : "(null)",
		         expected ? expected : "(null)");
}

static void test_parse__stores_by_kind(void **state)
{
	static const struct {
		const char *argv[WORDS];
		bool flag, other, drop;
		const char *text, *file;
		int64_t seconds;
		uint64_t size;
		int choice;
		const char *operands; /* joined by spaces */
	} rows[] = {
#define DEFAULTS .text = "none", .seconds = 60, .size = 16 << 20, .choice = 1
		{ { NULL }, DEFAULTS, .operands = "" },
		{ { "-f" }, DEFAULTS, .flag = true, .operands = "" },
		{ { "-fx" }, DEFAULTS, .flag = true, .other = true, .operands = "" },
		{ { "--flag", "a", "--drop", "b" },
		  DEFAULTS,
		  .flag = true,
		  .drop = true,
		  .operands = "a b" },
		{ { "a", "-f", "--", "-x", "--flag" },
		  DEFAULTS,
		  .flag = true,
		  .operands = "a -x --flag" },
		{ { "-" }, DEFAULTS, .operands = "-" },
		{ { "--file", "F" }, DEFAULTS, .file = "F", .operands = "" },
		{ { "--file=", "--fi=F" }, DEFAULTS, .file = "F", .operands = "" },
		{ { "-t", "x" },
		  .text = "x",
		  .seconds = 60,
		  .size = 16 << 20,
		  .choice = 1,
		  .operands = "" },
		{ { "-tx", "-fty" },
		  .flag = true,
		  .text = "y",
		  .seconds = 60,
		  .size = 16 << 20,
		  .choice = 1,
		  .operands = "" },
		{ { "--text=-x" },
		  .text = "-x",
		  .seconds = 60,
		  .size = 16 << 20,
		  .choice = 1,
		  .operands = "" },
		{ { "-d", "1h30m", "-s16k", "--choice=blue" },
		  .text = "none",
		  .seconds = 5400,
		  .size = 16000,
		  .choice = 2,
		  .operands = "" },
		/* abbreviated as far as it is unique */
		{ { "--si", "1", "--ch", "red", "--o" },
		  .other = true,
		  .text = "none",
		  .seconds = 60,
		  .size = 1,
		  .choice = 0,
		  .operands = "" },
		{ { "--size=1", "--size=2" },
		  .text = "none",
		  .seconds = 60,
		  .size = 2,
		  .choice = 1,
		  .operands = "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char label[32], operands[64] = "";
		struct args a;
		struct err e;
		bool done;
		int first = parse(&tool, rows[i].argv, &a, &done, &e);

		snprintf(label, sizeof label, "row %zu", i);
		if (first < 0)
			fail_msg("%s: %s", label, e.text);
		for (int k = first; words[k]; k++)
			snprintf(operands + strlen(operands), sizeof operands - strlen(operands),
			         "%s%s", k > first ? " " : "", words[k]);
		assert_row(label, !done);
		assert_row(label, a.flag == rows[i].flag && a.other == rows[i].other);
		assert_row(label, a.kept == !rows[i].drop);
		check_text(label, a.text, rows[i].text);
		check_text(label, a.file, rows[i].file);
		assert_row(label, a.duration == rows[i].seconds * NS_PER_SEC);
		assert_row(label, a.shared.size == rows[i].size);
		assert_row(label, a.shared.choice == rows[i].choice);
		check_text(label, operands, rows[i].operands);
	}
}

static void test_parse__collects_lists_and_pairs(void **state)
{
	static const char *const argv[] = { "-l",   "a",     "--pair", "n",   "-1",       "-lb",
		                            "rest", "--two", "m",      "--x", "--list=c", NULL };
	static const char *const list[] = { "a", "b", "c" };
	static const char *const pair[] = { "pair", "n", "-1", "two", "m", "--x" };
	struct tool program = tool;
	struct args a;
	struct err e;
	bool done;

	(void)state;
	for (int k = 0; k < 2; k++) {
		program.takes_program = k;
		assert_true(parse(&program, argv, &a, &done, &e) > 0);
		assert_int_equal(a.list.n, COUNT(list));
		for (size_t i = 0; i < COUNT(list); i++)
			check_text("list", a.list.item[i], list[i]);
		assert_int_equal(a.pair.n, COUNT(pair));
		for (size_t i = 0; i < COUNT(pair); i++)
			check_text("pair", a.pair.item[i], pair[i]);
		options_free_list(&a.list);
		options_free_list(&a.pair);
		assert_int_equal(a.list.n, 0);
	}
}

static void test_parse__values_of_the_next_operand(void **state)
{
	static const struct {
		const char *argv[WORDS];
		bool program;
		size_t n;
		const char *item[4];
		const char *says; /* or NULL where it is fine */
	} rows[] = {
		{ { NULL }, .n = 0 },
		{ { "a", "b" }, .n = 2, .item = { NULL, NULL } },
		{ { "--if", "x", "a" }, .n = 1, .item = { "x" } },
		{ { "a", "--if", "x", "b", "c" }, .n = 3, .item = { NULL, "x", NULL } },
		{ { "--if=x", "-f", "a", "--if", "-1", "--", "b" }, .n = 2, .item = { "x", "-1" } },
		{ { "--if=x", "--", "--if", "y" }, .n = 2, .item = { "x", NULL } },
		/* the program is none of them */
		{ { ".p", "--if", "x", "a" }, .program = true, .n = 1, .item = { "x" } },
		{ { "--if", "x", ".p", "a" }, .program = true, .n = 1, .item = { "x" } },
		{ { "a", "--if", "x" }, .says = "there is none" },
		{ { "--if", "x", "-f" }, .says = "there is none" },
		{ { "--if", "x", ".p" }, .program = true, .says = "there is none" },
		{ { "--if", "x", "--if", "y", "a" }, .says = "twice" },
		{ { "a", "--if" }, .says = "needs a value" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tool program = tool;
		char label[32];
		struct args a;
		struct err e;
		bool done;
		int first;

		program.takes_program = rows[i].program;
		first = parse(&program, rows[i].argv, &a, &done, &e);
		snprintf(label, sizeof label, "row %zu", i);
		assert_row(label, (first < 0) == (rows[i].says != NULL));
		if (first < 0) {
			assert_row(label, e.kind == FAIL_USAGE && strstr(e.text, rows[i].says));
		} else {
			assert_row(label, a.next.n == rows[i].n);
			for (size_t k = 0; k < rows[i].n; k++)
				check_text(label, a.next.item[k], rows[i].item[k]);
		}
		options_free_list(&a.next);
	}
}

static void test_parse__values_that_may_be_left_out(void **state)
{
	static const struct {
		const char *argv[WORDS];
		int implied;
		const char *operand;
	} rows[] = {
		{ { "a" }, -1, "a" },
		{ { "-g", "a" }, 0, "a" },
		{ { "-gf", "a" }, 0, "a" },
		{ { "--go", "back" }, 0, "back" },
		{ { "--go=back", "a" }, 1, "a" },
		{ { "--go=on", "--go=back", "-g", "a" }, 0, "a" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct args a;
		struct err e;
		bool done;
		int first = parse(&tool, rows[i].argv, &a, &done, &e);

		assert_true(first > 0);
		assert_int_equal(a.implied, rows[i].implied);
		check_text("operand", words[first], rows[i].operand);
	}
}

static void test_parse__takes_seconds(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} rows[] = {
		{ "1", NS_PER_SEC },          { "0.5", NS_PER_SEC / 2 },
		{ ".5", NS_PER_SEC / 2 },     { "90", 90 * NS_PER_SEC },
		{ "1m30s", 90 * NS_PER_SEC }, { "250ms", 250 * NS_PER_MS },
	};
	static const char *const bad[] = { "", "x", "-1", ".", "1..5", "1 s", "0", "0.0" };
	struct args a;
	struct err e;
	bool done;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *argv[] = { "-w", rows[i].text, NULL };

		assert_row(rows[i].text, parse(&tool, argv, &a, &done, &e) > 0);
		assert_row(rows[i].text, a.wait == rows[i].ns);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *argv[] = { "--wait", bad[i], NULL };

		assert_row(bad[i], parse(&tool, argv, &a, &done, &e) == -1);
		assert_row(bad[i], e.kind == FAIL_USAGE);
	}
}

/* -5 is short for an option where the tool says so. */
static void test_parse__takes_numbers_for_an_option(void **state)
{
	static const struct {
		const char *argv[WORDS], *text, *operand;
		bool flag;
		int implied;
	} rows[] = {
		{ { "-5", "a" }, "5", "a", false, -1 },
		{ { "a", "-50" }, "50", "a", false, -1 },
		{ { "-5f", "a" }, "5", "a", true, -1 },
		{ { "-5fg", "a" }, "5", "a", true, 0 },
		{ { "-t", "-5", "a" }, "-5", "a", false, -1 },
		{ { "-t-5", "a" }, "-5", "a", false, -1 },
		{ { "-5", "-t", "x", "a" }, "x", "a", false, -1 },
		{ { "--", "-5" }, "none", "-5", false, -1 },
	};
	static const char *kept[COUNT(rows)]; /* what is a part of it stays reachable */
	static const char *const bad[] = { "-5z", "-5t", "-5.", "-5-", "-.5" };
	struct tool numbered = tool;
	struct args a;
	struct err e;
	bool done;

	(void)state;
	(void)kept;
	numbered.number = 't';
	for (size_t i = 0; i < COUNT(rows); i++) {
		int first = parse(&numbered, rows[i].argv, &a, &done, &e);

		kept[i] = a.text;
		assert_row(rows[i].text, first > 0);
		check_text("text", kept[i], rows[i].text);
		check_text("operand", words[first], rows[i].operand);
		assert_row(rows[i].text, a.flag == rows[i].flag && a.implied == rows[i].implied);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *argv[] = { bad[i], NULL };

		assert_row(bad[i], parse(&numbered, argv, &a, &done, &e) == -1);
		assert_row(bad[i], strstr(e.text, "unknown option"));
	}
}

/* An operand may begin with a minus where a program is taken. */
static void test_parse__takes_programs_that_begin_with_a_minus(void **state)
{
	static const struct {
		const char *argv[WORDS], *program, *text;
	} rows[] = {
		{ { "-1" }, "-1", "none" },
		{ { "-.a", "-f" }, "-.a", "none" },
		{ { "-f", "-(.a)", "file" }, "-(.a)", "none" },
		{ { "-t", "-1", "-2" }, "-2", "-1" },
		{ { "--text", "-1", "-2" }, "-2", "-1" },
		{ { "--te", "-1", "-2" }, "-2", "-1" },
		{ { "-ft", "-1", "-2" }, "-2", "-1" },
		{ { "-tf", "-.t" }, "-.t", "f" },
		{ { "-tt", "-.t" }, "-.t", "t" },
		{ { "--", "-1" }, "-1", "none" },
	};
	struct tool program = tool;

	(void)state;
	program.takes_program = true;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char label[32];
		struct args a;
		struct err e;
		bool done;
		int first = parse(&program, rows[i].argv, &a, &done, &e);

		snprintf(label, sizeof label, "row %zu", i);
		if (first < 0)
			fail_msg("%s: %s", label, e.text);
		check_text(label, words[first], rows[i].program);
		check_text(label, a.text, rows[i].text);
	}
}

static void test_parse__says_what_is_wrong(void **state)
{
	static const struct {
		const char *argv[WORDS], *text;
	} rows[] = {
		{ { "--size", "x" }, "--size: 'x' is no count (like 1000, 16k, 64Mi)" },
		{ { "-s", "" }, "--size: '' is no count (like 1000, 16k, 64Mi)" },
		{ { "-d1y" }, "--delay: '1y' is no duration (like 250ms, 10s, 1m, 2h, 1d)" },
		{ { "--choice=pink" }, "--choice: 'pink' is none of red|green|blue" },
		{ { "--choice=" }, "--choice: '' is none of red|green|blue" },
		{ { "--choice=red|green" }, "--choice: 'red|green' is none of red|green|blue" },
		{ { "-c", "z" }, "-c: 'z' is none of x|y" },
		{ { "-t" }, "option '-t' needs a value (see tool --help)" },
		{ { "-ft" }, "option '-ft' needs a value (see tool --help)" },
		{ { "a", "--text" }, "option '--text' needs a value (see tool --help)" },
		{ { "--pair" }, "option '--pair' needs a value (see tool --help)" },
		{ { "--pair", "n" }, "--pair needs a name and a value (see tool --help)" },
		{ { "-z" }, "unknown option '-z' (see tool --help)" },
		{ { "-fz" }, "unknown option '-z' (see tool --help)" },
		{ { "--zoom" }, "unknown option '--zoom' (see tool --help)" },
		{ { "--zoom=3", "a" }, "unknown option '--zoom=3' (see tool --help)" },
		{ { "--flag=3" }, "option '--flag=3' takes no value (see tool --help)" },
		{ { "--drop=3", "a" }, "option '--drop=3' takes no value (see tool --help)" },
		{ { "--fl=3" }, "option '--fl=3' takes no value (see tool --help)" },
		{ { "--go=off" }, "--go: 'off' is none of on|back" },
		{ { "-w", "soon" },
		  "--wait: 'soon' is no time (like 0.5 or 10 for seconds, or 250ms, 1m)" },
		{ { "--f" }, "option '--f' is ambiguous (see tool --help)" },
		{ { "--generate=nothing" }, "--generate: no 'nothing'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct args a;
		struct err e;
		bool done;

		assert_row(rows[i].text, parse(&tool, rows[i].argv, &a, &done, &e) == -1);
		check_text("message", e.text, rows[i].text);
		assert_row(rows[i].text, e.kind == FAIL_USAGE && !done);
		options_free_list(&a.pair);
	}
}

static const struct option_def numbers[] = {
	{ .letter = 'n',
	  .name = "rows",
	  .kind = OPTION_SIZE,
	  .positive = true,
	  .offset = AT(rows),
	  .arg = "N" },
	{ .name = "gap",
	  .kind = OPTION_DURATION,
	  .positive = true,
	  .offset = AT(duration),
	  .arg = "D" },
	{ .name = "delay", .kind = OPTION_DURATION, .offset = AT(duration), .arg = "D" },
	{ 0 },
};

/* What must be more than nothing, beside what may be 0. */
static void test_parse__positive_numbers_are_not_zero(void **state)
{
	static const struct {
		const char *argv[WORDS], *text;
	} rows[] = {
		{ { "--rows", "0" }, "--rows: '0' is no count: 1 or more is allowed" },
		{ { "-n0k" }, "--rows: '0k' is no count: 1 or more is allowed" },
		{ { "--gap", "0" },
		  "--gap: '0' is no length of time: more than 0 is allowed, like 10s" },
		{ { "--gap=0ms" },
		  "--gap: '0ms' is no length of time: more than 0 is allowed, like 10s" },
		{ { "--rows", "1", "--gap", "1ns" }, NULL },
		{ { "--delay", "0" }, NULL },
	};
	static const struct tool counting = { .name = "tool", .options = numbers };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *label = rows[i].argv[0];
		struct args a;
		struct err e;
		bool done;

		if (!rows[i].text) {
			assert_row(label, parse(&counting, rows[i].argv, &a, &done, &e) >= 0);
			continue;
		}
		assert_row(label, parse(&counting, rows[i].argv, &a, &done, &e) == -1);
		check_text(label, e.text, rows[i].text);
		assert_row(label, e.kind == FAIL_USAGE);
	}
}

/* A tool's own option takes the place of a shared one of its name. */
static void test_at__leaves_out_what_the_tool_has_itself(void **state)
{
	static const struct option_def shared[] = {
		{ .letter = 'a', .name = "first", .kind = OPTION_FLAG, .help = "shared" },
		{ .letter = 'b', .name = "flag", .kind = OPTION_FLAG, .help = "shared" },
		{ .letter = 'c', .name = "last", .kind = OPTION_FLAG, .help = "shared" },
		{ 0 },
	};
	static const struct option_def theirs[] = {
		{ .letter = 'b', .name = "flag", .kind = OPTION_FLAG, .help = "own" },
		{ 0 },
	};
	struct tool t = tool;

	(void)state;
	t.options = theirs;
	t.shared = shared;
	assert_int_equal(options_count(&t), 3);
	assert_ptr_equal(options_at(&t, 0), &theirs[0]);
	assert_ptr_equal(options_at(&t, 1), &shared[0]);
	assert_ptr_equal(options_at(&t, 2), &shared[2]);
}

static void test_size__knows_suffixes(void **state)
{
	static const struct {
		const char *text;
		uint64_t v;
	} rows[] = {
		{ "0", 0 },
		{ "1000", 1000 },
		{ "16k", 16000 },
		{ "16K", 16000 },
		{ "2M", 2000000 },
		{ "3G", UINT64_C(3000000000) },
		{ "1T", UINT64_C(1000000000000) },
		{ "1Ki", 1024 },
		{ "16Mi", 16777216 },
		{ "1Gi", 1073741824 },
		{ "1Ti", UINT64_C(1099511627776) },
		{ "18446744073709551615", UINT64_MAX },
	};
	static const char *const bad[] = { "",
		                           "k",
		                           "-1",
		                           "+1",
		                           "1.5k",
		                           "1 k",
		                           "1kB",
		                           "1ki",
		                           "1Kib",
		                           "0x10",
		                           "1e3",
		                           " 1",
		                           "18446744073709551616",
		                           "18446744073709551615k",
		                           "16777216Ti" };
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(rows[i].text, options_size(rows[i].text, &v) == 0);
		assert_row(rows[i].text, v == rows[i].v);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_row(bad[i], options_size(bad[i], &v) == -1);
}

/* what a command line prints to stdout */
static void print_of(const char *word, char *to, size_t size)
{
	const char *const argv[] = { word, NULL };
	FILE *f = tmpfile();
	struct args a;
	struct err e;
	bool done;
	int saved = dup(1), first;
	size_t n;

	fflush(stdout);
	dup2(fileno(f), 1);
	first = parse(&tool, argv, &a, &done, &e);
	fflush(stdout);
	dup2(saved, 1);
	close(saved);
	rewind(f);
	n = fread(to, 1, size - 1, f);
	to[n] = '\0';
	fclose(f);
	assert_row(word, first >= 0 && done);
}

static void test_parse__prints_and_is_done(void **state)
{
	static const struct {
		const char *word, *text; /* a part of what is printed */
	} rows[] = {
		{ "-V", "tool " },
		{ "--version", "tool " },
		{ "-h", "usage: tool [options] [FILE ...]\n\ndo things\n\n" },
		{ "--help", "  -s, --size N              a size (default 16Mi)\n" },
		{ "--help",
		  "      --choice W            a colour; one of red|green|blue (default green)\n" },
		{ "--help", "  -c C                      by letter; one of x|y\n" },
		{ "--help", "  -g, --go[=HOW]            with or without; one of on|back\n" },
		{ "--generate=man", ".It Fl g , Fl -go Ns Oo = Ns Ar HOW Oc\nwith or without" },
		{ "--generate=zsh", "'-g[with or without]' " },
		{ "--generate=zsh", "'--go=-[with or without]::HOW:(on back)' " },
		{ "--generate=fish", " -s g -l go -f -a 'on back' " },
		{ "--generate=zsh", "'*--if=[of the next]:EXPR: '" },
		{ "--generate=man", ".It Fl -if Ar EXPR\nof the next" },
		{ "--help", "\nExit status:\n  0 done\n" },
		{ "--generate=man",
		  ".It Fl d , Fl -delay Ar D\na time.\nThe default is\n.Cm 1m .\n" },
		{ "--generate=fish", "complete -c tool -s f -l flag -d 'a flag'\n" },
		{ "--generate=zsh", "#compdef tool\n" },
		{ "--generate=bash", "complete -o filenames -F _tool tool\n" },
	};
	char text[8192];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_of(rows[i].word, text, sizeof text);
		if (!strstr(text, rows[i].text))
			fail_msg("%s printed no '%s': %s", rows[i].word, rows[i].text, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse__stores_by_kind),
		cmocka_unit_test(test_parse__collects_lists_and_pairs),
		cmocka_unit_test(test_parse__values_of_the_next_operand),
		cmocka_unit_test(test_parse__values_that_may_be_left_out),
		cmocka_unit_test(test_parse__takes_seconds),
		cmocka_unit_test(test_parse__takes_numbers_for_an_option),
		cmocka_unit_test(test_parse__takes_programs_that_begin_with_a_minus),
		cmocka_unit_test(test_parse__says_what_is_wrong),
		cmocka_unit_test(test_parse__positive_numbers_are_not_zero),
		cmocka_unit_test(test_size__knows_suffixes),
		cmocka_unit_test(test_parse__prints_and_is_done),
		cmocka_unit_test(test_at__leaves_out_what_the_tool_has_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
