/* sfilter -I: each file's output takes its place. */
#include "sfilter.h"

#include "base/alloc.h"
#include "io/stop.h"
#include "io/unpack.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file that NAME leads to, links followed; and the name of a new one beside it. Both freed by
 * the caller. */
static int names_of(const char *name, char **target, char **beside, struct err *e)
{
	size_t n;

	*beside = NULL;
	*target = realpath(name, NULL);
	if (!*target)
		return err_set(e, FAIL_OPEN, "cannot open %s:", name);
	n = strlen(*target);
	*beside = alloc_array(n + 16, 1);
	snprintf(*beside, n + 16, "%s.XXXXXX", *target);
	return 0;
}

/* Is the file one that can be written anew: regular, and not compressed? */
static int check_target(const char *target, struct stat *st, struct err *e)
{
	char begin[4];
	ssize_t n;
	int fd;

	if (stat(target, st) < 0 || !S_ISREG(st->st_mode))
		return err_set(e, FAIL_OPEN, "-I: %s is no regular file", target);
	fd = open(target, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, FAIL_OPEN, "cannot open %s:", target);
	n = read(fd, begin, sizeof begin);
	close(fd);
	if (n > 0 && unpack_wanted(begin, (size_t)n) > 0)
		return err_set(e, FAIL_OPEN, "-I: %s is compressed: unpack it first", target);
	return 0;
}

/* The new file, with the mode and, where we may, the owner of the old one. */
static int create(const char *target, char *beside, struct err *e)
{
	struct stat st;
	int fd;

	if (check_target(target, &st, e) < 0)
		return -1;
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return err_set(e, FAIL_OPEN, "cannot create a file beside %s:", target);
	stop_removes(beside);
	if (fchown(fd, st.st_uid, st.st_gid) < 0)
		st.st_mode &= 0777; /* not ours to give away: then without set-id bits */
	if (fchmod(fd, st.st_mode & 07777) < 0) {
		err_set(e, FAIL_IO, "cannot set the mode of %s:", beside);
		close(fd);
		unlink(beside);
		return -1;
	}
	return fd;
}

/* Did something cut the run short, so that what was written is not all? */
static const char *cut_short(const struct filter *f)
{
	return stop_signal() ? "a signal ended the run" : f->halted >= 0 ? "EXPR halted" : NULL;
}

static int filter_into(struct filter *f, const char *name, int fd, struct err *e)
{
	struct frame *frame = f->frame;
	uint64_t bad = frame->report.bad;
	int r;

	frame->out.fd = fd;
	frame->out.name = name;
	frame->out.ends_here = false; /* what stands in a file stays in it */
	if (frame_encoder(frame, &f->output, e) < 0 ||
	    frame_inputs(frame, &f->decode, &name, 1, &f->plan, e) < 0)
		return -1;
	r = loop_run(f, e);
	/* what is pending may lie in the source's buffer */
	if (r == 0)
		r = frame_flush(frame, e);
	writer_drop(&frame->out);
	frame_close_source(frame);
	if (r == 0 && frame->input_failed)
		return err_set(e, FAIL_IO, "%s stays as it is", name);
	if (r == 0 && frame->report.bad > bad && report_counts(&frame->report) &&
	    frame->report.policy != ON_ERROR_PASS)
		return err_set(e, FAIL_DATA,
		               "%s has bad records and stays as it is (--on-error skip drops them)",
		               name);
	if (r == 0 && fsync(fd) < 0)
		r = err_set(e, FAIL_IO, "cannot write to %s:", name);
	return r;
}

/* 1: the file stays as it is, and the others too. */
static int replace(struct filter *f, const char *name, struct err *e)
{
	char *target, *beside;
	int fd = -1, r = names_of(name, &target, &beside, e);

	if (r == 0)
		r = fd = create(target, beside, e);
	if (r >= 0)
		r = filter_into(f, name, fd, e);
	if (fd >= 0 && close(fd) < 0 && r == 0)
		r = err_set(e, FAIL_IO, "cannot write to %s:", name);
	if (r == 0 && cut_short(f)) {
		fprintf(stderr, "%s: %s stays as it is: %s\n", f->frame->tool->name, name,
		        cut_short(f));
		r = 1;
	}
	if (r == 0 && rename(beside, target) < 0)
		r = err_set(e, FAIL_IO, "cannot put the new %s in place:", name);
	if (r != 0 && fd >= 0)
		unlink(beside);
	stop_removes(NULL);
	free(target);
	free(beside);
	return r;
}

int inplace_run(struct filter *f, const char *const *names, size_t count, struct err *e)
{
	struct frame *frame = f->frame;
	struct writer out = frame->out;
	uint64_t passed = 0;
	int r = 0;

	if (count == 0)
		return err_set(e, FAIL_USAGE, "-I: no FILE is given");
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], "-") == 0)
			return err_set(e, FAIL_USAGE, "-I writes into files: not with -");
	for (size_t i = 0; i < count && r == 0; i++) {
		f->passed = 0;
		f->done = false;
		operators_begin_file(f);
		r = replace(f, names[i], e);
		passed += f->passed;
	}
	f->passed = passed;
	writer_drop(&frame->out);
	frame->out.fd = out.fd;
	frame->out.name = out.name;
	return r < 0 ? -1 : 0;
}
