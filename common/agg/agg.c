#include "agg.h"

#include "base/near.h"
#include "kinds.h"

static const struct agg_kind *const kinds[] = {
	&agg_count,
	&agg_count_if,
	&agg_sum,
	&agg_add,
	&agg_avg,
	&agg_min,
	&agg_max,
	&agg_first,
	&agg_last,
	&agg_argmin,
	&agg_argmax,
	&agg_any,
	&agg_every,
	&agg_ratio,
	&agg_stddev,
	&agg_stddev_pop,
	&agg_variance,
	&agg_variance_pop,
	&agg_skew,
	&agg_kurtosis,
	&agg_geomean,
	&agg_mad,
	&agg_median,
	&agg_quantile,
	&agg_quantile_cont,
	&agg_p50,
	&agg_p90,
	&agg_p95,
	&agg_p99,
	&agg_histogram,
	&agg_mode,
	&agg_distinct,
	&agg_approx_distinct,
	&agg_top,
	&agg_collect,
	&agg_collect_set,
	&agg_sample,
	&agg_ewma,
	&agg_increase,
	&agg_rate,
	&agg_increase_extrapolated,
	&agg_rate_extrapolated,
	&agg_delta,
	&agg_delta_extrapolated,
	&agg_irate,
	&agg_resets,
	&agg_changes,
	&agg_slope,
	&agg_slope_time,
	&agg_corr,
	&agg_merge,
	&agg_sketch,
	&agg_sketch_distinct,
};
#define KINDS (sizeof kinds / sizeof kinds[0])

const struct agg_kind *agg_kind_at(size_t i)
{
	return i < KINDS ? kinds[i] : NULL;
}

static bool takes(const struct agg_kind *k, unsigned args)
{
	unsigned most = k->values + (k->param != AGG_NO_PARAM ? 1u : 0u);

	return args == most || (k->optional && args + 1 == most);
}

const struct agg_kind *agg_find(struct slice name, unsigned args)
{
	for (size_t i = 0; i < KINDS; i++)
		if (takes(kinds[i], args) && slice_same(name, slice_from(kinds[i]->name)))
			return kinds[i];
	return NULL;
}

const struct agg_kind *agg_named(struct slice name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (slice_same(name, slice_from(kinds[i]->name)))
			return kinds[i];
	return NULL;
}

const struct agg_kind *agg_near(struct slice name)
{
	/* what other languages call them */
	static const struct {
		const char *theirs, *ours;
	} alias[] = {
		{ "mean", "avg" },
		{ "average", "avg" },
		{ "total", "sum" },
		{ "std", "stddev" },
		{ "var", "variance" },
		{ "percentile", "quantile" },
		{ "percentile_disc", "quantile" },
		{ "percentile_cont", "quantile_cont" },
		{ "count_distinct", "distinct" },
		{ "uniq", "distinct" },
		{ "all", "every" },
		{ "length", "count" },
		{ "arg_min", "argmin" },
		{ "arg_max", "argmax" },
		{ "list", "collect" },
		{ "array_agg", "collect" },
		{ "topk", "top" },
		{ "kurt", "kurtosis" },
	};
	struct near near;

	for (size_t i = 0; i < sizeof alias / sizeof alias[0]; i++)
		if (slice_same(name, slice_from(alias[i].theirs)))
			return agg_named(slice_from(alias[i].ours));
	near_begin(&near, name);
	for (size_t i = 0; i < KINDS; i++)
		near_try(&near, slice_from(kinds[i]->name));
	return near.best.p ? agg_named(near.best) : NULL;
}
