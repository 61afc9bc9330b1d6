/* count: records. count(f): records for which f is true. */
#include "kinds.h"

struct count {
	uint64_t n;
};

static void add(const struct agg *a, void *state, const struct agg_value *v,
                const struct agg_record *r)
{
	struct count *c = state;

	(void)a;
	(void)r;
	c->n += v ? val_true(v->v) : 1;
}

static struct val result(const struct agg *a, const void *state, struct heap *h)
{
	const struct count *c = state;

	(void)a;
	(void)h;
	return val_num((double)c->n);
}

const struct agg_kind agg_count = {
	.name = "count", .args = 0, .size = sizeof(struct count), .add = add, .result = result
};
const struct agg_kind agg_count_if = { .name = "count",
	                               .args = 1,
	                               .truth = true,
	                               .size = sizeof(struct count),
	                               .add = add,
	                               .result = result };
