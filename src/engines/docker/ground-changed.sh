# shellcheck shell=sh
# What every engine's ground has in common: the mark of a file, and the comparison with what the plan saw.

# file_mark FILE: prints a mark of its content; for a big file size, time and inode, since reading it takes minutes.
file_mark() {
	if [ ! -e "$1" ]; then
		echo absent
	elif [ "$(stat -L -c %s -- "$1")" -le 16777216 ]; then
		cksum <"$1" | tr ' ' -
	else
		stat -L -c %s-%Y-%i -- "$1"
	fi
}

# ground_is_same WHAT: compares ground.plan in $run_dir, which the plan saw, with ground.now. Succeeds if WHAT has not changed, and removes both;
# else prints the difference.
ground_is_same() {
	if [ "$(cat "$run_dir/ground.plan")" = "$(cat "$run_dir/ground.now")" ]; then
		rm -f -- "$run_dir/ground.plan" "$run_dir/ground.now"
		echo "the $1 has not changed since the plan was made"
		return 0
	fi
	echo "The $1 has changed since the plan was made. Nothing was changed by this run. Plan again. The difference:"
	LC_ALL=C comm -23 "$run_dir/ground.plan" "$run_dir/ground.now" | sed 's/^/  then  /'
	LC_ALL=C comm -13 "$run_dir/ground.plan" "$run_dir/ground.now" | sed 's/^/  now   /'
	return 1
}
