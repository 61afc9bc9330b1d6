#include "stail.h"

#define AT(field) offsetof(struct args, field)

static const struct option_def options[] = {
	{ .letter = 'f',
	  .name = "follow",
	  .kind = OPTION_CHOICE,
	  .offset = AT(follow_how),
	  .arg = "HOW",
	  .choices = "descriptor|name",
	  .implied = "descriptor",
	  .help = "go on when the files grow, as they were opened or by name; begins with the last "
	          "10 lines" },
	{ .letter = 'F',
	  .name = "follow-name",
	  .kind = OPTION_FLAG,
	  .offset = AT(follow_name),
	  .help = "follow by name: a file that is rotated away is read to its end, then the new "
	          "one "
	          "of its name; one that is not there yet is waited for" },
	{ .name = "retry",
	  .kind = OPTION_FLAG,
	  .offset = AT(retry),
	  .help = "with -f, wait for files that are not there yet, as -F does" },
	{ .letter = 'n',
	  .name = "lines",
	  .kind = OPTION_STRING,
	  .offset = AT(lines),
	  .arg = "[+]N",
	  .help = "begin with the last N lines, or with line number N; by default all lines, or "
	          "the last 10 with -f and -F; -N is short for -n N" },
	{ .letter = 'c',
	  .name = "bytes",
	  .kind = OPTION_STRING,
	  .offset = AT(bytes),
	  .arg = "[+]N",
	  .help = "begin with the last N bytes, or with byte number N" },
	{ .letter = 'q',
	  .name = "quiet",
	  .kind = OPTION_CLEAR,
	  .offset = AT(verbose),
	  .help = "no headers with file names; that is so anyway, but for -v" },
	{ .letter = 'v',
	  .name = "verbose",
	  .kind = OPTION_FLAG,
	  .offset = AT(verbose),
	  .help = "a header with the file's name before its lines, wherever they are of another "
	          "file than those before" },
	{ .letter = 's',
	  .name = "sleep-interval",
	  .kind = OPTION_SECONDS,
	  .offset = AT(sleep),
	  .arg = "TIME",
	  .def = "1s",
	  .positive = true,
	  .help = "how often --pid is looked at, and files where the system does not tell of "
	          "changes; seconds, or a duration" },
	{ .name = "pid",
	  .kind = OPTION_SIZE,
	  .offset = AT(pid),
	  .arg = "PID",
	  .positive = true,
	  .help = "with -f and -F, end when this process has ended and all it wrote was read" },
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
	{ 0 },
};

static const char *const synopsis[] = {
	"[-f | -F] [-n [+]N | -c [+]N] [--parse LOG] [options] [FILE ...]", NULL
};

const struct tool stail_tool = {
	.name = "stail",
	.purpose = "bring a stream in: files, files that grow, stdin; logs and tables into records",
	.synopsis = synopsis,
	.options = options,
	.shared = frame_options,
	.shared_offset = AT(shared),
	.operands = "file",
	.number = 'n',
	.example = "stail -F --parse combined access.log",
};
