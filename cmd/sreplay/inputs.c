#include "sreplay.h"

#include "base/alloc.h"
#include "io/reader.h"
#include "stream/files.h"
#include "stream/open.h"
#include "stream/plain.h"
#include "stream/recorded.h"

#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void add_name(struct inputs *in, const char *name)
{
	in->name = alloc_grow(in->name, &in->cap, in->names + 1, sizeof *in->name);
	in->name[in->names++] = alloc_copy(name, strlen(name));
}

/* What matches a pattern now. */
static int expand(struct inputs *in, const char *pattern, struct err *e)
{
	glob_t found;

	if (glob(pattern, 0, NULL, &found) != 0)
		return err_set(e, FAIL_OPEN, "cannot open %s: nothing matches it", pattern);
	for (size_t k = 0; k < found.gl_pathc; k++)
		add_name(in, found.gl_pathv[k]);
	globfree(&found);
	return 0;
}

/* What comes only once cannot be read again. (A file that is not there is one, until it is opened.)
 */
static bool is_file(const char *name)
{
	struct stat st;

	return strcmp(name, "-") != 0 && !feed_is_url(name) &&
	       (stat(name, &st) < 0 || S_ISREG(st.st_mode));
}

static int cannot_again(const char *name, struct err *e)
{
	return err_set(e, FAIL_USAGE,
	               "--loop: %s cannot be read again; put what comes of it into a file, and "
	               "name that",
	               strcmp(name, "-") == 0 ? "standard input" : name);
}

/* What is played again has to be there: it would be missed in each pass. */
static int not_there(const char *name, const struct args *a, struct err *e)
{
	bool number = a->loop == 0 && name[strspn(name, "0123456789")] == '\0';

	if (number)
		return err_set(e, FAIL_OPEN,
		               "cannot open %s: No such file or directory (a number of passes is "
		               "--loop=%s)",
		               name, name);
	return err_set(e, FAIL_OPEN, "cannot open %s:", name);
}

int inputs_name(struct inputs *in, const struct args *a, const char *const *operand, size_t count,
                struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		if (feed_is_url(operand[i]) || !files_is_pattern(operand[i]))
			add_name(in, operand[i]);
		else if (expand(in, operand[i], e) < 0)
			return -1;
	}
	if (count == 0)
		add_name(in, "-");
	in->files = true;
	for (size_t i = 0; i < in->names; i++) {
		bool file = is_file(in->name[i]);

		in->files = in->files && file;
		if (a->loop != 1 && !file)
			return cannot_again(in->name[i], e);
		if (a->loop != 1 && access(in->name[i], F_OK) < 0)
			return not_there(in->name[i], a, e);
	}
	return 0;
}

void inputs_free(struct inputs *in)
{
	for (size_t i = 0; i < in->names; i++)
		free((void *)(uintptr_t)in->name[i]);
	free(in->name);
}

/* Where --since, or what is sought, is in a file; what cannot be begun anywhere is read whole.
 * CONTEXT is a struct times. */
static int64_t begin_found(void *context, int fd, bool *binary)
{
	struct err ignored;

	(void)binary;
	return fd < 0 ? 0 : times_find(context, fd, "", &ignored);
}

/* Can places and times be looked for in files? Not where the first line is needed, or records are
 * found only from their start on. */
static bool searches(const struct inputs *in)
{
	return in->searches && !in->header && !in->spread;
}

int64_t inputs_last(const struct inputs *in)
{
	int64_t greatest = STAMP_NONE, last;

	for (size_t i = 0; i < in->names; i++) {
		int fd = searches(in) && in->files ? open(in->name[i], O_RDONLY | O_CLOEXEC) : -1;

		if (fd < 0)
			return STAMP_NONE;
		last = times_last(in->times, fd);
		close(fd);
		if (last == STAMP_NONE)
			return STAMP_NONE;
		greatest = last > greatest ? last : greatest;
	}
	return greatest;
}

static int open_one(const struct inputs *in, const struct args *a, const char *const *name,
                    struct feed *feed, struct err *e)
{
	struct reader_opts reader = { .max_line = a->shared.max_record,
		                      .binary = in->spread,
		                      .begin = searches(in) ? begin_found : NULL,
		                      .context = in->times };

	if (feed_is_url(*name))
		return feed_open(*name, &in->opts, FOLLOW_NOT, feed, e);
	*feed = plain_new(reader_new(name, 1, &reader), name, 1);
	return 0;
}

static int64_t noted_time(void *context, size_t part, bool begins, struct slice line)
{
	int64_t time;

	(void)context;
	(void)part;
	(void)begins;
	return recorded_time(line, &time) ? time : STAMP_NONE;
}

/* What lines are put in order by. */
static struct line_clock clock_of(const struct inputs *in)
{
	return in->clocks ? clocks_clock(in->clocks) : (struct line_clock){ noted_time, NULL };
}

/* Each of the names by itself, in order of time. */
static int open_merged(const struct inputs *in, const struct args *a, struct feed *feed,
                       struct err *e)
{
	struct merge_input *input = alloc_array(in->names, sizeof *input);
	struct line_clock clock = clock_of(in);
	size_t n = 0;
	int done = 0;

	for (; done == 0 && n < in->names; n += done == 0) {
		done = open_one(in, a, &in->name[n], &input[n].feed, e);
		if (done == 0)
			input[n].flow = feed_flow(input[n].feed);
	}
	for (size_t i = 0; done < 0 && i < n; i++)
		input[i].flow.ops->free(input[i].flow.self);
	if (done == 0)
		*feed = merge_new(input, n, &clock);
	free(input);
	return done;
}

int inputs_open(struct inputs *in, const struct args *a, struct feed *feed, struct flow *flow,
                struct err *e)
{
	struct line_clock clock;

	in->opts =
		(struct feed_opts){ .tool = sreplay_tool.name, .max_line = a->shared.max_record };
	if ((in->names > 1 ? open_merged(in, a, feed, e) : open_one(in, a, in->name, feed, e)) < 0)
		return -1;
	*flow = feed_flow(*feed);
	if (a->reorder) {
		clock = clock_of(in);
		in->reorder = reorder_new(*flow, a->reorder, &clock);
		*flow = reorder_flow(in->reorder);
	}
	if (a->recorded)
		*flow = recorded_new(*flow);
	if (in->clocks)
		clocks_attach(in->clocks, *feed);
	if (in->times)
		times_attach(in->times, *feed, false, false);
	return 0;
}
