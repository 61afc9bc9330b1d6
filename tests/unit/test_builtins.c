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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builtins__parse),
		cmocka_unit_test(test_builtins__ip_in),
		cmocka_unit_test(test_builtins__digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
