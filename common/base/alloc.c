#include "alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define KEPT       (64 << 20) /* bytes that are free at the heap's end */
#define OF_ITS_OWN (32 << 20) /* a block as large is mapped by itself: glibc's most */

void alloc_init(void)
{
#ifdef __GLIBC__ /* other C libraries have policies of their own */
	mallopt(M_TRIM_THRESHOLD, KEPT);
	mallopt(M_MMAP_THRESHOLD, OF_ITS_OWN);
#endif
}

_Noreturn void alloc_failed(void)
{
	static const char text[] = "out of memory\n";
	ssize_t ignored = write(2, text, sizeof text - 1);

	(void)ignored;
	_exit(2);
}

static size_t product(size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		alloc_failed();
	return bytes ? bytes : 1;
}

void *alloc_array(size_t n, size_t size)
{
	void *p = malloc(product(n, size));

	if (!p)
		alloc_failed();
	return p;
}

void *alloc_zero(size_t n, size_t size)
{
	void *p = calloc(1, product(n, size));

	if (!p)
		alloc_failed();
	return p;
}

void *alloc_resize(void *p, size_t n, size_t size)
{
	void *q = realloc(p, product(n, size));

	if (!q)
		alloc_failed();
	return q;
}

char *alloc_copy(const char *p, size_t len)
{
	char *q = alloc_array(len + 1, 1);

	if (len)
		memcpy(q, p, len);
	q[len] = '\0';
	return q;
}

void *alloc_grow(void *p, size_t *cap, size_t want, size_t size)
{
	size_t n = *cap ? *cap : 8;

	if (want <= *cap)
		return p;
	while (n < want) {
		if (n > SIZE_MAX / 2)
			alloc_failed();
		n *= 2;
	}
	p = alloc_resize(p, n, size);
	*cap = n;
	return p;
}
