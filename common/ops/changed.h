/*
 * changed.h - pass a record only if its value differs from that of the record before it with the
 * same key. The first of a key passes.
 *
 * State: `last`, whose items hold the value as bytes (struct aged_bytes). Floor: 6 (ops)
 */
#ifndef OPS_CHANGED_H
#define OPS_CHANGED_H

#include "base/aged.h"
#include "base/err.h"

struct changed {
	uint64_t max_keys; /* more are a failure */
	struct aged last;
};

void changed_init(struct changed *c, uint64_t max_keys);

/*
 * Does a record with this key and value (both by json/key.h, so that 1 and 1.0 are no change; KEY
 * is empty without --by) pass? 1 or 0; -1 with FAIL_LIMIT where it would be one key too many.
 */
int changed_passes(struct changed *c, struct slice key, struct slice value, struct err *e)
	__attribute__((warn_unused_result));

void changed_free(struct changed *c);

#endif
