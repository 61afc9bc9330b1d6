#include "stee.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/map.h"
#include "record/decode.h"
#include "json/valparse.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_MAX ((size_t)1 << 20) /* bytes of a header that is read again */

/* One file's. */
struct form {
	struct map_item item;
	char *name;
	struct encoder *encoder;
	/* rows that wait until the columns are known */
	bool waits;
	struct heap held;
	struct val *row;
	size_t rows, cap;
};

struct forms {
	struct forms_opts opts;
	struct map map;
	struct form *last; /* the one used last */
	struct buf out;
};

struct forms *forms_new(const struct forms_opts *opts)
{
	struct forms *f = alloc_zero(1, sizeof *f);

	f->opts = *opts;
	f->opts.encode.goes_on = opts->heads;
	return f;
}

static void form_free(struct form *m)
{
	encode_free(m->encoder);
	heap_free(&m->held);
	free(m->row);
	free(m->name);
	free(m);
}

void forms_free(struct forms *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < map_slots(&f->map); i++)
		if (map_at(&f->map, i))
			form_free((struct form *)map_at(&f->map, i));
	map_free(&f->map);
	buf_free(&f->out);
	free(f);
}

static bool has_header(const struct forms *f)
{
	return f->opts.encode.format == FORMAT_CSV || f->opts.encode.format == FORMAT_TSV;
}

static bool has_columns(const struct forms *f)
{
	return has_header(f) || f->opts.encode.format == FORMAT_TABLE;
}

/* ---- files that have a header */

/* The file's first line, newline included, or its first HEADER_MAX bytes. -1 with errno. */
static int read_line(int fd, struct buf *line)
{
	ssize_t got = 1;

	while (got > 0 && line->n < HEADER_MAX) {
		char *to = buf_room(line, 4096), *newline;

		got = pread(fd, to, 4096, (off_t)line->n);
		newline = got > 0 ? memchr(to, '\n', (size_t)got) : NULL;
		if (got > 0)
			line->n += newline ? (size_t)(newline + 1 - to) : (size_t)got;
		if (newline)
			break;
	}
	return got < 0 ? -1 : 0;
}

/*
 * The first line of a regular file, without its end, padded as decode_line() needs it; or nothing:
 * also where it has no end, being torn, since then it is mended before it is appended to.
 */
static int read_header(const char *name, struct buf *line, struct err *e)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK), done = 0;
	struct stat st;

	if (fd < 0)
		return 0; /* whether it can be written to is found out elsewhere */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read_line(fd, line) < 0)
		done = err_set(e, FAIL_OPEN, "cannot read the header of %s:", name);
	close(fd);
	if (line->n == 0)
		return done;
	if (line->p[line->n - 1] != '\n')
		line->n = 1;
	line->n--;
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	memset(buf_room(line, LINES_PAD), 0, LINES_PAD);
	return done;
}

/* Have ENCODER learn the columns of a header: as the record of a row that has the same cells. */
static int learn_header(struct encoder *encoder, enum format format, struct slice line,
                        struct err *e)
{
	struct decode_opts opts = { .format = format, .strings = true };
	struct decoder *d = decode_new(&opts, e);
	struct buf json = { 0 };
	struct check_fault fault;
	struct heap h;
	struct val v;
	int done = -1;

	if (!d)
		return -1;
	heap_init(&h);
	if (decode_line(d, line, true, &json, e) == DECODED_NOTHING &&
	    decode_line(d, line, true, &json, e) == DECODED_RECORD &&
	    val_parse(&h, buf_slice(&json), &v, &fault) == 0)
		done = encode_learn(encoder, &h, v, e);
	heap_free(&h);
	buf_free(&json);
	decode_free(d);
	return done;
}

/* Are the columns of the header LINE those that were named? */
static bool same_columns(const struct forms *f, struct form *m, struct slice line, struct err *e)
{
	struct encode_opts opts = f->opts.encode;
	struct buf theirs = { 0 }, ours = { 0 };
	struct encoder *other;
	bool same;

	opts.columns = NULL;
	other = encode_new(&opts);
	same = learn_header(other, opts.format, line, e) == 0;
	encode_header(other, &theirs);
	encode_header(m->encoder, &ours);
	same = same && slice_same(buf_slice(&theirs), buf_slice(&ours));
	encode_free(other);
	buf_free(&theirs);
	buf_free(&ours);
	return same;
}

/* A file that is there goes on with the columns it has; those that were named must be the same. */
static int take_header(const struct forms *f, struct form *m, struct err *e)
{
	struct buf line = { 0 };
	int done = read_header(m->name, &line, e);

	if (done == 0 && line.n && f->opts.encode.columns) {
		if (!same_columns(f, m, buf_slice(&line), e))
			done = err_set(e, FAIL_OPEN,
			               "cannot append to %s: its header '%.*s' is not that of "
			               "--columns",
			               m->name, line.n < 100 ? (int)line.n : 100, line.p);
	} else if (done == 0 && line.n) {
		m->waits = false;
		if (learn_header(m->encoder, f->opts.encode.format, buf_slice(&line), e) < 0)
			done = err_set(e, FAIL_OPEN,
			               "cannot append to %s: its first line is no header", m->name);
	}
	buf_free(&line);
	return done;
}

/* ---- one file's */

static struct form *find(const struct forms *f, struct slice name)
{
	if (f->last && slice_same(slice_from(f->last->name), name))
		return f->last;
	return (struct form *)map_find(&f->map, name, hash_bytes(name.p, name.n));
}

/* NULL with *e. */
static struct form *form_of(struct forms *f, struct slice name, struct err *e)
{
	struct form *m = find(f, name);

	if (!m) {
		m = alloc_zero(1, sizeof *m);
		m->name = alloc_copy(name.p, name.n);
		m->encoder = encode_new(&f->opts.encode);
		m->waits = f->opts.union_of && has_columns(f) && !f->opts.encode.columns;
		heap_init(&m->held);
		if (f->opts.append && f->opts.heads && has_header(f) && take_header(f, m, e) < 0) {
			form_free(m);
			return NULL;
		}
		m->item =
			(struct map_item){ hash_bytes(name.p, name.n), m->name, (uint32_t)name.n };
		map_add(&f->map, &m->item);
	}
	f->last = m;
	return m;
}

static void release(struct form *m, struct buf *out)
{
	struct err none;

	/* each fits: its own fields are columns */
	err_clear(&none);
	for (size_t i = 0; i < m->rows; i++)
		(void)!encode_value(m->encoder, &m->held, m->row[i], out, &none);
	heap_free(&m->held);
	heap_init(&m->held);
	free(m->row);
	m->row = NULL;
	m->rows = m->cap = 0;
	m->waits = false;
}

int forms_begin(struct forms *f, const char *name, struct err *e)
{
	return form_of(f, slice_from(name), e) ? 0 : -1;
}

int forms_write(struct forms *f, struct slice name, struct heap *h, struct val v, struct buf *out,
                struct err *e)
{
	struct form *m = form_of(f, name, e);

	if (!m)
		return -1;
	if (!m->waits)
		return encode_value(m->encoder, h, v, out, e);
	if (encode_learn(m->encoder, h, v, e) < 0)
		return -1;
	m->row = alloc_grow(m->row, &m->cap, m->rows + 1, sizeof *m->row);
	m->row[m->rows++] = val_copy_deep(&m->held, v);
	if (m->rows >= f->opts.union_of)
		release(m, out);
	return 0;
}

void forms_head(void *forms, const char *path, struct buf *to)
{
	struct forms *f = forms;
	struct err none;
	struct form *m;

	err_clear(&none);
	m = has_header(f) ? form_of(f, slice_from(path), &none) : NULL;
	if (m && !m->waits)
		encode_header(m->encoder, to);
}

int forms_flush(struct forms *f, bool last, forms_each *each, void *context, struct err *e)
{
	if (f->opts.encode.format != FORMAT_TABLE && !last)
		return 0;
	for (size_t i = 0; i < map_slots(&f->map); i++) {
		struct form *m = (struct form *)map_at(&f->map, i);

		buf_clear(&f->out);
		if (m && m->rows && last)
			release(m, &f->out);
		if (m && encode_pending(m->encoder))
			encode_flush(m->encoder, &f->out);
		if (f->out.n && each(context, slice_from(m->name), buf_slice(&f->out), e) < 0)
			return -1;
	}
	return 0;
}
