# bash completion for stail; made by stail --generate=bash
_stail()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	if [[ $cur == = ]]; then
		cur='' prev+==
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}=
	fi
	case $prev in
	--follow=)
		COMPREPLY=($(compgen -W "descriptor name" -- "$cur"))
		return
		;;
	--resume|--resume=)
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
		COMPREPLY=($(compgen -W " -f --follow -F --follow-name --retry -n --lines -c --bytes -q --quiet -v --verbose -s --sleep-interval --pid --from-start --exit-at-end --partial-after --poll --max-open --debug -p --parse --year --prefix --multiline --multiline-timeout --join --tag --resume --every -t --time --time-format --tz -d --delay --since --until --watermark --watermark-step --idle --merge-by-time --hold-back --max-rate -i --from -o --to --header --no-header --strings --columns --on-error --dead-letter --max-record --color -C -M --progress --stats -u --line-buffered --graceful -h --help -V --version" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}
complete -o filenames -F _stail stail
