# bash completion for stail; made by stail --generate=bash
_stail()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	case $prev in
	--resume)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	--on-error)
		COMPREPLY=($(compgen -W "report skip fail pass" -- "$cur"))
		return
		;;
	--dead-letter)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	--color)
		COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W " -f --follow -F --follow-name -n --lines --from-start --exit-at-end --partial-after --poll --max-open --debug -p --parse --year --resume --every -i --from -o --to --header --no-header --strings --columns --on-error --dead-letter --max-record --color -C -M --progress --stats -u --line-buffered --graceful -h --help -V --version" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}
complete -o filenames -F _stail stail
