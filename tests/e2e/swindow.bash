# swindow.bash - what the tests of swindow share: records from words, results made short.
# shellcheck shell=bash
load helper

# script WORD.. - a5 is a record of key a at second 5, value 5; a5=x has .r x; W10 a watermark line; END, IDLE, RESTORE such lines
script() {
	local word time r

	for word; do
		case $word in
		W*) printf '%s{"kind":"watermark","time":"1970-01-01T00:00:%02dZ"}\n' "$SYN" "${word#W}" ;;
		[A-Z]*) printf '%s{"kind":"%s"}\n' "$SYN" "$(tr '[:upper:]' '[:lower:]' <<<"$word")" ;;
		*)
			time=${word#?} r=
			[[ $word != *=* ]] || r=${word#*=} time=${time%%=*}
			printf '{"ts":%s,"k":"%s","v":%s%s}\n' "$time" "${word:0:1}" "$time" "${r:+,\"r\":\"$r\"}"
			;;
		esac
	done
}

# short - results with "1-5 " for the bounds in seconds, a W10 for a watermark line, others by their kind; one line, "; " between
short() {
	sed -E 's/"window_start":"1970-01-01T00:00:0?([0-9.]+)Z","window_end":"1970-01-01T00:00:0?([0-9.]+)Z",?/\1-\2 /
		s/^\x16\{"kind":"watermark","time":"1970-01-01T00:00:0?([0-9.]+)Z"\}/W\1/
		s/^\x16\{"kind":"([a-z-]+)".*/\U\1/; s/[{}"]//g' | paste -sd';' | sed 's/;/; /g'
}

# windows WORDS ARG.. - results of a script, made short; through a pipe, as control lines end at a file
windows() {
	# shellcheck disable=SC2086 # words are meant
	script $1 | swindow "${@:2}" | cat >raw
	set -- "${PIPESTATUS[1]}"
	short <raw
	return "$1"
}

# rows - a table from stdin, LABEL|WORDS|ARGS|EXPECTED, each run; ARGS are read as a shell does
rows() {
	local label words args expected wrong=0
	local -a argv

	while IFS='|' read -r label words args expected; do
		eval "argv=($args)"
		output=$(windows "$words" "${argv[@]}" 2>err) || { echo "$label: status $?"; cat err; wrong=1; }
		[ "$output" = "$expected" ] || { lines "$label:" "  got  $output" "  want $expected"; wrong=1; }
	done
	return "$wrong"
}

# refused - a table from stdin, ARGS|MESSAGE: usage errors that say so
refused() {
	local args message wrong=0 got
	local -a argv

	while IFS='|' read -r args message; do
		eval "argv=($args)"
		got=0
		swindow "${argv[@]}" count </dev/null >out 2>err || got=$?
		if [ "$got" != 2 ] || [ -s out ] || ! grep -qF -- "$message" err; then
			echo "$args: status $got: $(cat err)"
			wrong=1
		fi
	done
	return "$wrong"
}
