/*
 * fuzz_logline.c - the first line is a pattern of --parse, the others are log lines: every record
 * that comes of them is valid JSON, and every failure says why in one line.
 */
#include "fuzz.h"

#include "record/decode.h"
#include "json/check.h"

static void must_explain(const struct err *e, enum fail kind)
{
	MUST(e->kind == kind);
	MUST(*e->text && !strchr(e->text, '\n'));
}

static void decode_all(const struct decode_opts *opts, struct slice rest)
{
	struct err e = { 0 };
	struct decoder *d = decode_new(opts, &e);
	struct check_fault fault;
	struct buf json = { 0 };

	if (!d) {
		must_explain(&e, FAIL_USAGE);
		return;
	}
	decode_restart(d, INT64_C(1709251200000000000)); /* 1 March 2024 */
	while (rest.n) {
		struct slice line = take_part(&rest, "\n", 1);
		char *p = copy_padded(line, '"', 16);

		err_clear(&e);
		buf_clear(&json);
		switch (decode_line(d, (struct slice){ p, line.n }, true, &json, &e)) {
		case DECODED_RECORD:
			MUST(check_json(buf_slice(&json), &fault) == 0);
			MUST(!memchr(json.p, '\n', json.n));
			break;
		case DECODED_NOTHING:
			break;
		default:
			must_explain(&e, FAIL_DATA);
		}
		free(p);
	}
	buf_free(&json);
	decode_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = { (const char *)data, size };
	struct slice first = take_part(&rest, "\n", 1);
	char *pattern = copy_padded(first, '\0', 1);
	struct decode_opts opts = { .format = FORMAT_LOG, .pattern = pattern };

	decode_all(&opts, rest);
	opts.strings = true;
	opts.year = 2023;
	decode_all(&opts, rest);
	free(pattern);
	return 0;
}
