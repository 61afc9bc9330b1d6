/* Functions beyond jq's (man page, FUNCTIONS BEYOND JQ), dates, and jq's list of functions. */
#include "rig.h"

/* ---- parsers: RFC 4180, RFC 3986, WHATWG's form encoding, Go's time.ParseDuration */

static const struct program_row parse_rows[] = {
	{ "parse_logfmt", "\"level=info msg=\\\"a \\\\\\\"b\\\" ms=12.50 ok\"",
	  "{\"level\":\"info\",\"msg\":\"a \\\"b\",\"ms\":12.50,\"ok\":true}" },
	{ "parse_logfmt", "\"\"", "{}" },
	{ "parse_logfmt", "\"a=\\\"x\"",
	  "!parse_logfmt: byte 3: a closing '\"' is missing (while parsing \"a=\\\"x\")" },
	{ "parse_logfmt", "5", "!number (5) cannot be parsed, only a string" },
	{ "parse_csv", "\"a,\\\"b,\\\"\\\"c\\\",, d\"", "[\"a\",\"b,\\\"c\",\"\",\" d\"]" },
	{ "parse_csv", "\"\"", "[\"\"]" },
	{ "parse_csv", "\"1,2\\r\\n\"", "[\"1\",\"2\"]" },
	{ "parse_csv", "\"\\\"a\\nb\\\",c\\n\"", "[\"a\\nb\",\"c\"]" },
	{ "parse_csv(\";\")", "\"a,b;c;\"", "[\"a,b\",\"c\",\"\"]" },
	{ "parse_csv(\";\")", "\"\\\"a;b\\\";c\"", "[\"a;b\",\"c\"]" },
	{ "parse_csv(\";;\")", "\"a\"",
	  "!string (\";;\") cannot separate fields, only an ASCII character can" },
	{ "parse_csv(null)", "\"a\"",
	  "!null (null) cannot separate fields, only an ASCII character can" },
	{ "parse_csv", "\"a\\nb\"", "!parse_csv: more than one row (while parsing \"a\\nb\")" },
	{ "parse_csv", "\"\\\"a\\\"\\n\\\"b\\\"\"",
	  "!parse_csv: more than one row (while parsing \"\\\"a\\\"\\n\\\"b\\\"\")" },
	{ "parse_csv", "\"\\\"a\"",
	  "!parse_csv: a closing '\"' is missing (while parsing \"\\\"a\")" },
	{ "parse_csv", "\"a\\\"b\\\"\"",
	  "!parse_csv: a '\"' where none can be (while parsing \"a\\\"b\\\"\")" },
	{ "parse_url", "\"https://u:p%20q@[::1]:8443/a/b?x=1&y#top\"",
	  "{\"scheme\":\"https\",\"user\":\"u\",\"password\":\"p%20q\",\"host\":\"::1\",\"port\":"
	  "8443,\"path\":\"/a/b\",\"query\":\"x=1&y\",\"fragment\":\"top\"}" },
	{ "parse_url | [.scheme, .host, .path, .query]", "\"/a/b?\"", "[null,null,\"/a/b\",\"\"]" },
	{ "parse_url | [.scheme, .host, .path]", "\"mailto:a@b.c\"",
	  "[\"mailto\",null,\"a@b.c\"]" },
	{ "parse_url | [.scheme, .host, .path]", "\"file:///etc/x\"",
	  "[\"file\",\"\",\"/etc/x\"]" },
	{ "parse_url | [.user, .host, .port, .path]", "\"//a@b@h:/\"",
	  "[\"a@b\",\"h\",null,\"/\"]" },
	{ "parse_url.path", "\"\"", "\"\"" },
	{ "parse_url", "\"http://h:65536\"",
	  "!parse_url: '65536' is no port (while parsing \"http://h:65536\")" },
	{ "parse_url", "\"http://[::1\"",
	  "!parse_url: a ']' is missing behind the host (while parsing \"http://[::1\")" },
	{ "parse_url", "\"a b\"",
	  "!parse_url: byte 2: a blank must be written as %20 (while parsing \"a b\")" },
	{ "parse_url", "\"1a:b\"", "!parse_url: '1a' is no scheme (while parsing \"1a:b\")" },
	{ "parse_query", "\"a=1&b=2&b=3\"", "{\"a\":\"1\",\"b\":[\"2\",\"3\"]}" },
	{ "parse_query", "\"&c&d=%41+%2B%C3%A9&=x&e=%zz&f=1=2&\"",
	  "{\"c\":\"\",\"d\":\"A +é\",\"\":\"x\",\"e\":\"%zz\",\"f\":\"1=2\"}" },
	{ "parse_query", "\"a=%FF\"", "{\"a\":\"\uFFFD\"}" },
	{ "[\"1h30m\", \"250ms\", \"1.5s\", \"-1h\", \"+5s\", \"1w2d\", \"0\" | parse_duration]",
	  "null", "[5400,0.25,1.5,-3600,5,777600,0]" },
	{ "[\"3µs\", \"3μs\", \"3us\" | parse_duration * 1000000]", "null", "[3,3,3]" },
	{ "parse_duration", "\"1x\"",
	  "!parse_duration: expected pairs like 1h30m or 1.5s (while parsing \"1x\")" },
	{ "parse_duration", "\"-\"",
	  "!parse_duration: expected pairs like 1h30m or 1.5s (while parsing \"-\")" },
	{ "parse_duration", "\"99999999w\"",
	  "!parse_duration: expected pairs like 1h30m or 1.5s (while parsing \"99999999w\")" },
	{ "[\"10k\", \"16Mi\", \"1.5GB\", \"512\", \"512B\", \"4 KiB\", \"0.5Ki\" | parse_bytes]",
	  "null", "[10000,16777216,1500000000,512,512,4096,512]" },
	{ "parse_bytes", "\"10Q\"",
	  "!parse_bytes: expected a size like 10k, 16Mi or 1.5GB (while parsing \"10Q\")" },
	{ "parse_bytes", "\"-1k\"",
	  "!parse_bytes: expected a size like 10k, 16Mi or 1.5GB (while parsing \"-1k\")" },
	{ "parse_bytes", "\"1.2.3\"",
	  "!parse_bytes: expected a size like 10k, 16Mi or 1.5GB (while parsing \"1.2.3\")" },
};

static void test_builtins__parse(void **state)
{
	(void)state;
	ASSERT_ROWS(parse_rows);
}

static const struct program_row ip_rows[] = {
	{ "[ip_in(\"10.0.0.0/8\", \"11.0.0.0/8\", \"10.1.2.2/31\", \"10.1.2.4/31\", \"0.0.0.0/0\","
	  " \"10.1.2.3\", \"::/0\", \"::ffff:10.1.0.0/112\")]",
	  "\"10.1.2.3\"", "[true,false,true,false,true,true,false,true]" },
	{ "[ip_in(\"2001:db8::/33\", \"2001:db8:8000::/33\", \"::/0\", \"0.0.0.0/0\")]",
	  "\"2001:db8::1\"", "[true,false,true,false]" },
	{ "ip_in([\"192.168.0.0/16\", \"10.0.0.0/8\"])", "\"::ffff:10.1.2.3\"", "true" },
	{ "ip_in([])", "\"10.1.2.3\"", "false" },
	{ "ip_in(\"10.0.0.0/8\")", "\"10.1.2.003\"",
	  "!ip_in: expected an IPv4 or IPv6 address (while parsing \"10.1.2.003\")" },
	{ "ip_in(\"10.0.0.0/8\")", "\"10.1.2.3\\u0000\"",
	  "!ip_in: expected an IPv4 or IPv6 address (while parsing \"10.1.2.3\\u0000\")" },
	{ "ip_in([\"10.0.0.0/8\", \"10.0.0.0/33\"])", "\"10.1.2.3\"",
	  "!ip_in: expected a block like 10.0.0.0/8 (while parsing \"10.0.0.0/33\")" },
	{ "ip_in(\"10.0.0.0/\")", "\"10.1.2.3\"",
	  "!ip_in: expected a block like 10.0.0.0/8 (while parsing \"10.0.0.0/\")" },
	{ "ip_in(8)", "\"10.1.2.3\"", "!number (8) cannot be parsed, only a string" },
};

static void test_builtins__ip_in(void **state)
{
	(void)state;
	ASSERT_ROWS(ip_rows);
}

/* FIPS 180-4's and RFC 1321's examples; XXH64 as xxh64sum prints it */
static const struct program_row digest_rows[] = {
	{ "sha256", "\"abc\"",
	  "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"" },
	{ "sha256", "\"\"",
	  "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"" },
	{ "md5", "\"message digest\"", "\"f96b697d7cb7938d525a2f31aaf161d0\"" },
	{ "md5", "\"\"", "\"d41d8cd98f00b204e9800998ecf8427e\"" },
	{ "xxh64", "\"abc\"", "\"44bc2cf5ad770999\"" },
	{ "xxh64", "\"\"", "\"ef46db3751d8e999\"" },
	{ "sha256", "null", "!null (null) cannot be hashed, only a string" },
};

static void test_builtins__digests(void **state)
{
	(void)state;
	ASSERT_ROWS(digest_rows);
}

/*
 * ---- dates: jq's own answers where jq has one (1425599507 is of its suite), else RFC 3339 and
 * arithmetic by hand
 */

static const struct program_row date_rows[] = {
	{ "gmtime, todate", "1425599507.25",
	  "[2015,2,5,23,51,47.25,4,63] \"2015-03-05T23:51:47Z\"" },
	{ "gmtime | mktime", "1425599507.25", "1425599507" },
	{ "gmtime, todate, (gmtime | mktime)", "-1.5",
	  "[1969,11,31,23,59,58.5,3,364] \"1969-12-31T23:59:58Z\" -2" },
	{ "gmtime | mktime", "-86400", "-86400" },
	{ "[2024,2,15] | mktime, todate", "null", "1710460800 \"2024-03-15T00:00:00Z\"" },
	{ "[2015,2,5,23,51,47.9,4,63] | mktime", "null", "1425599507" },
	{ "mktime", "[\"a\",1,2,3,4,5,6,7]", "!mktime requires parsed datetime inputs" },
	{ "mktime", "1", "!mktime requires array inputs" },
	{ "fromdate", "\"2015-03-05T23:51:47Z\"", "1425599507" },
	{ "fromdate", "\"0001-01-01T00:00:00Z\"", "-62135596800" },
	{ "fromdate", "\"9999-12-31T23:59:59Z\"", "253402300799" },
	{ "fromdate", "\"9999-12-31T23:59:59.5+01:00\"", "253402297199.5" },
	{ "fromdate", "\"2015-03-05T23:51:47.123456789Z\"", "1425599507.123456789" },
	{ "fromdate", "\"2015-03-05T23:51:47.50+01:00\"", "1425595907.5" },
	{ "fromdate", "\"1969-12-31T23:59:58.25Z\"", "-1.75" },
	{ "fromdate", "\"2015-03-05T23:51:47\"",
	  "!date \"2015-03-05T23:51:47\" does not match format \"%Y-%m-%dT%H:%M:%SZ\"" },
	{ "fromdate", "\"2015-03-05\"",
	  "!date \"2015-03-05\" does not match format \"%Y-%m-%dT%H:%M:%SZ\"" },
	{ "fromdate", "5", "!strptime/1 requires string inputs and arguments" },
	{ "strptime(\"%Y-%m-%dT%H:%M:%SZ\")", "\"2015-03-05T23:51:47Z\"",
	  "[2015,2,5,23,51,47,4,63]" },
	{ "strptime(\"%Y-%m-%d\")", "\"2015-03-05 rest\"", "[2015,2,5,0,0,0,4,63,\" rest\"]" },
	{ "strptime(\"%Y-%m-%d\")", "\"2015-03-05rest\"",
	  "!date \"2015-03-05rest\" does not match format \"%Y-%m-%d\"" },
	{ "strptime(\"%Y-%m-%dT%H:%M:%S%z\")", "\"2015-03-05T23:51:47Z\"",
	  "[2015,2,5,23,51,47,4,63]" },
	{ "strptime(\"%Y-%m-%dT%H:%M:%S%z\") | ., mktime, todate", "\"2015-03-05T23:51:47+0100\"",
	  "[2015,2,5,23,51,47,4,63,3600] 1425595907 \"2015-03-05T22:51:47Z\"" },
	{ "strptime(\"%Y-%m-%dT%H:%M:%S.%f\") | ., mktime", "\"2015-03-05T23:51:47.123456789\"",
	  "[2015,2,5,23,51,47.123456789,4,63,0] 1425599507.123456789" },
	{ "strptime(\"%a %b %d %T %Z %Y\") | mktime", "\"Thu Mar 05 23:51:47 PST 2015\"",
	  "1425628307" },
	{ "strptime(\"%a %b %d %T %Z %Y\") | mktime", "\"Thu Mar 05 23:51:47 CET 2015\"",
	  "1425599507" },
	{ "strftime(\"%T.%f %3f %N %1N %%f %%%f %9f %\")", "1425599621.678",
	  "\"23:53:41.678000 678 678000000 6 %f %678000 678000000 %\"" },
	{ "strftime(\"%3f %f\")", "1425599621.6789999", "\"678 678999\"" },
	{ ". / 1000 | strftime(\"%S.%3f\"), (gmtime | strftime(\"%S.%3f\"))", "1425599621678",
	  "\"41.678\" \"41.678\"" },
	{ "fromdate | strftime(\"%FT%T.%NZ\")", "\"2015-03-05T23:51:47.123456789Z\"",
	  "\"2015-03-05T23:51:47.123456789Z\"" },
	{ "strftime(\"%z %Z\")", "0", "\"+0000 UTC\"" },
	{ "strftime(\"\")", "0", "\"\"" },
	{ "strftime(\"a\\u0000b\")", "0", "!strftime/1: the format holds a NUL" },
	{ "strftime([])", "0", "!strftime/1 requires a string format" },
	{ "strftime(\"%Y\")", "\"x\"", "!strftime/1 requires parsed datetime inputs" },
	{ "todate", "1e18", "!error converting number of seconds since epoch to datetime" },
	{ "gmtime", "\"x\"", "!gmtime() requires numeric inputs" },
	{ "localtime", "1425599507", "[2015,2,6,0,51,47,5,64]" },
	{ "localtime | mktime", "1425599507", "1425603107" },
	{ "strflocaltime(\"%FT%T%z %Z\"), (localtime | strflocaltime(\"%H %Z\"))", "1435677542",
	  "\"2015-06-30T17:19:02+0200 CEST\" \"17 CEST\"" },
	{ "dateadd(\"seconds\"; 10), datesub(\"seconds\"; 10), date", "1425599507",
	  "1425599517 1425599497 \"2015-03-05T23:51:47Z\"" },
	{ "now | type, (. > 1700000000)", "null", "\"number\" true" },
};

static void test_builtins__dates(void **state)
{
	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	ASSERT_ROWS(date_rows);
}

/* ---- jq's list: every function that the manual of jq 1.8 names, by name and arity */

static void test_builtins__all_of_jq(void **state)
{
	static const char names[] =
		"abs/0 add/0 add/1 all/0 all/1 all/2 any/0 any/1 any/2 arrays/0 ascii/0 "
		"ascii_downcase/0 ascii_upcase/0 booleans/0 bsearch/1 builtins/0 capture/1 "
		"capture/2 combinations/0 combinations/1 contains/1 date/0 dateadd/2 datesub/2 "
		"debug/0 debug/1 del/1 delpaths/1 empty/0 endswith/1 env/0 error/0 error/1 "
		"explode/0 finites/0 first/0 first/1 flatten/0 flatten/1 format/1 from_entries/0 "
		"fromdate/0 fromdateiso8601/0 fromjson/0 fromstream/1 get_search_list/0 "
		"getpath/1 gmtime/0 group_by/1 gsub/2 gsub/3 halt/0 halt_error/0 halt_error/1 "
		"has/1 have_decnum/0 have_literal_numbers/0 implode/0 in/1 IN/1 IN/2 index/1 "
		"INDEX/1 INDEX/2 indices/1 infinite/0 input/0 input_filename/0 input_line_number/0 "
		"inputs/0 inside/1 isempty/1 isfinite/0 isinfinite/0 isnan/0 isnormal/0 "
		"isvalid/1 iterables/0 join/1 JOIN/2 JOIN/3 JOIN/4 keys/0 keys_unsorted/0 "
		"last/0 last/1 leaf_paths/0 length/0 limit/2 localtime/0 ltrim/0 ltrimstr/1 "
		"map/1 map_values/1 match/1 match/2 max/0 max_by/1 min/0 min_by/1 mktime/0 "
		"modulemeta/0 nan/0 normals/0 not/0 now/0 nth/1 nth/2 nulls/0 numbers/0 "
		"objects/0 path/1 paths/0 paths/1 pick/1 range/1 range/2 range/3 recurse/0 "
		"recurse/1 recurse/2 repeat/1 reverse/0 rindex/1 rtrim/0 rtrimstr/1 scalars/0 "
		"scan/1 scan/2 select/1 setpath/2 skip/2 sort/0 sort_by/1 split/1 split/2 "
		"splits/1 splits/2 startswith/1 stderr/0 strflocaltime/1 strftime/1 strings/0 "
		"strptime/1 sub/2 sub/3 test/1 test/2 to_entries/0 toarray/0 toboolean/0 "
		"todate/0 todateiso8601/0 tojson/0 tonumber/0 tostream/0 tostring/0 transpose/0 "
		"trim/0 trimstr/1 truncate_stream/1 type/0 unique/0 unique_by/1 until/2 "
		"utf8bytelength/0 values/0 walk/1 while/2 with_entries/1 acos/0 acosh/0 "
		"asin/0 asinh/0 atan/0 atanh/0 cbrt/0 ceil/0 cos/0 cosh/0 erf/0 erfc/0 exp/0 "
		"exp10/0 exp2/0 expm1/0 fabs/0 floor/0 gamma/0 j0/0 j1/0 lgamma/0 lgamma_r/0 "
		"log/0 log10/0 log1p/0 log2/0 logb/0 nearbyint/0 rint/0 round/0 significand/0 "
		"sin/0 sinh/0 sqrt/0 tan/0 tanh/0 tgamma/0 trunc/0 y0/0 y1/0 atan2/2 copysign/2 "
		"drem/2 fdim/2 fmax/2 fmin/2 fmod/2 frexp/0 hypot/2 jn/2 ldexp/2 modf/0 "
		"nextafter/2 nexttoward/2 pow/2 remainder/2 scalb/2 scalbln/2 yn/2 fma/3 "
		"";
	struct buf program = { 0 }, out = { 0 };

	(void)state;
	buf_addf(&program, "(\"%s\" | [splits(\" \") | select(. != \"\")]) - builtins", names);
	buf_addc(&program, '\0');
	run_program(program.p, "null", false, &out);
	assert_int_equal(differs("missing", buf_slice(&out), "[]"), 0);
	buf_free(&program);
	buf_free(&out);
}

/* jq's manual, and jq's answers where the manual is silent */
static const struct program_row jq_rows[] = {
	{ "import \"a\" as a; 1", "null",
	  "does not compile: EXPR:1:1: modules are not supported: put the definitions into the "
	  "program, or use -f FILE\n    import \"a\" as a; 1\n    ^" },
	{ "modulemeta", "\"a\"", "!modulemeta: modules are not supported" },
	{ "get_search_list, ($JQ_BUILD_CONFIGURATION | type)", "null", "[] \"string\"" },
	{ "have_decnum, have_literal_numbers", "null", "true true" },
	{ "$__loc__", "null", "{\"file\":\"<top-level>\",\"line\":1}" },
	{ "$ENV.PAGER == env.PAGER", "null", "true" },
	{ "[limit(0; 1, error)], [skip(1; 1, 2)]", "null", "[] [2]" },
	{ "limit(-1; 1)", "null", "!limit doesn't support negative count" },
	{ "skip(-1; 1)", "null", "!skip doesn't support negative count" },
	{ "nth(-1; 1)", "null", "!nth doesn't support negative indices" },
	{ "try error(null) catch .", "1", "null" },
	{ "try error({a: 1}) catch .a", "null", "1" },
	{ "getpath([\"a\", 0, \"b\"])", "null", "null" },
	{ "try getpath([\"a\"]) catch .", "[1]", "\"Cannot index array with string (\\\"a\\\")\"" },
	{ "ltrimstr(\"a\")", "5", "!startswith() requires string inputs" },
	{ "trim", "5", "!trim input must be a string" },
	{ "ascii_downcase", "5", "!explode input must be a string" },
	{ "ascii_upcase", "5", "!explode input must be a string" },
	{ "explode", "5", "!explode input must be a string" },
	{ "implode", "5", "!implode input must be an array" },
	{ "implode", "[\"a\"]",
	  "!string (\"a\") can't be imploded, unicode codepoint needs to be numeric" },
	{ "ascii", "65", "\"A\"" },
	{ "@urid, @base32d", "\"ORSXG5A=\"", "\"ORSXG5A=\" \"test\"" },
	{ "tojson, tostring", "[1.10, 100000000000000000000, 3.0]",
	  "\"[1.10,100000000000000000000,3.0]\" \"[1.10,100000000000000000000,3.0]\"" },
	{ "[nan] | tojson", "null", "\"[null]\"" },
	{ "significand, logb, frexp, modf, trunc, gamma, lgamma_r", "8.5",
	  "1.0625 3 [0.53125,4] [0.5,8] 8 9.549267257300997 [9.549267257300997,1]" },
	{ "drem(10; 3), ldexp(10; 3), scalb(10; 3), scalbln(10; 3), nearbyint", "2.5",
	  "1 80 80 80 2" },
	{ "[splits(\", *\")], [splits(\"B\"; \"i\")]", "\"a,  b\"",
	  "[\"a\",\"b\"] [\"a,  \",\"\"]" },
	{ "[test(\"a.b\"), (test(\"a.b\"; \"s\", \"m\", \"p\")), test(\"A\"; \"i\"),"
	  " test(\"a \\\\n b\"; \"x\"), test([\"A\", \"gi\"]), test(\"\"; \"n\")]",
	  "\"a\\nb\"", "[false,false,true,true,true,true,true,false]" },
	{ "test(\"a\"; \"q\")", "\"a\"", "!q is not a valid modifier string" },
	{ "sub(\"(?<x>b)\"; \"<\\(.x)>\"), [sub(\"(?<x>.)\"; .x + \"1\", .x + \"2\"; \"g\")]",
	  "\"abc\"", "\"a<b>c\" [\"a1b1c1\",\"a2b2c2\"]" },
	{ ".[-1:] = [9, 9], (.[-1] = 5), del(.[1, 2])", "[1,2,3]", "[1,2,9,9] [1,2,5] [1]" },
	{ ".[-2] = 1", "[1]", "!Out of bounds negative array index" },
	{ "to_entries", "{\"a\":null}", "[{\"key\":\"a\",\"value\":null}]" },
	{ "INDEX(.id), IN(1, [{\"id\":1}]), IN(1, 2; 3)", "[{\"id\":1}]",
	  "{\"1\":{\"id\":1}} true false" },
	{ "[JOIN({\"1\":\"x\"}; .[]; tostring)], JOIN({\"1\":\"x\"}; tostring)", "[1,2]",
	  "[[1,\"x\"],[2,null]] [[1,\"x\"],[2,null]]" },
	{ "[truncate_stream([[0],\"a\"],[[1,0],\"b\"],[[1,0]],[[1]])]", "1",
	  "[[[0],\"b\"],[[0]]]" },
	{ "fromstream(tostream), [tostream]", "[1,[2]]",
	  "[1,[2]] [[[0],1],[[1,0],2],[[1,0]],[[1]]]" },
	{ "pick(.a[1].b)", "{\"a\":[1,{\"b\":2}]}", "{\"a\":[null,{\"b\":2}]}" },
	{ "[.[] | toarray]", "[1,[2]]", "[[1],[2]]" },
	{ "min_by(.a), max_by(.a)", "[{\"a\":2},{\"a\":1}]", "{\"a\":1} {\"a\":2}" },
	{ "bsearch(0, 2, 4)", "[1,2,3]", "-1 1 -4" },
	{ "flatten(-1)", "[]", "!flatten depth must not be negative" },
	{ "has(0)", "{\"a\":1}", "!Cannot check whether object has a number key" },
};

static void test_builtins__as_jq(void **state)
{
	(void)state;
	ASSERT_ROWS(jq_rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builtins__parse),     cmocka_unit_test(test_builtins__ip_in),
		cmocka_unit_test(test_builtins__digests),   cmocka_unit_test(test_builtins__dates),
		cmocka_unit_test(test_builtins__all_of_jq), cmocka_unit_test(test_builtins__as_jq),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
