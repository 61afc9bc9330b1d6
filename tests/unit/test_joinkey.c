/* joinkey.h: where an option's two values are parted, and the keys of two sides. */
#include "unit.h"

#include "join/joinkey.h"

static void test_join_parting__skips_what_is_no_sign_of_its_own(void **state)
{
	static const struct {
		const char *text;
		char sign;
		const char *behind; /* the sign; NULL: there is none */
	} rows[] = {
		{ ".a", '=', NULL },
		{ "", '=', NULL },
		{ ".a=.b", '=', ".b" },
		{ ".a = .b=.c", '=', " .b=.c" },
		{ "=.b", '=', ".b" },
		{ ".a=", '=', "" },
		{ ".a?=.b", '=', ".b" },
		{ "..=.b", '=', ".b" },
		{ "1e1=.b", '=', ".b" },
		{ ".time,.at", ',', ".at" },
		{ "[.a,.b],.c", ',', ".c" },
		/* operators */
		{ ".a==.b", '=', NULL },
		{ ".a==1=.b", '=', ".b" },
		{ ".a!=1=.b", '=', ".b" },
		{ ".a<=1=.b", '=', ".b" },
		{ ".a>=1=.b", '=', ".b" },
		{ ".a|=1", '=', NULL },
		{ ".a+=1|.b-=1|.c*=1|.d/=1|.e%=1|.f//=1", '=', NULL },
		/* brackets */
		{ "(.a=1)=.b", '=', ".b" },
		{ ".[\"a\"]=.b", '=', ".b" },
		{ "{a:(.b=1)}|[.c=1]", '=', NULL },
		{ "f(.a,.b),.c", ',', ".c" },
		{ ").a=.b", '=', ".b" },
		/* strings */
		{ "\"=\"=.b", '=', ".b" },
		{ ".\"=\"=.b", '=', ".b" },
		{ "\"\\\"=\"=.b", '=', ".b" },
		{ "\"\\\\\"=.b", '=', ".b" },
		{ "\"\\u003d=\"=.b", '=', ".b" },
		{ "@base64 \"=\"=.b", '=', ".b" },
		{ "\"(\"=.b", '=', ".b" },
		{ "\"=.b", '=', NULL },
		/* interpolations */
		{ "\"\\(.x=1)\"=.b", '=', ".b" },
		{ "\"\\(\"=\")\"=.b", '=', ".b" },
		{ "\"\\(\")\")=\"=.b", '=', ".b" },
		{ "\"=\\(.a+(.b))=\"=.b", '=', ".b" },
		{ "\"\\(\"\\(\"=\")\" + \"=\")\\([.x=1])=\"=.b", '=', ".b" },
		{ "\"\\\\(\"=.b", '=', ".b" },
		{ "\"\\(\"=.b", '=', NULL },
		/* comments */
		{ ".a # = or not", '=', NULL },
		{ ".a # (\n=.b", '=', ".b" },
		{ ".a # \"\n=.b", '=', ".b" },
		{ ".a=.b # = \"", '=', ".b # = \"" },
		{ ".a # \\\n=.c\n=.b", '=', ".b" },
		{ "\"#\"=.b", '=', ".b" },
		{ "\"\\(.a # \")=\n)\"=.b", '=', ".b" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *at = join_parting(rows[i].text, rows[i].sign);

		if (!rows[i].behind) {
			assert_row(rows[i].text, !at);
			continue;
		}
		assert_row(rows[i].text, at && *at == rows[i].sign);
		assert_slice(rows[i].text, slice_from(at + 1), slice_from(rows[i].behind));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join_parting__skips_what_is_no_sign_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
