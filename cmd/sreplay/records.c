#include "sreplay.h"

#include "stream/shift.h"
#include "stream/since.h"
#include "window/window.h"
#include "json/key.h"

#include <stdio.h>
#include <stdlib.h>

static int init_sample(struct records *d, struct err *e)
{
	const struct option_list *l = &d->args->sample;

	if (!l->n)
		return 0;
	if (sample_init(&d->sample, "--sample-by", l->item[l->n - 1], SAMPLE_SEED, e) < 0)
		return -1;
	d->key = keyexpr_new("--sample-by", l->item[l->n - 2], d->plan, NULL, e);
	if (!d->key)
		return -1;
	return key_put(&d->no_key, d->heap, val_of(VAL_NULL));
}

static int init_shift(struct records *d, struct err *e)
{
	const struct args *a = d->args;

	d->shift_to = STAMP_NONE;
	if (!a->shift)
		return 0;
	if (a->lines)
		return err_set(e, FAIL_USAGE,
		               "--shift changes records, and --lines leaves them as they are");
	if (!times_is_field(d->times))
		return err_set(e, FAIL_USAGE,
		               "--shift: '%s' is computed; the time has to be a field, as .a or "
		               ".a.b, to be rewritten",
		               a->times.time.expr);
	if (a->times.time.zone) {
		d->zone = tz_load(a->times.time.zone, e);
		if (!d->zone)
			return -1;
	}
	return since_parse("--shift", a->shift, d->zone, stamp_now(), &d->shift_to, e);
}

int records_init(struct records *d, struct err *e)
{
	if (init_sample(d, e) < 0 || init_shift(d, e) < 0)
		return -1;
	return 0;
}

void records_end(const struct records *d)
{
	const struct option_list *l = &d->args->sample;

	if (d->asked && !d->keyed)
		fprintf(stderr, "sreplay: --sample-by: %s was null in every record\n",
		        l->item[l->n - 2]);
}

void records_free(struct records *d)
{
	keyexpr_free(d->key);
	tz_free(d->zone);
	scan_free(d->again);
	buf_free(&d->key_text);
	buf_free(&d->no_key);
	buf_free(&d->moved);
}

int records_sample(struct records *d, const struct record *r, struct err *why)
{
	int done;

	if (!d->key)
		return 1;
	buf_clear(&d->key_text);
	done = keyexpr_read(d->key, val_from_rec(&r->rec, 0), &r->rec, d->heap, &d->key_text, why);
	heap_reset(d->heap);
	d->asked = true;
	d->keyed =
		d->keyed || done < 0 || !slice_same(buf_slice(&d->key_text), buf_slice(&d->no_key));
	return done < 0 ? -1 : sample_has(&d->sample, buf_slice(&d->key_text));
}

/* ---- times moved */

/* By how much, known with the first record, of time FIRST. */
static void find_move(struct records *d, int64_t first)
{
	int64_t to = strcmp(d->args->shift, "now") == 0 ? stamp_now() : d->shift_to;

	d->moves = true;
	d->by = apart(first, to);
}

int64_t records_moved(const struct records *d, int64_t ahead)
{
	return d->moves ? win_plus(d->by, ahead) : 0;
}

int records_move(struct records *d, const struct record *r, int64_t ahead, struct err *why)
{
	const struct evtime_opts *o = &d->args->times.time;
	int64_t beyond, time = times_time(d->times);
	int32_t k = times_field(d->times, &r->rec, &beyond);
	struct slice text = { r->json.p, r->json.n }, value;
	size_t at;

	if (!d->moves)
		find_move(d, time);
	value = rec_value(&r->rec, (uint32_t)k);
	at = (size_t)(value.p - text.p);
	buf_clear(&d->moved);
	buf_add(&d->moved, text.p, at);
	if (shift_literal(value, time + beyond, records_moved(d, ahead), o->format, d->zone,
	                  &d->moved, why) < 0)
		return -1;
	buf_add(&d->moved, value.p + value.n, text.n - at - value.n);
	return 0;
}

/* ---- out */

uint64_t records_size(const struct records *d, const struct record *r)
{
	return d->moves ? d->moved.n : d->args->lines ? r->line.n : r->json.n;
}

/*
 * Where nothing is looked into a last line without newline stays so; but lines of another input
 * behind it are lines of their own.
 */
int records_pass(struct records *d, struct slice line, struct err *e)
{
	if (d->cut && writer_pass(&d->frame->out, SLICE("\n"), e) < 0)
		return -1;
	d->cut = !d->looks && !source_terminated(d->frame->source);
	line.n -= d->cut;
	return frame_pass(d->frame, line, e);
}

int records_header(struct records *d, struct slice line, struct err *e)
{
	if (!d->args->lines || d->headed)
		return 0;
	d->headed = true;
	return writer_pass(&d->frame->out, line, e);
}

/* The moved record, scanned. */
static struct val moved_value(struct records *d, struct rec *rec)
{
	if (!d->again)
		d->again = scan_new(d->plan, NULL);
	buf_room(&d->moved, INDEX_PAD);
	scan_feed(d->again, d->moved.p, d->moved.n);
	return scan_next(d->again, rec) == SCAN_RECORD ? val_from_rec(rec, 0) : val_of(VAL_NULL);
}

static int encode(struct records *d, const struct record *r, struct err *why)
{
	struct rec moved;
	int done = frame_write(d->frame, d->heap,
	                       d->moves ? moved_value(d, &moved) : val_from_rec(&r->rec, 0), why);

	heap_reset(d->heap);
	return done;
}

int records_write(struct records *d, const struct record *r, struct err *why, struct err *e)
{
	if (d->encodes) {
		if (encode(d, r, why) == 0)
			return 0;
		if (why->kind != FAIL_DATA)
			*e = *why;
		return -1;
	}
	if (!d->moves && (d->args->lines || r->json.p == r->line.p))
		return records_pass(d, r->line, e);
	d->frame->records_out++;
	buf_add_slice(writer_buf(&d->frame->out), d->moves ? buf_slice(&d->moved) : r->json);
	return writer_check(&d->frame->out, e);
}
