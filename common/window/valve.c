#include "valve.h"

#include "base/stamp.h"

void valve_init(struct valve *v, struct valve_input *input, size_t n)
{
	*v = (struct valve){ .w = STAMP_NONE };
	valve_grow(v, input, n);
}

/* Time that has gone on already does not wait for it. */
static void join(struct valve *v, size_t i)
{
	v->input[i] = (struct valve_input){ .w = STAMP_NONE, .aligned = v->w == STAMP_NONE };
	v->idle = false;
	v->least = v->input[i].aligned ? i : v->least;
}

void valve_grow(struct valve *v, struct valve_input *input, size_t n)
{
	size_t from = v->n;

	if (v->least == v->n)
		v->least = n;
	v->input = input;
	v->n = n;
	for (size_t i = from; i < n; i++)
		join(v, i);
}

void valve_begin(struct valve *v, size_t i)
{
	join(v, i);
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
	bool over = true;

	v->least = v->n;
	for (size_t i = 0; i < v->n; i++) {
		const struct valve_input *in = &v->input[i];

		over = over && in->over;
		if (in->over || !in->aligned)
			continue;
		if (v->least == v->n || in->w < least) {
			v->least = i;
			least = in->w;
		}
	}
	if (over && !v->open)
		return rise(v, STAMP_MAX);
	return v->least < v->n && rise(v, least);
}

/* Are all idle that are not over? */
static bool are_idle(const struct valve *v)
{
	bool some = v->open;

	for (size_t i = 0; i < v->n; i++) {
		if (!v->input[i].over && !v->input[i].idle)
			return false;
		some = some || !v->input[i].over;
	}
	return some;
}

/* None is active: whoever waited for the last one that counted need wait no more. */
static bool pass_greatest(struct valve *v)
{
	int64_t most = STAMP_NONE;

	for (size_t i = 0; i < v->n; i++)
		if (!v->input[i].over && v->input[i].w > most)
			most = v->input[i].w;
	return rise(v, most);
}

/* An input leaves; COUNTED, it has counted so far. */
static bool leave(struct valve *v, bool counted)
{
	v->idle = are_idle(v);
	if (v->idle)
		return counted && pass_greatest(v);
	return merge(v);
}

bool valve_mark(struct valve *v, size_t i, int64_t w)
{
	struct valve_input *in = &v->input[i];

	if (in->idle || w <= in->w)
		return false;
	in->w = w;
	if (in->aligned && !in->over && i != v->least && v->least < v->n)
		return false;
	in->aligned = in->aligned || w >= v->w;
	return merge(v);
}

bool valve_idle(struct valve *v, size_t i)
{
	bool counted = v->input[i].aligned;

	if (v->input[i].idle)
		return false;
	v->input[i].idle = true;
	v->input[i].aligned = false;
	return leave(v, counted);
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
	return leave(v, v->input[i].aligned);
}

bool valve_wait(struct valve *v, int64_t w)
{
	return v->idle && rise(v, w);
}
