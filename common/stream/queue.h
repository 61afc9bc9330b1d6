/*
 * queue.h - parcels that wait for a sink, in their order: in memory, and beyond a limit on disk.
 *
 * Behind one another they are joined where key and time are the same. Errors: FAIL_OPEN, FAIL_IO.
 * Floor: 7 (stream)
 */
#ifndef STREAM_QUEUE_H
#define STREAM_QUEUE_H

#include "base/buf.h"
#include "sink.h"

#include <sys/types.h>

/* Parcels one behind the other in memory. */
struct train {
	struct buf b;
	size_t at;   /* the first one */
	size_t last; /* the last one, where there is one */
};

struct queue {
	size_t limit;      /* bytes of lines and keys that wait in memory */
	struct train head; /* the first ones */
	size_t held;       /* bytes of their lines and keys */
	/* Behind them, of a queue that spills: those on disk, and those that are to go there. */
	struct train tail;
	int fd;                /* a file without name; -1: none yet */
	off_t read, written;   /* what is in use of it lies between */
	uint64_t tail_records; /* in the tail */
	uint64_t spilled;      /* records that went to disk */
};

void queue_init(struct queue *q, size_t limit);

/* How many bytes of lines with a key of KEY bytes there is room for in memory. */
size_t queue_room(const struct queue *q, size_t key);

/* Add a parcel, copied, in memory, where there is room for it. */
void queue_add(struct queue *q, const struct parcel *p);

/*
 * Add one of RECORDS records: to memory if that is in order and there is room, else to a file in
 * the folder DIR. -1 with *e: it was not added.
 */
int queue_spill(struct queue *q, const struct parcel *p, uint64_t records, const char *dir,
                struct err *e) __attribute__((warn_unused_result));

/* Is DIR a folder in which files can be made? -1 with FAIL_OPEN. */
int queue_check_dir(const char *dir, struct err *e) __attribute__((warn_unused_result));

/* The first parcel, which is valid until the queue changes. 1; 0: there is none; -1 with *e. */
int queue_first(struct queue *q, struct parcel *p, struct err *e)
	__attribute__((warn_unused_result));

/* It was taken. */
void queue_drop_first(struct queue *q);

bool queue_empty(const struct queue *q);

void queue_free(struct queue *q);

#endif
