/* Lines without a note of when they came, before the first one that has one. */
#include "sreplay.h"

#include "base/alloc.h"

#include <stdlib.h>

void unnoted_hold(struct unnoted *u, const char *name, uint64_t number, struct slice line)
{
	u->line = alloc_grow(u->line, &u->cap, u->lines + 1, sizeof *u->line);
	u->line[u->lines++] = (struct unnoted_line){ name, number, u->text.n, line.n };
	buf_add_slice(&u->text, line);
}

struct slice unnoted_text(const struct unnoted *u, size_t i)
{
	return (struct slice){ u->text.p + u->line[i].begin, u->line[i].size };
}

void unnoted_free(struct unnoted *u)
{
	free(u->line);
	buf_free(&u->text);
	*u = (struct unnoted){ 0 };
}
