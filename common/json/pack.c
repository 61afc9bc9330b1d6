/* A byte for the tag; then a double, or a length and bytes, or a count and that many values. */
#include "pack.h"

#include "check.h"

static void put32(struct buf *b, uint32_t n)
{
	buf_add(b, (const char *)&n, sizeof n);
}

static uint32_t get32(const char **p)
{
	uint32_t n;

	memcpy(&n, *p, sizeof n);
	*p += sizeof n;
	return n;
}

static void put_text(struct buf *b, enum val_tag tag, struct slice s)
{
	buf_addc(b, (char)tag);
	put32(b, (uint32_t)s.n);
	buf_add_slice(b, s);
}

/* As deep in C as the value is. */
static int pack(struct buf *b, struct heap *h, struct val v, unsigned depth)
{
	switch (val_type(v)) {
	case TYPE_NUMBER:
		if (v.tag == VAL_LIT) {
			put_text(b, VAL_LIT, val_text(v));
			return 0;
		}
		buf_addc(b, VAL_NUM);
		buf_add(b, (const char *)&v.num, sizeof v.num);
		return 0;
	case TYPE_STRING:
		put_text(b, VAL_STR, val_slice(h, v));
		return 0;
	case TYPE_ARRAY:
	case TYPE_OBJECT:
		break;
	default:
		buf_addc(b, (char)v.tag);
		return 0;
	}
	if (depth == CHECK_DEPTH)
		return -1;
	v = val_force(h, v);
	buf_addc(b, (char)v.tag);
	put32(b, v.tag == VAL_ARR ? v.arr->n : v.obj->n);
	if (v.tag == VAL_ARR) {
		for (uint32_t i = 0; i < v.arr->n; i++)
			if (pack(b, h, v.arr->at[i], depth + 1) < 0)
				return -1;
		return 0;
	}
	for (uint32_t i = 0; i < v.obj->n; i++)
		if (pack(b, h, v.obj->at[i].key, depth + 1) < 0 ||
		    pack(b, h, v.obj->at[i].value, depth + 1) < 0)
			return -1;
	return 0;
}

int val_pack(struct buf *b, struct heap *h, struct val v)
{
	size_t before = b->n;

	if (pack(b, h, v, 0) == 0)
		return 0;
	b->n = before;
	return -1;
}

/* The value at *P, which lies in the heap: texts stay where they are. */
static struct val unpack(struct heap *h, const char **p)
{
	enum val_tag tag = (enum val_tag)(uint8_t) * (*p)++;
	struct val v = val_of(tag), key;
	uint32_t n;

	switch (tag) {
	case VAL_NUM:
		memcpy(&v.num, *p, sizeof v.num);
		*p += sizeof v.num;
		return v;
	case VAL_LIT:
	case VAL_STR:
		v.len = get32(p);
		v.text = *p;
		*p += v.len;
		return v;
	case VAL_ARR:
		n = get32(p);
		v = val_arr(arr_new(h, n));
		for (; n; n--)
			v.arr = arr_push(h, v.arr, unpack(h, p));
		return v;
	case VAL_OBJ:
		n = get32(p);
		v = val_obj(obj_new(h, n));
		for (; n; n--) {
			key = unpack(h, p);
			v.obj = obj_set(h, v.obj, key, unpack(h, p));
		}
		return v;
	default:
		return v;
	}
}

struct val val_unpack(struct heap *h, struct slice packed)
{
	/* with a byte behind it that literals may be read up to */
	const char *p = arena_copy(&h->arena, packed.p, packed.n);

	return unpack(h, &p);
}
