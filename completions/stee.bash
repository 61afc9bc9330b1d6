# bash completion for stee; made by stee --generate=bash
_stee()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	if [[ $cur == = ]]; then
		cur='' prev+==
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}=
	fi
	case $prev in
	--output-error=)
		COMPREPLY=($(compgen -W "sigpipe warn warn-nopipe exit exit-nopipe" -- "$cur"))
		return
		;;
	--compress|--compress=)
		COMPREPLY=($(compgen -W "gzip zstd" -- "$cur"))
		return
		;;
	--on-slow|--on-slow=)
		COMPREPLY=($(compgen -W "block drop spill" -- "$cur"))
		return
		;;
	--spill-dir|--spill-dir=)
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
		COMPREPLY=($(compgen -W " -a --append -q --quiet -p --output-error --if --route --partition -N --partitions --union --atomic --rotate-size --rotate-every --rotate-count --compress --keep --max-open --fsync --retry --on-slow --queue --spill-dir --x --y --by --height -t --time --time-format --tz -o --to -i --from --header --no-header --strings --columns --on-error --dead-letter --max-record --color -C -M --progress --stats -u --line-buffered --graceful -h --help -V --version" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}
complete -o filenames -F _stee stee
