/* Mathematical builtins: the C library's functions on doubles. */
#include "bi.h"

#include <math.h>

static struct val not_number(struct eval *e, struct val v)
{
	return bi_fail(e, v, "number required");
}

#define DEFINE1(name, call)                                                                        \
	struct val bi_##name(struct eval *e, const struct val *arg)                                \
	{                                                                                          \
		double x;                                                                          \
                                                                                                   \
		if (!val_is_num(arg[0]))                                                           \
			return not_number(e, arg[0]);                                              \
		x = val_double(arg[0]);                                                            \
		return val_num(call);                                                              \
	}

#define DEFINE2(name, call)                                                                        \
	struct val bi_##name(struct eval *e, const struct val *arg)                                \
	{                                                                                          \
		double x, y;                                                                       \
                                                                                                   \
		if (!val_is_num(arg[1]))                                                           \
			return not_number(e, arg[1]);                                              \
		if (!val_is_num(arg[2]))                                                           \
			return not_number(e, arg[2]);                                              \
		x = val_double(arg[1]);                                                            \
		y = val_double(arg[2]);                                                            \
		return val_num(call);                                                              \
	}

#define SIMPLE1(name) DEFINE1(name, name(x))
#define SIMPLE2(name) DEFINE2(name, name(x, y))

SIMPLE1(floor)
SIMPLE1(ceil)
SIMPLE1(round)
SIMPLE1(trunc)
SIMPLE1(rint)
SIMPLE1(nearbyint)
SIMPLE1(sqrt)
SIMPLE1(cbrt)
SIMPLE1(fabs)
SIMPLE1(exp)
SIMPLE1(exp2)
SIMPLE1(expm1)
SIMPLE1(log)
SIMPLE1(log2)
SIMPLE1(log10)
SIMPLE1(log1p)
SIMPLE1(logb)
SIMPLE1(sin)
SIMPLE1(cos)
SIMPLE1(tan)
SIMPLE1(asin)
SIMPLE1(acos)
SIMPLE1(atan)
SIMPLE1(sinh)
SIMPLE1(cosh)
SIMPLE1(tanh)
SIMPLE1(asinh)
SIMPLE1(acosh)
SIMPLE1(atanh)
SIMPLE1(lgamma)
SIMPLE1(tgamma)
SIMPLE1(j0)
SIMPLE1(j1)
SIMPLE1(y0)
SIMPLE1(y1)
SIMPLE1(erf)
SIMPLE1(erfc)
DEFINE1(gamma, lgamma(x))
DEFINE1(exp10, pow(10, x))

SIMPLE2(pow)
SIMPLE2(atan2)
SIMPLE2(fmod)
SIMPLE2(fmin)
SIMPLE2(fmax)
SIMPLE2(fdim)
SIMPLE2(hypot)
SIMPLE2(copysign)
SIMPLE2(nextafter)
SIMPLE2(remainder)
DEFINE2(nexttoward, nexttoward(x, (long double)y))
DEFINE2(drem, remainder(x, y))

/* a count as C's functions take it, clamped */
static int whole(double v)
{
	return isnan(v) ? 0 : v > 1e9 ? 1000000000 : v < -1e9 ? -1000000000 : (int)v;
}

DEFINE2(ldexp, ldexp(x, whole(y)))
DEFINE2(scalb, scalb(x, y))
DEFINE2(scalbln, scalbln(x, whole(y)))

/* an order of Bessel functions: their cost grows with it, and beyond this their value is the limit
 */
static int order(double v)
{
	int n = whole(v);

	return n > 1000000 ? 1000000 : n < -1000000 ? -1000000 : n;
}

DEFINE2(jn, jn(order(x), y))
DEFINE2(yn, yn(order(x), y))

struct val bi_fma(struct eval *e, const struct val *arg)
{
	int i;

	for (i = 1; i <= 3; i++)
		if (!val_is_num(arg[i]))
			return not_number(e, arg[i]);
	return val_num(fma(val_double(arg[1]), val_double(arg[2]), val_double(arg[3])));
}

DEFINE1(significand, x == 0 || !isfinite(x) ? x : scalbn(x, -ilogb(x)))

struct val bi_nan(struct eval *e, const struct val *arg)
{
	(void)e;
	(void)arg;
	return val_num(NAN);
}

struct val bi_infinite(struct eval *e, const struct val *arg)
{
	(void)e;
	(void)arg;
	return val_num(INFINITY);
}

struct val bi_isnan(struct eval *e, const struct val *arg)
{
	(void)e;
	return val_bool(val_is_num(arg[0]) && isnan(val_double(arg[0])));
}

struct val bi_isinfinite(struct eval *e, const struct val *arg)
{
	(void)e;
	return val_bool(val_is_num(arg[0]) && isinf(val_double(arg[0])));
}

struct val bi_isfinite(struct eval *e, const struct val *arg)
{
	(void)e;
	return val_bool(val_is_num(arg[0]) && !isinf(val_double(arg[0])));
}

struct val bi_isnormal(struct eval *e, const struct val *arg)
{
	(void)e;
	return val_bool(val_is_num(arg[0]) && isnormal(val_double(arg[0])));
}

/*
 * jq: what is below zero is negated (null and booleans sort there, and cannot), all else left as it
 * is
 */
struct val bi_abs(struct eval *e, const struct val *arg)
{
	struct val v = arg[0];

	if (!val_is_num(v))
		return val_type(v) > TYPE_NUMBER ? val_share(v) : op_negate(e, v);
	if (v.tag == VAL_LIT)
		return val_double(v) < 0 ? op_negate(e, v) : v;
	return v.num < 0 ? val_num(-v.num) : v;
}

static struct val pair(struct eval *e, double a, double b)
{
	struct arr *r = arr_new(eval_heap(e), 2);

	r = arr_push(eval_heap(e), r, val_num(a));
	return val_arr(arr_push(eval_heap(e), r, val_num(b)));
}

struct val bi_frexp(struct eval *e, const struct val *arg)
{
	int exponent = 0;
	double m;

	if (!val_is_num(arg[0]))
		return not_number(e, arg[0]);
	m = frexp(val_double(arg[0]), &exponent);
	return pair(e, m, exponent);
}

struct val bi_modf(struct eval *e, const struct val *arg)
{
	double whole_part, part;

	if (!val_is_num(arg[0]))
		return not_number(e, arg[0]);
	part = modf(val_double(arg[0]), &whole_part);
	return pair(e, part, whole_part);
}

struct val bi_lgamma_r(struct eval *e, const struct val *arg)
{
	int sign = 0;
	double v;

	if (!val_is_num(arg[0]))
		return not_number(e, arg[0]);
	v = lgamma_r(val_double(arg[0]), &sign);
	return pair(e, v, sign);
}
