#include "stail.h"

#include "base/stamp.h"
#include "stream/multiline.h"
#include "stream/strip.h"

static int strip(const struct args *a, struct feed feed, struct flow *flow, struct err *e)
{
	struct strip_opts opts = { .prefix = a->prefix,
		                   .max_line = a->shared.max_record,
		                   .timeout = a->multiline_timeout,
		                   .clock = stamp_monotonic };

	*flow = strip_new(*flow, feed, &opts, e);
	return flow->ops ? 0 : -1;
}

/* Will the lines be read as JSON, to which a newline between them is as good as a blank? */
static bool reads_json(bool looks, const struct decode_opts *decode)
{
	return looks && (decode->format == FORMAT_NONE || decode->format == FORMAT_JSON ||
	                 decode->format == FORMAT_JSON_STREAM);
}

static int join(const struct args *a, bool looks, struct feed feed, struct decode_opts *decode,
                struct flow *flow, struct err *e)
{
	struct multiline_opts opts = { .how = a->multiline,
		                       .json = reads_json(looks, decode),
		                       .max_line = a->shared.max_record,
		                       .timeout = a->multiline_timeout,
		                       .clock = stamp_monotonic };

	if (!opts.json && !multiline_is_json(a->multiline))
		decode->joint = JOINT;
	*flow = multiline_new(*flow, feed, &opts, e);
	return flow->ops ? 0 : -1;
}

int filters_open(const struct args *a, bool looks, struct feed feed, struct decode_opts *decode,
                 struct flow *flow, struct err *e)
{
	*flow = feed_flow(feed);
	if (a->prefix && strip(a, feed, flow, e) < 0)
		return -1;
	if (a->multiline && join(a, looks, feed, decode, flow, e) < 0)
		return -1;
	return 0;
}
