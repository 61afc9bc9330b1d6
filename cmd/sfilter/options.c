/* sfilter's options, and what they imply. */
#include "sfilter.h"

#include "cli/parallel.h"

#include <stdlib.h>
#include <unistd.h>

#define AT(field) offsetof(struct args, field)
#define FLAG(l, n, field, text)                                                                    \
	{                                                                                          \
		.letter = (l), .name = (n), .kind = OPTION_FLAG, .offset = AT(field),              \
		.help = (text)                                                                     \
	}

static const struct option_def options[] = {
	FLAG('m', "map", map,
	     "write what EXPR gives, each output as a record, instead of the records for which it "
	     "is true"),
	FLAG('v', "invert", invert, "pass the records for which EXPR is not true"),
	FLAG(0, "count", count, "write only how many records would have been written"),
	{ .name = "head",
	  .kind = OPTION_SIZE,
	  .offset = AT(head),
	  .arg = "N",
	  .help = "end when N records have been written (with -I: of each FILE)" },
	FLAG('e', "exit-status", status,
	     "exit with 4 if nothing was written; with -m with 1 if the last output was false or "
	     "null"),
	{ .letter = 'f',
	  .name = "from-file",
	  .kind = OPTION_FILE,
	  .offset = AT(program.file),
	  .arg = "FILE",
	  .help = "read EXPR from FILE; all operands are inputs then" },
	FLAG('n', "null-input", null_input,
	     "run EXPR once, on null; input and inputs read the records. Implies -m"),
	FLAG('s', "slurp", slurp,
	     "run EXPR once, on an array of all records (with -R: on all text). Implies -m"),
	FLAG('R', "raw-input", raw_input, "each line is a string; short for -i text"),
	FLAG(0, "stream", stream,
	     "run EXPR on the path and value of each leaf of the input, as jq's --stream. Implies "
	     "-m"),
	FLAG('r', "raw-output", raw,
	     "write strings as they are, without quotes and escapes. Implies -m"),
	FLAG('j', "join-output", join, "as -r, without a newline behind each output. Implies -m"),
	FLAG(0, "raw-output0", raw0, "as -r, with a NUL behind each output. Implies -m"),
	FLAG('a', "ascii-output", ascii, "escape all but ASCII in strings. Implies -m"),
	FLAG('S', "sort-keys", sort, "write objects with their keys in order. Implies -m"),
	FLAG('c', "compact-output", compact,
	     "one output a line, which is how it is but on a terminal with -m"),
	FLAG(0, "tab", tab, "lay outputs out over lines, indented by tabs. Implies -m"),
	{ .name = "indent",
	  .kind = OPTION_STRING,
	  .offset = AT(indent),
	  .arg = "N",
	  .help = "lay outputs out over lines, indented by N spaces, 7 at most; 0: one line. "
	          "Implies -m" },
	FLAG(0, "seq", seq,
	     "read and write RFC 7464's record separator before each value. Implies -m"),
	{ .name = "arg",
	  .kind = OPTION_PAIR,
	  .offset = AT(program.named),
	  .arg = "NAME VALUE",
	  .help = "let $NAME be the string VALUE in EXPR" },
	{ .name = "argjson",
	  .kind = OPTION_PAIR,
	  .offset = AT(program.named),
	  .arg = "NAME JSON",
	  .help = "let $NAME be a JSON value in EXPR" },
	{ .name = "slurpfile",
	  .kind = OPTION_PAIR,
	  .offset = AT(program.named),
	  .arg = "NAME FILE",
	  .help = "let $NAME be an array of all JSON values in FILE" },
	{ .name = "rawfile",
	  .kind = OPTION_PAIR,
	  .offset = AT(program.named),
	  .arg = "NAME FILE",
	  .help = "let $NAME be the text of FILE" },
	{ .name = "args",
	  .kind = OPTION_REST,
	  .offset = AT(program.rest),
	  .help = "operands from here on, but for EXPR, are strings in $ARGS.positional" },
	{ .name = "jsonargs",
	  .kind = OPTION_REST,
	  .offset = AT(program.rest),
	  .help = "operands from here on, but for EXPR, are JSON values in $ARGS.positional" },
	{ .name = "sample",
	  .kind = OPTION_STRING,
	  .offset = AT(sample),
	  .arg = "P",
	  .help = "look at a part of the records only, each with the same chance: 0.01, 1%, "
	          "1/100" },
	{ .name = "sample-by",
	  .kind = OPTION_EXPR,
	  .offset = AT(sample_by),
	  .arg = "EXPR",
	  .help = "with --sample, choose by the value of EXPR: all records of a part of its "
	          "values" },
	{ .name = "seed",
	  .kind = OPTION_SIZE,
	  .offset = AT(seed),
	  .arg = "N",
	  .def = "0",
	  .help = "of --sample: the same seed gives the same sample" },
	{ .name = "dedup",
	  .kind = OPTION_EXPR,
	  .offset = AT(dedup),
	  .arg = "EXPR",
	  .help = "of what passes (with -m: of the outputs), only the first of each value of "
	          "EXPR" },
	{ .name = "within",
	  .kind = OPTION_DURATION,
	  .offset = AT(within),
	  .arg = "D",
	  .help = "--dedup forgets a value D after it passed, in event time" },
	{ .name = "among",
	  .kind = OPTION_SIZE,
	  .offset = AT(among),
	  .arg = "N",
	  .help = "--dedup remembers the values of the last N that passed" },
	{ .name = "time",
	  .kind = OPTION_EXPR,
	  .offset = AT(time.expr),
	  .arg = "EXPR",
	  .help = "the event time, for --within; by default the first that is there of window_end, "
	          "ts, time, timestamp, @timestamp" },
	{ .name = "time-format",
	  .kind = OPTION_STRING,
	  .offset = AT(time.format),
	  .arg = "FORMAT",
	  .help = "what event times look like: s, ms, us, ns, or a strptime pattern" },
	{ .name = "tz",
	  .kind = OPTION_STRING,
	  .offset = AT(time.zone),
	  .arg = "ZONE",
	  .help = "the time zone of event times that name none; by default UTC" },
	{ .name = "changed",
	  .kind = OPTION_EXPR,
	  .offset = AT(changed),
	  .arg = "EXPR",
	  .help = "pass only if the value of EXPR differs from the last one (of the same --by)" },
	{ .name = "throttle",
	  .kind = OPTION_STRING,
	  .offset = AT(throttle),
	  .arg = "RATE",
	  .help = "pass at most so many by the clock, like 100/s, 5/m, 10/5s (for each --by); the "
	          "others are dropped, and counted by --stats" },
	{ .name = "by",
	  .kind = OPTION_EXPR,
	  .offset = AT(by),
	  .arg = "EXPR",
	  .help = "the key of --changed and --throttle" },
	{ .name = "context",
	  .kind = OPTION_STRING,
	  .offset = AT(context),
	  .arg = "A,B",
	  .help = "pass also A records behind each one that passes and B before it, as grep -A "
	          "-B" },
	{ .name = "max-keys",
	  .kind = OPTION_SIZE,
	  .offset = AT(max_keys),
	  .arg = "N",
	  .def = "1M",
	  .help = "the most values that --dedup, --changed and --throttle remember" },
	{ .letter = 'I',
	  .name = "in-place",
	  .kind = OPTION_FLAG,
	  .offset = AT(in_place),
	  .help = "write each FILE's output into it: beside it first, then renamed; a file with "
	          "bad "
	          "records stays as it is unless --on-error says skip or pass" },
	{ .letter = 'P',
	  .name = "jobs",
	  .kind = OPTION_SIZE,
	  .offset = AT(jobs),
	  .arg = "N",
	  .def = "1",
	  .help = "evaluate on N threads; output keeps the input's order. 0: as many as there are "
	          "processors" },
	{ .name = "max-memory",
	  .kind = OPTION_SIZE,
	  .offset = AT(max_memory),
	  .arg = "SIZE",
	  .def = "1Gi",
	  .help = "the most that EXPR, or -s, may hold in memory" },
	FLAG(0, "explain", explain, "say which fields EXPR reads and how it runs, and run nothing"),
	FLAG(0, "unbuffered", unbuffered, "jq's name for -u"),
	FLAG(0, "binary", binary, "jq's; it changes nothing here"),
	{ 0 },
};

static const char *const synopsis[] = { "[options] EXPR [FILE ...]",
	                                "[options] -f PROGRAM [FILE ...]", NULL };

const struct tool sfilter_tool = {
	.name = "sfilter",
	.purpose = "keep, drop and reshape the records of a stream with the jq language",
	.synopsis = synopsis,
	.options = options,
	.shared = frame_options,
	.shared_offset = AT(shared),
	.operands = "file",
	.takes_program = true,
	.program_file = AT(program.file),
	.example = "sfilter '.status >= 500 and .ms > 100' access.ndjson",
};

/* ---- colours */

/*
 * Read JQ_COLORS, "0;90:0;39:..", into COLORS, which holds the defaults. Parts that are missing
 * stay as they are; a text that is none changes nothing. False then.
 */
static bool read_colors(const char *text, struct val_colors *colors)
{
	struct val_colors read = *colors;
	char *to[] = { read.null,   read.no,    read.yes,    read.number,
		       read.string, read.array, read.object, read.key };

	for (size_t i = 0; i < sizeof to / sizeof to[0]; i++) {
		size_t n = strspn(text, "0123456789;");

		if (n > sizeof read.null - 4 || (text[n] && text[n] != ':'))
			return false;
		snprintf(to[i], sizeof read.null, "\033[%.*sm", (int)n, text);
		if (!text[n])
			break;
		text += n + 1;
	}
	*colors = read;
	return true;
}

static const struct val_colors *choose_colors(void)
{
	/* those of jq 1.8 */
	static struct val_colors colors = { .null = "\033[0;90m",
		                            .no = "\033[0;39m",
		                            .yes = "\033[0;39m",
		                            .number = "\033[0;39m",
		                            .string = "\033[0;32m",
		                            .array = "\033[1;39m",
		                            .object = "\033[1;39m",
		                            .key = "\033[1;34m" };
	const char *text = getenv("JQ_COLORS");

	if (text && *text && !read_colors(text, &colors))
		fprintf(stderr, "sfilter: JQ_COLORS is not understood: up to eight colours like "
		                "0;90, separated by colons\n");
	return &colors;
}

/* ---- what options imply */

static int check(const struct args *a, struct err *e)
{
	static const char together[] = "%s and %s exclude one another";

	if (a->raw_input && a->shared.from && strcmp(a->shared.from, "text") != 0)
		return err_set(e, FAIL_USAGE, together, "-R", "--from");
	if ((a->raw || a->join || a->raw0) && a->shared.to && strcmp(a->shared.to, "text") != 0)
		return err_set(e, FAIL_USAGE, together, "-r", "--to");
	if (a->stream && a->raw_input)
		return err_set(e, FAIL_USAGE, together, "--stream", "-R");
	if (a->invert && a->map)
		return err_set(e, FAIL_USAGE, together, "-v", "-m");
	if (a->in_place && (a->null_input || a->slurp || a->stream || a->count))
		return err_set(e, FAIL_USAGE,
		               "-I works record by record: not with -n, -s, --stream, --count");
	if (a->in_place && a->jobs != 1)
		return err_set(e, FAIL_USAGE, together, "-I", "-P");
	return 0;
}

static int settle_layout(struct filter *f, const struct args *a, struct err *e)
{
	struct val_style *style = &f->output.style;
	bool plain = shared_writes_json(&a->shared);

	style->ascii = a->ascii;
	style->sort = a->sort;
	style->tab = a->tab;
	style->squeeze = format_framed(f->decode.format); /* their lines are gone */
	if (a->indent) {
		if (strlen(a->indent) != 1 || *a->indent < '0' || *a->indent > '7')
			return err_set(e, FAIL_USAGE,
			               "--indent: '%s' is no number of spaces from 0 to 7",
			               a->indent);
		style->indent = *a->indent - '0';
	} else if (a->map && !a->compact && !a->tab && !a->in_place && plain &&
	           isatty(STDOUT_FILENO)) {
		style->indent = 2;
	}
	if (f->frame->color && a->map && !a->in_place)
		style->colors = choose_colors();
	f->output.seq = a->seq;
	f->output.end = a->raw0 ? END_NUL : a->join ? END_NOTHING : END_NEWLINE;
	if (a->raw || a->join || a->raw0)
		f->output.format = FORMAT_TEXT;
	return a->shared.to ? format_output(a->shared.to, &f->output.format, e) : 0;
}

static int settle_input(struct filter *f, struct args *a, struct err *e)
{
	if (frame_decode_opts(f->frame, &f->decode, e) < 0)
		return -1;
	if (a->raw_input)
		f->decode.format = FORMAT_TEXT;
	if (a->raw_input && a->slurp && a->shared.max_record < a->max_memory)
		a->shared.max_record = a->max_memory; /* it is no matter of lines then */
	if ((a->slurp || a->stream || a->seq) && f->decode.format == FORMAT_NONE)
		f->decode.format = FORMAT_JSON_STREAM;
	return 0;
}

/* Records that pass are not converted: another format would be asked for in vain. */
static int check_passing(const struct filter *f, struct err *e)
{
	enum format in = f->decode.format, out = f->output.format;

	if (in == FORMAT_NONE || format_framed(in))
		in = FORMAT_JSON;
	if (!f->args->shared.to || in == out)
		return 0;
	return err_set(e, FAIL_USAGE,
	               "--to %s: records pass as they came in; to convert those for which EXPR is "
	               "true: -m 'select(EXPR)'",
	               f->args->shared.to);
}

int options_settle(struct filter *f, struct args *a, struct err *e)
{
	bool implied = a->raw || a->join || a->raw0 || a->ascii || a->sort || a->tab || a->indent ||
	               a->seq || a->stream || a->null_input || a->slurp;

	if (check(a, e) < 0)
		return -1;
	a->map = a->map || implied;
	if (a->invert && a->map)
		return err_set(e, FAIL_USAGE, "-v passes records: not with -m or what implies it");
	if (a->unbuffered)
		f->frame->out.each = true;
	if (parallel_jobs(&a->jobs, e) < 0 || settle_input(f, a, e) < 0 ||
	    settle_layout(f, a, e) < 0)
		return -1;
	return a->map ? 0 : check_passing(f, e);
}
