/* The table: read when the run begins, and anew when its file changes or SIGHUP asks for it. */
#include "sjoin.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "io/stop.h"
#include "stream/watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

struct loader {
	const char *name;
	struct decode_opts decode;
	struct watch *watch; /* NULL: nobody looks whether it changes */
};

/* What rows go into. */
struct rows {
	struct jointable *table;
	struct tablematch *match; /* --match, or NULL */
	struct disktable *disk;   /* where they go on to, or NULL */
};

/* The same with an empty table, T, which it owns from now on. */
static int rows_into(const struct join *j, struct jointable *t, struct rows *rows, struct err *e)
{
	const struct args *a = j->args;
	struct disktable_opts disk = { .marks = a->type == JOIN_RIGHT || a->type == JOIN_FULL,
		                       .unique = a->validate };

	*rows = (struct rows){ .table = t };
	if (a->match)
		rows->match = tablematch_new(
			(enum match_kind)a->match,
			a->matches < 0 ? MATCHES_LONGEST : (enum matches)a->matches, t);
	if (!a->disk)
		return 0;
	disk.matches = a->matches < 0 ? MATCHES_ALL : (enum matches)a->matches;
	rows->disk = disktable_new(a->disk, &disk, e);
	return rows->disk ? 0 : -1;
}

static void rows_free(struct rows *rows)
{
	tablematch_free(rows->match);
	disktable_free(rows->disk);
	jointable_free(rows->table);
}

/* Lines FIRST and LINE have the same key. */
static int refuse_twice(struct join *j, const struct source *s, struct slice key, uint64_t first,
                        uint64_t line, struct err *e)
{
	struct buf text = { 0 };

	joinkeys_show(j->keys, key, &j->heap, &text);
	err_set(e, FAIL_DATA,
	        "%s:%" PRIu64 ": the key %.*s is on line %" PRIu64
	        " too (--validate m:1; --matches first or last chooses one)",
	        source_name(s), line, (int)(text.n > 200 ? 200 : text.n), text.p, first);
	buf_free(&text);
	return -1;
}

/* To disk: the table has a row at a time. */
static int move_row(const struct rows *to, const struct row *row, struct slice key, struct err *e)
{
	int did = disktable_add(to->disk, row, key, e);

	jointable_clear(to->table);
	return did;
}

/* Row R of S goes into TO. */
static int add_row(struct join *j, const struct rows *to, struct source *s, const struct record *r,
                   struct err *e)
{
	const struct slice none = { 0 };
	struct slice key = none;
	struct row_chain *c;
	struct row *row;
	struct err why;
	int got;

	err_clear(&why);
	got = joinkeys_read(j->keys, SIDE_RIGHT, &r->rec, &j->heap, &key, &why);
	if (got < 0)
		return source_bad(s, r, why.text, e) == GOT_ERROR ? -1 : 0;
	if (got && to->match) {
		if (tablematch_add(to->match, key, joinkeys_last(j->keys), val_from_rec(&r->rec, 0),
		                   source_line(s), &j->heap, &why) < 0)
			return source_bad(s, r, why.text, e) == GOT_ERROR ? -1 : 0;
		return 0;
	}
	if (!got)
		key = none;
	if (got && j->args->validate && !to->disk &&
	    (c = jointable_find(to->table, key, hash_bytes(key.p, key.n))))
		return refuse_twice(j, s, key, c->first->line, source_line(s), e);
	row = jointable_add(to->table, to->disk ? none : key, val_from_rec(&r->rec, 0),
	                    source_line(s), &j->heap);
	return to->disk ? move_row(to, row, key, e) : 0;
}

/* All rows of S are there. */
static int finish_rows(struct join *j, const struct rows *rows, const struct source *s,
                       struct err *e)
{
	struct slice key;
	uint64_t line[2];
	int twice = 0;

	if (rows->match)
		tablematch_loaded(rows->match);
	if (!rows->disk)
		return 0;
	if (disktable_loaded(rows->disk, e) < 0)
		return -1;
	if (j->args->validate)
		twice = disktable_twice(rows->disk, &key, line, e);
	return twice > 0 ? refuse_twice(j, s, key, line[0], line[1], e) : twice;
}

/* The table's lines. Half a table is no use: it is read whole, whatever signals come. */
static int open_lines(const struct join *j, struct lines *lines, struct err *e)
{
	const struct loader *l = j->loader;

	return join_open_right(j->args, &l->name, &l->decode, true, lines, e);
}

/* What there is of that name: S_IFMT's bits, 0 for nothing. */
static mode_t kind_of(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

/* From now on records are joined with these. */
static void put_in_force(struct join *j, const struct rows *rows)
{
	j->table = rows->table;
	j->match = rows->match;
	j->disk = rows->disk;
}

/* ---- at the start */

static struct jointable *first_table(struct join *j)
{
	const struct args *a = j->args;

	/* of several that --match finds one is chosen when they are looked for */
	return jointable_new(a->match || a->matches < 0 ? MATCHES_ALL : (enum matches)a->matches,
	                     &j->plan[SIDE_LEFT]);
}

static int read_first(struct join *j, struct err *e)
{
	struct frame *f = &j->frame;
	struct rows rows;
	struct lines lines;
	struct record r;
	int got, did;

	if (open_lines(j, &lines, e) < 0 ||
	    frame_source(f, &j->loader->decode, lines, &j->plan[SIDE_RIGHT], e) < 0)
		return -1;
	did = rows_into(j, first_table(j), &rows, e);
	while (did == 0 && (got = frame_next(f, -1, &r, e)) != GOT_END) {
		if (got == GOT_ERROR)
			did = -1;
		else if (got == GOT_RECORD)
			did = add_row(j, &rows, f->source, &r, e);
		heap_reset(&j->heap);
	}
	if (did == 0)
		did = finish_rows(j, &rows, f->source, e);
	put_in_force(j, &rows);
	frame_close_source(f);
	/* statistics are about the stream; the table has a number of its own */
	f->records_in = 0;
	f->bytes_in = 0;
	if (did == 0 && f->input_failed)
		return err_set(e, FAIL_OPEN, "the table %s could not be read whole",
		               j->loader->name);
	return did;
}

/* Before the table is read, so that no change behind that is missed. */
static int listen_first(struct join *j, struct err *e)
{
	struct loader *l = j->loader;
	mode_t kind = kind_of(l->name);

	if (kind == S_IFREG)
		stop_take_hup();
	if (!j->args->reload)
		return 0;
	if (kind && kind != S_IFREG)
		return err_set(e, FAIL_USAGE,
		               "--reload: %s is no regular file, and is not read twice", l->name);
	l->watch = watch_new(l->name, e);
	return l->watch ? 0 : -1;
}

int loader_read(struct join *j, const char *name, struct err *e)
{
	struct loader *l = j->loader = alloc_zero(1, sizeof *l);

	l->name = name;
	if (join_right_format(j->args, name, &l->decode, e) < 0 || listen_first(j, e) < 0)
		return -1;
	return read_first(j, e);
}

/* ---- anew */

/* All rows of S go into TO. -1 with *e set where one is bad, or there is no reading them. */
static int read_rows(struct join *j, const struct rows *to, struct source *s, struct err *e)
{
	struct record r;
	int got, did = 0;

	while (did == 0 && (got = source_next(s, false, 0, &r, e)) != GOT_END) {
		if (got == GOT_ERROR)
			return -1;
		if (got == GOT_TICK)
			return err_set(e, FAIL_IO, "cannot read %s: it would have to be waited for",
			               j->loader->name);
		if (got == GOT_RECORD)
			did = add_row(j, to, s, &r, e);
		heap_reset(&j->heap);
	}
	return did;
}

/* What the file has now. -1 with *e set where something in it is bad. */
static int read_anew(struct join *j, struct rows *rows, struct err *e)
{
	const struct loader *l = j->loader;
	mode_t kind = kind_of(l->name);
	struct report report; /* a bad row is no bad record: it is the end of it */
	struct source_setup setup = { .tool = sjoin_tool.name,
		                      .decode = l->decode,
		                      .max_record = j->args->shared.max_record,
		                      .plan = &j->plan[SIDE_RIGHT],
		                      .report = &report,
		                      .strict = true };
	struct source *s;
	int did;

	if (kind && kind != S_IFREG)
		return err_set(e, FAIL_OPEN, "cannot read %s: it is no regular file", l->name);
	report_init(&report, sjoin_tool.name, ON_ERROR_FAIL, NULL);
	if (open_lines(j, &setup.lines, e) < 0)
		return -1;
	s = source_new(&setup, e);
	if (!s)
		return -1;
	did = rows_into(j, jointable_successor(j->table), rows, e);
	if (did == 0)
		did = read_rows(j, rows, s, e);
	if (did == 0)
		did = finish_rows(j, rows, s, e);
	if (did < 0)
		rows_free(rows);
	source_free(s);
	report_end(&report);
	return did;
}

static void say(struct join *j, const struct err *e, const char *what_then)
{
	struct buf text = { 0 };

	buf_addf(&text, "%s: %s; %s\n", sjoin_tool.name, e->text, what_then);
	report_text(&j->frame.report, buf_slice(&text));
	buf_free(&text);
}

static void reload(struct join *j)
{
	struct rows old = { j->table, j->match, j->disk }, rows = { 0 };
	struct err e;

	err_clear(&e);
	if (read_anew(j, &rows, &e) < 0) {
		say(j, &e, "the table as it was is kept");
		return;
	}
	put_in_force(j, &rows);
	rows_free(&old);
}

static void look(struct join *j, bool asked)
{
	struct watch *w = j->loader->watch;
	struct err e;
	int changed;

	err_clear(&e);
	changed = w ? watch_changed(w, &e) : 0;
	if (changed < 0)
		say(j, &e, "from now on the table is read anew on SIGHUP only");
	if (changed || asked)
		reload(j);
}

void loader_before_refill(void *context)
{
	struct join *j = context;

	j->refilled = true;
	if (stop_hup())
		look(j, true);
}

void loader_look(struct join *j)
{
	j->refilled = false;
	look(j, stop_hup());
}

void loader_free(struct join *j)
{
	if (j->loader)
		watch_free(j->loader->watch);
	free(j->loader);
	rows_free(&(struct rows){ j->table, j->match, j->disk });
}
