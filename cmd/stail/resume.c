#include "stail.h"

#include "stream/mux.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int resume_check(const struct args *a, const struct decode_opts *in, struct err *e)
{
	const char *to = a->shared.to;

	if (a->resume && !*a->resume)
		return err_set(e, FAIL_USAGE, "--resume: the file's name is empty");
	if (!a->resume)
		return 0;
	if (in->format == FORMAT_JSON_STREAM)
		return err_set(e, FAIL_USAGE,
		               "--resume: -i json-stream cannot be gone on with, its values end "
		               "anywhere; have one value a line, and -i json");
	if (in->format == FORMAT_JOURNAL)
		return err_set(
			e, FAIL_USAGE,
			"--resume: -i journal cannot be gone on with; keep the cursor of the "
			"last entry, for journalctl --after-cursor");
	if (to && (strcmp(to, "csv") == 0 || strcmp(to, "tsv") == 0) && !a->shared.columns)
		return err_set(e, FAIL_USAGE,
		               "--resume: -o %s needs --columns, for they must be the same in "
		               "every run",
		               to);
	return 0;
}

int resume_open(struct resume *r, struct frame *f, const struct args *a, struct feed feed,
                struct err *e)
{
	struct positions_opts opts = {
		.tool = stail_tool.name, .path = a->resume, .every = a->every, .out = STDOUT_FILENO
	};
	struct encode_opts output = { 0 };

	r->frame = f;
	if (!a->resume)
		return 0;
	if (!feed_saves(feed))
		return err_set(e, FAIL_USAGE,
		               "--resume: standard input, connections and commands cannot be gone "
		               "on with, only files can");
	signal(SIGPIPE, SIG_IGN);
	f->out.takes_epipe = true;
	r->positions = positions_open(&opts, feed, e);
	if (!r->positions)
		return -1;
	output.goes_on = positions_appends(r->positions);
	return frame_encoder(f, &output, e);
}

/* All that was let out has been written where nothing is pending. */
static int note_written(struct resume *r, struct err *e)
{
	const struct frame *f = r->frame;

	return frame_pending(f) ? 0 : positions_written(r->positions, f->out.bytes, e);
}

static int look(struct resume *r, bool lines, struct err *e)
{
	bool due = positions_due(r->positions, lines);

	/* nothing is pending of what could not be written, but it was not */
	if (r->frame->lost.kind != FAIL_NONE) {
		*e = r->frame->lost;
		return -1;
	}
	if (due && frame_flush(r->frame, e) < 0)
		return -1;
	if (note_written(r, e) < 0)
		return -1;
	return due ? positions_save(r->positions, e) : 0;
}

bool resume_boundary(void *context, bool lines, int64_t *timeout)
{
	struct resume *r = context;
	struct err e;

	err_clear(&e);
	if (!r->positions)
		return true;
	if (look(r, lines, &e) < 0) {
		r->frame->lost = e;
		return false;
	}
	positions_wait(r->positions, timeout);
	return true;
}

int resume_end(struct resume *r, int done, struct err *e)
{
	struct err why;

	err_clear(&why);
	if (!r->positions)
		return done;
	if (done == 0)
		done = frame_flush(r->frame, e);
	if (done == 0)
		done = note_written(r, e);
	if (positions_close(r->positions, done == 0, &why) < 0) {
		if (done < 0 && e->kind != FAIL_EPIPE)
			fprintf(stderr, "%s: %s\n", stail_tool.name, why.text);
		else
			*e = why;
		done = -1;
	}
	r->positions = NULL;
	if (e->kind == FAIL_EPIPE || (done == 0 && r->reader_gone)) {
		/* nobody is told, as if SIGPIPE had ended us */
		r->by_pipe = true;
		writer_drop(&r->frame->out);
		err_clear(e);
	}
	return done;
}

void resume_leave(const struct resume *r)
{
	if (!r->by_pipe)
		return;
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
}
