# shellcheck shell=sh
# Begins a program that precedes another one of its name in PATH: sets `program` to the next one, and takes this program's folder out of
# PATH, wherever it is in it.
own=${0%/*} rest=$PATH: others=
while [ -n "$rest" ]; do
	folder=${rest%%:*} rest=${rest#*:}
	[ "$folder" = "$own" ] || others=$others${others:+:}$folder
done
PATH=$others
# shellcheck disable=SC2034 # the script after this one runs it
program=$(command -v "${0##*/}") || {
	echo "${0##*/}: not found" >&2
	exit 127
}
