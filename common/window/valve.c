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

/* The least of those that count; where none does, time stands still. */
static bool merge(struct valve *v)
{
	int64_t least = INT64_MAX;
	bool any = false;

	for (size_t i = 0; i < v->n; i++)
		if (v->input[i].aligned) {
			any = true;
			least = v->input[i].w < least ? v->input[i].w : least;
		}
	return any && rise(v, least);
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
	v->idle = true;
	for (size_t k = 0; k < v->n; k++) {
		v->idle = v->idle && v->input[k].idle;
		most = v->input[k].w > most ? v->input[k].w : most;
	}
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
