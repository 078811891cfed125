# shellcheck shell=sh
# Begins a program that stands before another one of its name in PATH: sets `program` to the next one, wherever the folder of this one is
# in PATH, and takes that folder out.
own=${0%/*} rest=$PATH: others=
while [ -n "$rest" ]; do
	folder=${rest%%:*} rest=${rest#*:}
	[ "$folder" = "$own" ] || others=$others${others:+:}$folder
done
PATH=$others
# shellcheck disable=SC2034 # Whoever begins with this runs it.
program=$(command -v "${0##*/}") || {
	echo "${0##*/}: not found" >&2
	exit 127
}
