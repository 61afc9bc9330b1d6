#include "report.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define IN_FULL 10

void report_init(struct report *r, const char *tool, enum on_error policy, const char *dead_letter)
{
	*r = (struct report){
		.tool = tool, .policy = policy, .dead_letter = dead_letter, .dead_fd = -1
	};
}

int report_append(int *fd, const char *file, struct slice line, struct err *e)
{
	if (*fd < 0) {
		*fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
		if (*fd < 0)
			return err_set(e, FAIL_OPEN, "cannot open %s:", file);
	}
	while (line.n) {
		ssize_t n = write(*fd, line.p, line.n);

		if (n < 0 && errno != EINTR)
			return err_set(e, FAIL_IO, "cannot write to %s:", file);
		if (n > 0) {
			line.p += n;
			line.n -= (size_t)n;
		}
	}
	return 0;
}

void report_note(const struct report *r, const char *name, uint64_t number, const char *text)
{
	char *plain = err_plain(alloc_copy(text, strlen(text)));

	if (r->before)
		r->before(r->context);
	if (number)
		fprintf(stderr, "%s: %s:%" PRIu64 ": %s\n", r->tool, name, number, plain);
	else
		fprintf(stderr, "%s: %s: %s\n", r->tool, name, plain);
	free(plain);
}

static void put_off(struct report *r, const char *name, uint64_t number, struct slice line,
                    struct slice text)
{
	r->note = alloc_grow(r->note, &r->note_cap, r->notes + 1, sizeof *r->note);
	r->note[r->notes++] = (struct report_note){ name, number, line, r->text.n, text.n };
	buf_add_slice(&r->text, text);
	buf_addc(&r->text, '\0');
}

void report_text(struct report *r, struct slice text)
{
	if (r->defers) {
		put_off(r, NULL, 0, (struct slice){ 0 }, text);
		return;
	}
	if (r->before)
		r->before(r->context);
	fwrite(text.p, 1, text.n, stderr);
}

int report_replay(struct report *to, struct report *from, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < from->notes && r == 0; i++) {
		const struct report_note *n = &from->note[i];
		const char *text = from->text.p + n->text;

		if (!n->name)
			report_text(to, (struct slice){ text, n->size });
		else if (report_bad(to, n->name, n->number, n->line, text, e) == VERDICT_STOP)
			r = -1;
	}
	from->notes = 0;
	buf_clear(&from->text);
	return r;
}

/* Of a record that is too long there is only the beginning: it is a line of its own all the same.
 */
static int keep(struct report *r, struct slice line, struct err *e)
{
	if (report_append(&r->dead_fd, r->dead_letter, line, e) < 0)
		return -1;
	return line.n && line.p[line.n - 1] != '\n'
	               ? report_append(&r->dead_fd, r->dead_letter, SLICE("\n"), e)
	               : 0;
}

enum verdict report_bad(struct report *r, const char *name, uint64_t number, struct slice line,
                        const char *text, struct err *e)
{
	if (r->defers) {
		put_off(r, name, number, line, slice_from(text));
		return r->policy == ON_ERROR_FAIL   ? VERDICT_STOP
		       : r->policy == ON_ERROR_PASS ? VERDICT_PASS
		                                    : VERDICT_DROP;
	}
	r->bad++;
	if (r->dead_letter && keep(r, line, e) < 0)
		return VERDICT_STOP;
	if (r->policy == ON_ERROR_FAIL) {
		if (number)
			err_set(e, FAIL_DATA, "%s:%" PRIu64 ": %s", name, number, text);
		else
			err_set(e, FAIL_DATA, "%s: %s", name, text);
		return VERDICT_STOP;
	}
	if (r->policy == ON_ERROR_SKIP || r->bad > IN_FULL)
		r->hidden++;
	else
		report_note(r, name, number, text);
	return r->policy == ON_ERROR_PASS ? VERDICT_PASS : VERDICT_DROP;
}

void report_end(struct report *r)
{
	if (r->dead_fd >= 0)
		close(r->dead_fd);
	r->dead_fd = -1;
	if (r->hidden && r->policy != ON_ERROR_SKIP)
		fprintf(stderr, "%s: %" PRIu64 " bad records in all%s\n", r->tool, r->bad,
		        r->dead_letter ? ", kept as they were"
		                       : " (--dead-letter FILE keeps them)");
	r->hidden = 0;
	free(r->note);
	r->note = NULL;
	r->notes = r->note_cap = 0;
	buf_free(&r->text);
}

bool report_counts(const struct report *r)
{
	return r->bad && r->policy != ON_ERROR_SKIP;
}
