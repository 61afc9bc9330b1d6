/* sjoin's options. */
#include "sjoin.h"

#define AT(field) offsetof(struct args, field)

static const struct option_def options[] = {
	{ .letter = 'k',
	  .name = "on",
	  .kind = OPTION_LIST,
	  .offset = AT(on),
	  .arg = "EXPR",
	  .help = "what both sides are joined by; LEFT=RIGHT where they differ. May be given "
	          "again: "
	          "all must be equal. Null and missing match nothing" },
	{ .letter = 't',
	  .name = "type",
	  .kind = OPTION_CHOICE,
	  .offset = AT(type),
	  .arg = "TYPE",
	  .def = "inner",
	  .choices = "inner|left|right|full|semi|anti",
	  .help = "inner: records with a match; left: all of them; right, full: rows that nothing "
	          "matched as well, at the end; semi, anti: records that have a match, or none, as "
	          "they are" },
	{ .name = "asof",
	  .kind = OPTION_FLAG,
	  .offset = AT(asof),
	  .help = "of the rows of a key, the one valid at the record's event time: the newest at "
	          "or before it, or as --direction says. Without --on, of all rows" },
	{ .name = "direction",
	  .kind = OPTION_CHOICE,
	  .offset = AT(direction),
	  .arg = "WHERE",
	  .def = "backward",
	  .choices = "backward|forward|nearest",
	  .help = "of --asof: the newest row at or before, the oldest at or after, or the nearer "
	          "of "
	          "both, the older at equal distance" },
	{ .name = "tolerance",
	  .kind = OPTION_DURATION,
	  .offset = AT(tolerance),
	  .arg = "D",
	  .help = "of --asof: only a row that lies no more than D away" },
	{ .name = "strict",
	  .kind = OPTION_FLAG,
	  .offset = AT(strict),
	  .help = "of --asof: a row of the very time does not count" },
	{ .name = "time",
	  .kind = OPTION_STRING,
	  .offset = AT(time.expr),
	  .arg = "EXPR",
	  .help = "the event time, LEFT,RIGHT where the sides differ; by default the first that is "
	          "there of window_end, ts, time, timestamp, @timestamp" },
	{ .name = "time-format",
	  .kind = OPTION_STRING,
	  .offset = AT(time.format),
	  .arg = "FORMAT",
	  .help = "what event times look like: s, ms, us, ns, or a strptime pattern; by default "
	          "RFC 3339, and numbers by their size" },
	{ .name = "tz",
	  .kind = OPTION_STRING,
	  .offset = AT(time.zone),
	  .arg = "ZONE",
	  .help = "the time zone of times that name none; by default UTC" },
	{ .name = "matches",
	  .kind = OPTION_CHOICE,
	  .offset = AT(matches),
	  .arg = "WHICH",
	  .def = "all",
	  .choices = "all|first|last",
	  .help = "which of several rows of one key count" },
	{ .name = "validate",
	  .kind = OPTION_STRING,
	  .offset = AT(validate),
	  .arg = "WHAT",
	  .help = "m:1: a key that two rows of RIGHT have ends the run" },
	{ .name = "key-type",
	  .kind = OPTION_CHOICE,
	  .offset = AT(key_type),
	  .arg = "TYPE",
	  .def = "json",
	  .choices = "json|string",
	  .help = "string: numbers and booleans in keys are compared as text, so that 42 matches "
	          "\"42\"" },
	{ .name = "ignore-case",
	  .kind = OPTION_FLAG,
	  .offset = AT(ignore_case),
	  .help = "in keys, A to Z count as a to z" },
	{ .letter = 'm',
	  .name = "merge",
	  .kind = OPTION_STRING,
	  .offset = AT(merge),
	  .arg = "HOW",
	  .def = "left-wins",
	  .help = "what a record and a row become: left-wins, the record and the row's fields that "
	          "it lacks; right-wins, with the row's fields in place of its own; nest, "
	          "{\"left\":..,\"right\":..}; or an EXPR over $left and $right" },
	{ .name = "prefix",
	  .kind = OPTION_STRING,
	  .offset = AT(prefix),
	  .arg = "TEXT",
	  .help = "fields of the row that the record has too are added under this and their name" },
	{ .name = "right-from",
	  .kind = OPTION_STRING,
	  .offset = AT(right_format),
	  .arg = "FMT",
	  .help = "the format of RIGHT, as for --from; by default by its name: .csv, .tsv, else "
	          "json" },
	{ 0 },
};

static const char *const synopsis[] = { "--on EXPR [options] RIGHT [LEFT ...]",
	                                "--on LEFT=RIGHT [--on ...] [options] RIGHT [LEFT ...]",
	                                "--asof [--on EXPR ...] [options] RIGHT [LEFT ...]", NULL };

const struct tool sjoin_tool = {
	.name = "sjoin",
	.purpose = "join the records of a stream with the rows of a table",
	.synopsis = synopsis,
	.options = options,
	.shared = frame_options,
	.shared_offset = AT(shared),
	.operands = "file",
	.example = "sjoin --on .user.id=.id --type left users.csv <access.ndjson",
};
