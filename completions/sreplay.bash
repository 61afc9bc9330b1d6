# bash completion for sreplay; made by sreplay --generate=bash
_sreplay()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	if [[ $cur == = ]]; then
		cur='' prev+==
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}=
	fi
	case $prev in
	--on-lag|--on-lag=)
		COMPREPLY=($(compgen -W "queue drop stretch" -- "$cur"))
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
		COMPREPLY=($(compgen -W " -s --speed -r --rate -L --rate-limit --max -g --max-gap --burst --on-lag --max-lag -l --loop --shift --reorder --sample-by --record --recorded -n --dry-run --lines --no-keys -p --parse --year -t --time --time-format --tz --since --until -d --delay --watermark --watermark-step -i --from -o --to --header --no-header --strings --columns --on-error --dead-letter --max-record --color -C -M --progress --stats -u --line-buffered --graceful -h --help -V --version" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}
complete -o filenames -F _sreplay sreplay
