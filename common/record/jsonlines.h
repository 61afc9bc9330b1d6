/*
 * jsonlines.h - JSON values laid out over several lines, or several on one, as one value a line.
 *
 * A filter of lines (io/lines.h) between the input and the scanner: it looks for where values begin
 * and end, nothing more, and leaves judging them to the scanner. Between values any white space may
 * stand, RFC 7464's record separator (0x1E), or nothing where the values themselves say where they
 * end. Inside a value a newline becomes a space.
 *
 * Memory: owns a copy of what it hands out, and of a value that has not ended yet, of which no more
 * than the limit and a byte is kept. Floor: 4 (record)
 */
#ifndef RECORD_JSONLINES_H
#define RECORD_JSONLINES_H

#include "io/lines.h"

/*
 * One value a line out of INNER, which it frees; INNER's lines need not end where lines do.
 * MAX_RECORD: bytes of a value.
 */
struct lines jsonlines_new(struct lines inner, size_t max_record);

#endif
