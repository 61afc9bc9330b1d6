#include "stee.h"

#include "base/duration.h"

#include <stdio.h>

#define AT(field) offsetof(struct args, field)

static const struct option_def options[] = {
	{ .letter = 'a',
	  .name = "append",
	  .kind = OPTION_FLAG,
	  .offset = AT(append),
	  .help = "append to files, rather than replace them; a last line that was torn is mended "
	          "first, and that is said" },
	{ .letter = 'q',
	  .name = "quiet",
	  .kind = OPTION_FLAG,
	  .offset = AT(quiet),
	  .help = "write nothing to standard output" },
	{ .letter = 'p',
	  .name = "output-error",
	  .kind = OPTION_CHOICE,
	  .offset = AT(output_error),
	  .arg = "MODE",
	  .choices = "sigpipe|warn|warn-nopipe|exit|exit-nopipe",
	  .implied = "warn-nopipe",
	  .help = "what becomes of an error in writing: warn says so and goes on with the other "
	          "outputs, exit ends the run; with -nopipe a pipe whose reader went away is left "
	          "out in silence; without this option that ends the run as SIGPIPE does, and "
	          "other errors are as with warn" },
	{ .name = "if",
	  .kind = OPTION_NEXT,
	  .offset = AT(conditions),
	  .arg = "EXPR",
	  .help = "the DEST that follows gets the records for which EXPR is true" },
	{ .name = "route",
	  .kind = OPTION_FLAG,
	  .offset = AT(route),
	  .help = "a record goes to the first DEST whose --if holds, not to all; a last one "
	          "without --if gets what is left" },
	{ .name = "partition",
	  .kind = OPTION_EXPR,
	  .offset = AT(partition),
	  .arg = "EXPR",
	  .help = "{#} in a DEST is the number of a record's partition, from 0 on: the same for "
	          "the same value of EXPR" },
	{ .letter = 'N',
	  .name = "partitions",
	  .kind = OPTION_SIZE,
	  .offset = AT(partitions),
	  .arg = "N",
	  .positive = true,
	  .help = "with --partition, how many there are" },
	{ .name = "union",
	  .kind = OPTION_SIZE,
	  .offset = AT(union_of),
	  .arg = "N",
	  .positive = true,
	  .help = "columns of CSV, TSV and table output are the fields of a file's first N "
	          "records, which are held back for that; by default those of the first" },
	{ .name = "atomic",
	  .kind = OPTION_FLAG,
	  .offset = AT(atomic),
	  .help = "a file replaces the one of its name when all is written, and not before" },
	{ .name = "rotate-size",
	  .kind = OPTION_SIZE,
	  .offset = AT(rotate_size),
	  .arg = "SIZE",
	  .positive = true,
	  .help = "begin a file anew before it becomes larger; the full one becomes FILE.1, that "
	          "FILE.2, and so on" },
	{ .name = "rotate-every",
	  .kind = OPTION_DURATION,
	  .offset = AT(rotate_every),
	  .arg = "D",
	  .positive = true,
	  .help = "the same when it is so old, by the clock" },
	{ .name = "rotate-count",
	  .kind = OPTION_SIZE,
	  .offset = AT(rotate_count),
	  .arg = "N",
	  .positive = true,
	  .help = "the same when it has N records" },
	{ .name = "compress",
	  .kind = OPTION_CHOICE,
	  .offset = AT(compress),
	  .arg = "HOW",
	  .choices = "gzip|zstd",
	  .help = "compress files that were rotated, to FILE.1.gz or FILE.1.zst" },
	{ .name = "keep",
	  .kind = OPTION_SIZE,
	  .offset = AT(keep),
	  .arg = "N",
	  .positive = true,
	  .help = "keep N rotated files of each, and delete older ones; by default all are kept" },
	{ .name = "max-open",
	  .kind = OPTION_SIZE,
	  .offset = AT(max_open),
	  .arg = "N",
	  .def = "200",
	  .positive = true,
	  .help = "of a DEST that names many files hold N open at most; the others are opened "
	          "again when there is something for them" },
	{ .name = "fsync",
	  .kind = OPTION_STRING,
	  .offset = AT(sync),
	  .arg = "WHEN",
	  .def = "never",
	  .help = "have files written to the disk itself: never, at the end, each time something "
	          "is written, or after at most a duration, like 1s" },
	{ .name = "retry",
	  .kind = OPTION_DURATION,
	  .offset = AT(retry),
	  .arg = "D",
	  .def = "0",
	  .help = "where a disk is full wait for room for so long; without it that is an error at "
	          "once" },
	{ .name = "on-slow",
	  .kind = OPTION_CHOICE,
	  .offset = AT(on_slow),
	  .arg = "WHAT",
	  .def = "block",
	  .choices = "block|drop|spill",
	  .help = "what becomes of records that a DEST has no room for yet: all wait for it, they "
	          "are left out and counted, or kept on disk" },
	{ .name = "queue",
	  .kind = OPTION_SIZE,
	  .offset = AT(queue),
	  .arg = "SIZE",
	  .def = "16Mi",
	  .positive = true,
	  .help = "bytes that wait in memory before --on-slow drop or spill begins" },
	{ .name = "spill-dir",
	  .kind = OPTION_FILE,
	  .offset = AT(spill_dir),
	  .arg = "DIR",
	  .help = "where --on-slow spill keeps records; by default TMPDIR, or /tmp" },
	{ .name = "x",
	  .kind = OPTION_EXPR,
	  .offset = AT(x),
	  .arg = "EXPR",
	  .help = "with -o chart: what is drawn by, a time or a label; by default the first that "
	          "is there of window_start, ts, time, timestamp, @timestamp, window_end" },
	{ .name = "y",
	  .kind = OPTION_EXPR,
	  .offset = AT(y),
	  .arg = "EXPR",
	  .help = "with -o chart: the number that is drawn; by default the only field besides "
	          "that is one" },
	{ .name = "by",
	  .kind = OPTION_EXPR,
	  .offset = AT(by),
	  .arg = "EXPR",
	  .help = "with -o chart: a line, or bars, for each value of EXPR" },
	{ .name = "height",
	  .kind = OPTION_SIZE,
	  .offset = AT(height),
	  .arg = "N",
	  .def = "20",
	  .positive = true,
	  .help = "with -o chart: lines of the picture at most; at least 9 are taken" },
	{ .letter = 't',
	  .name = "time",
	  .kind = OPTION_EXPR,
	  .offset = AT(time.expr),
	  .arg = "EXPR",
	  .help = "a record's event time, for {%..} in a DEST; by default the first that is there "
	          "of window_end, ts, time, timestamp, @timestamp" },
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
	  .help = "the time zone of times that name none, and of {%..}, like Europe/Berlin; by "
	          "default UTC" },
	{ .letter = 'o',
	  .name = "to",
	  .kind = OPTION_STRING,
	  .offset = AT(shared.to),
	  .arg = "FMT",
	  .help = "write records as FMT: json, csv, tsv, text, logfmt, table for reading by eye, "
	          "or chart, a picture of one number" },
	{ 0 },
};

static const char *const synopsis[] = {
	"[-aq] [options] [DEST ...]",
	"[--route] [--if EXPR] DEST [[--if EXPR] DEST ...]",
	"--partition EXPR -N N [options] 'DEST{#}'",
	NULL,
};

const struct tool stee_tool = {
	.name = "stee",
	.purpose = "copy a stream to files, commands and connections, and to standard output",
	.synopsis = synopsis,
	.options = options,
	.shared = frame_options,
	.shared_offset = AT(shared),
	.operands = "file",
	.example = "... | stee --if '.status >= 500' errors.ndjson 'all/{%Y-%m-%d}.ndjson' | ...",
};

/* ---- what options say together */

bool options_look(const struct args *a, const char *const *dests, size_t count)
{
	if (a->shared.from || a->shared.to || a->partition)
		return true;
	for (size_t i = 0; i < count; i++)
		if (a->conditions.item[i] ||
		    (!sink_is_url(dests[i]) && pathname_is_template(dests[i])))
			return true;
	return false;
}

bool options_chart(const struct args *a)
{
	return a->shared.to && strcmp(a->shared.to, "chart") == 0;
}

int options_to(const struct args *a, enum format *f, struct err *e)
{
	size_t n;

	if (format_output(a->shared.to, f, e) == 0)
		return 0;
	/* a list in brackets ends it, and a picture is none of those formats */
	n = strlen(e->text) - 1;
	snprintf(e->text + n, sizeof e->text - n, ", chart)");
	return -1;
}

/* Behind a destination that takes all that is left nothing is left. */
static int check_route(const struct args *a, const char *const *dests, size_t count, struct err *e)
{
	if (count == 0)
		return err_set(e, FAIL_USAGE, "--route: no DEST is given");
	for (size_t i = 0; i + 1 < count; i++)
		if (!a->conditions.item[i])
			return err_set(
				e, FAIL_USAGE,
				"--route: %s has no --if and takes all that is left: nothing "
				"comes to %s",
				dests[i], dests[i + 1]);
	return 0;
}

static int check_columns(const struct args *a, struct err *e)
{
	const char *to = a->shared.to;
	bool columns = to && (strcmp(to, "csv") == 0 || strcmp(to, "tsv") == 0 ||
	                      strcmp(to, "table") == 0);

	if (a->union_of && a->shared.columns)
		return err_set(e, FAIL_USAGE, "--union and --columns exclude one another");
	if ((a->union_of || a->shared.columns) && !columns)
		return err_set(e, FAIL_USAGE, "%s needs -o csv, tsv or table",
		               a->union_of ? "--union" : "--columns");
	return 0;
}

static int check_chart(const struct args *a, const char *const *dests, size_t count, struct err *e)
{
	const char *given = a->x ? "--x" : a->y ? "--y" : a->by ? "--by" : NULL;

	if (!options_chart(a))
		return given ? err_set(e, FAIL_USAGE, "%s needs -o chart", given) : 0;
	for (size_t i = 0; i < count; i++)
		if (!sink_is_url(dests[i]) && pathname_is_template(dests[i]))
			return err_set(e, FAIL_USAGE,
			               "-o chart: %s names many files, and there is one picture",
			               dests[i]);
	return 0;
}

int options_check(const struct args *a, const char *const *dests, size_t count, struct err *e)
{
	bool rotates = a->rotate_size || a->rotate_every || a->rotate_count;

	if (a->quiet && count == 0)
		return err_set(e, FAIL_USAGE, "-q: no DEST is given, so nothing would be written");
	if (a->route && check_route(a, dests, count, e) < 0)
		return -1;
	if (!a->partition != !a->partitions)
		return err_set(e, FAIL_USAGE, "--partition EXPR and -N go together");
	if (a->atomic && a->append)
		return err_set(e, FAIL_USAGE, "-a and --atomic exclude one another");
	if (a->atomic && rotates)
		return err_set(e, FAIL_USAGE,
		               "--atomic: a file that is rotated is seen as it grows");
	if ((a->keep || a->compress >= 0) && !rotates)
		return err_set(e, FAIL_USAGE,
		               "%s is of rotated files: --rotate-size, --rotate-every or "
		               "--rotate-count says when",
		               a->keep ? "--keep" : "--compress");
	return check_columns(a, e) < 0 ? -1 : check_chart(a, dests, count, e);
}

int options_files(const struct args *a, struct filesink_opts *files, struct err *e)
{
	static const enum pack_how packs[] = { PACK_GZIP, PACK_ZSTD };

	*files = (struct filesink_opts){ .tool = stee_tool.name,
		                         .append = a->append,
		                         .atomic = a->atomic,
		                         .rotate_size = a->rotate_size,
		                         .rotate_every = a->rotate_every,
		                         .rotate_count = a->rotate_count,
		                         .keep = a->keep,
		                         .pack = a->compress < 0 ? PACK_NONE : packs[a->compress],
		                         .retry = a->retry };
	if (strcmp(a->sync, "never") == 0)
		files->sync = SYNC_NEVER;
	else if (strcmp(a->sync, "end") == 0)
		files->sync = SYNC_END;
	else if (strcmp(a->sync, "each") == 0)
		files->sync = SYNC_EACH;
	else if (duration_parse(slice_from(a->sync), &files->sync_every) == 0 &&
	         files->sync_every > 0)
		files->sync = SYNC_EVERY;
	else
		return err_set(e, FAIL_USAGE,
		               "--fsync: '%s' is none of never, end, each or a duration (like 1s)",
		               a->sync);
	return 0;
}
