/* sjoin - join the records of a stream with the rows of a table, or with those of another stream.
 */
#include "sjoin.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the right side's format */

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), k = strlen(end);

	return n > k && strcmp(name + n - k, end) == 0;
}

/* Whether a table's name says what it is, compressed or not. */
static bool is_named(const char *name, const char *ending)
{
	static const char *const packed[] = { "", ".gz", ".zst" };
	char end[16];

	for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++) {
		snprintf(end, sizeof end, "%s%s", ending, packed[i]);
		if (ends_in(name, end))
			return true;
	}
	return false;
}

int join_right_format(const struct args *a, const char *name, struct decode_opts *to, struct err *e)
{
	*to = (struct decode_opts){ .strings = a->shared.strings };
	if (a->right_format)
		return format_input(a->right_format, &to->format, e);
	to->format = is_named(name, ".csv")   ? FORMAT_CSV
	             : is_named(name, ".tsv") ? FORMAT_TSV
	                                      : FORMAT_JSON;
	return 0;
}

int join_bad(struct join *j, const char *name, uint64_t number, struct slice line,
             const struct err *why, struct err *e)
{
	if (why->kind != FAIL_DATA) {
		*e = *why;
		return -1;
	}
	return report_bad(&j->frame.report, name, number, line, why->text, e) == VERDICT_STOP ? -1
	                                                                                      : 0;
}

/* ---- */

static int check_table(const struct args *a, struct err *e)
{
	if (a->validate && strcmp(a->validate, "m:1") != 0)
		return err_set(e, FAIL_USAGE,
		               "--validate: '%s' is not m:1, all that there is to validate",
		               a->validate);
	if (a->validate && a->matches > MATCHES_ALL)
		return err_set(e, FAIL_USAGE,
		               "--validate m:1 refuses what --matches would choose from");
	if (a->match && (a->validate || !a->on.n))
		return err_set(e, FAIL_USAGE,
		               "--match needs an --on, and --validate m:1 is about equal keys");
	if (!a->match && a->matches == MATCHES_LONGEST)
		return err_set(e, FAIL_USAGE, "--matches longest goes with --match");
	if (a->match && a->disk)
		return err_set(e, FAIL_USAGE,
		               "--disk: a table is held in memory for --match to look through");
	if (a->every || a->cumulate || a->offset)
		return err_set(e, FAIL_USAGE, "--every, --cumulate and --offset go with --size");
	if (a->missing || a->reduce || a->late || a->delay || a->max_skew || a->close_idle ||
	    a->max_ahead || a->time.expr || a->time.format || a->time.zone || a->direction ||
	    a->tolerance >= 0 || a->strict || a->on_full)
		return err_set(e, FAIL_USAGE,
		               "RIGHT is read as a table here, and times are not looked at: "
		               "--within, --before, --after, --ttl, --expires, --size, --gap or "
		               "--asof make it a stream");
	return 0;
}

/* Is this another name of standard input, or of the pipe that it is? */
static bool is_stdin(const char *name)
{
	struct stat in, st;

	if (strcmp(name, "-") == 0)
		return true;
	return fstat(STDIN_FILENO, &in) == 0 && stat(name, &st) == 0 && st.st_dev == in.st_dev &&
	       st.st_ino == in.st_ino && S_ISFIFO(st.st_mode);
}

static int check(const struct args *a, size_t operands, const char *const *operand, struct err *e)
{
	bool one = a->left_when || a->right_when, streams = streams_wanted(a);

	if (!a->on.n && !streams)
		return err_set(e, FAIL_USAGE, "--on EXPR says what to join by (see sjoin --help)");
	if (operands < 1 && !one)
		return err_set(e, FAIL_USAGE,
		               "RIGHT is not given: sjoin --on EXPR [options] RIGHT [LEFT ...]");
	if (!one && is_stdin(operand[0]))
		return err_set(e, FAIL_USAGE,
		               "RIGHT is a file; stdin has the stream that is joined with it");
	if (a->shared.on_error == ON_ERROR_PASS)
		return err_set(e, FAIL_USAGE,
		               "--on-error pass: a bad record has no key to join by");
	if (a->delete_when && !a->changelog)
		return err_set(e, FAIL_USAGE, "--delete-when goes with --changelog");
	if (streams && (a->validate || a->matches >= 0 || a->match || a->disk))
		return err_set(
			e, FAIL_USAGE,
			"--match, --matches, --validate and --disk are about the rows of a table, "
			"and RIGHT is a stream here");
	if (streams && a->reload)
		return err_set(e, FAIL_USAGE,
		               "--reload: RIGHT is a stream here, and new records of it are seen "
		               "anyway");
	return streams ? 0 : check_table(a, e);
}

static int run(struct join *j, int count, char **arguments, struct err *e)
{
	const struct args *a = j->args;
	const char *const *operand = (const char *const *)arguments;
	size_t operands = (size_t)count;
	bool one = a->left_when || a->right_when;
	struct plan *const plan[2] = { &j->plan[SIDE_LEFT],
		                       &j->plan[one ? SIDE_LEFT : SIDE_RIGHT] };
	struct joinkey_opts opts = { .strings = a->key_type == 1,
		                     .ignore_case = a->ignore_case,
		                     .apart = a->match != MATCH_EQUAL,
		                     .ranges = a->match == MATCH_BETWEEN };
	struct encode_opts json = { 0 };
	struct decode_opts decode;

	if (check(a, operands, operand, e) < 0 || frame_decode_opts(&j->frame, &decode, e) < 0)
		return -1;
	j->keys = joinkeys_new(a->on.item, a->on.n, &opts, plan, e);
	if (!j->keys || frame_encoder(&j->frame, &json, e) < 0 || merge_init(j, e) < 0)
		return -1;
	return streams_wanted(a) ? streams_run(j, &decode, operand, operands, e)
	                         : tablejoin_run(j, &decode, operand, operands, e);
}

static void stats(void *context, FILE *to)
{
	const struct join *j = context;

	tablejoin_stats(j, to);
	streams_stats(j, to);
}

int main(int argc, char **argv)
{
	struct args args = {
		.within = -1, .before = -1, .after = -1, .tolerance = -1, .matches = -1
	};
	struct join j = { .args = &args };
	struct err e;
	bool done;
	int first, status;

	err_clear(&e);
	plan_init(&j.plan[SIDE_LEFT]);
	plan_init(&j.plan[SIDE_RIGHT]);
	heap_init(&j.heap);
	first = frame_start(&j.frame, &sjoin_tool, argc, argv, &args, &done, &e);
	j.frame.stats = stats;
	j.frame.statistics = &j;
	status = STATUS_OK;
	if (first >= 0 && !done) {
		if (run(&j, argc - first, argv + first, &e) < 0 ||
		    frame_flush(&j.frame, &e) < 0) /* what is said is about what was written */
			status = STATUS_TROUBLE;
		streams_say(&j);
	}
	status = frame_end(&j.frame, &e, status);
	tablejoin_free(&j);
	streams_free(&j);
	merge_free(j.merge);
	joinkeys_free(j.keys);
	plan_free(&j.plan[SIDE_LEFT]);
	plan_free(&j.plan[SIDE_RIGHT]);
	heap_free(&j.heap);
	options_free_list(&args.on);
	return status;
}
