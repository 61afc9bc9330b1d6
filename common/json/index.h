/*
 * index.h - where the structure of JSON lines lies: the first of the scanner's two steps.
 *
 * One pass over a batch of whole lines finds, outside strings, every bracket, colon, comma and
 * newline, the opening quote of every string and the first byte of every other scalar, in order, as
 * a position and a class. What is lexically wrong inside strings (control characters, escapes that
 * do not exist, a newline) appears in the same sequence as CLASS_BAD or CLASS_BAD_NEWLINE, so that
 * the second step (scan.h) needs no other channel. Numbers, literals and grammar are the second
 * step's.
 *
 * The bit-parallel method is that of G. Langdale, D. Lemire, "Parsing Gigabytes of JSON per
 * Second", VLDB Journal 28 (2019), sections 3.1.1-3.1.3; strings end at newlines here.
 * Floor: 3 (json)
 */
#ifndef JSON_INDEX_H
#define JSON_INDEX_H

#include <stddef.h>
#include <stdint.h>

/* Classes of bytes. A flag makes each mask of the SIMD twins one test. */
enum {
	CLASS_OP_FLAG = 0x80,    /* brackets, colon, comma, newline */
	CLASS_SPACE_FLAG = 0x40, /* space, tab, carriage return */
	CLASS_CTRL_FLAG = 0x20,  /* below 0x20, newline left out */
	CLASS_QUOTE_FLAG = 0x10,

	CLASS_OPEN_OBJ = CLASS_OP_FLAG | 1,
	CLASS_CLOSE_OBJ = CLASS_OP_FLAG | 2,
	CLASS_OPEN_ARR = CLASS_OP_FLAG | 3,
	CLASS_CLOSE_ARR = CLASS_OP_FLAG | 4,
	CLASS_COLON = CLASS_OP_FLAG | 5,
	CLASS_COMMA = CLASS_OP_FLAG | 6,
	CLASS_NEWLINE = CLASS_OP_FLAG | 7,     /* ends a record */
	CLASS_BAD_NEWLINE = CLASS_OP_FLAG | 8, /* ends a record inside a string */
	CLASS_QUOTE = CLASS_QUOTE_FLAG,        /* begins a string */
	CLASS_SCALAR = 1,                      /* begins a number, a literal, or garbage */
	CLASS_BAD = 2,                         /* a byte that must not be in a string */
};

/* The class of each byte by itself. */
extern const uint8_t index_class[256];

/* Bytes behind the text that a twin may read (their content does not matter). */
#define INDEX_PAD 64

/*
 * Index LEN bytes (fewer than 2^32) of whole lines: text[len - 1] is '\n', INDEX_PAD bytes behind
 * it are readable. POS (offsets into TEXT) and CLS have room for len + INDEX_PAD entries. Returns
 * how many were written. The twins give the same answer, byte for byte.
 */
typedef size_t index_fn(const char *text, size_t len, uint32_t *pos, uint8_t *cls);

index_fn index_portable;
#if defined(__x86_64__)
index_fn index_avx2;
index_fn index_avx512;
#endif

/* The fastest twin that this processor runs. */
index_fn *index_best(void);

#endif
