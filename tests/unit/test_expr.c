/* The jq language: what programs give, against jq's manual and jq 1.8. */
#include "rig.h"

static const struct program_row syntax_rows[] = {
	{ "[.[]?]", "\"a\"", "[]" },
	{ ".a?.b?", "[1]", "" },
	{ ".a.\"b\".\"c d\"", "{\"a\":{\"b\":{\"c d\":1}}}", "1" },
	{ ".\"a\"[\"b\"]", "{\"a\":{\"b\":1}}", "1" },
	{ ".a.[\"b\"]", "{\"a\":{\"b\":1}}", "1" },
	{ ".[\"a\"].\"b\"?", "{\"a\":5}", "" },
	{ ".. == 1", "[1]", "false true" },
	{ "[..]", "[[1]]", "[[[1]],[1],1]" },
	{ "{if:1, then:2, and:3, or:4, not:5, def:6, reduce:7, try:8, label:9, import:10, "
	  "__loc__:11} | keys_unsorted",
	  "null",
	  "[\"if\",\"then\",\"and\",\"or\",\"not\",\"def\",\"reduce\",\"try\",\"label\",\"import\","
	  "\"__loc__\"]" },
	{ "{and}", "{\"and\":1}", "{\"and\":1}" },
	{ ".and", "{\"and\":1}", "1" },
	{ "$__loc__", "null", "{\"file\":\"<top-level>\",\"line\":1}" },
	{ "{$__loc__}", "null", "{\"__loc__\":{\"file\":\"<top-level>\",\"line\":1}}" },
	{ "{a:1 | 2, b:3}", "null", "{\"a\":2,\"b\":3}" },
	{ "{a:(1,2), b:(3,4)}", "null",
	  "{\"a\":1,\"b\":3} {\"a\":1,\"b\":4} {\"a\":2,\"b\":3} {\"a\":2,\"b\":4}" },
	{ "{(.a,.b):1}", "{\"a\":\"x\",\"b\":\"y\"}", "{\"x\":1} {\"y\":1}" },
	{ "{\"a\\(1+1)\":3}", "null", "{\"a2\":3}" },
	{ "{@base64 \"x\":1}", "null", "{\"x\":1}" },
	{ "{\"x y\"}", "{\"x y\":2}", "{\"x y\":2}" },
	{ "1 as $x | {$x, \"b\":2, $x}", "null", "{\"x\":1,\"b\":2}" },
	{ "{a:1,}", "null", "{\"a\":1}" },
	{ "1 + 2 * 3", "null", "7" },
	{ "(1 + 2) * 3", "null", "9" },
	{ "10 - 3 - 2", "null", "5" },
	{ "100 / 10 / 5", "null", "2" },
	{ "7 % 4 * 2", "null", "6" },
	{ "1 - -1", "null", "2" },
	{ "- 1 + 2", "null", "1" },
	{ "-2 | abs", "null", "2" },
	{ "1, 2 | . + 1", "null", "2 3" },
	{ "1 | 2, 3", "null", "2 3" },
	{ "1 + 1 == 2", "null", "true" },
	{ "true or false and false", "null", "true" },
	{ "false and true or true", "null", "true" },
	{ "null // 1 // 2", "null", "1" },
	{ "1 // 2 + 3", "null", "1" },
	{ "empty // 5", "null", "5" },
	{ "(false, null, 3, 4) // 5", "null", "3 4" },
	{ "(false, null) // 5", "null", "5" },
	{ "first(empty) // \"d\"", "null", "\"d\"" },
	{ "[.[] // 9]", "[null,1,false]", "[1]" },
	{ "error(\"x\") // 1", "null", "!x" },
	{ "(1, error(\"x\")) // 2", "null", "1 !x" },
	{ "(null, error(\"x\")) // 2", "null", "!x" },
	{ ".a = 1 | .b", "null", "null" },
	{ ".a // .b = 3", "null", "{\"b\":3}" },
	{ ".a = .b // 3", "{\"b\":null}", "{\"b\":null,\"a\":null}" },
	{ ".a == .b = 1", "null", "!Invalid path expression with result true" },
	{ "1 as $x | 2 as $y | [$x,$y]", "null", "[1,2]" },
	{ "[1 as $x | $x, 2]", "null", "[1,2]" },
	{ "1 as $x | 2, $x", "null", "2 1" },
	{ "1 + 2 as $x | $x", "null", "3" },
	{ "[1 + 2 as $x | $x]", "null", "[3]" },
	{ "1 + (2 as $x | $x)", "null", "3" },
	{ "if 1 then 2 end", "null", "2" },
	{ "if false then 2 end", "7", "7" },
	{ "if null then 1 elif true then 2 else 3 end", "null", "2" },
	{ "[if (true,false) then 1 else 2 end]", "null", "[1,2]" },
	{ "[if empty then 1 else 2 end]", "null", "[]" },
	{ "if . then \"t\" else \"f\" end | ascii_upcase", "0", "\"T\"" },
	{ "try error(\"x\")", "null", "" },
	{ "try error(\"x\") catch . + \"y\"", "null", "\"xy\"" },
	{ "try error(\"x\") // 1", "null", "1" },
	{ "[try error(\"x\") // 1]", "null", "[1]" },
	{ "try 1 | error(\"y\")", "null", "!y" },
	{ ".a? // \"d\"", "5", "\"d\"" },
	{ "[.[]?, 1]", "5", "[1]" },
	{ ".a??", "5", "" },
	{ "-.a", "{\"a\":5}", "-5" },
	{ "-(1,2)", "null", "-1 -2" },
	{ "1 # comment", "null", "1" },
	{ "reduce range(3) as $i (0; .+$i) | . + 1", "null", "4" },
	{ "foreach (1,2) as $i (0; .+$i) | . * 10", "null", "10 30" },
	{ "def f: 1; f + 1", "null", "2" },
	{ "[def f: 1; f, 2]", "null", "[1,2]" },
	{ "not", "null", "true" },
	{ "true and (true, false)", "null", "true false" },
	{ "(true, false) and (true,false)", "null", "true false false" },
	{ "(true,false) or (true,false)", "null", "true true false" },
	{ "false and error(\"x\")", "null", "false" },
	{ "true or error(\"x\")", "null", "true" },
	{ ".\"é\"", "{\"é\":1}", "1" },
	{ "- -1", "null", "1" },
	{ "1.e3", "null", "1E+3" },
	{ ".e", "null", "null" },
	{ ".1", "null", "0.1" },
	{ "1 != 2", "null", "true" },
	{ "1 # one\n+ 1", "null", "2" },
	{ "1 # one \\\n+ 5\n+ 1", "null", "2" },
	{ "1 # one \\\\\n+ 1", "null", "2" },
	{ "1 # one \\\r\n+ 5\n+ 1", "null", "2" },
	{ "# only\n7", "null", "7" },
	{ "7 #", "null", "7" },
	{ "\"a # b\"", "null", "\"a # b\"" },
	{ "\"\\u00e9\xC3\xA9\\/\"", "null", "\"\xC3\xA9\xC3\xA9/\"" },
	{ "{(1,2): 3}", "null", "!Cannot use number (1) as object key" },
	{ "{(.): 1}", "{\"a\":1}", "!Cannot use object ({\"a\":1}) as object key" },
};

static void test_eval__syntax(void **state)
{
	(void)state;
	ASSERT_ROWS(syntax_rows);
}

static const struct program_row errors_rows[] = {
	{ ".a.b", "{\"a\":1}", "!Cannot index number with string (\"b\")" },
	{ ".[0]", "{\"a\":1}", "!Cannot index object with number (0)" },
	{ ".a", "[1]", "!Cannot index array with string (\"a\")" },
	{ ".[\"a\",\"b\"]", "{\"a\":1,\"b\":2}", "1 2" },
	{ ".[]", "5", "!Cannot iterate over number (5)" },
	{ ".[]", "null", "!Cannot iterate over null (null)" },
	{ ".[]?", "5", "" },
	{ ".[\"a\"]", "\"x\"", "!Cannot index string with string (\"a\")" },
	{ ".[true]", "[1]", "!Cannot index array with boolean (true)" },
	{ ".[[1]]", "{}", "!Cannot index object with array ([1])" },
	{ ".[{}]", "[1]", "!Array/string slice indices must be integers" },
	{ "{a:1} + 1", "null", "!object ({\"a\":1}) and number (1) cannot be added" },
	{ "[] + {}", "null", "!array ([]) and object ({}) cannot be added" },
	{ "\"a\" - \"b\"", "null", "!string (\"a\") and string (\"b\") cannot be subtracted" },
	{ "{} - {}", "null", "!object ({}) and object ({}) cannot be subtracted" },
	{ "[] * 2", "null", "!array ([]) and number (2) cannot be multiplied" },
	{ "{} * 2", "null", "!object ({}) and number (2) cannot be multiplied" },
	{ "null * 1", "null", "!null (null) and number (1) cannot be multiplied" },
	{ "1 / 0", "null",
	  "!number (1) and number (0) cannot be divided because the divisor is zero" },
	{ "5 % 0", "null",
	  "!number (5) and number (0) cannot be divided (remainder) because the divisor is zero" },
	{ "\"a\" / 1", "null", "!string (\"a\") and number (1) cannot be divided" },
	{ "[1] % 2", "null", "!array ([1]) and number (2) cannot be divided (remainder)" },
	{ "null - 1", "null", "!null (null) and number (1) cannot be subtracted" },
	{ "-\"abc\"", "null", "!string (\"abc\") cannot be negated" },
	{ "-null", "null", "!null (null) cannot be negated" },
	{ "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" + 1", "null",
	  "!string (\"aaaaaaaaaaaaaaaaaaaaaaaa...\") and number (1) cannot be added" },
	{ "[range(100)] - 1", "null",
	  "!array ([0,1,2,3,4,5,6,7,8,9,10,1...]) and number (1) cannot be subtracted" },
	{ "{\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"} + 1", "null",
	  "!object ({\"a\":\"xxxxxxxxxxxxxxxxxxx...}) and number (1) cannot be added" },
	{ "\"ééééééééééééééééééééé\" + 1", "null",
	  "!string (\"éééééééééééé...\") and number (1) cannot be added" },
	{ "error(\"x\")", "null", "!x" },
	{ "try error({a:1}) catch .a", "null", "1" },
	{ "try error(null) catch .", "null", "null" },
	{ "try error catch .", "\"x\"", "\"x\"" },
	{ "[.[] | try error catch .]", "[1,null,\"a\"]", "[1,null,\"a\"]" },
	{ ".a |= error(\"no\")", "{\"a\":1}", "!no" },
	{ "error(error(\"inner\"))", "null", "!inner" },
	{ "try (1, error(\"x\"), 3) catch .", "null", "1 \"x\"" },
	{ "[.[] | (1/.)?]", "[1,0,2]", "[1,0.5]" },
	{ ".a.b?", "5", "!Cannot index number with string (\"a\")" },
	{ "(.a.b)?", "5", "" },
	{ ".a[\"b\"]?", "{\"a\":1}", "" },
	{ ".a.\"b\"?", "5", "!Cannot index number with string (\"a\")" },
	{ ".a[]?", "5", "!Cannot index number with string (\"a\")" },
	{ "[.a[]?]", "{\"a\":1}", "[]" },
	{ ".a[1:2]?", "5", "!Cannot index number with string (\"a\")" },
	{ ".a[1:2]?", "{\"a\":1}", "" },
	{ ".[.a]?", "5", "!Cannot index number with string (\"a\")" },
	{ ".[.a, .b]?", "{\"a\":\"b\",\"b\":2}", "2" },
	{ "[.[(1,2)]?]", "[5,6,7]", "[6,7]" },
	{ ".[error(\"x\")]?", "null", "!x" },
	{ ".c[.a:.b]?", "{\"a\":1,\"b\":2,\"c\":[7,8,9]}", "[8]" },
	{ ".[.[0][1:]?:]?", "[[\"x\"]]", "" },
	{ "path(.a[.k]?)", "{\"k\":\"b\"}", "[\"a\",\"b\"]" },
	{ ".a[.b[.c]?]?", "{\"a\":{\"x\":1},\"b\":{\"y\":\"x\"},\"c\":\"y\"}", "1" },
};

static void test_eval__errors(void **state)
{
	(void)state;
	ASSERT_ROWS(errors_rows);
}

static const struct program_row destructuring_rows[] = {
	{ "[.[] as [$a] ?// $a | $a]", "[[1],2,[3]]", "[1,2,3]" },
	{ ".[] as [$a] ?// $a | if ($a|type)==\"number\" then error(\"e\\($a)\") else $a end",
	  "[[1]]", "[1]" },
	{ ".[] as {a:$x} ?// [$x] | [$x]", "[{\"a\":1},[2]]", "[1] [2]" },
	{ "[[3]] | .[] as [$a] ?// [$b] | if $a != null then error(\"err: \\($a)\") else {$a,$b} "
	  "end",
	  "null", "{\"a\":null,\"b\":3}" },
	{ ". as {$a, b: [$c, {$d}]} | [$a,$c,$d]", "{\"a\":1,\"b\":[2,{\"d\":3}]}", "[1,2,3]" },
	{ ". as {\"a\": $x, (\"b\",\"c\"): $y} | [$x,$y]", "{\"a\":1,\"b\":2,\"c\":3}",
	  "[1,2] [1,3]" },
	{ ". as {$a: [$b]} | [$a,$b]", "{\"a\":[5]}", "[[5],5]" },
	{ ". as [$a, [$b]] | [$a,$b]", "[1,[2,3]]", "[1,2]" },
	{ ". as [$a] | $a", "5", "!Cannot index number with number (0)" },
	{ ". as {a:$x} | $x", "[1]", "!Cannot index array with string (\"a\")" },
	{ ". as {if:$x} | $x", "{\"if\":3}", "3" },
	{ ". as [$a, $b] | $a", "5", "!Cannot index number with number (1)" },
	{ ". as [[$a, $b], [$c, $d]] | $d", "[[1,2],3]", "!Cannot index number with number (1)" },
	{ ". as [{(\"a\",\"b\"): $x}, {(\"c\",\"d\"): $y}] | [$x, $y]",
	  "[{\"a\":1,\"b\":2},{\"c\":3,\"d\":4}]", "[1,3] [2,3] [1,4] [2,4]" },
	{ ". as {(\"a\",\"b\"): $x, (\"c\",\"d\"): $y} | [$x, $y]",
	  "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}", "[1,3] [1,4] [2,3] [2,4]" },
	{ "\"b\" as $a | . as {$a, ($a): $v} | $v", "{\"a\":\"x\",\"b\":5}", "5" },
};

static void test_eval__destructuring(void **state)
{
	(void)state;
	ASSERT_ROWS(destructuring_rows);
}

static const struct program_row paths_rows[] = {
	{ "path(..)", "{\"a\":[1]}", "[] [\"a\"] [\"a\",0]" },
	{ "[paths]", "{\"a\":[1,{\"b\":2}]}", "[[\"a\"],[\"a\",0],[\"a\",1],[\"a\",1,\"b\"]]" },
	{ "path(.a[].b?)", "{\"a\":[{\"b\":1},5]}", "[\"a\",0,\"b\"]" },
	{ "path(.a | select(.b))", "{\"a\":{\"b\":1}}", "[\"a\"]" },
	{ "path(1)", "null", "!Invalid path expression with result 1" },
	{ "path(.a | tostring)", "{\"a\":1}", "!Invalid path expression with result \"1\"" },
	{ "path(.a | map(.))", "{\"a\":[1]}", "!Invalid path expression with result [1]" },
	{ "[path(.a, .b[0:2], .c[-1])]", "null",
	  "[[\"a\"],[\"b\",{\"start\":0,\"end\":2}],[\"c\",-1]]" },
	{ "path(first(.a,.b))", "null", "[\"a\"]" },
	{ "[path(if .a then .b else .c end)]", "{\"a\":false}", "[[\"c\"]]" },
	{ "path(.a // .b)", "{\"a\":null}", "[\"b\"]" },
	{ "[path(.[] // 5)]", "[null,1]", "[[1]]" },
	{ "path(getpath([\"a\",\"b\"]))", "null", "[\"a\",\"b\"]" },
	{ "path(.a | . as $x | .b)", "null", "[\"a\",\"b\"]" },
	{ "path(try .a catch .)", "null", "[\"a\"]" },
	{ "path(label $f | .a, break $f, .b)", "null", "[\"a\"]" },
	{ "[path(limit(1; .a,.b))]", "null", "[[\"a\"]]" },
	{ "path(error(\"x\"))", "null", "!x" },
	{ "path(empty)", "null", "" },
	{ "path(.. | select(type==\"number\"))", "[1,[2]]", "[0] [1,0]" },
	{ "[1,[2]] | getpath([1,0])", "null", "2" },
	{ "getpath([\"a\",0])", "{\"a\":5}", "!Cannot index number with number (0)" },
	{ "[paths(type==\"number\")]", "{\"a\":1,\"b\":[2]}", "[[\"a\"],[\"b\",0]]" },
	{ "pick(.a)", "{\"a\":1,\"b\":2}", "{\"a\":1}" },
	{ "pick(.[1])", "[1,2,3]", "[null,2]" },
	{ "pick(.[-1])", "[1,2,3]", "!Out of bounds negative array index" },
	{ "to_entries", "{\"a\":1}", "[{\"key\":\"a\",\"value\":1}]" },
	{ "getpath(.p), [.p[:1] as $p | getpath($p)]", "{\"p\":[\"a\",0],\"a\":[5]}", "5 [[5]]" },
	{ "getpath(.p)", "{\"p\":[]}", "{\"p\":[]}" },
	{ "path(getpath(.p)), (getpath(.p) |= 1), delpaths([.p])", "{\"p\":[\"a\",0],\"a\":[5]}",
	  "[\"a\",0] {\"p\":[\"a\",0],\"a\":[1]} {\"p\":[\"a\",0],\"a\":[]}" },
	{ "setpath(.p; 7)", "{\"p\":[\"a\",0],\"a\":[5]}", "{\"p\":[\"a\",0],\"a\":[7]}" },
	{ "setpath([];5)", "1", "5" },
	{ "setpath([\"a\",0];1)", "null", "{\"a\":[1]}" },
	{ "setpath([0,\"a\"];1)", "{}", "!Cannot index object with number (0)" },
	{ "setpath(\"a\";1)", "null", "!Path must be specified as an array" },
	{ "delpaths([[\"a\"],[\"b\"]])", "{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":3}" },
	{ "delpaths(5)", "null", "!Paths must be specified as an array" },
	{ "delpaths([5])", "null", "!Path must be specified as array, not number" },
	{ "del(.[0,2])", "[1,2,3]", "[2]" },
	{ "del(.[-1],.[0])", "[1,2,3]", "[2]" },
	{ "del(.[1:])", "[1,2,3]", "[1]" },
	{ "del(.a.b)", "{\"a\":5}", "!Cannot index number with string (\"b\")" },
	{ "del(.)", "5", "null" },
	{ "del(.[])", "[1,2]", "[]" },
	{ "del(.a[].b)", "{\"a\":[{\"b\":1,\"c\":2},{\"b\":3}]}", "{\"a\":[{\"c\":2},{}]}" },
	{ "to_entries", "[1]", "[{\"key\":0,\"value\":1}]" },
	{ "del(.[] | select(. > 1))", "[1,2,3]", "[1]" },
	{ "delpaths([[]])", "1", "null" },
	{ "del(.a)", "5", "!Cannot index number with string (\"a\")" },
	{ "del(.[0])", "{\"a\":1}", "!Cannot index object with number (0)" },
	{ "del(.a?)", "5", "5" },
	{ "delpaths([[\"a\",\"b\"]])", "{\"a\":5}", "!Cannot delete fields from number" },
	{ "delpaths([[0]])", "{\"a\":5}", "!Cannot delete number field of object" },
	{ "delpaths([[\"a\"]])", "[1]", "!Cannot delete string element of array" },
};

static void test_eval__paths(void **state)
{
	(void)state;
	ASSERT_ROWS(paths_rows);
}

static const struct program_row assignment_rows[] = {
	{ ".a = 1", "null", "{\"a\":1}" },
	{ ".a = (1,2)", "null", "{\"a\":1} {\"a\":2}" },
	{ ".a |= (1,2)", "{\"a\":0}", "{\"a\":1}" },
	{ ".a |= empty", "{\"a\":0,\"b\":1}", "{\"b\":1}" },
	{ ".[] |= empty", "[1,2,3]", "[]" },
	{ "(.[] | select(. > 1)) |= empty", "[1,2,3,4]", "[1]" },
	{ ".a += 1", "{\"a\":1}", "{\"a\":2}" },
	{ ".a += (1,2)", "{\"a\":1}", "{\"a\":2} {\"a\":3}" },
	{ ".a -= .b", "{\"a\":5,\"b\":3}", "{\"a\":2,\"b\":3}" },
	{ ".a *= 2", "{\"a\":\"x\"}", "{\"a\":\"xx\"}" },
	{ ".a /= 0", "{\"a\":1}",
	  "!number (1) and number (0) cannot be divided because the divisor is zero" },
	{ ".a %= 3", "{\"a\":7}", "{\"a\":1}" },
	{ ".a //= 3", "{\"a\":null}", "{\"a\":3}" },
	{ ".a //= (3,4)", "{\"a\":false}", "{\"a\":3} {\"a\":4}" },
	{ ".a //= error(\"x\")", "{\"a\":1}", "!x" },
	{ ".[] += .[0]", "[1,2]", "[2,3]" },
	{ "(.a,.b) = 5", "null", "{\"a\":5,\"b\":5}" },
	{ "(.a,.b) |= . + 1", "{\"a\":1}", "{\"a\":2,\"b\":1}" },
	{ ".a[1:3] = [\"x\"]", "{\"a\":[1,2,3,4]}", "{\"a\":[1,\"x\",4]}" },
	{ ".[1:] |= map(.*2)", "[1,2,3]", "[1,4,6]" },
	{ ".[2] = 1", "null", "[null,null,1]" },
	{ ".[-1] = 9", "[1,2]", "[1,9]" },
	{ ".[-3] = 9", "[1,2]", "!Out of bounds negative array index" },
	{ ".[0].a |= 1", "5", "!Cannot index number with number (0)" },
	{ ".a.b.c = 1", "null", "{\"a\":{\"b\":{\"c\":1}}}" },
	{ ".a = .b", "{\"b\":2}", "{\"b\":2,\"a\":2}" },
	{ ". = 5", "1", "5" },
	{ ". |= .+1", "1", "2" },
	{ "1 = 2", "null", "!Invalid path expression with result 1" },
	{ "(1,2) |= 3", "null", "!Invalid path expression with result 1" },
	{ ".[1e10] = 1", "null", "!Array index too large" },
	{ ".a |= (. as $x | $x + 1)", "{\"a\":1}", "{\"a\":2}" },
};

static void test_eval__assignment(void **state)
{
	(void)state;
	ASSERT_ROWS(assignment_rows);
}

static const struct program_row folds_rows[] = {
	{ "reduce .[] as $x (0; . + $x)", "[1,2,3]", "6" },
	{ "reduce .[] as [$a,$b] (0; . + $a*$b)", "[[1,2],[3,4]]", "14" },
	{ "reduce range(5) as $x (0; . + $x, . * 2)", "null", "0" },
	{ "reduce range(3) as $x (0; empty)", "null", "null" },
	{ "reduce (1,2,3) as $x (0; if $x==2 then empty else .+$x end)", "null", "3" },
	{ "reduce empty as $x (7; .+1)", "null", "7" },
	{ "reduce (1,2) as $x ((0,10); .+$x)", "null", "3 13" },
	{ "[foreach range(5) as $x (0; .+$x)]", "null", "[0,1,3,6,10]" },
	{ "[foreach range(5) as $x (0; .+$x; [$x,.])]", "null",
	  "[[0,0],[1,1],[2,3],[3,6],[4,10]]" },
	{ "[foreach (1,2) as $x (0; (.+$x, .*10))]", "null", "[1,0,2,0]" },
	{ "[foreach (1,2) as $x (0; .+$x; ., -.)]", "null", "[1,-1,3,-3]" },
	{ "[foreach (1,2,3) as $x (0; if $x==2 then empty else .+$x end)]", "null", "[1,3]" },
	{ "[foreach (1,2) as $x ((0,10); .+$x)]", "null", "[1,3,11,13]" },
	{ "[foreach .[] as {a:$x} (0; .+$x)]", "[{\"a\":1},{\"a\":2}]", "[1,3]" },
	{ "foreach (1,2) as $x (0; error(\"at \\($x)\"))", "null", "!at 1" },
};

static void test_eval__folds(void **state)
{
	(void)state;
	ASSERT_ROWS(folds_rows);
}

static const struct program_row generators_rows[] = {
	{ "[limit(3; range(1000000))]", "null", "[0,1,2]" },
	{ "[limit(0; error(\"x\"))]", "null", "[]" },
	{ "[limit(1; 1, error(\"x\"))]", "null", "[1]" },
	{ "[limit(-1; 1,2)]", "null", "!limit doesn't support negative count" },
	{ "[limit((1,2); 10,20,30)]", "null", "[10,10,20]" },
	{ "[first(range(10)), last(range(10)), nth(3; range(10))]", "null", "[0,9,3]" },
	{ "nth(-1; 1,2)", "null", "!nth doesn't support negative indices" },
	{ "[first(empty)]", "null", "[]" },
	{ "[last(empty)]", "null", "[]" },
	{ "[nth(5; range(3))]", "null", "[]" },
	{ "first(error(\"x\"))", "null", "!x" },
	{ "last(range(100000))", "null", "99999" },
	{ "[skip(2; range(5))]", "null", "[2,3,4]" },
	{ "[skip(0; 1,2)]", "null", "[1,2]" },
	{ "[skip(-1; 1)]", "null", "!skip doesn't support negative count" },
	{ "[label $f | 1, break $f, 2]", "null", "[1]" },
	{ "[label $a | label $b | 1, break $a, 2]", "null", "[1]" },
	{ "[(label $a | (label $b | 1, break $b, 2), 3)]", "null", "[1,3]" },
	{ "[label $f | range(10) | ., (select(. == 3) | break $f)]", "null", "[0,1,2,3]" },
	{ "[range(3) as $i | label $f | $i, break $f, 9]", "null", "[0,1,2]" },
	{ "[recurse(if . < 3 then .+1 else empty end)]", "0", "[0,1,2,3]" },
	{ "[recurse(.+1; . < 4)]", "0", "[0,1,2,3]" },
	{ "[.. | numbers]", "[1,[2,{\"a\":3}]]", "[1,2,3]" },
	{ "[while(. < 100; . * 3)]", "1", "[1,3,9,27,81]" },
	{ "until(. > 100; . * 3)", "1", "243" },
	{ "[limit(4; repeat(. * 2))]", "1", "[2,2,2,2]" },
	{ "[range(5;0;-2)]", "null", "[5,3,1]" },
	{ "[range(0;3;0.5)]", "null", "[0,0.5,1,1.5,2,2.5]" },
	{ "[limit(3; range(0;1;0))]", "null", "[]" },
	{ "[range(2.5)]", "null", "[0,1,2]" },
	{ "range(\"a\")", "null", "!Range bounds must be numeric" },
	{ "[range(-1)]", "null", "[]" },
	{ "[combinations]", "[[1,2],[3,4]]", "[[1,3],[1,4],[2,3],[2,4]]" },
	{ "any(.[], error(\"x\"); . == 1)", "[1]", "true" },
	{ "isempty(empty), isempty(1, error(\"x\"))", "null", "true false" },
	{ "limit(1; error)", "\"x\"", "!x" },
	{ "[label $f | try (1, break $f) catch 2]", "null", "[1]" },
	{ "[range(\"a\"; \"abbb\"; \"b\")]", "null", "[\"a\",\"ab\",\"abb\"]" },
	{ "[range(null; null; null)]", "null", "[]" },
	{ "range(0; 1; \"a\")", "null", "0 !number (0) and string (\"a\") cannot be added" },
	{ "[range((0,1); (2,3); (1,2))]", "null", "[0,1,0,0,1,2,0,2,1,1,1,2,1]" },
};

static void test_eval__generators(void **state)
{
	(void)state;
	ASSERT_ROWS(generators_rows);
}

static const struct program_row functions_rows[] = {
	{ "def f: if . >= 100000 then . else .+1|f end; 0|f", "null", "100000" },
	{ "def f(x): if x > 3 then x else f(x+1) end; f(0)", "null", "4" },
	{ "def f($a; $b): $a+$b; f(1;2)", "null", "3" },
	{ "def f(g): [g, g]; f(1,2)", "null", "[1,2,1,2]" },
	{ "def f($a): $a | def g: . + $a; g; f(1,2)", "null", "2 4" },
	{ "def f: def g: 3; g; f", "null", "3" },
	{ "def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; 10 | fac", "null", "3628800" },
	{ "def fib: if . < 2 then . else (.-1|fib) + (.-2|fib) end; 15 | fib", "null", "610" },
	{ "def f: .+1; def g: f|f; 1|g", "null", "3" },
	{ "def f: 1; def f: 2; f", "null", "2" },
	{ "def f: 1; def f(x): 2; [f, f(0)]", "null", "[1,2]" },
	{ "def f(x): x; def g: 10; f(g + 1)", "null", "11" },
	{ "def f(x): 5 as $v | x; 3 as $v | f($v)", "null", "3" },
	{ "def f($a; $a): $a; f(1;2)", "null", "2" },
	{ "def f(a; $b): a + $b; f(1;2)", "null", "3" },
	{ "def f: reduce .[] as $x (0; . + $x); [1,2] | f", "null", "3" },
	{ "def f: if . == 0 then \"end\" else . - 1 | f end; [limit(1; 200000 | f)]", "null",
	  "[\"end\"]" },
	{ "def f($n): if $n == 0 then . else .[0] |= f($n - 1) end; [] | f(3) | tojson", "null",
	  "\"[[[null]]]\"" },
	{ "def f: label $l | (if . > 10 then . else . + 1 | f end); 0 | f", "null", "11" },
	{ "def f: (. + 0) as $x | if . > 10 then . else $x + 1 | f end; 0 | f", "null", "11" },
	{ "def f: . as [$x] | if $x > 10 then [$x] else [$x + 1] | f end; [0] | f", "null",
	  "[11]" },
	{ "def f: (select(. > 10) | tostring) // (. + 1 | f); 0 | f", "null", "\"11\"" },
	{ "def f: (if . > 2 then 7, 8, null else (. + 1 | f), null end) // 9; [0 | f]", "null",
	  "[7,8]" },
	{ "def f: (.a, .b) // (.c | f); [path(f)], [f]", "{\"c\":{\"c\":{\"a\":1,\"b\":2}}}",
	  "[[\"c\",\"c\",\"a\"],[\"c\",\"c\",\"b\"]] [1,2]" },
	{ "def f: .b // (.a | f); path(f), f, (f |= 5)", "{\"a\":{\"a\":{\"b\":1}}}",
	  "[\"a\",\"a\",\"b\"] 1 {\"a\":{\"a\":{\"b\":5}}}" },
	{ "def f: if . > 3 then ., . else (. + 1 | f) as $x | $x, 0 end; [0 | f]", "null",
	  "[4,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,4,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]" },
};

static void test_eval__functions(void **state)
{
	(void)state;
	ASSERT_ROWS(functions_rows);
}

static const struct program_row deep_rows[] = {
	{ "[range(100000)] | length", "null", "100000" },
	{ "reduce range(100000) as $i (0; . + 1)", "null", "100000" },
	{ "reduce range(9000) as $i (null; [.]) | tojson | length", "null", "18004" },
	{ "reduce range(9000) as $i (null; [.]) | [..] | length", "null", "9001" },
	{ "def f: if . == 0 then 0 else (. - 1 | f) + 1 end; 50000 | f", "null", "50000" },
	{ "[recurse(if . < 20000 then . + 1 else empty end)] | length", "0", "20001" },
	{ "first(range(10;infinite))", "null", "10" },
	{ "until(. >= 100000; . + 1)", "0", "100000" },
	{ "[range(30000)] | map(. + 1) | add", "null", "450015000" },
};

static void test_eval__deep(void **state)
{
	(void)state;
	ASSERT_ROWS(deep_rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_eval__syntax),        cmocka_unit_test(test_eval__errors),
		cmocka_unit_test(test_eval__destructuring), cmocka_unit_test(test_eval__paths),
		cmocka_unit_test(test_eval__assignment),    cmocka_unit_test(test_eval__folds),
		cmocka_unit_test(test_eval__generators),    cmocka_unit_test(test_eval__functions),
		cmocka_unit_test(test_eval__deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
