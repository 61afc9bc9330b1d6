#include "index.h"

#define SC CLASS_SCALAR
#define CT (CLASS_CTRL_FLAG | CLASS_SCALAR)
#define WC (CLASS_CTRL_FLAG | CLASS_SPACE_FLAG)
#define SP CLASS_SPACE_FLAG
#define SC16 SC, SC, SC, SC, SC, SC, SC, SC, SC, SC, SC, SC, SC, SC, SC, SC

const uint8_t index_class[256] = {
	/* 00 */ CT, CT, CT, CT, CT, CT, CT, CT, CT, WC, CLASS_NEWLINE, CT, CT, WC, CT, CT,
	/* 10 */ CT, CT, CT, CT, CT, CT, CT, CT, CT, CT, CT, CT, CT, CT, CT, CT,
	/* 20 */ SP, SC, CLASS_QUOTE, SC, SC, SC, SC, SC, SC, SC, SC, SC, CLASS_COMMA, SC, SC, SC,
	/* 30 */ SC, SC, SC, SC, SC, SC, SC, SC, SC, SC, CLASS_COLON, SC, SC, SC, SC, SC,
	/* 40 */ SC16,
	/* 50 */ SC, SC, SC, SC, SC, SC, SC, SC, SC, SC, SC, CLASS_OPEN_ARR, SC, CLASS_CLOSE_ARR, SC, SC,
	/* 60 */ SC16,
	/* 70 */ SC, SC, SC, SC, SC, SC, SC, SC, SC, SC, SC, CLASS_OPEN_OBJ, SC, CLASS_CLOSE_OBJ, SC, SC,
	/* 80 */ SC16, SC16, SC16, SC16, SC16, SC16, SC16, SC16,
};

index_fn *index_best(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("pclmul") &&
	    __builtin_cpu_supports("bmi2"))
		return index_avx512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
	    __builtin_cpu_supports("bmi2"))
		return index_avx2;
#endif
	return index_portable;
}
