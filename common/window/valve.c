#include "valve.h"

#include "base/stamp.h"

void valve_init(struct valve *v, struct valve_input *input, size_t n)
{
	*v = (struct valve){ .input = input, .n = n, .w = STAMP_NONE };
	for (size_t i = 0; i < n; i++)
		input[i] = (struct valve_input){ .w = STAMP_NONE, .aligned = true };
}

static bool rise(struct valve *v, int64_t w)
{
	if (w <= v->w)
		return false;
	v->w = w;
	return true;
}

/* The least of those that count; where none does, time stands still, unless all are over. */
static bool merge(struct valve *v)
{
	int64_t least = INT64_MAX;
	bool any = false, over = true;

	for (size_t i = 0; i < v->n; i++) {
		const struct valve_input *in = &v->input[i];

		over = over && in->over;
		if (in->over || !in->aligned)
			continue;
		any = true;
		least = in->w < least ? in->w : least;
	}
	return over ? rise(v, STAMP_MAX) : any && rise(v, least);
}

/* Are all idle that are not over? */
static bool are_idle(const struct valve *v)
{
	bool some = false;

	for (size_t i = 0; i < v->n; i++) {
		if (!v->input[i].over && !v->input[i].idle)
			return false;
		some = some || !v->input[i].over;
	}
	return some;
}

bool valve_mark(struct valve *v, size_t i, int64_t w)
{
	struct valve_input *in = &v->input[i];

	if (in->idle || w <= in->w)
		return false;
	in->w = w;
	in->aligned = in->aligned || w >= v->w;
	return merge(v);
}

bool valve_idle(struct valve *v, size_t i)
{
	int64_t most = STAMP_NONE;
	bool counted = v->input[i].aligned;

	if (v->input[i].idle)
		return false;
	v->input[i].idle = true;
	v->input[i].aligned = false;
	v->idle = are_idle(v);
	for (size_t k = 0; k < v->n; k++)
		if (!v->input[k].over && v->input[k].w > most)
			most = v->input[k].w;
	/* the last one that counts leaves: whoever waited for it need wait no more */
	return v->idle ? counted && rise(v, most) : merge(v);
}

bool valve_active(struct valve *v, size_t i)
{
	struct valve_input *in = &v->input[i];

	if (!in->idle)
		return false;
	in->idle = false;
	in->aligned = in->w >= v->w;
	v->idle = false;
	return merge(v);
}

bool valve_over(struct valve *v, size_t i)
{
	v->input[i].over = true;
	v->idle = are_idle(v);
	return merge(v);
}
