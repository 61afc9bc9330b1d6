#include "stail.h"

#define AT(field) offsetof(struct args, field)

static const struct option_def options[] = {
	{ .letter = 'f',
	  .name = "follow",
	  .kind = OPTION_FLAG,
	  .offset = AT(follow),
	  .help = "go on when the files grow; begins with the last 10 lines" },
	{ .letter = 'F',
	  .name = "follow-name",
	  .kind = OPTION_FLAG,
	  .offset = AT(follow_name),
	  .help = "the same by name: a file that is rotated away is read to its end, then the new "
	          "one of its name; one "
	          "that is not there yet is waited for" },
	{ .letter = 'n',
	  .name = "lines",
	  .kind = OPTION_STRING,
	  .offset = AT(lines),
	  .arg = "[+]N",
	  .help = "begin with the last N lines, or with line number N; by default all lines, or "
	          "the last 10 with -f "
	          "and -F" },
	{ .name = "from-start",
	  .kind = OPTION_FLAG,
	  .offset = AT(from_start),
	  .help = "with -f and -F begin at the start of the files that are there, as -n +1" },
	{ .name = "exit-at-end",
	  .kind = OPTION_FLAG,
	  .offset = AT(exit_at_end),
	  .help = "with -f and -F end when all that is there has been read, rather than wait for "
	          "more" },
	{ .name = "partial-after",
	  .kind = OPTION_DURATION,
	  .offset = AT(partial_after),
	  .arg = "D",
	  .positive = true,
	  .help = "with -f and -F send a line that has no newline yet when nothing was added to it "
	          "for so long; what follows is a line of its own" },
	{ .name = "poll",
	  .kind = OPTION_FLAG,
	  .offset = AT(poll),
	  .help = "with -f and -F look at the files every second, rather than have the kernel tell "
	          "(inotify); done by itself where it does not, as on network file systems" },
	{ .name = "max-open",
	  .kind = OPTION_SIZE,
	  .offset = AT(max_open),
	  .arg = "N",
	  .def = "1000",
	  .positive = true,
	  .help = "with -f and -F hold at most N files open; the others are opened when they "
	          "change" },
	{ .name = "debug",
	  .kind = OPTION_FLAG,
	  .offset = AT(debug),
	  .help = "say on stderr how each file is followed, and what is found out about it" },
	{ .letter = 'p',
	  .name = "parse",
	  .kind = OPTION_STRING,
	  .offset = AT(parse),
	  .arg = "LOG",
	  .help = "turn log lines into records; LOG is combined, common, syslog, rfc5424, logfmt, "
	          "cri, nginx:FORMAT, "
	          "apache:FORMAT, or a regular expression with named groups" },
	{ .name = "year",
	  .kind = OPTION_SIZE,
	  .offset = AT(year),
	  .arg = "YEAR",
	  .help = "the year of the first line of a log that does not say it; by default that of "
	          "the file" },
	{ .name = "resume",
	  .kind = OPTION_FILE,
	  .offset = AT(resume),
	  .arg = "FILE",
	  .help = "keep in FILE how far was read and written, and go on from there if it is there; "
	          "what a run that was killed appended to stdout's file behind that is cut off" },
	{ .name = "every",
	  .kind = OPTION_DURATION,
	  .offset = AT(every),
	  .arg = "D",
	  .def = "1s",
	  .positive = true,
	  .help = "how often --resume keeps positions, at most" },
	{ 0 },
};

static const char *const synopsis[] = {
	"[-f | -F] [-n [+]N] [--parse LOG] [options] [FILE | URL ...]", NULL
};

const struct tool stail_tool = {
	.name = "stail",
	.purpose = "bring a stream in: files, files that grow, stdin; logs and tables into records",
	.synopsis = synopsis,
	.options = options,
	.shared = frame_options,
	.shared_offset = AT(shared),
	.operands = "file",
	.example = "stail -F --parse combined access.log",
};
