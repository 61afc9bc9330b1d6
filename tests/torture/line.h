/*
 * line.h - the lines of the torture test, and how they are told from damaged ones.
 *
 * A line is "SEQ GENERATION SUM PADDING\n": its number over all (10 digits), the number of the file
 * that it is written to (7 digits), CRC-32 of all but the sum (8 hexadecimal digits), and letters.
 */
#ifndef TORTURE_LINE_H
#define TORTURE_LINE_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define LINE_MAX_PADDING 300000
#define LINE_HEAD        19 /* "SEQ GENERATION ", without NUL */
#define LINE_FIXED       28 /* with "SUM " */

/* The padding of the line that is written last. */
#define LINE_END "the-end"

/* The sum of a line without newline, of N bytes, at least LINE_FIXED. */
static inline uint32_t line_sum(const char *line, size_t n)
{
	uLong sum = crc32(0, (const Bytef *)line, LINE_HEAD);

	return (uint32_t)crc32(sum, (const Bytef *)line + LINE_FIXED, (uInt)(n - LINE_FIXED));
}

/*
 * Read a line of N bytes without its newline. Returns false if it is not whole; *seq is set if its
 * number could be read, else UINT64_MAX.
 */
static inline bool line_read(const char *line, size_t n, uint64_t *seq, uint64_t *generation)
{
	char head[LINE_FIXED + 1] = { 0 }, *end;
	uint64_t number;

	*seq = UINT64_MAX;
	memcpy(head, line, n < LINE_FIXED ? n : LINE_FIXED);
	number = strtoull(head, &end, 10);
	if (end != head + 10)
		return false;
	*seq = number;
	*generation = strtoull(head + 11, &end, 10);
	return n >= LINE_FIXED && end == head + LINE_HEAD - 1 &&
	       strtoul(head + LINE_HEAD, &end, 16) == line_sum(line, n) &&
	       end == head + LINE_FIXED - 1;
}

#endif
