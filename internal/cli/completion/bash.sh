# bash completion for cookbook. It needs no other package, and works from bash 3.2 on.
__start_cookbook() {
	local rest=${COMP_LINE:0:COMP_POINT} program i word blank line value text
	local prefix='' width=0 directive
	local -a words=() lines=()
	COMPREPLY=()

	# bash divides words at = and : as well. What no blank divides is put together again.
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		blank=${rest%%[![:blank:]]*}
		rest=${rest#"$blank"}
		((i < COMP_CWORD)) || word=$rest # the cursor may stand inside a word
		rest=${rest#"$word"}
		if ((i == 0)) || [[ -n $blank ]]; then
			words+=("$word")
		else
			words[${#words[@]} - 1]+=$word
		fi
	done
	word=${words[${#words[@]} - 1]}
	program=${words[0]/#~\//$HOME/}
	[[ $(type -t "$program") == file ]] || program=cookbook # it may be an alias

	while IFS= read -r line; do
		lines+=("$line")
	done <<<"$(command "$program" __complete "${words[@]:1}" 2>/dev/null)"
	directive=${lines[${#lines[@]} - 1]}
	[[ $directive == :* ]] || return
	directive=${directive#:}
	unset "lines[${#lines[@]} - 1]"
	((directive & 1)) && return

	if [[ $word == -*=* ]]; then
		[[ $COMP_WORDBREAKS == *=* ]] || prefix=${word%%=*}=
		word=${word#*=}
	fi
	if ((directive & 8 || !(directive & 4) && ${#lines[@]} == 0)); then
		compopt -o filenames 2>/dev/null
		while IFS= read -r value; do
			text=${value##*.}
			[[ -n $value ]] || continue
			((!(directive & 8))) || [[ -d $value || " ${lines[*]} " == *" $text "* ]] || continue
			COMPREPLY+=("$prefix$value")
		done <<<"$(compgen -f -- "$word")"
		return
	fi

	compopt -o nosort 2>/dev/null
	local -a fitting=()
	for line in "${lines[@]}"; do
		[[ $line == "$word"* ]] && fitting+=("$line")
	done
	((${#fitting[@]})) && lines=("${fitting[@]}")
	for line in "${lines[@]}"; do
		value=${line%%$'\t'*}
		((${#value} > width)) && width=${#value}
	done
	for line in "${lines[@]}"; do
		value=${line%%$'\t'*}
		text=${line#"$value"}
		# Descriptions come with a list only. They must never get into the command line.
		if [[ $COMP_TYPE == 63 || $COMP_TYPE == 33 || $COMP_TYPE == 64 ]] && ((${#lines[@]} > 1)) && [[ -n $text ]]; then
			printf -v value '%-*s  %s' "$width" "$value" "${text#$'\t'}"
			COMPREPLY+=("${value:0:${COLUMNS:-80}-3}")
		else
			COMPREPLY+=("$prefix$value")
		fi
	done
	# Several names that do not begin with what was typed: the blank keeps bash from replacing it by what they have in common.
	if ((${#lines[@]} > 1 && ${#fitting[@]} == 0)); then
		COMPREPLY+=(' ')
	fi
}
complete -F __start_cookbook cookbook
