# bash completion for sfilter; made by sfilter --generate=bash
_sfilter()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	if [[ $cur == = ]]; then
		cur='' prev+==
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}=
	fi
	case $prev in
	-f|--from-file|--from-file=)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	--on-error|--on-error=)
		COMPREPLY=($(compgen -W "report skip fail pass" -- "$cur"))
		return
		;;
	--dead-letter|--dead-letter=)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	--color|--color=)
		COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W " -m --map -v --invert --count --head -e --exit-status -f --from-file -n --null-input -s --slurp -R --raw-input --stream -r --raw-output -j --join-output --raw-output0 -a --ascii-output -S --sort-keys -c --compact-output --tab --indent --seq --arg --argjson --slurpfile --rawfile --args --jsonargs --sample --sample-by --seed --dedup --within --among --time --time-format --tz --changed --throttle --by --context --max-keys -I --in-place -P --jobs --max-memory --explain --unbuffered --binary -i --from -o --to --header --no-header --strings --columns --on-error --dead-letter --max-record --color -C -M --progress --stats -u --line-buffered --graceful -h --help -V --version" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}
complete -o filenames -F _sfilter sfilter
