/*
 * hash.h - one hash for all tables: XXH3 with a seed drawn once per process, so that keys cannot be
 * chosen to collide. Nothing that comes out of a tool may depend on it.
 * Floor: 1 (base)
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The seeded hash of N bytes: for tables in memory. */
uint64_t hash_bytes(const void *p, size_t n);

/* The unseeded XXH3 of N bytes: the same in every run, for sketches and partitions. */
uint64_t hash_stable(const void *p, size_t n);

/* XXH3 of N bytes with a seed of the caller's: the same in every run, for choices by key. */
uint64_t hash_seeded(const void *p, size_t n, uint64_t with);

/* XXH64 with seed 0, as xxh64sum prints it: for programs that ask for it. */
uint64_t hash_xxh64(const void *p, size_t n);

#endif
