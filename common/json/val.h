/*
 * val.h - JSON values as programs see them.
 *
 * A value is 16 bytes, passed by value. Parts of a record stay what they are, slices of its text,
 * until somebody needs more: numbers keep their literal, strings their escapes, arrays and objects
 * are a place in the scanned record. What programs build lives in a heap.
 *
 * Memory: a value is valid as long as the heap, the record and the program it came from; nothing is
 * freed by itself. The heap is reset as a whole. Sharing: an array or object may be changed in
 * place by who holds the only reference to it. Whoever makes a second reference says so with
 * val_share(); the changing functions copy what is shared. Floor: 3 (json)
 */
#ifndef JSON_VAL_H
#define JSON_VAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "num.h"
#include "scan.h"

/* In jq's order of types; VAL_NONE is no value ("empty", "not there"). */
enum val_tag {
	VAL_NONE,
	VAL_NULL,
	VAL_FALSE,
	VAL_TRUE,
	VAL_NUM,     /* a double */
	VAL_LIT,     /* a number by its literal: text, len */
	VAL_STR,     /* well-formed UTF-8: text, len */
	VAL_RAWSTR,  /* a string of a record, not decoded: the text between its quotes */
	VAL_ARR,     /* in the heap */
	VAL_RAWARR,  /* of a record: rec, number in len */
	VAL_OBJ,     /* in the heap */
	VAL_RAWOBJ,  /* of a record */
	VAL_PRIVATE, /* from here on the evaluator's own */
};

enum val_type {
	TYPE_NONE,
	TYPE_NULL,
	TYPE_FALSE,
	TYPE_TRUE,
	TYPE_NUMBER,
	TYPE_STRING,
	TYPE_ARRAY,
	TYPE_OBJECT
};

struct val {
	uint8_t tag;
	uint8_t flag; /* VAL_CLEAN */
	uint16_t aux; /* the evaluator's own */
	uint32_t len;
	union {
		double num;
		const char *text;
		struct arr *arr;
		struct obj *obj;
		const struct rec *rec;
		void *ptr;
	};
};

#define VAL_CLEAN 1 /* of a VAL_STR: is JSON between quotes as it is */

struct arr {
	uint32_t n, cap;
	bool shared;
	bool moved; /* the collector's: its new place stands where n and cap did */
	struct val at[];
};

struct member {
	struct val key; /* VAL_STR */
	struct val value;
};

/* Members in order of insertion; an index by hash where there are many. */
struct obj {
	uint32_t n, cap;
	bool shared;
	bool moved;      /* as an array's */
	uint32_t mask;   /* of the index, its slots - 1 */
	uint32_t *index; /* member number + 1, or 0; NULL while there are few members */
	struct member at[];
};

/* Where programs build values. */
struct heap {
	struct arena arena;
	char *tail, *tail_end; /* free room behind the string built last */
	size_t limit;          /* bytes that a record's program may take */
};

#define HEAP_LIMIT ((size_t)1 << 30) /* what heap_init() sets */

/* Is it past its limit? Then whoever runs programs ends them; a single step may exceed it. */
static inline bool heap_over(const struct heap *h)
{
	return h->arena.full > h->limit;
}

/* May COUNT values be built at once? */
static inline bool heap_fits(const struct heap *h, double count)
{
	return count <= (double)h->limit / 16;
}

void heap_init(struct heap *h);
void heap_reset(struct heap *h);
void heap_free(struct heap *h);

/* ---- making values */

static inline struct val val_of(enum val_tag tag)
{
	return (struct val){ .tag = (uint8_t)tag };
}

static inline struct val val_bool(bool b)
{
	return val_of(b ? VAL_TRUE : VAL_FALSE);
}

static inline struct val val_num(double v)
{
	return (struct val){ .tag = VAL_NUM, .num = v };
}

/* A string over bytes that live long enough and are well-formed UTF-8. */
static inline struct val val_str(struct slice s)
{
	return (struct val){ .tag = VAL_STR, .len = (uint32_t)s.n, .text = s.p };
}

/* A number by its literal, likewise. */
static inline struct val val_lit(struct slice s)
{
	return (struct val){ .tag = VAL_LIT, .len = (uint32_t)s.n, .text = s.p };
}

static inline struct val val_arr(struct arr *a)
{
	return (struct val){ .tag = VAL_ARR, .arr = a };
}

static inline struct val val_obj(struct obj *o)
{
	return (struct val){ .tag = VAL_OBJ, .obj = o };
}

/* A string copied into the heap; malformed UTF-8 becomes U+FFFD. */
struct val val_copy_str(struct heap *h, struct slice s);

/* A formatted ASCII string in the heap. */
struct val val_strf(struct heap *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Value number K of a record, as lazily as it can be. */
struct val val_from_rec(const struct rec *r, uint32_t k);

/* ---- asking values */

extern const uint8_t val_types[VAL_PRIVATE];

static inline enum val_type val_type(struct val v)
{
	return (enum val_type)val_types[v.tag];
}

/* "null", "boolean", "number", "string", "array", "object" */
const char *val_type_name(struct val v);

static inline bool val_true(struct val v)
{
	return v.tag != VAL_NULL && v.tag != VAL_FALSE;
}

static inline bool val_is_num(struct val v)
{
	return v.tag == VAL_NUM || v.tag == VAL_LIT;
}

static inline struct slice val_text(struct val v)
{
	return (struct slice){ v.text, v.len };
}

/* The double of a number. */
static inline double val_double(struct val v)
{
	return v.tag == VAL_NUM ? v.num : num_parse(val_text(v));
}

/* A string's UTF-8. */
struct slice val_slice(struct heap *h, struct val v);

/* An array or object in the heap (its members as lazy as they were); other values unchanged. */
struct val val_force(struct heap *h, struct val v);

/* The same, all the way down, sharing nothing with any record: literals and strings copied too. */
struct val val_copy_deep(struct heap *h, struct val v);

/* Elements of an array, members of an object, without making it. */
uint32_t val_count(struct val v);

/*
 * Order of two values as jq sorts. *TOO_DEEP (may be set before) becomes true where they are nested
 * deeper than CHECK_DEPTH; the answer means nothing then.
 */
int val_order(struct heap *h, struct val a, struct val b, bool *too_deep);

bool val_equal(struct heap *h, struct val a, struct val b, bool *too_deep);

/* ---- arrays and objects */

/* Say that there is a second reference to V. Returns V. */
static inline struct val val_share(struct val v)
{
	if (v.tag == VAL_ARR)
		v.arr->shared = true;
	else if (v.tag == VAL_OBJ)
		v.obj->shared = true;
	return v;
}

struct arr *arr_new(struct heap *h, size_t cap);

/* Add V to an array that is not shared; returns the array, moved or not. */
struct arr *arr_push(struct heap *h, struct arr *a, struct val v);

/* The array itself where it is not shared, else a copy that is not. */
struct arr *arr_own(struct heap *h, struct arr *a);

/* Make an array that is not shared at least N long, null where it is new. */
struct arr *arr_stretch(struct heap *h, struct arr *a, size_t n);

struct obj *obj_new(struct heap *h, size_t cap);
struct obj *obj_own(struct heap *h, struct obj *o);

/* The member of that key, or NULL; dies at the next change of the object. */
struct val *obj_get(const struct obj *o, struct slice key);

/*
 * Set a member of an object that is not shared; KEY (a VAL_STR) lives as long. Returns the object,
 * moved or not.
 */
struct obj *obj_set(struct heap *h, struct obj *o, struct val key, struct val value);

/* Take a member out of an object that is not shared, if it is there. */
void obj_delete(struct heap *h, struct obj *o, struct slice key);

/* The number of the member of that key, or UINT32_MAX. */
uint32_t obj_find(const struct obj *o, struct slice key);

/* Take the members that GONE marks, a flag each, out of an object that is not shared. */
void obj_delete_marked(struct heap *h, struct obj *o, const bool *gone);

/* Members in the order of their keys: numbers into o->at, in the heap. */
uint32_t *obj_sorted(struct heap *h, const struct obj *o);

/* LEFT and RIGHT, UINT32_MAX bytes at most, joined; the room behind LEFT is used where it is free.
 */
struct val val_concat(struct heap *h, struct slice left, struct slice right);

#endif
