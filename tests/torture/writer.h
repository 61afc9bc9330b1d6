/* writer.h - what writes the lines of the torture test, to one log or to many files. */
#ifndef TORTURE_WRITER_H
#define TORTURE_WRITER_H

#include "line.h"
#include "rotate.h"

#include <stdint.h>

#define BLOCK ((size_t)2 << 20) /* bytes; above half of it no line is added */

struct writer {
	const char *log; /* or the folder of many */
	FILE *ledger;
	struct rotator log_files;
	enum method methods[METHODS];
	unsigned method_count;
	unsigned rotations, lines, rate; /* rate: lines/s, 0: none */
	const char *go_on, *reader;
	int progress; /* file descriptor or -1 */
	uint64_t random;
	int64_t start; /* ns */
	/* where it is */
	uint64_t seq, first; /* the next line; the first of this generation */
	unsigned generation;
	char *block;
	size_t n;
	/* many files */
	unsigned files;
	const char *seen;
};

uint64_t draw(struct writer *w);
unsigned below(struct writer *w, unsigned n); /* 0 .. n - 1 */
void pause_for(int64_t ns);

/* Add a line to the block: TEXT, or padding of a drawn length. */
void add_line(struct writer *w, const char *text);

void put_bytes(struct writer *w, int fd, const char *p, size_t n);

/* Write the block with one write, if the system takes it whole, and empty it. */
void put_block(struct writer *w, int fd);

/* Lines to w->files files in the folder w->log; each file is a generation. */
void write_many(struct writer *w);

#endif
