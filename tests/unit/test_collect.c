/* The collector: programs over many inputs give the same whether it runs never or at every turn. */
#include "rig.h"
#include "unit.h"

#include "expr/eval.h"

/* ---- inputs: numbers, strings short and long, objects small and large, nested arrays, by number
 */

#define INPUTS 60

static struct val input_number(struct heap *h, unsigned i)
{
	static const char *const shape[] = {
		"%u",
		"\"s%u\"",
		"\"a long text, that the collector moves once, however many refer to it: number "
		"%u\"",
		"{\"k\":%u,\"t\":\"\\u00e9 and more of it\",\"l\":[1,[2,{\"x\":null}]]}",
		"[%u,\"b\",[[[\"deep\"]]]]",
		"{\"a\":%u,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":"
		"10,\"k\":11,"
		"\"l\":12,\"m\":13,\"n\":14,\"o\":15,\"p\":16,\"q\":17,\"r\":18}",
		"12345678901234567890%u",
	};
	char text[400];

	snprintf(text, sizeof text, shape[i % ROWS(shape)], i);
	return parsed(h, text);
}

static int next_input(void *context, struct heap *h, struct val *v, struct err *e)
{
	unsigned *i = context;

	(void)e;
	if (*i == INPUTS)
		return 0;
	*v = input_number(h, (*i)++);
	return 1;
}

static void run(const char *program, size_t most, size_t collect_at, struct buf *out, size_t *peak)
{
	struct expr_setup setup = { .source = { slice_from(program), "EXPR" } };
	unsigned at = 0;
	struct eval_world world = { .context = &at, .input = next_input };
	struct heap h;
	struct eval *v;
	struct prog *p;
	struct err e;

	err_clear(&e);
	heap_init(&h);
	p = expr_compile(&setup, &e);
	if (!p)
		fail_msg("%s: %s", program, e.text);
	v = eval_new(p, &h, &world);
	eval_set_memory(v, most, true);
	eval_collect_at(v, collect_at);
	eval_start(v, val_of(VAL_NULL), NULL);
	write_outputs(v, &h, out);
	if (peak)
		*peak = arena_peak(&h.arena);
	eval_free(v);
	expr_free(p);
	heap_free(&h);
}

static const char *const programs[] = {
	/* what reduce and foreach carry on */
	"reduce inputs as $x (0; . + 1)",
	"reduce inputs as $x ([]; . + [$x])",
	"reduce inputs as $x ([]; .[length] = $x)",
	"reduce inputs as $x ({}; .[$x | tostring | .[:9]] += 1)",
	"reduce inputs as $x ({n: 0}; .n += 1 | .last = $x | .all[.n % 7] = $x)",
	"reduce inputs as $x (\"\"; . + ($x | tojson))",
	"reduce inputs as [$a, $b] ?// {$k, t: $b} ?// $a ([]; . + [[$a, $b, $k]])",
	"[foreach inputs as $x (null; [$x, .[0]]; .[1])]",
	"foreach inputs as $x ({}; .[$x | type] += [$x]; map_values(length))",
	"reduce inputs as $x ([]; [$x, .] | tojson | fromjson | flatten | .[:5])",
	/* parts in common stay in common, and apart what is changed */
	"reduce inputs as $x ({}; . as $o | .a = $x | .b = $o.a | .c = [$o.b, $o.b])",
	"[inputs] as $all | [range(300) | $all[. % 60]] | map(tojson) | add | length",
	"[limit(20; repeat(input))]",
	"[inputs | [., .]] | map(.[0] as $a | .[1] |= [., $a])",
	/* frames, closures, recursion, last calls */
	"def f($n; g): if $n == 0 then [g] else f($n - 1; g | [., $n]) end; [inputs | f(3; .)]",
	"def f: if . > 4000 then . else . + 1 | f end; [inputs | numbers | f] | length",
	"def up($n): if $n > 100 then $n else ({n: $n} | up($n + 1)) + 1 end; up(0)",
	"[range(2000)] | map([.]) | length",
	"[recurse(if . < 700 then . + 1 else empty end; true)] | length",
	"0 | until(. > 9000; . + 1)",
	"[limit(5; def r: ., ([.] | r); 0 | r)]",
	"reduce range(700) as $i ([]; if length > 50 then [$i] else . + [{i: $i, s: \"\\($i)\"}] "
	"end)",
	"last(range(5000) | [., {a: .}])",
	"[label $out | inputs as $x | if ($x | type) == \"array\" then $x, break $out else $x end]",
	"[.[]?, (inputs | try error([., {e: .}]) catch .[1].e)]",
	"[inputs | try (if type == \"number\" then error else . end) catch {caught: .}]",
	"first(inputs | select(type == \"object\")), [inputs | first(.[]?)]",
	/* the frame of a is b's outer one, and no caller's any more */
	"def a($x; $d): def b($n): if $n <= 50 then b($n + 1) else ($x | tojson),"
	" (if $d > 0 then a([$x]; $d - 1) else empty end) end; b(0); a({x: \"y\\(input)\"}; 3)",
	/* paths: their steps are shared */
	"[inputs | [paths]] | map(length)",
	"[inputs | [path(..)] | map(tojson)] | add | length",
	"[inputs | to_entries?] | length",
	"[inputs | (.. | strings) |= ascii_upcase]",
	"[inputs | [tostream] | fromstream(.[])]",
	"fromstream(inputs | tostream | select(length == 2)), \"end\"",
	"reduce (inputs | objects) as $x ({}; . * {x: $x} | delpaths([[\"x\", \"l\"]]))",
	"[inputs | arrays | del(.[0], .[2][0]) | getpath([1, 0])?]",
	/* strings, regular expressions, keys */
	"[inputs | strings | sub(\"(?<x>[0-9]+)\"; \"<\\(.x)>\") | gsub(\"o\"; \"0\", \"()\")]",
	"[inputs | strings | [scan(\"[a-z]+\")] | join(\"-\") | @base64 | @base64d | split(\"-\")]",
	"[inputs] | group_by(type) | map({(.[0] | type): length}) | add",
	"[inputs | tojson] | unique | map(ltrimstr(\"\\\"\")) | sort | .[:7]",
	"[inputs | objects | with_entries(.value |= tostring) | keys_unsorted] | add | unique | "
	"length",
	"INDEX(inputs; tojson[:4]) | to_entries | map(.key) | join(\",\")",
	"[inputs | strings | ascii_downcase | explode | map(. + 1) | implode | @json, @uri, @sh]",
	"[inputs | prev(.)] | length",
	"[inputs | strings | delta(length)]",
	"reduce inputs as $x (null; [., $x] | tojson | .[-300:])",
	"[splits(\"x\")?, (inputs | tojson | [splits(\", *\")] | length)]",
	"$__loc__, input, ([input, input] | .[1]), [inputs][-1]",
	"[inputs] | combinations(2)? // \"none\" | tojson | .[:1]",
	"[[inputs] | .[:4][] as $x | .[-2:][] as $y | [$x, $y]] | transpose | map(length)",
};

static void test_collect__changes_nothing(void **state)
{
	struct buf never = { 0 }, always = { 0 };
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(programs); i++) {
		buf_clear(&never);
		buf_clear(&always);
		run(programs[i], SIZE_MAX, SIZE_MAX, &never, NULL);
		run(programs[i], SIZE_MAX, 0, &always, NULL);
		buf_addc(&never, '\0');
		wrong += differs(programs[i], buf_slice(&always), never.p);
		/* a program that fails, or gives nothing, shows nothing */
		if (never.n < 2 || *never.p == '!') {
			print_error("%s: %s\n", programs[i], never.p);
			wrong++;
		}
	}
	buf_free(&never);
	buf_free(&always);
	assert_int_equal(wrong, 0);
}

/* What is collected comes back: the heap stays small while much passes through it. */
static void test_collect__memory_stays_bounded(void **state)
{
	static const char *const rows[] = {
		"last(range(50000) | [., \"text \\(.)\"])",
		"reduce range(50000) as $i (null; {i: $i, t: \"\\($i)\", before: .i})",
		"0 | until(. > 50000; [.] | .[0] + 1)",
		"def f($n): if $n > 50000 then $n else [$n] | f(.[0] + 1) end; f(0)",
		"last(foreach range(50000) as $i ([]; [$i, .[0]]; .))",
		"first(range(1; 1e9) | [.] | select(.[0] > 50000))",
		"label $f | range(1e9) | tostring | if length > 5 then ., break $f else empty end",
	};
	struct buf out = { 0 };
	size_t peak;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_clear(&out);
		run(rows[i], 300000, 100000, &out, &peak);
		buf_addc(&out, '\0');
		assert_row(rows[i], *out.p != '!');
		/* a limit, a quarter more, and what one turn makes */
		assert_row(rows[i], peak < 400000);
	}
	buf_free(&out);
}

/* What is alive counts, and is too much at some time, before it is several times too much. */
static void test_collect__limit(void **state)
{
	static const char *const rows[] = {
		"[range(1e9)]",
		"reduce range(1e9) as $i ([]; . + [$i])",
		"def f: [., f]; f",
		"last(range(100; 1e9) | [range(. * 100)] | length)",
		"[limit(1e9; repeat(\"x\"))]",
	};
	struct buf out = { 0 };
	size_t peak;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_clear(&out);
		run(rows[i], 1000000, 100000, &out, &peak);
		buf_addc(&out, '\0');
		assert_row(rows[i], strstr(out.p, "more than 1000000 bytes are held in memory"));
		assert_row(rows[i], peak < 8000000);
	}
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_collect__changes_nothing),
		cmocka_unit_test(test_collect__memory_stays_bounded),
		cmocka_unit_test(test_collect__limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
