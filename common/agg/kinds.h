/* kinds.h - the aggregates there are. Private to agg. */
#ifndef AGG_KINDS_H
#define AGG_KINDS_H

#include "agg.h"

extern const struct agg_kind agg_count, agg_count_if; /* count.c */
extern const struct agg_kind agg_sum, agg_avg;        /* sum.c */
extern const struct agg_kind agg_min, agg_max;        /* extreme.c */
extern const struct agg_kind agg_first, agg_last;     /* extreme.c */
extern const struct agg_kind agg_stddev;              /* moments.c */
extern const struct agg_kind agg_quantile;            /* quantile.c */

#endif
