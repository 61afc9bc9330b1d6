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
	{ .letter = 't',
	  .name = "time",
	  .kind = OPTION_EXPR,
	  .offset = AT(times.time.expr),
	  .arg = "EXPR",
	  .help = "a record's event time; by default the first that is there of window_end, ts, "
	          "time, timestamp, @timestamp" },
	{ .name = "time-format",
	  .kind = OPTION_STRING,
	  .offset = AT(times.time.format),
	  .arg = "FORMAT",
	  .help = "what event times look like: s, ms, us, ns, or a strptime pattern; by default "
	          "RFC 3339, and numbers by their size" },
	{ .name = "tz",
	  .kind = OPTION_STRING,
	  .offset = AT(times.time.zone),
	  .arg = "ZONE",
	  .help = "the time zone of times that name none, and of today and yesterday, like "
	          "Europe/Berlin; by default UTC" },
	{ .letter = 'd',
	  .name = "delay",
	  .kind = OPTION_DURATION,
	  .offset = AT(times.delay),
	  .arg = "D",
	  .def = "0",
	  .help = "how much later than the newest of its input a record may come: watermarks are "
	          "so far behind" },
	{ .name = "since",
	  .kind = OPTION_STRING,
	  .offset = AT(times.since),
	  .arg = "TIME",
	  .help = "begin with the records of TIME: RFC 3339, today, yesterday, now, or -15m and "
	          "the like, before now" },
	{ .name = "until",
	  .kind = OPTION_STRING,
	  .offset = AT(times.until),
	  .arg = "TIME",
	  .help = "end before the records of TIME" },
	{ .name = "watermark",
	  .kind = OPTION_FLAG,
	  .offset = AT(times.watermark),
	  .help = "say in control lines how far event time has come, and that the stream ended in "
	          "order" },
	{ .name = "watermark-step",
	  .kind = OPTION_DURATION,
	  .offset = AT(times.step),
	  .arg = "D",
	  .def = "100ms",
	  .help = "the event time that lies at least between two watermarks" },
	{ .name = "idle",
	  .kind = OPTION_DURATION,
	  .positive = true,
	  .offset = AT(times.idle),
	  .arg = "D",
	  .help = "with --watermark, an input from which nothing came for D is not waited for" },
	{ .name = "merge-by-time",
	  .kind = OPTION_FLAG,
	  .offset = AT(merge),
	  .help = "read all inputs at once, and put what comes of them in order of event time; "
	          "each must be in order itself" },
	{ .name = "hold-back",
	  .kind = OPTION_DURATION,
	  .positive = true,
	  .offset = AT(hold_back),
	  .arg = "D",
	  .help = "with --merge-by-time, for live inputs: a record waits for what the others may "
	          "have yet for D at most" },
	{ .name = "max-rate",
	  .kind = OPTION_STRING,
	  .offset = AT(max_rate),
	  .arg = "N[/s]",
	  .help = "let records out no faster than N a second, N/m a minute, N/h an hour" },
	{ 0 },
};

static const char *const synopsis[] = {
	"[-f | -F] [-n [+]N] [--parse LOG] [options] [FILE ...]",
	"--since TIME [--until TIME] [options] [FILE ...]",
	"--watermark [--time EXPR] [--delay D] [options] [FILE ...]", NULL
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
