#include "stail.h"

#include "base/stamp.h"
#include "json/jstring.h"

enum { TAG_SOURCE, TAG_OFFSET, TAG_LINE, TAG_READ };

static const char *const names[TAGS] = {
	[TAG_SOURCE] = "source",
	[TAG_OFFSET] = "offset",
	[TAG_LINE] = "line",
	[TAG_READ] = "read",
};

void tags_init(struct tags *g, struct plan *plan, bool text)
{
	*g = (struct tags){ .wraps = text ? "text" : "value" };
	for (size_t i = 0; i < TAGS; i++)
		g->slot[i] = plan_key(plan, 0, slice_from(names[i]));
	plan_init(&g->none);
	g->scan = scan_new(&g->none, NULL);
}

void tags_free(struct tags *g)
{
	buf_free(&g->json);
	scan_free(g->scan);
	plan_free(&g->none);
}

/* Has the object a member of this name? */
static bool has_member(const struct rec *r, struct slice name)
{
	for (uint32_t k = 1; r->cls[k] == CLASS_QUOTE;) {
		struct slice key = rec_value(r, k);

		if (jstring_equals((struct slice){ key.p + 1, key.n - 2 }, name))
			return true;
		k = rec_after(r, k + 2); /* behind the colon */
		k += r->cls[k] == CLASS_COMMA;
	}
	return false;
}

/* Append the tag's name, with as many "_" as it takes to be none of the record's own. */
static void put_name(const struct tags *g, size_t tag, const struct rec *r, struct buf *to)
{
	struct buf name = { 0 };
	size_t n = 0;

	buf_addc(to, '"');
	if (r->cls[0] != CLASS_OPEN_OBJ || r->slot[g->slot[tag]] < 0) {
		buf_adds(to, names[tag]);
		buf_adds(to, "\":");
		return;
	}
	do {
		buf_clear(&name);
		for (size_t i = 0; i < n; i++)
			buf_addc(&name, '_');
		buf_adds(&name, names[tag]);
		n++;
	} while (has_member(r, buf_slice(&name)));
	buf_add_slice(to, buf_slice(&name));
	buf_adds(to, "\":");
	buf_free(&name);
}

static void put_tags(const struct tags *g, const struct rec *r, const struct source *s,
                     struct buf *to)
{
	struct place place = source_place(s);
	char read[STAMP_TEXT];

	put_name(g, TAG_SOURCE, r, to);
	jstring_write_bytes(to, slice_from(source_name(s)));
	buf_addc(to, ',');
	put_name(g, TAG_OFFSET, r, to);
	buf_add_int(to, (int64_t)place.offset);
	buf_addc(to, ',');
	put_name(g, TAG_LINE, r, to);
	if (place.line)
		buf_add_int(to, (int64_t)place.line);
	else
		buf_adds(to, "null");
	buf_addc(to, ',');
	put_name(g, TAG_READ, r, to);
	stamp_format(stamp_now(), read);
	buf_addf(to, "\"%s\"", read);
}

void tags_add(const struct tags *g, const struct record *r, const struct source *s, struct buf *to)
{
	struct slice text = { r->json.p, r->json.n - 1 };
	size_t inside, brace;

	if (r->rec.cls[0] != CLASS_OPEN_OBJ) {
		buf_addf(to, "{\"%s\":", g->wraps);
		buf_add_slice(to, rec_value(&r->rec, 0));
		buf_addc(to, ',');
		put_tags(g, &r->rec, s, to);
		buf_adds(to, "}\n");
		return;
	}
	brace = encode_object_end(text, &inside);
	buf_add(to, text.p, inside);
	if (text.p[inside - 1] != '{')
		buf_addc(to, ',');
	put_tags(g, &r->rec, s, to);
	buf_add(to, text.p + brace, r->json.n - brace);
}

struct val tags_value(struct tags *g, const struct record *r, const struct source *s,
                      struct rec *rec)
{
	enum scan_got got;

	buf_clear(&g->json);
	tags_add(g, r, s, &g->json);
	buf_room(&g->json, INDEX_PAD);
	scan_feed(g->scan, g->json.p, g->json.n);
	got = scan_next(g->scan, rec);
	return got == SCAN_RECORD ? val_from_rec(rec, 0) : val_of(VAL_NULL);
}
