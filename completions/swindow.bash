# bash completion for swindow; made by swindow --generate=bash
_swindow()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	if [[ $cur == = ]]; then
		cur='' prev+==
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}=
	fi
	case $prev in
	--ties|--ties=)
		COMPREPLY=($(compgen -W "keep cut" -- "$cur"))
		return
		;;
	--late|--late=)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	--fill|--fill=)
		COMPREPLY=($(compgen -W "not empty previous linear" -- "$cur"))
		return
		;;
	-f|--from-file|--from-file=)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	--on-full|--on-full=)
		COMPREPLY=($(compgen -W "fail evict" -- "$cur"))
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
		COMPREPLY=($(compgen -W " -s --size -e --every --cumulate --sliding --offset -g --gap --max-session --from-when --until-when --rows --run -a --all -b --by --having --top --rank --ties -t --time --time-format --tz --processing-time -d --delay -l --lateness --retract --late --close-idle --max-ahead --max-ahead-clock --emit --fill --fill-for -f --from-file --arg --argjson --seed --max-keys --max-memory --on-full -P --jobs --live --explain -i --from -o --to --header --no-header --strings --columns --on-error --dead-letter --max-record --color -C -M --progress --stats -u --line-buffered --graceful -h --help -V --version" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}
complete -o filenames -F _swindow swindow
