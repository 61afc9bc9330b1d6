/*
 * journal.h - entries of systemd's journal in its export format (journalctl -o export) as JSON
 * lines.
 *
 * A filter of lines (io/lines.h) that frames and converts. An entry is fields and an empty line;
 * a field is NAME=VALUE and a newline, or, where the value is no text, NAME, a newline, its length
 * (64 bits, little-endian), that many bytes, a newline. What comes of it is what journalctl -o json
 * writes: values are strings, arrays of bytes where they are not UTF-8 or hold control characters
 * other than tab and newline; a field that an entry has several times is an array of them. Before
 * it stands "time", which is __REALTIME_TIMESTAMP as RFC 3339.
 *
 * What is no such entry becomes a line that is no JSON, JOURNAL_BAD and its beginning; one that is
 * too long a line that is longer than allowed.
 *
 * Memory: owns a copy of an entry, up to the limit, and of what it hands out. Floor: 4 (record)
 */
#ifndef RECORD_JOURNAL_H
#define RECORD_JOURNAL_H

#include "io/lines.h"

#define JOURNAL_BAD "no entry of a journal in export format: "

/*
 * Entries of INNER, which it frees; INNER's lines need not end where lines do. MAX_RECORD: bytes of
 * an entry as it is stored.
 */
struct lines journal_new(struct lines inner, size_t max_record);

#endif
