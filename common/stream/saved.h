/*
 * saved.h - members of the JSON that positions are stored as. What is not there, or of another
 * kind, reads as nothing. Floor: 7 (stream)
 */
#ifndef STREAM_SAVED_H
#define STREAM_SAVED_H

#include "json/val.h"

/* The member NAME of an object; VAL_NONE where V is none, or has none. */
struct val saved_member(struct val v, const char *name);

/* A whole number that is not negative, exact to 64 bits; else OTHERWISE. */
uint64_t saved_number(struct val v, const char *name, uint64_t otherwise);

/* A string's text, valid as long as V; p is NULL where it is none. */
struct slice saved_text(struct heap *h, struct val v, const char *name);

/* Append "NAME": and the text as a JSON string. */
void saved_add_text(struct buf *json, const char *name, struct slice text);

#endif
