#include "control.h"

#include "base/stamp.h"
#include "json/valparse.h"

static const struct {
	const char *name;
	enum control_kind kind;
} kinds[] = {
	{ "watermark", CONTROL_WATERMARK },
	{ "idle", CONTROL_IDLE },
	{ "barrier", CONTROL_BARRIER },
	{ "restore", CONTROL_RESTORE },
	{ "end", CONTROL_END },
};

static int read_time(const struct obj *o, struct control *c)
{
	const struct val *v = obj_get(o, SLICE("time"));

	return v && val_type(*v) == TYPE_STRING ? stamp_parse(val_text(*v), NULL, NULL, &c->time)
	                                        : -1;
}

int control_parse(struct slice line, struct control *c, struct err *e)
{
	struct check_fault fault;
	const struct val *kind;
	struct heap h;
	struct val v;
	size_t i;
	int r = 0;

	*c = (struct control){ CONTROL_OTHER, STAMP_NONE };
	line.p++;
	line.n--;
	heap_init(&h);
	if (val_parse(&h, line, &v, &fault) < 0) {
		r = err_set(e, FAIL_STATE, "malformed control line: byte %zu: %s", fault.at + 2,
		            fault.text);
	} else if (v.tag == VAL_OBJ) {
		kind = obj_get(v.obj, SLICE("kind"));
		for (i = 0; kind && kind->tag == VAL_STR && i < sizeof kinds / sizeof kinds[0]; i++)
			if (slice_same(val_text(*kind), slice_from(kinds[i].name)))
				c->kind = kinds[i].kind;
		if (c->kind == CONTROL_WATERMARK && read_time(v.obj, c) < 0)
			r = err_set(e, FAIL_STATE,
			            "malformed control line: a watermark without an RFC 3339 time");
	}
	heap_free(&h);
	return r;
}

void control_write(struct buf *b, const char *kind)
{
	buf_addf(b, "%c{\"kind\":\"%s\"}\n", CONTROL_BYTE, kind);
}

void control_write_watermark(struct buf *b, int64_t time)
{
	char text[STAMP_TEXT];

	stamp_format(time, text);
	buf_addf(b, "%c{\"kind\":\"watermark\",\"time\":\"%s\"}\n", CONTROL_BYTE, text);
}
