#include "sreplay.h"

#include "stream/recorded.h"

static int take(struct frame *f, const struct record *r, int64_t now, struct err *e)
{
	struct buf *out = writer_buf(&f->out);

	recorded_note(out, now);
	buf_add_slice(out, r->line);
	f->records_out++;
	return writer_check(&f->out, e);
}

int record_all(struct frame *f, struct err *e)
{
	struct record r;
	int64_t last = 0, now;
	int got, done = 0;

	while (done == 0 && (got = frame_next(f, -1, &r, e)) != GOT_END) {
		now = stamp_now();
		last = now > last ? now : last; /* a clock that was put back does not count */
		if (got == GOT_RECORD || got == GOT_CONTROL)
			done = take(f, &r, last, e);
		else if (got == GOT_ERROR)
			done = -1;
	}
	return done;
}
