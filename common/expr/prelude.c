/*
 * The part of the language that is shorter in itself than in C. Only what a program uses is parsed,
 * and put in place where it is called (gen_call.c).
 */
#include "builtin.h"

static const struct {
	const char *name; /* with its arity */
	const char *text;
} prelude[] = {
	{ "select/1", "def select(f): if f then . else empty end;" },
	{ "map/1", "def map(f): [.[] | f];" },
	{ "map_values/1", "def map_values(f): .[] |= f;" },
	{ "values/0", "def values: select(. != null);" },
	{ "nulls/0", "def nulls: select(. == null);" },
	{ "booleans/0", "def booleans: select(type == \"boolean\");" },
	{ "numbers/0", "def numbers: select(type == \"number\");" },
	{ "strings/0", "def strings: select(type == \"string\");" },
	{ "arrays/0", "def arrays: select(type == \"array\");" },
	{ "objects/0", "def objects: select(type == \"object\");" },
	{ "iterables/0", "def iterables: select(type | . == \"array\" or . == \"object\");" },
	{ "scalars/0", "def scalars: select(type | . != \"array\" and . != \"object\");" },
	{ "finites/0", "def finites: select(isfinite);" },
	{ "normals/0", "def normals: select(isnormal);" },
	{ "recurse/0", "def recurse: recurse(.[]?);" },
	{ "recurse/1", "def recurse(f): def r: ., (f | r); r;" },
	{ "recurse/2", "def recurse(f; cond): def r: ., (f | select(cond) | r); r;" },
	{ "while/2",
	  "def while(cond; update): def w: if cond then ., (update | w) else empty end; w;" },
	{ "until/2", "def until(cond; update): def u: if cond then . else update | u end; u;" },
	{ "repeat/1", "def repeat(f): def r: f, r; r;" },
	{ "range/1", "def range($n): range(0; $n);" },
	{ "range/3", "def range($from; $upto; $by): def numbers: type == \"number\";"
	             " if ($from | numbers) and ($upto | numbers) and ($by | numbers) then "
	             "_range($from; $upto; $by)"
	             " elif $by > 0 then $from | while(. < $upto; . + $by)"
	             " elif $by < 0 then $from | while(. > $upto; . + $by) else empty end;" },
	{ "first/0", "def first: .[0];" },
	{ "last/0", "def last: .[-1];" },
	{ "nth/1", "def nth($n): .[$n];" },
	{ "last/1",
	  "def last(f): reduce f as $x ([]; [$x]) | if . == [] then empty else .[0] end;" },
	{ "nth/2", "def nth($n; f): if $n < 0 then error(\"nth doesn't support negative indices\")"
	           " else first(skip($n; f)) end;" },
	{ "isempty/1", "def isempty(g): first((g | false), true);" },
	{ "any/1", "def any(f): any(.[]; f);" },
	{ "all/1", "def all(f): all(.[]; f);" },
	{ "any/2", "def any(g; cond): first((g | if cond then true else empty end), false);" },
	{ "all/2", "def all(g; cond): first((g | if cond then empty else false end), true);" },
	{ "add/1", "def add(f): reduce f as $x (null; . + $x);" },
	{ "in/1", "def in(xs): . as $x | xs | has($x);" },
	{ "inside/1", "def inside(xs): . as $x | xs | contains($x);" },
	{ "with_entries/1", "def with_entries(f): to_entries | map(f) | from_entries;" },
	{ "paths/0", "def paths: path(..) | select(. != []);" },
	{ "paths/1", "def paths(f): path(.. | select(f)) | select(. != []);" },
	{ "leaf_paths/0", "def leaf_paths: paths(scalars);" },
	{ "pick/1",
	  "def pick(f): . as $in | reduce path(f) as $p (null; setpath($p; $in | getpath($p)));" },
	{ "sort_by/1", "def sort_by(f): _sort_by(map([f]));" },
	{ "group_by/1", "def group_by(f): _group_by(map([f]));" },
	{ "unique_by/1", "def unique_by(f): _unique_by(map([f]));" },
	{ "min_by/1", "def min_by(f): _min_by(map([f]));" },
	{ "max_by/1", "def max_by(f): _max_by(map([f]));" },
	{ "reverse/0", "def reverse: if type == \"array\" or type == \"string\" then _reverse"
	               " else [.[length - 1 - range(0; length)]] end;" },
	{ "transpose/0",
	  "def transpose: if type == \"array\" and all(.[]; type == \"array\") then _transpose"
	  " else [range(0; map(length) | max // 0) as $i | [.[][$i]]] end;" },
	{ "walk/1", "def walk(f): def w: if type == \"object\" then map_values(w)"
	            " elif type == \"array\" then map(w) else . end | f; w;" },
	{ "combinations/0", "def combinations: if length == 0 then [] else"
	                    " .[0][] as $x | (.[1:] | combinations) as $rest | [$x] + $rest end;" },
	{ "combinations/1", "def combinations(n): . as $all | [range(n) | $all] | combinations;" },
	{ "index/1", "def index($i): indices($i)[0];" },
	{ "rindex/1", "def rindex($i): indices($i)[-1:][0];" },
	{ "match/1", "def match($re): _match($re; null)[];" },
	{ "match/2",
	  "def match($re; $flags): _match($re; $flags | if . == null then \"\" end)[];" },
	{ "capture/1", "def capture($re): _match($re; null)[] | _captures;" },
	{ "capture/2", "def capture($re; $flags): match($re; $flags) | _captures;" },
	{ "scan/1", "def scan($re): scan($re; null);" },
	{ "scan/2", "def scan($re; $flags): _match($re; \"g\" + $flags)[]"
	            " | if .captures == [] then .string else [.captures[].string] end;" },
	{ "splits/1", "def splits($re): split($re; null)[];" },
	{ "splits/2", "def splits($re; $flags): split($re; $flags)[];" },
	{ "sub/2", "def sub($re; text): sub($re; text; \"\");" },
	{ "sub/3",
	  "def sub($re; text; $flags): _match($re; $flags | if . == null then \"\" end) as $found"
	  " | _replace($found; [$found[] | _captures | [text]])[];" },
	{ "gsub/2", "def gsub($re; text): sub($re; text; \"g\");" },
	{ "gsub/3", "def gsub($re; text; $flags): sub($re; text; $flags + \"g\");" },
	{ "ascii/0", "def ascii: [.] | implode;" },
	{ "todate/0", "def todate: strftime(\"%Y-%m-%dT%H:%M:%SZ\");" },
	{ "todateiso8601/0", "def todateiso8601: strftime(\"%Y-%m-%dT%H:%M:%SZ\");" },
	{ "fromdate/0", "def fromdate: fromdateiso8601;" },
	{ "date/0", "def date: todate;" },
	{ "dateadd/2", "def dateadd(unit; $n): . + $n;" },
	{ "datesub/2", "def datesub(unit; $n): . - $n;" },
	{ "debug/1", "def debug(message): (message | debug | empty), .;" },
	{ "halt_error/0", "def halt_error: halt_error(5);" },
	{ "truncate_stream/1", "def truncate_stream(stream): . as $n | null | stream"
	                       " | if (.[0] | length) > $n then .[0] |= .[$n:] else empty end;" },
	{ "fromstream/1",
	  "def fromstream(stream): foreach stream as $e ({};"
	  " if .done then {} else . end"
	  " | if $e | length == 2 then .done = ($e[0] == []) | setpath([\"value\"] + $e[0]; $e[1])"
	  " else .done = ($e[0] | length == 1) end;"
	  " if .done then .value else empty end);" },
	{ "tostream/0", "def tostream: path(def r: (.[]? | r), .; r) as $p | getpath($p)"
	                " | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);" },
	{ "INDEX/1", "def INDEX(key): INDEX(.[]; key);" },
	{ "INDEX/2",
	  "def INDEX(stream; key): reduce stream as $row ({}; .[$row | key | tostring] = $row);" },
	{ "IN/1", "def IN(s): any(s == .; .);" },
	{ "IN/2", "def IN(src; s): any(src == s; .);" },
	{ "JOIN/2", "def JOIN($idx; key): [.[] | [., $idx[key]]];" },
	{ "JOIN/3", "def JOIN($idx; stream; key): stream | [., $idx[key]];" },
	{ "JOIN/4", "def JOIN($idx; stream; key; join): stream | [., $idx[key]] | join;" },
	{ "flatten/0", "def flatten: _flatten(1e9);" },
	{ "flatten/1",
	  "def flatten($depth): if $depth < 0 then error(\"flatten depth must not be negative\")"
	  " else _flatten($depth) end;" },
	{ "have_literal_numbers/0", "def have_literal_numbers: true;" },
	{ "have_decnum/0", "def have_decnum: true;" },
	{ "get_search_list/0", "def get_search_list: [];" },
	{ "modulemeta/0", "def modulemeta: error(\"modulemeta: modules are not supported\");" },
	{ "isvalid/1", "def isvalid(f): try (f | true) catch false;" },
	{ "ltrimstr/1", "def ltrimstr($s): if startswith($s) then .[$s | length:] end;" },
	{ "rtrimstr/1", "def rtrimstr($s): if endswith($s) then .[:length - ($s | length)] end;" },
	{ "trimstr/1", "def trimstr($s): ltrimstr($s) | rtrimstr($s);" },
	{ "toarray/0", "def toarray: if type == \"array\" then . else [.] end;" },
};
#define COUNT (sizeof prelude / sizeof prelude[0])

static bool is_it(const char *entry, struct slice name, uint32_t arity)
{
	const char *slash = strchr(entry, '/');

	return (size_t)(slash - entry) == name.n && memcmp(entry, name.p, name.n) == 0 &&
	       (uint32_t)(slash[1] - '0') == arity;
}

const char *prelude_find(struct slice name, uint32_t arity)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (prelude[i].text && is_it(prelude[i].name, name, arity))
			return prelude[i].text;
	return NULL;
}

const char *prelude_name(size_t i)
{
	return i < COUNT ? prelude[i].name : NULL;
}
