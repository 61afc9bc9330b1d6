# bash completion for sjoin; made by sjoin --generate=bash
_sjoin()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	if [[ $cur == = ]]; then
		cur='' prev+==
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}=
	fi
	case $prev in
	-t|--type|--type=)
		COMPREPLY=($(compgen -W "inner left right full semi anti" -- "$cur"))
		return
		;;
	--direction|--direction=)
		COMPREPLY=($(compgen -W "backward forward nearest" -- "$cur"))
		return
		;;
	--late|--late=)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	--on-full|--on-full=)
		COMPREPLY=($(compgen -W "fail evict" -- "$cur"))
		return
		;;
	--matches|--matches=)
		COMPREPLY=($(compgen -W "all first last longest" -- "$cur"))
		return
		;;
	--match|--match=)
		COMPREPLY=($(compgen -W "equal cidr prefix between" -- "$cur"))
		return
		;;
	--disk|--disk=)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	--key-type|--key-type=)
		COMPREPLY=($(compgen -W "json string" -- "$cur"))
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
		COMPREPLY=($(compgen -W " -k --on -t --type -w --within --before --after --expires --ttl --reduce --missing -s --size -e --every --cumulate --offset -g --gap --asof --direction --tolerance --strict --changelog --delete-when --left-when --right-when --time --time-format --tz -d --delay --late --max-skew --idle-timeout --close-idle --max-ahead --max-keys --max-memory --on-full --matches --match --validate --disk --key-type --ignore-case -m --merge --prefix --right-from --reload -i --from -o --to --header --no-header --strings --columns --on-error --dead-letter --max-record --color -C -M --progress --stats -u --line-buffered --graceful -h --help -V --version" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}
complete -o filenames -F _sjoin sjoin
