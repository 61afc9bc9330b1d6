/*
 * headers.h - a line with its name before the lines of each input, as tail prints it.
 *
 * An input whose lines are not behind one another, since others come between, has its header again
 * and again. One that is there and has no line has its header too. Floor: 7 (stream)
 */
#ifndef STREAM_HEADERS_H
#define STREAM_HEADERS_H

#include "feed.h"

/*
 * The batches of FLOW, which is FEED itself or filters around it, with headers between them; freed
 * with it. LIVE: an input that has no line when there is nothing to read for the first time has
 * none for now; else that is known at the end, or when the next one begins.
 */
struct flow headers_new(struct flow flow, struct feed feed, bool live);

#endif
