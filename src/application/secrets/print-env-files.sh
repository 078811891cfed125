# shellcheck shell=sh
# Prints the env files of the directory, its Compose files, and the files of Compose's secrets, each as lines of an env file: secrets are read
# from them. The current ones and those saved before the run. Reads: directory, state_dir, followed_run.

for folder in "$directory" "$state_dir/runs/$followed_run/restore/files$directory"; do
	for file in "$folder"/.env "$folder"/.env.* "$folder"/*.env; do
		[ -f "$file" ] && [ -r "$file" ] || continue
		head -c 65536 "$file"
		echo
	done
	for file in "$folder"/*compose*.y*ml; do
		[ -f "$file" ] && [ -r "$file" ] || continue
		# Items of a list, which may be quoted, become settings.
		head -c 65536 "$file" | sed -e 's/^ *- *"\(.*\)" *$/\1/' -e "s/^ *- *'\\(.*\\)' *\$/\\1/" -e 's/^ *- *//'
		echo
		# Only those of secrets: configs have a file, too.
		head -c 65536 "$file" | sed -n -e "s/[\"']//g" -e '/^secrets:/,/^[^ #]/s/^ .*file: *\([^#, }]*\).*/\1/p' | while IFS= read -r path || [ -n "$path" ]; do
			case $path in /*) ;; *) path=$folder/$path ;; esac
			[ -f "$path" ] && [ -r "$path" ] || continue
			printf "secret='%s'\n" "$(head -c 4096 "$path" | tr -d '\000' | sed "s/'/\\\\'/g")"
		done
	done
done
exit 0
