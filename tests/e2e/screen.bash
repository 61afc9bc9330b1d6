# screen.bash - terminals for tests: of a tmux server of each test's own, what its screen shows is waited for.
# shellcheck shell=bash disable=SC2154 # set by bats and helper.bash

mux() {
	tmux -u -S "$BATS_TEST_TMPDIR/mux$WATCHED" "$@"
}

teardown() {
	mux kill-server 2>/dev/null || :
}

# WATCHED counts the servers: one that is ending is not to be asked for the next screen
WATCHED=0

# open_screen COLUMNSxROWS COMMAND - a shell's command line on such a screen; what it sends the terminal is in ./raw
open_screen() {
	echo 'set -g status off' >mux.conf
	WATCHED=$((WATCHED + 1))
	rm -f go raw
	mkfifo go
	printf 'read -r _ <go; %s; echo "ended with $?"; exec cat\n' "$2" >job
	LC_ALL=${LOCALE:-C.UTF-8} mux -f mux.conf new-session -d -x "${1%x*}" -y "${1#*x}" bash job 3>&-
	mux pipe-pane 'exec cat >raw'
	until_true test -e raw
	echo >go
}

screen() {
	mux capture-pane -p "$@" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

# with what has left it at the top
shows() {
	screen -S - | grep -qF -- "$1"
}

# the screen has so many lines
fills() {
	[ "$(screen | wc -l)" = "$1" ]
}

# the screen is, or becomes, stdin's
becomes() {
	cat >wanted
	until_true is_wanted || { screen | diff wanted -; return 1; }
}

is_wanted() {
	screen | cmp -s wanted -
}

# press KEY.. - pressed there, by tmux's names of keys
press() {
	mux send-keys "$@"
}

# screen_pid NAME - of the process that the shell runs there
screen_pid() {
	pgrep -P "$(mux display-message -p '#{pane_pid}')" -x "$1"
}
