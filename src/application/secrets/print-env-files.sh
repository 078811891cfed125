# shellcheck shell=sh
# Prints the env files of the directory, of now and as the run kept them before it began: what is secret is read from them.
# Reads: directory, state_dir, followed_run.

for file in "$directory"/.env "$directory"/.env.* "$state_dir/runs/$followed_run/restore/files$directory"/.env*; do
	[ -f "$file" ] && [ -r "$file" ] || continue
	head -c 65536 "$file"
	echo
done
exit 0
