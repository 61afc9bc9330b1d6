#include "agg.h"

#include "kinds.h"

static const struct agg_kind *const kinds[] = {
	&agg_count, &agg_count_if, &agg_sum,  &agg_avg,    &agg_min,
	&agg_max,   &agg_first,    &agg_last, &agg_stddev, &agg_quantile,
};
#define KINDS (sizeof kinds / sizeof kinds[0])

const struct agg_kind *agg_find(struct slice name, unsigned args)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i]->args == args && slice_same(name, slice_from(kinds[i]->name)))
			return kinds[i];
	return NULL;
}

void agg_names(struct buf *b)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (i && kinds[i]->name == kinds[i - 1]->name)
			continue;
		if (b->n)
			buf_addc(b, ' ');
		buf_adds(b, kinds[i]->name);
	}
}
