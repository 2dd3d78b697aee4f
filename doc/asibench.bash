# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion of asibench's commands and options, out of its own help texts.

_asibench() {
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$("${COMP_WORDS[0]}" help 2>/dev/null | sed -n 's/^  \([a-z]*\)  *.*/\1/p')
	elif [[ $word == -* ]]; then
		words=$("${COMP_WORDS[0]}" "$command" --help 2>/dev/null |
			sed -n 's/^  \(--[a-z-]*\).*/\1/p')
	elif [ "$command" = plot ]; then
		words='trend sweep ecdf histogram forest hosts variance'
	elif [ "$command" = import ] && [ "$COMP_CWORD" -eq 2 ]; then
		words='falba fio vmexit go mappings sites'
	fi
	mapfile -t COMPREPLY < <(compgen -W "${words:-}" -- "$word")
	# Files where nothing else is known.
	[ -n "${words:-}" ] || compopt -o default 2>/dev/null || :
}
complete -F _asibench asibench
