#compdef cookbook
# zsh completion for cookbook: sourced, or as a file _cookbook in a folder of $fpath.
_cookbook() {
	local program=${(Q)words[1]} line value text directive fits=
	local -i width=0
	local -a typed lines values shown how
	[[ $program == '~/'* ]] && program=$HOME/${program#'~/'}
	[[ -n $(whence -p -- $program) ]] || program=cookbook # it may be an alias

	typed=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
	lines=("${(@f)$(command $program __complete "${(@)typed}" 2>/dev/null)}")
	[[ $lines[-1] == :<-> ]] || return 1
	directive=${lines[-1]#:}
	lines=("${(@)lines[1,-2]}")
	((directive & 1)) && return 1

	[[ $PREFIX == -*=* ]] && compset -P '-*='
	if ((directive & 8)); then
		_files -g "*.$lines[1]"
		return
	elif ((${#lines} == 0)); then
		((directive & 4)) || _files
		return
	fi

	for line in "${(@)lines}"; do
		value=${line%%$'\t'*}
		values+=("$value")
		[[ $value == "$PREFIX"* ]] && fits=yes
		((${#value} > width)) && width=${#value}
	done
	for line in "${(@)lines}"; do
		value=${line%%$'\t'*}
		text=${line#"$value"}
		[[ -z $text ]] || value="${(r:width:)value}  ${text#$'\t'}"
		shown+=("${value[1,COLUMNS-1]}")
	done
	# A name that does not begin with what was typed replaces it; of several none does, and they are listed.
	[[ -n $fits ]] || how=(-U)
	compadd -l -V names $how -d shown -a values
	if [[ -z $fits ]] && ((${#values} > 1)); then
		compstate[insert]=
		compstate[list]='list force'
	fi
}
if [[ $funcstack[1] == _cookbook ]]; then
	_cookbook "$@"
else
	compdef _cookbook cookbook
fi
