/*
 * fuzz_frames.c - byte streams that are framed: syslog messages (RFC 6587) and entries of a
 * journal. Cut anywhere they give the same, as whole lines without control characters; a journal's
 * are JSON, unless they say that they are none or are too long. The first byte says where to cut.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "record/journal.h"
#include "stream/syslog.h"
#include "json/check.h"

#define LIMIT 200

/* ---- syslog */

static void take(struct syslog_framer *f, struct slice s, struct buf *log)
{
	while (s.n) {
		size_t before = s.n;

		if (syslog_frame(f, &s, log) == SYSLOG_LONG) {
			MUST(f->held.n == LIMIT + 1);
			buf_adds(log, "(long)\n");
		}
		MUST(s.n < before);
	}
}

static void frame_syslog(struct slice in, size_t cut, struct buf *log)
{
	struct syslog_framer f = { .max = LIMIT };

	take(&f, (struct slice){ in.p, cut }, log);
	take(&f, (struct slice){ in.p + cut, in.n - cut }, log);
	if (syslog_frame_end(&f, log) == SYSLOG_LONG)
		buf_adds(log, "(long)\n");
	syslog_framer_free(&f);
	for (size_t i = 0; i < log->n; i++)
		MUST((unsigned char)log->p[i] >= ' ' || log->p[i] == '\n' || log->p[i] == '\t');
	MUST(log->n == 0 || log->p[log->n - 1] == '\n');
}

/* ---- journal */

struct parts {
	struct slice part[2];
	size_t given;
	char *copy;
};

static enum got next_part(void *self, bool tick, int64_t timeout, struct slice *lines,
                          struct err *e)
{
	struct parts *p = self;

	(void)tick;
	(void)timeout;
	(void)e;
	while (p->given < 2 && !p->part[p->given].n)
		p->given++;
	free(p->copy);
	p->copy = NULL;
	if (p->given == 2)
		return GOT_END;
	p->copy = copy_padded(p->part[p->given], 'x', LINES_PAD);
	*lines = (struct slice){ p->copy, p->part[p->given++].n };
	return GOT_LINES;
}

static const char *part_name(const void *self)
{
	(void)self;
	return "in";
}

static bool part_first(const void *self)
{
	const struct parts *p = self;

	return p->given == 1 || !p->part[0].n;
}

static uint64_t none(const void *self)
{
	(void)self;
	return 0;
}

static void part_free(void *self)
{
	free(((struct parts *)self)->copy);
}

static const struct lines_ops part_ops = {
	.next = next_part,
	.name = part_name,
	.is_first = part_first,
	.consumed = none,
	.size = none,
	.free = part_free,
};

static void check_line(struct slice line)
{
	struct check_fault fault;

	if (line.n >= strlen(JOURNAL_BAD) && memcmp(line.p, JOURNAL_BAD, strlen(JOURNAL_BAD)) == 0)
		return;
	MUST(line.n == LIMIT + 1 || check_json(line, &fault) == 0);
	MUST(*line.p == '{' || *line.p == '?');
}

static void frame_journal(struct slice in, size_t cut, struct buf *log)
{
	struct parts p = { .part = { { in.p, cut }, { in.p + cut, in.n - cut } } };
	struct lines l = journal_new((struct lines){ &part_ops, &p }, LIMIT);
	struct slice lines;
	struct err e = { 0 };

	while (l.ops->next(l.self, false, 0, &lines, &e) == GOT_LINES) {
		MUST(lines.n && lines.p[lines.n - 1] == '\n');
		buf_add_slice(log, lines);
		while (lines.n)
			check_line(take_part(&lines, "\n", 1));
	}
	l.ops->free(l.self);
}

static void same_wherever_cut(const char *what, struct slice in, size_t cut,
                              void (*frame)(struct slice, size_t, struct buf *))
{
	struct buf whole = { 0 }, parts = { 0 };

	frame(in, 0, &whole);
	frame(in, cut, &parts);
	must_be_same(what, buf_slice(&whole), buf_slice(&parts));
	buf_free(&whole);
	buf_free(&parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data + 1, size - 1 };
	size_t cut;

	if (size == 0)
		return 0;
	cut = in.n ? *data % (in.n + 1) : 0;
	same_wherever_cut("syslog", in, cut, frame_syslog);
	same_wherever_cut("journal", in, cut, frame_journal);
	return 0;
}
