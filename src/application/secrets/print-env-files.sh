# shellcheck shell=sh
# Prints the env files of the directory, the current ones and those saved before the run: secrets are read from them. Reads: directory,
# state_dir, followed_run.

for file in "$directory"/.env "$directory"/.env.* "$state_dir/runs/$followed_run/restore/files$directory"/.env*; do
	[ -f "$file" ] && [ -r "$file" ] || continue
	head -c 65536 "$file"
	echo
done
exit 0
