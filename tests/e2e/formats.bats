#!/usr/bin/env bats
# What comes in and goes out beside JSON: CSV, TSV, text, logfmt, tables.
# shellcheck disable=SC2154,SC2016 # set by bats and helper.bash; programs are not the shell's
load helper

# converts FROM TO INPUT OUTPUT - as printf formats
converts() {
	gives "$3" "$4" stail -i "$1" -o "$2"
}

# ---- in

@test "csv in: what is spelled like a JSON number is one" {
	converts csv json 'a,b,c,d,e,f\n1,1.50,01,-0,1e5,.5\n' '{"a":1,"b":1.50,"c":"01","d":-0,"e":1e5,"f":".5"}\n'
	converts csv json 'a,b,c\n+1,,true\n' '{"a":"+1","b":"","c":"true"}\n'
}

@test "csv in: quoting after RFC 4180" {
	converts csv json 'a,b\n"x,y","say ""hi"""\n' '{"a":"x,y","b":"say \\"hi\\""}\n'
	converts csv json 'a,b\n"two\nlines",1\n' '{"a":"two\\nlines","b":1}\n'
	converts csv json 'a\r\n1\r\n' '{"a":1}\n'
	converts csv json '"a,b"\n" x "\n' '{"a,b":" x "}\n'
}

@test "csv in: a wrong number of fields is a bad record" {
	lines a,b 1 1,2,3 4,5 >in
	run -5 --separate-stderr stail -i csv in
	want '{"a":4,"b":5}'
	says '*in:2: expected 2 fields, got 1*' '*in:3: expected 2 fields, got 3*'
}

@test "csv in: a quote that is not closed names the line where it began" {
	printf 'a,b\n1,2\n"x,3\n4,5\n' >in
	run -5 --separate-stderr stail -i csv in
	want '{"a":1,"b":2}'
	says 'stail: in:3: *'
}

@test "csv in: a byte order mark before the header" {
	converts csv json '\xef\xbb\xbfa\n1\n' '{"a":1}\n'
}

@test "csv in: each FILE has its header" {
	lines a,b 1,2 >x
	lines b,a 3,4 >y
	gives '' '{"a":1,"b":2}\n{"b":3,"a":4}\n' stail -i csv x y
}

@test "--header names the fields, --no-header numbers them, --strings keeps text" {
	gives '1,x\n' '{"p":1,"q":"x"}\n' stail -i csv --header p,q
	gives '1,x\n' '{"1":1,"2":"x"}\n' stail -i csv --no-header
	gives 'a\n1\n' '{"a":"1"}\n' stail -i csv --strings
}

@test "tsv in" {
	converts tsv json 'a\tb\n1\tx y\n' '{"a":1,"b":"x y"}\n'
	converts tsv json 'a\n"q"\n' '{"a":"\\"q\\""}\n'
	converts tsv json 'a\nx\\ty\\nz\n' '{"a":"x\\ty\\nz"}\n'
}

@test "text in: each line is a string" { converts text json 'a "b"\n\n1\n' '"a \\"b\\""\n""\n"1"\n'; }
@test "logfmt in" {
	converts logfmt json 'a=1 b="x y" c\n' '{"a":1,"b":"x y","c":true}\n'
}

@test "a format that is none" {
	run -2 --separate-stderr sfilter -i xml . </dev/null
	says "sfilter: --from: 'xml' is no input format (*)"
	run -2 --separate-stderr sfilter -o xml . </dev/null
	says "sfilter: --to: 'xml' is no output format (*)"
	run -2 --separate-stderr sfilter -i table . </dev/null
}

# ---- filtering keeps the format

@test "csv filtered is csv: lines and header as they were" {
	gives 'a,b\r\n1.50,"x"\r\n2,y\r\n' 'a,b\r\n1.50,"x"\r\n' sfilter -i csv '.b == "x"'
	gives 'a,b\n"two\nlines",1\nz,0\n' 'a,b\n"two\nlines",1\n' sfilter -i csv '.b == 1'
	gives 'a\n1\n' 'a\n' sfilter -i csv 'empty'
	gives 'a\n1\n2\n' '1\n' sfilter -i csv --count '.a == 2'
}

@test "text and logfmt filtered stay what they are" {
	gives 'b a\r\na  b\n' 'a  b\n' sfilter -i text 'startswith("a")'
	gives 'a=1  b="x"\na=2\n' 'a=1  b="x"\n' sfilter -i logfmt '.a == 1'
	gives 'x\ty\n1\t2\n' 'x\ty\n1\t2\n' sfilter -i tsv '.y == 2'
}

# ---- out

@test "csv out: the first record's fields are the columns, what needs it is quoted" {
	converts json csv '{"a":1.50,"b":"x,y"}\n{"b":"q\\"q","a":null}\n{"a":[1,{"c":2}],"b":"two\\nlines"}\n{"a":true}\n' \
		'a,b\n1.50,"x,y"\n,"q""q"\n"[1,{""c"":2}]","two\nlines"\ntrue,\n'
}

@test "csv out: an extra field makes a bad record" {
	lines '{"a":1}' '{"a":2,"b":3}' '{"a":4}' >in
	run -5 --separate-stderr sfilter -m . -o csv in
	want a 1 4
	says "sfilter: in:2: *'b'*--columns*"
}

@test "--columns: these, in this order, others left out" {
	gives '{"a":1,"b":2,"c":3}\n' 'c,a,x\n3,1,\n' sfilter -m . -o csv --columns c,a,x
}

@test "csv out: what is no object is a bad record" {
	run -5 --separate-stderr sfilter -m . -o csv <<<'[1]'
	want
	says 'sfilter: stdin:1: *'
}

@test "tsv out" {
	converts json tsv '{"a":"x\\ty\\n\\\\","b":1}\n' 'a\tb\nx\\ty\\n\\\\\t1\n'
}
@test "text out: strings as they are, the rest as JSON" {
	converts json text '"a\\tb"\n{"a": 1}\nnull\n' 'a\tb\n{"a": 1}\nnull\n'
}

@test "logfmt out" {
	converts json logfmt '{"a":1,"b":"x y","c":"q\\"q","d":null,"e":"","f":true}\n' 'a=1 b="x y" c="q\\"q" d= e="" f=true\n'
}

@test "table out: columns under one another, numbers to the right" {
	lines '{"name":"a","n":5}' '{"name":"long","n":100}' >in
	gives '' 'name    n\na       5\nlong  100\n' stail -i json -o table in
}

@test "a table is coloured where asked, not in a pipe" {
	run -0 stail -i json -o table -C <<<'{"a":1}'
	[[ $output == *$'\033['* ]]
	run -0 stail -i json -o table <<<'{"a":1}'
	want a 1
	NO_COLOR=1 run -0 stail -i json -o table --color always <<<'{"a":1}'
	[[ $output == *$'\033['* ]]
}

@test "there and back: csv, tsv, logfmt" {
	lines '{"a":"x,\"y\"","b":1.50,"c":" z "}' '{"a":"t\tt","b":-1,"c":"é"}' >in
	for format in csv tsv logfmt; do
		stail -i json -o "$format" in | stail -i "$format" | cmp - in
	done
}

@test "airports there and back" {
	stail -i csv -o json "$DATA/airports.csv" | stail -i json -o csv | cmp - "$DATA/airports.csv"
}

@test "of several CSV files filtered together one header is passed on" {
	printf 'a,b\n1,x\n' >p1.csv
	printf 'a,b\n2,y\n' >p2.csv
	run -0 sfilter -i csv . p1.csv p2.csv
	want a,b 1,x 2,y
}
