/* kinds.h - the aggregates there are. Private to agg. */
#ifndef AGG_KINDS_H
#define AGG_KINDS_H

#include "agg.h"

extern const struct agg_kind agg_count, agg_count_if, agg_any, agg_every, agg_ratio; /* count.c */
extern const struct agg_kind agg_sum, agg_add, agg_avg, agg_geomean;                 /* sum.c */
extern const struct agg_kind agg_min, agg_max, agg_first, agg_last;                  /* extreme.c */
extern const struct agg_kind agg_argmin, agg_argmax;                                 /* extreme.c */
extern const struct agg_kind agg_stddev, agg_stddev_pop, agg_variance, agg_variance_pop, agg_skew,
	agg_kurtosis;                                             /* moments.c */
extern const struct agg_kind agg_corr, agg_slope, agg_slope_time; /* pair.c */
extern const struct agg_kind agg_quantile, agg_quantile_cont, agg_median, agg_p50, agg_p90, agg_p95,
	agg_p99, agg_mad, agg_sketch;                                          /* quantile.c */
extern const struct agg_kind agg_histogram;                                    /* histogram.c */
extern const struct agg_kind agg_distinct, agg_mode, agg_top, agg_collect_set; /* values.c */
extern const struct agg_kind agg_approx_distinct, agg_sketch_distinct;         /* distinct.c */
extern const struct agg_kind agg_collect, agg_sample;                          /* list.c */
extern const struct agg_kind agg_increase, agg_rate, agg_increase_extrapolated,
	agg_rate_extrapolated, agg_delta, agg_delta_extrapolated, agg_irate, agg_resets,
	agg_changes;                    /* counter.c */
extern const struct agg_kind agg_ewma;  /* ewma.c */
extern const struct agg_kind agg_merge; /* merge.c */

#endif
