#include "journal.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/stamp.h"
#include "base/utf8.h"
#include "framing.h"
#include "json/jstring.h"

#include <stdlib.h>

#define NAME_LONGEST 64                /* bytes of a field's name, as journald has it */
#define SHOWN        80                /* bytes of what is no entry */
#define KEEP         ((size_t)1 << 20) /* room that is kept for the next entry */

struct field {
	size_t name, name_size, value, value_size; /* in raw */
	size_t number;                             /* in the entry */
};

enum state {
	IN_NAME,    /* at the beginning of a line */
	IN_TEXT,    /* behind NAME= */
	IN_LENGTH,  /* in the eight bytes behind NAME and a newline */
	IN_BINARY,  /* in the value behind those */
	BEHIND,     /* before the newline behind that */
	PASSING_BY, /* in what is no entry, up to an empty line */
};

struct journal {
	struct framing f;
	size_t max_record;
	/* the entry */
	enum state state;
	bool open; /* there is something of it */
	bool too_long;
	char word[SHOWN]; /* a field's name; of what is no entry the beginning of its line */
	size_t word_size;
	struct buf raw; /* names and values; incomplete where it is too long */
	struct field *field;
	size_t fields, field_cap; /* the last one is being read, in IN_TEXT to BEHIND */
	size_t length_size;       /* bytes of the length that were read */
	uint64_t left;            /* bytes of the value to come */
	bool line_empty;          /* in PASSING_BY: the line so far, */
	bool word_ends;           /* or behind the one that is shown */
	uint64_t began;           /* the line it begins in, from 1 */
	/* what is handed out */
	struct buf json;
	uint64_t *origin; /* the line that each entry begins in */
	size_t origins, origin_cap;
	uint64_t lines; /* of the input, counted so far */
};

/* ---- an entry into JSON */

static struct slice part(const struct journal *j, size_t at, size_t n)
{
	return (struct slice){ j->raw.p + at, n };
}

static struct slice name_of(const struct journal *j, const struct field *f)
{
	return part(j, f->name, f->name_size);
}

static int by_name(const void *a, const void *b, void *context)
{
	const struct field *x = a, *y = b;
	int order = slice_order(name_of(context, x), name_of(context, y));

	return order ? order : (x->number > y->number) - (x->number < y->number);
}

static int by_number(const void *a, const void *b)
{
	const struct field *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* Would journalctl write it as text? */
static bool is_text(struct slice s)
{
	if (!utf8_valid(s))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		/* C0 but tab and newline, DEL; C1, U+0080 to U+009F, is 0xC2 and such a byte */
		if ((c < ' ' && c != '\t' && c != '\n') || c == 0x7F ||
		    (c == 0xC2 && (unsigned char)s.p[i + 1] < 0xA0))
			return false;
	}
	return true;
}

static void write_value(struct journal *j, const struct field *f)
{
	struct slice v = part(j, f->value, f->value_size);

	if (is_text(v)) {
		jstring_write(&j->json, v, false);
		return;
	}
	buf_addc(&j->json, '[');
	for (size_t i = 0; i < v.n; i++) {
		if (i)
			buf_addc(&j->json, ',');
		buf_add_int(&j->json, (unsigned char)v.p[i]);
	}
	buf_addc(&j->json, ']');
}

static bool is_number(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n && n == s.n;
}

static void write_time(struct journal *j, struct slice micros)
{
	char text[STAMP_TEXT];
	int64_t ns;

	if (!is_number(micros) || stamp_number(micros, UNIT_US, &ns) < 0)
		return;
	buf_adds(&j->json, "\"time\":\"");
	buf_add(&j->json, text, stamp_format(ns, text));
	buf_adds(&j->json, "\",");
}

/* Number those of one name alike, by the first of them. */
static void group(struct journal *j)
{
	size_t first = 0;

	qsort_r(j->field, j->fields, sizeof *j->field, by_name, j);
	for (size_t i = 1; i < j->fields; i++) {
		if (slice_same(name_of(j, &j->field[i]), name_of(j, &j->field[first])))
			j->field[i].number = j->field[first].number;
		else
			first = i;
	}
}

static void write_entry(struct journal *j)
{
	const struct field *f = j->field, *end = f + j->fields, *run;

	buf_addc(&j->json, '{');
	for (; f < end; f++)
		if (slice_same(name_of(j, f), SLICE("__REALTIME_TIMESTAMP")))
			write_time(j, part(j, f->value, f->value_size));
	group(j);
	qsort(j->field, j->fields, sizeof *j->field, by_number);
	for (f = j->field; f < end; f = run) {
		if (f > j->field)
			buf_addc(&j->json, ',');
		buf_addc(&j->json, '"');
		buf_add_slice(&j->json, name_of(j, f));
		buf_adds(&j->json, "\":");
		for (run = f + 1; run < end && run->number == f->number; run++)
			;
		if (run > f + 1)
			buf_addc(&j->json, '[');
		for (const struct field *each = f; each < run; each++) {
			if (each > f)
				buf_addc(&j->json, ',');
			write_value(j, each);
		}
		if (run > f + 1)
			buf_addc(&j->json, ']');
	}
	buf_addc(&j->json, '}');
}

/* ---- entries */

static void begin_entry(struct journal *j)
{
	buf_clear(&j->raw);
	buf_trim(&j->raw, KEEP);
	j->fields = j->word_size = 0;
	j->state = IN_NAME;
	j->open = j->too_long = false;
}

static void write_too_long(struct journal *j)
{
	memset(buf_room(&j->json, j->max_record + 1), '?', j->max_record + 1);
	j->json.n += j->max_record + 1;
}

static void write_bad(struct journal *j)
{
	buf_adds(&j->json, JOURNAL_BAD);
	for (size_t i = 0; i < j->word_size; i++)
		buf_addc(&j->json, (unsigned char)j->word[i] < ' ' ? '?' : j->word[i]);
}

static void end_entry(struct journal *j)
{
	if (j->too_long)
		write_too_long(j);
	else if (j->state == PASSING_BY)
		write_bad(j);
	else
		write_entry(j);
	buf_addc(&j->json, '\n');
	j->origin = alloc_grow(j->origin, &j->origin_cap, j->origins + 1, sizeof *j->origin);
	j->origin[j->origins++] = j->began;
	begin_entry(j);
}

/* Keep bytes of a name or a value, unless that becomes too much. */
static void keep(struct journal *j, const char *p, size_t n)
{
	j->too_long = j->too_long || n > j->max_record - j->raw.n;
	if (!j->too_long)
		buf_add(&j->raw, p, n);
}

static void pass_by(struct journal *j)
{
	j->state = PASSING_BY;
	j->line_empty = j->word_ends = false;
}

static bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c != '_' && (c < 'A' || c > 'Z') && (c < '0' || c > '9' || i == 0))
			return false;
	}
	return s.n > 0 && s.n <= NAME_LONGEST;
}

/* Its name is known, its value begins. */
static void begin_field(struct journal *j, enum state then)
{
	struct field *f;

	if (!is_name((struct slice){ j->word, j->word_size })) {
		pass_by(j);
		j->line_empty = j->word_ends = then == IN_LENGTH;
		return;
	}
	j->field = alloc_grow(j->field, &j->field_cap, j->fields + 1, sizeof *j->field);
	f = &j->field[j->fields];
	*f = (struct field){ .name = j->raw.n, .name_size = j->word_size, .number = j->fields };
	/* of one that is too long fields are not needed, and there may be very many */
	j->fields += !j->too_long;
	keep(j, j->word, j->word_size);
	f->value = j->raw.n;
	j->left = j->length_size = 0;
	j->state = then;
}

static void end_field(struct journal *j)
{
	if (!j->too_long)
		j->field[j->fields - 1].value_size = j->raw.n - j->field[j->fields - 1].value;
	j->state = IN_NAME;
	j->word_size = 0;
}

static size_t in_name(struct journal *j, char c)
{
	if (c == '\n' && j->word_size == 0) {
		if (j->open)
			end_entry(j);
	} else if (c == '\n') {
		begin_field(j, IN_LENGTH);
	} else if (c == '=') {
		begin_field(j, IN_TEXT);
		return j->state != PASSING_BY;
	} else if (j->word_size < NAME_LONGEST) {
		j->word[j->word_size++] = c;
	} else {
		pass_by(j);
		return 0;
	}
	return 1;
}

static size_t in_text(struct journal *j, struct slice s)
{
	const char *newline = memchr(s.p, '\n', s.n);
	size_t n = newline ? (size_t)(newline - s.p) : s.n;

	keep(j, s.p, n);
	if (newline)
		end_field(j);
	return n + (newline != NULL);
}

static size_t in_length(struct journal *j, unsigned char c)
{
	j->left |= (uint64_t)c << (8 * j->length_size);
	if (++j->length_size == 8)
		j->state = j->left ? IN_BINARY : BEHIND;
	return 1;
}

static size_t in_binary(struct journal *j, struct slice s)
{
	size_t n = s.n < j->left ? s.n : (size_t)j->left;

	keep(j, s.p, n);
	j->left -= n;
	if (j->left == 0)
		j->state = BEHIND;
	return n;
}

static size_t behind(struct journal *j, char c)
{
	if (c == '\n') {
		end_field(j);
		return 1;
	}
	pass_by(j); /* the length was none */
	j->word_ends = true;
	return 0;
}

static size_t passing_by(struct journal *j, char c)
{
	if (c == '\n' && j->line_empty) {
		end_entry(j);
		return 1;
	}
	j->line_empty = c == '\n';
	j->word_ends = j->word_ends || c == '\n';
	if (!j->word_ends && j->word_size < SHOWN)
		j->word[j->word_size++] = c;
	return 1;
}

static size_t take(struct journal *j, struct slice s)
{
	switch (j->state) {
	case IN_NAME:
		return in_name(j, *s.p);
	case IN_TEXT:
		return in_text(j, s);
	case IN_LENGTH:
		return in_length(j, (unsigned char)*s.p);
	case IN_BINARY:
		return in_binary(j, s);
	case BEHIND:
		return behind(j, *s.p);
	default:
		return passing_by(j, *s.p);
	}
}

/* The rest of a line is missing: where it ends is known unless it was in a binary value. */
static void cut_off(struct journal *j)
{
	bool lost = j->state == IN_LENGTH || j->state == IN_BINARY || j->state == BEHIND;

	j->open = j->too_long = true;
	j->word_size = 0;
	j->lines++;
	if (lost || j->state == PASSING_BY) {
		pass_by(j);
		j->line_empty = true;
	} else {
		j->state = IN_NAME;
	}
}

static void frame_chunk(void *self, struct slice s, bool cut)
{
	struct journal *j = self;

	while (s.n) {
		size_t n;

		if (!j->open && *s.p != '\n') {
			j->open = true;
			j->began = j->lines + 1;
		}
		n = take(j, s);
		for (size_t i = 0; i < n; i++)
			j->lines += s.p[i] == '\n';
		s.p += n;
		s.n -= n;
	}
	if (cut)
		cut_off(j);
}

/* What an input's end leaves open is an entry too, a bad one if it was cut off in a field. */
static bool flush_open(void *self)
{
	struct journal *j = self;

	if (!j->open)
		return j->json.n > 0;
	if (j->state == IN_TEXT || j->state == BEHIND)
		end_field(j);
	if (j->state != IN_NAME || j->word_size)
		j->state = PASSING_BY;
	end_entry(j);
	return true;
}

/* ---- lines */

static void settle(void *self)
{
	struct journal *j = self;

	buf_clear(&j->json);
	buf_trim(&j->json, KEEP);
	j->origins = 0;
}

static void begin(void *self)
{
	struct journal *j = self;

	begin_entry(j);
	j->lines = 0;
}

static struct slice ended(void *self)
{
	struct journal *j = self;

	buf_room(&j->json, LINES_PAD);
	return buf_slice(&j->json);
}

static uint64_t origin(const void *self, uint64_t n)
{
	const struct journal *j = self;

	return n >= 1 && n <= j->origins ? j->origin[n - 1] : j->lines;
}

static void journal_free(void *self)
{
	struct journal *j = self;

	j->f.inner.ops->free(j->f.inner.self);
	buf_free(&j->raw);
	buf_free(&j->json);
	free(j->field);
	free(j->origin);
	free(j);
}

struct lines journal_new(struct lines inner, size_t max_record)
{
	static const struct framing_ops framing = {
		.settle = settle,
		.begin = begin,
		.frame = frame_chunk,
		.flush = flush_open,
		.ended = ended,
	};
	static const struct lines_ops ops = {
		.next = framing_next,
		.name = framing_name,
		.is_first = framing_is_first,
		.terminated = framing_terminated,
		.consumed = framing_consumed,
		.size = framing_size,
		.origin = origin,
		.free = journal_free,
	};
	struct journal *j = alloc_zero(1, sizeof *j);

	j->f = (struct framing){ .ops = &framing, .inner = inner };
	j->max_record = max_record;
	return (struct lines){ &ops, j };
}
