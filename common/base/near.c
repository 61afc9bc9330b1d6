#include "near.h"

#define LONGEST 30

/* How many letters must be put in, taken out or changed (Levenshtein); of names up to LONGEST. */
static unsigned distance(struct slice a, struct slice b)
{
	unsigned row[LONGEST + 1], left, above;

	for (unsigned k = 0; k <= b.n; k++)
		row[k] = k;
	for (unsigned i = 1; i <= a.n; i++) {
		left = row[0];
		row[0] = i;
		for (unsigned k = 1; k <= b.n; k++) {
			above = row[k];
			left += a.p[i - 1] != b.p[k - 1];
			if (above + 1 < left)
				left = above + 1;
			if (row[k - 1] + 1 < left)
				left = row[k - 1] + 1;
			row[k] = left;
			left = above;
		}
	}
	return row[b.n];
}

void near_begin(struct near *n, struct slice wanted)
{
	*n = (struct near){ .wanted = wanted, .least = wanted.n < 5 ? 2 : 3 };
	if (wanted.n < 2 || wanted.n > LONGEST)
		n->least = 0;
}

void near_try(struct near *n, struct slice name)
{
	unsigned far = name.n > LONGEST ? n->least : distance(n->wanted, name);

	if (far < n->least) {
		n->least = far;
		n->best = name;
	}
}
