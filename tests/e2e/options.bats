#!/usr/bin/env bats
# --help, the pages and the completions name the same options, choices and defaults. The texts are
# made from one table; here they are read back, each in its own way.

root=$BATS_TEST_DIRNAME/../..

setup_file() {
	tools=$(cd "$root/man" && printf '%s ' *.1 | sed 's/\.1 / /g')
	export tools
}

# ---- the options that a text names, one a line: -f, --follow

in_help() {
	"$BIN/$1" --help | grep -oE '^  (-[[:alnum:]](, --[a-z0-9-]+)?|    --[a-z0-9-]+)' |
		grep -oE -- '--?[[:alnum:]][a-z0-9-]*'
}

in_page() {
	sed -n '/^\.\\" OPTIONS BEGIN/,/^\.\\" OPTIONS END/s/^\.It//p' "$root/man/$1.1" |
		sed 's/ Ns .*//; s/ Ar .*//; s/ , /\n/' | sed 's/^ *Fl /-/'
}

# what bash offers: the words of the line, the last of which is being completed
bash_offers() {
	local tool=$1
	# shellcheck source=/dev/null
	source "$root/completions/$tool.bash"
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	"_$tool"
	printf '%s\n' "${COMPREPLY[@]}"
}

in_bash() {
	bash_offers "$1" -
}

in_zsh() {
	sed -nE "s/^\t'\*?(--?[[:alnum:]][a-z0-9-]*)(\+|=-?)?\[.*/\1/p" "$root/completions/_$1"
}

in_fish() {
	sed -nE "s/ -d '.*//; /^complete -c $1 -[sl]/p" "$root/completions/$1.fish" |
		grep -oE -- '-(s [[:alnum:]]|l [a-z0-9-]+)' | sed 's/^-s /-/; s/^-l /--/'
}

@test "all texts name the same options" {
	for tool in $tools; do
		expected=$(in_help "$tool" | sort)
		[[ $expected == *--help* && $expected == *-V* ]]
		[ -z "$(uniq -d <<<"$expected")" ] # none twice
		for text in page bash zsh fish; do
			diff <(echo "$expected") <("in_$text" "$tool" | sort) || {
				echo "$tool: --help (<) and $text (>) differ"
				return 1
			}
		done
	done
}

@test "every option named is one, and no other is" {
	for tool in $tools; do
		for option in $(in_help "$tool"); do
			run "$BIN/$tool" "$option" x y --no-such-option
			[[ $output != *"unknown option '$option'"* ]]
		done
		run "$BIN/$tool" --no-such-option
		[ "$status" -eq 2 ]
		[ "$output" = "$tool: unknown option '--no-such-option' (see $tool --help)" ]
	done
}

# ---- choices: NAME report|skip|fail

flat_help() {
	"$BIN/$1" --help | sed '/^Exit status/,$d' | tr -s '\n ' ' ' |
		sed -E 's/ (-[[:alnum:]], )?--([a-z0-9-]+)( [[:upper:]]+ |\[=)/\n--\2\3/g'
}

@test "choices are offered as --help has them" {
	for tool in $tools; do
		some=
		while read -r option choices; do
			some=1
			words=${choices//|/ }
			grep -qF "one of $choices" "$root/man/$tool.1"
			[ "$(bash_offers "$tool" "$option" '' | xargs)" = "$words" ]
			grep -F "'$option=[" "$root/completions/_$tool" | grep -qF ":($words)'"
			grep -F " -l ${option#--} " "$root/completions/$tool.fish" | grep -qF -- "-x -a '$words'"
			run "$BIN/$tool" "$option" no-such-choice
			[ "$status" -eq 2 ]
			[ "$output" = "$tool: $option: 'no-such-choice' is none of $choices" ]
		done < <(flat_help "$tool" | sed -nE 's/^(--[a-z-]+) .*; one of ([a-z|]+).*/\1 \2/p')
		[ -n "$some" ]
	done
}

@test "a value that may be left out is offered behind = alone" {
	some=
	for tool in $tools; do
		while read -r option choices; do
			some=1
			words=${choices//|/ }
			grep -qxF ".It Fl f , Fl ${option#-} Ns Oo = Ns Ar HOW Oc" "$root/man/$tool.1"
			[ "$(bash_offers "$tool" "$option" = | xargs)" = "$words" ]
			[ "$(bash_offers "$tool" "$option" = "${words:0:2}")" = "${words%% *}" ]
			run bash_offers "$tool" "$option" ''
			[[ " $output " != *" ${words%% *} "* ]]
			grep -F "'$option=-[" "$root/completions/_$tool" | grep -qF "::HOW:($words)'"
			grep -F " -l ${option#--} " "$root/completions/$tool.fish" | grep -qF -- "-f -a '$words'"
		done < <("$BIN/$tool" --help | tr -s '\n ' ' ' | sed 's/$/\n/' |
			sed -nE 's/.* (--[a-z-]+)\[=HOW\] [^|]*; one of ([a-z|]+).*/\1 \2/p')
	done
	[ -n "$some" ]
}

@test "defaults stand in the page as in --help" {
	for tool in $tools; do
		from_help=$(flat_help "$tool" | grep -oE '\(default [^)]*\)' | sed 's/(default //; s/)$//')
		from_page=$(sed -nE '/^The default is$/{n;s/^\.Cm (.*) \.$/\1/p}' "$root/man/$tool.1")
		[ -n "$from_help" ]
		[ "$from_help" = "$from_page" ]
	done
}

@test "exit statuses stand in the page as in --help" {
	for tool in $tools; do
		from_help=$("$BIN/$tool" --help | sed -n '/^Exit status/,/^$/s/^  \([0-9]*\) .*/\1/p')
		from_page=$(sed -n '/^\.\\" STATUSES BEGIN/,/END/s/^\.It \([0-9]*\)$/\1/p' "$root/man/$tool.1")
		[ -n "$from_help" ]
		[ "$from_help" = "$from_page" ]
	done
}

@test "bash offers files where the table says file" {
	cd "$BATS_TEST_TMPDIR"
	touch one two
	for tool in $tools; do
		[ "$(bash_offers "$tool" --dead-letter '' | xargs)" = "one two" ]
		[ "$(bash_offers "$tool" --dead-letter o)" = one ]
	done
}

@test "zsh and fish read their completions" {
	command -v zsh fish >/dev/null || skip "no zsh or no fish here"
	for tool in $tools; do
		zsh -n "$root/completions/_$tool"
		offered=$(fish -c "source $root/completions/$tool.fish; complete -C '$tool --'" | cut -f 1 | sed 's/=$//' | sort -u)
		diff <(in_help "$tool" | grep '^--' | sort) <(echo "$offered")
	done
}
