/**
 * The code that a shell loads: it calls the program at every TAB, so that targets, procedures and inputs are those of the current
 * config. `:files` in the output lets the shell offer files (bash(1), "Programmable Completion"; zshcompsys(1); fish-doc, "complete").
 */
export const shells: Readonly<Record<string, string>> = {
	bash: `# backout completion bash >/etc/bash_completion.d/backout, or: source <(backout completion bash)
_backout() {
	local line word
	COMPREPLY=()
	_backout_words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
	# bash takes = for a word of its own.
	while IFS= read -r line; do
		if [ "$line" = :files ]; then
			while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
			compopt -o filenames
		else
			COMPREPLY+=("\${line%%$'\\t'*}")
		fi
	done < <("\${COMP_WORDS[0]}" __complete -- "\${_backout_words[@]}" 2>/dev/null)
	[[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
	unset _backout_words
}
complete -F _backout backout
`,
	zsh: `#compdef backout
# backout completion zsh >"\${fpath[1]}/_backout", or: source <(backout completion zsh)
_backout() {
	local line
	local -a described
	for line in "\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
		if [[ $line == :files ]]; then
			_files
		elif [[ -n $line ]]; then
			described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
		fi
	done
	(( $#described )) && _describe backout described
}
if [[ $funcstack[1] == _backout ]]; then _backout "$@"; else compdef _backout backout; fi
`,
	fish: `# backout completion fish >~/.config/fish/completions/backout.fish
function __backout_complete
	set -l words (commandline -opc) (commandline -ct)
	for line in ($words[1] __complete -- $words[2..-1] 2>/dev/null)
		if test "$line" = :files
			__fish_complete_path (commandline -ct)
		else
			echo $line
		end
	end
end
complete -c backout -f -a '(__backout_complete)'
`,
};
