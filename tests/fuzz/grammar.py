"""Random programs of the jq language and random records for them, made so that most programs do something on most records.

A program is a tree, so that it can be made smaller. The productions are templates by the type that they give and the type of
input they want; in them {n} {s} {a} {o} {b} {e} are expressions that give a number, string, array, object, boolean, anything,
{p} a path, {f} an expression whose input is anything, {i} a small integer, {r} a regular expression, {F} its flags, {t} a time
format, {k} a key, {T} a date as text. Now and then the types are ignored.
"""
import json
import re


class Node:
    """Text and further nodes, in order."""

    def __init__(self, *parts):
        self.parts = parts

    def text(self):
        return "".join(p if isinstance(p, str) else p.text() for p in self.parts)

    def nodes(self):
        return [p for p in self.parts if isinstance(p, Node)]


def smaller(tree):
    """Trees with one node replaced by something less, the largest steps first."""
    kids = tree.nodes()
    text = tree.text()
    yield from kids
    if len(text) > 4:
        for atom in (".", "null", "1", '"a"', "[]", "{}", "[1]"):
            yield Node(atom)
    elif text not in (".", "1", "null"):
        yield Node(".")
        yield Node("1")
    for i, p in enumerate(tree.parts):
        if isinstance(p, Node):
            for less in smaller(p):
                yield Node(*tree.parts[:i], less, *tree.parts[i + 1:])


NUMBERS = """0 1 2 3 4 5 7 10 -1 -2 0.5 1.5 -0 -0.5 1e3 1.0 1.50 100 255 1e17 1e18 123456789012345678901 1e-5 0.1 0.3 3.14 1e1000
 -1e1000 9007199254740993 4294967296 -2147483649 0.30000000000000004 5e-324 1.7976931348623157e308 1425599621 1e15
 1425599507.25 -86400 1e-7 123456.789 0.000001 65 97 8364 1e19""".split()

STRINGS = ["", "a", "b", "abc", "a,b", "a, b,c", "aXbxc", "é", "日本語", "𝄞x", "1", "1.50", " 1", "nan", "true", "null", "[1,2]",
           '{"a":1}', "a b  c\n", "%41%C3%A9", "QUJD", "QUI=", " \t x \n", "ABC", "<&'\">", "x1y22z333", "foo bar foo", "aaa",
           "0x10", "1e2", "-0", "2015-03-05T23:51:47Z", "a\"b\\c", "\u0000z", "\u007f\u0080", "test", "ß", "ǅ", "e\u0301",
           "12:34:56", "10 Mar 2015", "/usr/lib", "a=1&b=2", "k", "c", "d", "JBSWY3DP", "\ufeffx", "a\u2028b", "AbC dEf"]

KEYS = ["a", "b", "c", "d", "e", "k x", "é", "0", "if"]

DATES = ["2015-03-05T23:51:47Z", "1969-12-31T23:59:59Z", "2024-02-29T12:00:00Z", "2038-01-19T03:14:08Z", "1900-01-01T00:00:00Z",
         "2000-12-31T00:00:00Z", "2021-01-03T10:10:10Z"]

FORMATS = ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d", "%H:%M:%S", "%A, %B %d, %Y", "%a %b %e %T %Y", "%j", "%U %W %u %w", "%G-W%V", "%s",
           "%D", "%R", "%r", "%c", "%x %X", "%p %I", "%C%y", "%Z", "%z", "%%", "", "%n%t", "%F %T", "%h", "%k %l", "é %Y"]

READ = [("2015-03-05T23:51:47Z", "%Y-%m-%dT%H:%M:%SZ"), ("10 Mar 2015", "%d %b %Y"), 
        ("Thu, 05 Mar 2015 23:51:47", "%a, %d %b %Y %H:%M:%S"), ("15-03-05", "%y-%m-%d"),
        ("1425599621", "%s"), ("03/05/15", "%D"), ("2015-03-05", "%F"),
        ("2015-03-05 23:51:47", "%Y-%m-%d %T"), ("5 Marchx 2015", "%d %B %Y")]

REGEXES = ["a", "b", "[a-c]+", "x*", "", "(a)(b)?", "(?<n>[a-z])", "^.", ".$", "\\\\d+", "\\\\s", "(?<x>a)|(?<y>b)", "a|b|c", ",", ", *",
           "[^a]", ".", "\\\\w+", "é", "(a)?b", "(?<l>[a-z]+)(?<d>[0-9]*)", "a.c", "$", "^", "\\\\b", "((a)|(b))+", "(?i)ab", "a{2}",
           "[[:alpha:]]+", "(?=b)", "(?<!a)b", "X", "(", "[\\\\d-]", "\\\\p{L}", "z?"]

FLAGS = ["g", "", "i", "gi", "x", "n", "gn", "s", "l", "p", "gx", "q", "ig"]

# NAMES: each builtin once, as a call that compiles: those that the other jq has not are left out of the productions
CALLS = """toarray date dateadd(0;0) datesub(0;0) ascii leaf_paths pow10 getpath([]) splits(0) ltrimstr(0) trimstr(0) trim limit(0;0)
 skip(0;0) pick(.a) debug(0) have_decnum abs toboolean @urid @base32d add(0) significand gamma drem(0;0) ldexp(0;0) scalb(0;0)
 scalbln(0;0) nearbyint trunc exp10 frexp modf lgamma_r erf hypot(0;0) j0 y0 jn(0;0) getpath(0) IN(0) INDEX(0) error(0) implode
 ascii_downcase tojson $__loc__ have_literal_numbers strflocaltime(0) localtime splits(0;0) walk(0) combinations env halt_error
 min_by(0) fromstream(0) truncate_stream(0) limit(0;0) getpath(0) erfc fdim(0;0) fma(0;0;0) nexttoward(0;0) nextafter(0;0)
 copysign(0;0) tgamma lgamma significand logb bsearch(0) ltrim rtrim utf8bytelength @base32 group_by(0) unique_by(0)
 @base32d @base32 get_search_list tostream transpose inside(0) in(0) paths(0) recurse(0;0) isvalid(0) atanh cbrt""".split()


def names():
    return sorted(set(CALLS))


def to_json(value):
    """A record's text: numbers as they were spelt."""
    if isinstance(value, Spelt):
        return str.__str__(value)
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k) + ":" + to_json(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(to_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class Spelt(str):
    """A number, as it is written."""


def value(rng, depth):
    roll = rng.random()
    if depth > 0 and roll < 0.25:
        return [value(rng, depth - 1) for _ in range(rng.choice((0, 1, 2, 3, 3, 5)))]
    if depth > 0 and roll < 0.5:
        return {rng.choice(KEYS): value(rng, depth - 1) for _ in range(rng.choice((0, 1, 2, 3, 4)))}
    if roll < 0.75:
        return Spelt(rng.choice(NUMBERS))
    if roll < 0.9:
        return rng.choice(STRINGS)
    return rng.choice((None, True, False))


def record(rng):
    roll = rng.random()
    if roll < 0.55:  # what programs expect: a number, a string, an array, an object, a date
        made = {"a": Spelt(rng.choice(NUMBERS)), "b": rng.choice(STRINGS),
                "c": [value(rng, 1) for _ in range(rng.randrange(5))],
                "d": {k: value(rng, 1) for k in rng.sample(KEYS, rng.randrange(4))}, "e": rng.choice(DATES)}
        for k in rng.sample(sorted(made), rng.choice((0, 0, 0, 1, 2))):
            if rng.random() < 0.5:
                del made[k]
            else:
                made[k] = value(rng, 2)
        return to_json(made)
    if roll < 0.7:  # rows
        keys = rng.sample(KEYS, 2)
        return to_json([{k: value(rng, 1) for k in keys} for _ in range(rng.randrange(5))])
    if roll < 0.8:
        return to_json([Spelt(rng.choice(NUMBERS)) for _ in range(rng.randrange(6))])
    if roll < 0.85:  # deep
        made = value(rng, 1)
        for _ in range(rng.randrange(40)):
            made = [made] if rng.random() < 0.5 else {"a": made}
        return to_json(made)
    return to_json(value(rng, 3))


MATH1 = """floor ceil round trunc sqrt cbrt exp exp2 exp10 expm1 log log2 log10 log1p logb sin cos tan asin acos atan sinh cosh tanh
 asinh acosh atanh gamma lgamma tgamma j0 j1 y0 y1 significand rint nearbyint fabs abs erf erfc pow10""".split()
MATH2 = "pow atan2 fmod fmin fmax fdim hypot copysign nextafter nexttoward drem ldexp scalb scalbln jn yn".split()

# (type given, type of input, template); the input comes by a pipe where it is not there already
PRODUCTIONS = [
    *[("n", "n", m) for m in MATH1],
    *[("n", "e", m + "({n}; {n})") for m in MATH2],
    *[("n", "e", "{n} %s {n}" % op) for op in ("+", "-", "*", "/", "%")] * 5,
    *[("b", "e", "{e} %s {e}" % op) for op in ("==", "!=", "<", "<=", ">", ">=")] * 2,
    ("n", "e", "-{n}"), ("n", "e", "-({n})"), ("n", "e", "fma({n}; {n}; {n})"),
    ("n", "e", "length"), ("n", "s", "length"), ("n", "s", "utf8bytelength"), ("n", "a", "length"), ("n", "a", "add"),
    ("n", "s", "tonumber"), ("n", "a", "bsearch({n})"), ("n", "s", "index({s})"), ("n", "s", "rindex({s})"), ("n", "a", "index({e})"),
    ("n", "a", "index({a})"), ("n", "e", "{T} | fromdate"), ("n", "s", "fromdateiso8601"), ("n", "e", "infinite"), ("n", "e", "nan"),
    ("n", "a", "mktime"), ("n", "n", "floor | gmtime | mktime"), ("n", "s", "ascii_downcase | length"), ("n", "a", "min"), ("n", "a", "max"),
    ("n", "e", "reduce range({i}) as $i ({n}; . + $i)"), ("n", "e", "[limit({i}; {e})] | length"), ("n", "e", "now | type | length"),
    ("n", "n", "until(. > 100; . * 2 + 1)"), ("n", "e", "last(range({i}))"), ("n", "n", "dateadd(\"seconds\"; {i})"),
    ("n", "n", "datesub(\"seconds\"; {i})"), ("n", "n", "[while(. < 100; . * 2 + 1)] | length"), ("n", "n", "if . > 1 then {n} end"),
    ("b", "e", "{b} and {b}"), ("b", "e", "{b} or {b}"), ("b", "e", "{e} | not"), ("b", "o", "has({k})"), ("b", "a", "has({i})"),
    ("b", "e", "contains({e})"), ("b", "s", "contains({s})"), ("b", "o", "contains({o})"), ("b", "a", "contains({a})"), ("b", "a", "inside({a})"),
    ("b", "s", "startswith({s})"), ("b", "s", "endswith({s})"), ("b", "s", "test({r})"), ("b", "s", "test({r}; {F})"), ("b", "s", "inside({s})"),
    ("b", "a", "any"), ("b", "a", "all"), ("b", "a", "any({f})"), ("b", "a", "all({f})"), ("b", "e", "any({g}; {f})"), ("b", "e", "all({g}; {f})"),
    ("b", "e", "isempty({g})"), ("b", "e", "IN({g})"), ("b", "e", "IN({g}; {g})"), ("b", "n", "isnan"), ("b", "n", "isinfinite"), ("b", "n", "isnormal"),
    ("b", "s", "toboolean"), ("b", "e", "{k} | in({o})"), ("b", "e", "{i} | in({a})"), ("b", "e", "have_literal_numbers"), ("b", "e", "{e} | isvalid({f})"),
    ("s", "e", "type"), ("s", "e", "tostring"), ("s", "e", "tojson"), ("s", "s", "ascii_downcase"), ("s", "s", "ascii_upcase"), ("s", "s", "trim"),
    ("s", "s", "ltrim"), ("s", "s", "rtrim"), ("s", "s", "ltrimstr({s})"), ("s", "s", "rtrimstr({s})"), ("s", "s", "trimstr({s})"),
    ("s", "a", "implode"), ("s", "s", "explode | implode"), ("s", "s", ".[{i}:{i}]"), ("s", "s", ".[{i}:]"), ("s", "s", ".[:{i}]"), ("s", "s", ".[{n}:{n}]"),
    ("s", "e", "{s} + {s}"), ("s", "e", "{s} * {n}"), ("s", "e", "{n} * {s}"), ("s", "a", "join({s})"), ("s", "s", "sub({r}; {s})"), ("s", "s", "gsub({r}; {s})"),
    ("s", "s", "sub({r}; {s}; {F})"), ("s", "s", "gsub({r}; {s}; {F})"), ("s", "s", "gsub({r}; \"<\\(.n? // .)>\")"), ("s", "s", "[scan({r})] | tojson"),
    ("s", "s", "sub({r}; {s}, {s})"), ("s", "s", "gsub({r}; {s}, {s})"), ("s", "n", "floor | todate"), ("s", "n", "fabs | strftime({t})"), ("s", "n", "floor | strflocaltime({t})"),
    ("s", "a", "strftime({t})"), ("s", "n", "fabs | gmtime | todate"), ("s", "n", "floor | todateiso8601"), ("s", "n", "floor | date"), ("s", "n", "floor | localtime | strflocaltime({t})"),
    ("s", "n", "floor | gmtime | strftime({t})"), ("s", "n", "fabs | localtime | mktime | todate"), ("s", "e", "{R} | strftime({t})"),
    *[("s", "e", "@" + f) for f in "text json html uri sh base64 base32".split()],
    *[("s", "a", "@" + f) for f in "csv tsv sh json".split()],
    *[("s", "s", "@" + f) for f in "uri urid base64 base64d base32 base32d html sh text".split()],
    *[("s", "e", "@%s \"%s\"" % (f, t)) for f in "text json html uri sh base64 csv tsv base32".split() for t in ("a\\({e})b", "\\({e})-\\({s})")],
    ("s", "e", "\"\\({e})\""), ("s", "e", "\"a\\({e})b\\({e})\""), ("s", "e", "\"\\({g})\\({g})\""), ("s", "e", "format({s})"), ("s", "e", "format(\"json\")"),
    ("s", "e", "try error({e}) catch tojson"), ("s", "e", "try ({e}) catch ."), ("s", "n", "ascii"), ("s", "e", "input_filename | type"), ("s", "s", "ascii_downcase"),
    ("s", "s", "@json | fromjson"), ("s", "e", "[{g}] | @csv"), ("s", "e", "[{g}] | @tsv"), ("s", "s", ".[{i}:{i}] + {s}"), ("s", "s", "tojson | fromjson"),
    ("a", "e", "[{g}]"), ("a", "e", "[{e}, {e}]"), ("a", "e", "[{e}, {e}, {e}]"), ("a", "e", "[{g}, {g}]"), ("a", "a", "map({f})"), ("a", "o", "map({f})"), ("a", "o", "keys"), ("a", "a", "keys"),
    ("a", "o", "keys_unsorted"), ("a", "o", "to_entries"), ("a", "a", "sort"), ("a", "a", "sort_by({f})"), ("a", "a", "sort_by({f}, {f})"), ("a", "a", "group_by({f})"),
    ("a", "a", "unique"), ("a", "a", "unique_by({f})"), ("a", "a", "unique_by(length)"), ("a", "a", "reverse"), ("a", "s", "reverse"), ("a", "a", "flatten"), ("a", "a", "flatten({i})"),
    ("a", "a", "transpose"), ("a", "s", "explode"), ("a", "s", "split({s})"), ("a", "s", "split({r}; {F})"), ("a", "s", "[splits({r})]"), ("a", "s", "[splits({r}; {F})]"),
    ("a", "s", "[match({r})]"), ("a", "s", "[match({r}; {F})]"), ("a", "s", "[scan({r})]"), ("a", "s", "[scan({r}; {F})]"), ("a", "s", "[match({r}).offset]"), ("a", "s", "indices({s})"), ("a", "a", "indices({e})"),
    ("a", "a", "indices({a})"), ("a", "e", "[range({i})]"), ("a", "e", "[range({i}; {i})]"), ("a", "e", "[range({n}; {n}; {n})]"), ("a", "e", "{a} + {a}"), ("a", "e", "{a} - {a}"),
    ("a", "s", ". / {s}"), ("a", "e", "{s} / {s}"), ("a", "a", ".[{i}:{i}]"), ("a", "a", ".[{i}:]"), ("a", "a", ".[:{i}]"), ("a", "a", ".[{n}:{n}]"), ("a", "a", "del(.[{i}])"), ("a", "a", "del(.[{i}, {i}])"),
    ("a", "a", "del(.[{i}:{i}])"), ("a", "a", "map(select({b}))"), ("a", "e", "[paths]"), ("a", "e", "[paths({f})]"), ("a", "e", "[leaf_paths]"), ("a", "e", "[tostream]"),
    ("a", "e", "toarray"), ("a", "n", "fabs | gmtime"), ("a", "n", "floor | gmtime"), ("a", "n", "floor | localtime"), ("a", "e", "{R}"), ("a", "s", "strptime({t})"), ("a", "n", "frexp"), ("a", "n", "modf"), ("a", "n", "lgamma_r"),
    ("a", "a", "[combinations]"), ("a", "e", "[limit(20; [{a}, {a}] | combinations)]"), ("a", "a", "[limit(20; combinations({i}))]"), ("a", "e", "[path({p})]"), ("a", "e", "[..]"), ("a", "a", "to_entries"),
    ("a", "e", "[limit({i}; {g})]"), ("a", "e", "[first({g})]"), ("a", "e", "[skip({i}; {g})]"), ("a", "e", "[nth({i}; {g})]"), ("a", "e", "[limit({n}; {g})]"), ("a", "e", "[last({g})]"),
    ("a", "e", "[limit({i}; repeat({f}))]"), ("a", "e", "[limit(9; recurse({f}))]"), ("a", "e", "[limit(9; recurse({f}; {b}))]"), ("a", "e", "[limit(9; while({b}; {f}))]"), ("a", "e", "[getpath({P})]"),
    ("a", "a", "[.[] | {f}?]"), ("a", "a", "min_by({f}) | [.]"), ("a", "a", "max_by({f}) | [.]"), ("a", "a", "[JOIN({o}; {f} | tostring)]"), ("a", "a", "[.[] as [$q, $r] | {e}]"), ("a", "e", "[foreach {g} as $w ({e}; {e})]"),
    ("a", "e", "[foreach {g} as $w ({e}; {e}; {e})]"), ("a", "e", "[foreach range({i}) as $w (0; . + $w; [$w, .])]"), ("a", "e", "[label $out | {g}, break $out, {e}]"), ("a", "e", "[range(5) | if . == {i} then empty else {e} end]"),
    ("a", "e", "[label $f | range(10) | ., (select(. == {i}) | break $f)]"), ("a", "e", "[tostream] | fromstream(.[])"), ("a", "e", "[{i} | truncate_stream([[0],1],[[1,0],2],[[1,0]],[[1]])]"), ("a", "a", "walk(if type == \"array\" then sort? // . end)"),
    ("a", "a", "walk({f})"), ("a", "a", "map_values({f})"), ("a", "a", "pick(.[{i}])"), ("a", "a", "[splits({s})?]"), ("a", "a", "[.[] | tojson]"), ("a", "a", "map(tojson) | sort"), ("a", "a", "[.[{i}], .[{i}]]"), ("a", "a", "[limit(5; .[])]"),
    ("o", "e", "{{}}"), ("o", "e", "{{a: {e}}}"), ("o", "e", "{{a: {e}, b: {e}}}"), ("o", "e", "{{{k}: {e}}}"), ("o", "e", "{{({s}): {e}}}"), ("o", "o", "{{a, b}}"), ("o", "o", "{{a, {k}}}"), ("o", "e", "{{a: ({g}), b: ({g})}}"),
    ("o", "e", "{{\"x\\({e})\": {e}}}"), ("o", "e", "{{({s}, {s}): {e}}}"), ("o", "e", "{{@base64 \"x\\({e})\": 1}}"), ("o", "e", "{e} as $v | {{$v}}"), ("o", "e", "{{$__loc__}}"), ("o", "e", "{{a: 1 | {e}}}"), ("o", "e", "{{a: {e} // {e}, d: {e}}}"),
    ("o", "e", "{o} + {o}"), ("o", "e", "{o} * {o}"), ("o", "o", "map_values({f})"), ("o", "o", "with_entries({f})"), ("o", "o", "with_entries(.value |= {f})"), ("o", "o", "with_entries(select({b}))"), ("o", "o", "to_entries | from_entries"),
    ("o", "a", "from_entries"), ("o", "a", "map({{key: {e}, value: {e}}}) | from_entries"), ("o", "a", "INDEX({f})"), ("o", "e", "INDEX({g}; {f})"), ("o", "o", "del(.{K})"), ("o", "o", "del({p})"), ("o", "o", "pick(.{K})"), ("o", "o", "pick({p})"),
    ("o", "s", "capture({r})"), ("o", "s", "capture({r}; {F})"), ("o", "s", "match({r})"), ("o", "e", "reduce {g} as $w ({o}; .{K} = $w)"), ("o", "e", "reduce {g} as $w ({o}; .[$w | tostring] += 1)"), ("o", "o", "walk({f})"), ("o", "o", ".{K} = {e}"),
    ("o", "o", "delpaths([{P}])"), ("o", "o", "setpath([{k}]; {e})"), ("o", "o", "to_entries | map({f}) | add"), ("o", "e", "$__loc__"), ("o", "o", "map_values(empty)"), ("o", "a", "add"), ("o", "a", "group_by({f}) | map({{(.[0] | tostring): length}}) | add"),
    ("e", "e", "{e} | {f}"), ("e", "e", "{e} // {e}"), ("e", "e", "{g} // {e}"), ("e", "e", "if {b} then {e} else {e} end"), ("e", "e", "if {e} then {e} end"), ("e", "e", "if {b} then {e} elif {e} then {e} else {e} end"), ("e", "e", "try {e} catch {f}"), ("e", "e", "try {e}"),
    ("e", "e", "{e} as $v | {e}"), ("e", "e", "{g} as $v | {e}"), ("e", "e", "{a} as [$v, $w] | {e}"), ("e", "e", "{o} as {{a: $v, $b}} | {e}"), ("e", "e", "{e} as {{$a, b: [$v, $w]}} | {e}"), ("e", "e", "{e} as [$v, {{$a}}] | {e}"), ("e", "e", "{e} as {{({s}): $v}} | {e}"),
    ("e", "e", "{e} as {{$a: [$v]}} | {e}"), ("e", "e", "{e} as [$v] ?// $v | {e}"), ("e", "e", "{e} as [$v] ?// {{a: $w}} ?// $a | [$v, $w, $a]"), ("e", "e", "{e} as {{a: $v}} ?// [$v] | {e}"), ("e", "a", ".[] as [$v] ?// $v | {e}"), ("e", "e", "{e} as [[$v]] ?// [$v] ?// $v | {e}, error($v)"),
    ("e", "e", "reduce {g} as $w ({e}; {e})"), ("e", "e", "reduce {g} as [$v, $w] ({e}; {e})"), ("e", "e", "reduce {g} as $w (null; {f})"), ("e", "e", "reduce {g} as $w ({n}; . + $w)"), ("e", "a", "reduce .[] as $w ({e}; . + $w)"), ("e", "a", "reduce .[] as {{a: $v}} (0; . + $v)"),
    ("e", "e", "last(foreach {g} as $w ({e}; {e}))"), ("e", "e", "first({g})"), ("e", "e", "last({g})"), ("e", "e", "nth({i}; {g})"), ("e", "a", "first"), ("e", "a", "last"), ("e", "a", "nth({i})"), ("e", "e", "def f: {e}; {E}"), ("e", "e", "def f($a): {e}; {E}"), ("e", "e", "def f(g): {e}; {E}"),
    ("e", "e", "def f(g; $a): {e}; {E}"), ("e", "e", "def f: def g: {e}; {e}; {E}"), ("e", "n", "def f: if . > 20 then . else . * 2 + 1 | f end; f"), ("e", "e", "def f(x): x | x; f({f})"), ("e", "e", "def f($a; $b): [$a, $b, {e}]; f({g}; {g})"), ("e", "e", "def f(a; $b): a + $b; f({e}; {g})"),
    ("e", "n", "def f($n): if $n <= 0 then {e} else ., f($n - 1) end; f(3)"), ("e", "e", "def f: if type == \"array\" then map(f) else {f} end; f"), ("e", "e", "def f(g): def r: if type == \"array\" then map(g | r)? // . else . end; r; f({f})"),
    ("e", "n", "def f: . as $x | if $x > 20 then {e} else $x * 2 + 5 | f end; f"), ("e", "n", "def f: (select(. > 20) | {f}) // (. * 2 + 5 | f); f"),
    ("e", "n", "def f: label $l | (if . > 20 then {e}, break $l else . + 9 | f end); f"), ("e", "e", "def f($n): if $n > 3 then {e} else {e} as $y | f($n + 1), $y end; f(0)"),
    ("e", "e", "def f: (.[]? | f) // {e}; [f]"), ("e", "e", "def f(g): if length > 3 then . else (g | f(g)) end; [] | f(. + [{e}])"),
    ("e", "n", "def f: try (if . > 9 then error({e}) else . * 2 + 3 | f end) catch {f}; f"), ("e", "n", "def f: reduce (if . > 9 then empty else . * 2 + 5 | f end) as $q ({e}; [$q]); f"),
    ("e", "e", "def f: (.a | values | f) // {p}; path(f)"), ("e", "e", "def f: (.a? | values | f) // .; f |= {f}"), ("e", "e", "def f: if type == \"object\" then .[] | f else {e} end; [limit(9; f)]"),
    ("e", "e", "getpath({P})"), ("e", "e", "setpath({P}; {e})"), ("e", "e", "delpaths([{P}, {P}])"), ("e", "e", "del({p})"), ("e", "e", "del({p}, {p})"), ("e", "e", "to_entries?"), ("e", "e", "{e}?"), ("e", "e", "pick({p})"), ("e", "e", "walk({f})"), ("e", "e", "..?"), ("e", "e", "error"), ("e", "e", "error({e})"),
    ("e", "s", "fromjson"), ("e", "e", "tojson | fromjson"), ("e", "e", "tostring | tonumber? // ."), ("e", "a", "add"), ("e", "a", "add({g})"), ("e", "a", "min"), ("e", "a", "max"), ("e", "a", "min_by({f})"), ("e", "a", "max_by({f})"), ("e", "a", ".[{i}]"), ("e", "a", ".[{n}]"), ("e", "o", ".[{s}]"),
    ("e", "o", ".{K}"), ("e", "o", ".{K}.{K}?"), ("e", "o", ".{K}[{i}]?"), ("e", "e", "{e} + {e}"), ("e", "e", "{e} - {e}"), ("e", "e", "{e} * {e}"), ("e", "e", "{e} / {e}"), ("e", "e", "{e} % {e}"), ("e", "e", "[{g}][{i}]"), ("e", "e", "{e} | {e}, {e}"), ("e", "e", "select({b})"), ("e", "e", "recurse | {f}?"),
    ("e", "e", "{f} as $v | $v"), ("e", "e", "splits({r})"), ("e", "s", "scan({r})"), ("e", "s", "match({r}; {F})"), ("e", "e", "label $f | {e}, break $f"), ("e", "e", "label $f | {g} | ., break $f"), ("e", "e", "label $f | label $g | {e} | (break $f, break $g)?"), ("e", "e", "try (break $f) catch ."), ("e", "e", "limit({i}; {g})"),
    ("e", "e", "skip({i}; {g})"), ("e", "e", "until({b}; {f})"), ("e", "n", "until(. > 50; . + 9)"), ("e", "e", "fromstream({e} | tostream)"), ("e", "e", "fromstream(1 | truncate_stream({e} | tostream))"), ("e", "e", "[tostream] | fromstream(.[])"), ("e", "e", "tojson"), ("e", "e", "ltrimstr({e})"), ("e", "e", "bsearch({e})"), ("e", "e", "indices({e})"),
    ("e", "e", "splits({s}; {s})"), ("e", "e", "{e} | getpath({P})?"), ("e", "e", "$ENV | type"), ("e", "e", "abs"), ("e", "e", "toarray"), ("e", "e", "have_decnum"), ("e", "e", "add({g})"), ("e", "a", "sort, sort_by({f}), group_by({f})"), ("e", "e", "[{e}, {e}, {e}] | sort"), ("e", "e", "[{e}, {e}, {e}] | unique"), ("e", "e", "tojson, length"),
    ("e", "e", "halt_error?"), ("e", "e", "error(null)"), ("e", "e", "try error({o}) catch ."), ("e", "e", "try error catch ."), ("e", "e", "(try {e} catch error), 1"), ("e", "e", "((try error({e}) catch error({e})) | {e})?"), ("e", "e", "try (try {e} catch error) catch [.]"), ("e", "e", "."), ("e", "e", "."), ("e", "e", "get_search_list"), ("e", "e", "values, nulls"),
    ("e", "e", "{p} = {e}"), ("e", "e", "{p} |= {f}"), ("e", "e", "{p} += {e}"), ("e", "e", "{p} -= {n}"), ("e", "e", "{p} *= {n}"), ("e", "e", "{p} /= {n}"), ("e", "e", "{p} %= {n}"), ("e", "e", "{p} //= {e}"), ("e", "e", "{p} |= empty"), ("e", "e", "{p} = ({g})"), ("e", "e", "{p} += ({g})"), ("e", "e", "{p} |= ({g})"),
    ("e", "e", "reduce ({p} | tojson) as $w (.; [$w, .] | length)"), ("e", "e", "path({p})"), ("e", "e", "[paths] | length"), ("e", "e", "{p}"), ("e", "e", "{p}, {p}"), ("e", "e", "path({e})"), ("e", "e", "limit({i}; path({p}))"), ("e", "e", "to_entries? // {e}"), ("e", "e", "{e} == {e} | {e}"), ("e", "e", "ascii_downcase? // tojson"),
    ("e", "e", "@text, @json"), ("e", "e", "tojson == tojson"), ("e", "e", "significand?, logb?, gamma?, frexp?"), ("e", "e", "splits(\"a\")?"), ("e", "e", "{e} | strings, numbers, arrays, objects, booleans, iterables, scalars"), ("e", "e", "finites?, normals?"), ("e", "e", "getpath([{k}, {i}])?"),
]

GENERATORS = ["range({i})", ".[]?", ".[]", "{e}, {e}", "{e}, {e}, {e}", "{e}", "range({n}; {n}; {n})", "empty", "..", "{a}[]", "{o}[]", "recurse({f}?; {b})", "{e} | ., {f}", "limit({i}; {g})", "{g}, error({e})",
              "{p}", "select({b})", "range({i}; {i})", "paths", "path(..)", "skip({i}; {g})", "while({b}; {f})", "foreach {g} as $w ({e}; {e})", "if {b} then {g} else {e} end", "label $f | {g} | ., break $f", "1, null, 2", "(1, 2), 3", "1, 2, error(\"x\")",
              "tostream", "first({g}), last({g})", "null, false", "def f: {g}; f, f", "try {g} catch .", "{g}?", "getpath({P}, {P})"]

PATHS = [".", ".{K}", ".{K}", ".{K}.{K}", ".[{i}]", ".[{i}:{i}]", ".[{i}:]", ".[:{i}]", ".[]", ".[]?", ".{K}[]", ".{K}[]?", ".{K}[{i}]", "..", "first({p})", "{p} | {p}", "{p}, {p}", ".[{k}]", ".[{s}]", ".[{n}]", "select({b})",
         "{p} | select({b})", "if {b} then {p} else {p} end", "{p} // {p}", "{p} // {e}", "getpath({P})", "{p}?", "try {p} catch {p}", "limit({i}; {p})", "recurse({p})", "recurse({p}; {b})", "empty", "error({e})", "paths({f}) as $v | getpath($v)", "{p} as $v | {p}",
         "label $f | {p} | ., break $f", "def f: {p}; f", "def f(g): g | {p}; f({p})", ".[{i}, {i}]", ".[{k}, {k}]", ".{K}?", ".{K} | .{K}?", "nth({i}; {p})", "skip({i}; {p})", ".. | select({b})", ".[] | select({b})", "(.{K}, .{K})", ".[-{i}]", ".[-{i}:]",
         "{e}", "map({p})", "to_entries", "with_entries({p})", "pick({p})", "scalars", "arrays", "objects", ".[{a}]", ".[{o}]", ".[{{\"start\": {i}, \"end\": {i}}}]", "if {b} then {p} end", "first", "last", "getpath({P}) | {p}", "getpath([{k}])", "values", "iterables", ".{K}[{i}:]", ".. | numbers", ".. | strings?",
         "def f: if {b} then .[]? | f else . end; f", "({p})", "$__loc__", "del({p})", ". as [$v] | {p}", ". as {{a: $v}} ?// $v | {p}", "IN({g})", "nulls", "debug", "error", "while({b}; {p})", "until({b}; {p})", "walk({p})", "repeat({p}; 0)", "toarray"]

KEY_PATHS = ["[]", "[{k}]", "[{i}]", "[{k}, {i}]", "[{k}, {k}]", "[{e}]", "{a}", "[{i}, {k}]", "[{{\"start\": {i}, \"end\": {i}}}]", "[paths] | .[{i}] // []", "first(paths) // []", "[{k}, {{\"start\": {i}, \"end\": null}}]", "{e}"]

LITERALS = {
    "b": ["true", "false", "true", "false", ". == 1", ". > 1", "type == \"number\"", "length > 1", ".a", "null"],
    "a": ["[]", "[1, 2, 3]", "[1, [2]]", "[null, false, 1, \"a\", [], {}]", "[\"a\", \"b\"]", "[[1, 2], [3]]", "[{\"a\": 1}, {\"a\": 2, \"b\": 3}]", ".c", ".c", "[0, 1]", "[\"a\", \"b\", \"a\"]", "[.[]?]", "[1, 1.0, 1.00]",
          "[97, 8364]", "[55296]", "[1114112]", "[{\"key\": \"a\", \"value\": 1}]", "[{\"name\": \"a\", \"v\": 1}]", "[{\"k\": \"x\", \"v\": 2}, {\"K\": \"y\", \"V\": 3}]", "[2015, 2, 5, 23, 51, 47, 4, 63]", "[2024, 1, 29, 12, 0, 0.5, 4, 59]", "[3, 1, 2]", "[[0, 1], [1, 0]]"],
    "o": ["{}", "{\"a\": 1}", "{\"a\": {\"b\": 2}}", "{\"b\": 1, \"a\": 2}", ".d", ".d", ".", "{\"a\": [1, 2], \"b\": \"x\"}", "{a: 1, b: null}", "{\"a\": {\"b\": {\"c\": 3}}, \"c\": 1}", "{\"é\": 1, \"k x\": 2}"],
    "e": [".", ".", ".a", ".b", ".c", ".d", ".e", "null", "false", "true", "1", "\"a\"", "[]", "{}", ".[0]?", ".[1]?", "empty"],
}

WRITTEN = ["\"a\"", "\"\\\\(1)\"", "\"\\\\u00e9\"", "\"\\\\ud834\\\\udd1e\"", "\"x\\\\ty\"", "\"\\\\u0000\"", "\"\\\\/\""]


class Maker:
    """Makes programs; what is LACKING at the other jq is not used."""

    def __init__(self, rng, lacking):
        words = {n.split("(")[0] for n in lacking}
        self.rng = rng
        self.by_type = {}
        for row in PRODUCTIONS:
            if not any(w in row[2] and self.uses(row[2], w) for w in words):
                self.by_type.setdefault(row[0], []).append(row)
        self.paths = [p for p in PATHS if not any(self.uses(p, w) for w in words)]

    @staticmethod
    def uses(template, word):
        return re.search(r"(?<![\w@$])%s(?!\w)" % re.escape(word), template) is not None

    def program(self):
        self.variables, self.calls = [], []
        return self.make(self.rng.choice("eeeeenaosbpg"), "e", self.rng.choice((2, 3, 3, 4, 4, 5)))

    def make(self, want, have, depth):
        """An expression that gives WANT where the input is HAVE."""
        rng = self.rng
        if want in "naosb" and rng.random() < 0.06:
            want = rng.choice("naosbe")
        if depth <= 0 or rng.random() < 0.15:
            return self.leaf(want)
        if want == "g":
            return self.fill(rng.choice(GENERATORS), depth)
        if want == "p":
            return self.fill(rng.choice(self.paths), depth)
        if want == "e" and rng.random() < 0.25:
            return self.make(rng.choice("naosb"), have, depth)
        _, takes, template = rng.choice(self.by_type[want])
        if takes in ("e", have) or rng.random() < 0.03:
            return self.fill(template, depth)
        feed = self.grouped(self.make(takes, have, depth - 1))
        return Node(feed, " | ", self.fill(template, depth - 1))

    def leaf(self, want):
        rng = self.rng
        if self.calls and rng.random() < 0.25:
            return Node(rng.choice(self.calls))
        if self.variables and rng.random() < 0.35:
            return Node(rng.choice(self.variables))
        if want == "n":
            return Node(rng.choice((".a", ".a", "length", rng.choice(NUMBERS), rng.choice(NUMBERS), rng.choice(NUMBERS))))
        if want == "s":
            if rng.random() < 0.3:
                return Node(rng.choice((".b", ".b", ".e")))
            if rng.random() < 0.1:
                return Node(rng.choice(WRITTEN).replace("\\\\", "\\"))
            return Node(json.dumps(rng.choice(STRINGS), ensure_ascii=False))
        if want == "p":
            return Node(rng.choice((".", ".a", ".c", ".d", ".[0]", ".[]", ".[]?", "..", ".c[0]", ".d.a", ".[1:]", ".c[]", ".[-1]")))
        if want == "g":
            return Node(rng.choice((".[]?", "1, 2", "range(3)", "empty", ".a, .b", ".c[]?", "..", "1, null")))
        return Node(rng.choice(LITERALS[want]))

    def grouped(self, node):
        """In parentheses, mostly; how expressions bind without them is to be compared as well."""
        text = node.text()
        if len(node.parts) == 1 and not node.nodes() and not any(c in text for c in " ,") or self.rng.random() < 0.12:
            return node
        return Node("(", node, ")")

    def fill(self, template, depth):
        """A node of the template, with what its holes ask for."""
        rng = self.rng
        bound, defined = len(self.variables), len(self.calls)
        parts, text, i = [], "", 0
        while i < len(template):
            two = template[i:i + 2]
            if two in ("{{", "}}"):
                text += two[0]
                i += 2
            elif template[i] == "{":
                hole = template[i + 1]
                self.bind(template[:i])
                parts += [text, self.hole(hole, depth - 1)]
                text = ""
                i += 3
            else:
                text += template[i]
                i += 1
        del self.variables[bound:]
        del self.calls[defined:]
        if rng.random() < 0.02:
            text += "?"
        return Node(*[p for p in (*parts, text) if p != ""])

    def bind(self, before):
        """What the text so far defines can be used from here on."""
        for name in ("$v", "$w", "$a", "$b", "$i"):
            if name in before and (" as " in before or "def " in before) and name not in self.variables:
                self.variables.append(name)
        if "def f" in before and before.rstrip().endswith(";"):
            head = before[before.index("def f"):].split(":")[0]
            params = head.count(";") + 1 if "(" in head else 0
            call = "f" if not params else "f(" + "; ".join(self.rng.choice((".", "1", ".a", "1, 2", ".[]?")) for _ in range(params)) + ")"
            if call not in self.calls:
                self.calls.append(call)
            if "$a" in self.variables:
                self.variables.remove("$a")
        elif "def f(g" in before and "g" not in self.calls:
            self.calls.append("g")

    def hole(self, what, depth):
        rng = self.rng
        if what == "i":
            return Node(rng.choice("0123"))
        if what == "k":
            return Node(json.dumps(rng.choice(KEYS), ensure_ascii=False))
        if what == "K":
            key = rng.choice(KEYS)
            return Node(key if key.isascii() and key.isalpha() else json.dumps(key, ensure_ascii=False))
        if what == "r":
            return Node('"%s"' % rng.choice(REGEXES))
        if what == "F":
            return Node(rng.choice(("null", '"%s"' % rng.choice(FLAGS), '"%s"' % rng.choice(FLAGS))))
        if what == "t":
            return Node(json.dumps(rng.choice(FORMATS), ensure_ascii=False))
        if what == "T":
            return Node('"%s"' % rng.choice(DATES))
        if what == "R":
            text, form = rng.choice(READ)
            if rng.random() < 0.1:
                form = rng.choice(FORMATS)
            return Node('("%s" | strptime("%s"))' % (text, form))
        if what == "P":
            return Node("(", self.fill(rng.choice(KEY_PATHS), depth), ")")
        want = {"f": "e", "E": "e"}.get(what, what)
        return self.grouped(self.make(want, "e", depth))
