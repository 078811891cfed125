# shellcheck shell=sh
# Restores the kept files, links and folders, with mode and owner, and removes those that did not exist before. What is overwritten is in
# this run's own restore point. Needs undo-state.sh. Reads: run_dir, run_id, restore_dir.

# own_as_then PATH MODE-AND-OWNER: restores its mode and owner.
own_as_then() {
	[ -n "$2" ] || return 0
	[ "$(id -u)" != 0 ] || chown -h -- "${2#* }" "$1"
	[ -L "$1" ] || chmod -- "${2%% *}" "$1"
}

# make_way: removes an empty folder in a file's place; one that is not empty stays.
make_way() {
	[ -d "$1" ] && [ ! -L "$1" ] || return 0
	rmdir -- "$1" 2>/dev/null || {
		echo "$1 is now a folder that is not empty: the saved file is $from_dir/files$1"
		exit 1
	}
}

put_back() {
	make_way "$1"
	mkdir -p -- "${1%/*}" || exit
	new=$1.backout-$run_id
	if [ -L "$from_dir/files$1" ]; then
		cp -P -- "$from_dir/files$1" "$new" || exit
	else
		(umask 077 && cp -- "$from_dir/files$1" "$new") || exit
	fi
	mode=$(mode_then "$1")
	[ -n "$mode" ] || [ ! -e "$1" ] || mode=$(stat -c '%a %u:%g' -- "$1")
	own_as_then "$new" "$mode"
	mv -f -- "$new" "$1" || exit
}

back=0
folders_gone >"$run_dir/folders-gone"
while IFS= read -r path; do
	mkdir -p -- "$path" || exit
	own_as_then "$path" "$(mode_then "$path")"
	echo "Created $path again"
	back=$((back + 1))
done <"$run_dir/folders-gone"
files_that_differ >"$run_dir/files-that-differ"
while IFS= read -r path; do
	# A file that an undo would overwrite has to be kept first, also one that is newer than the plan.
	if [ -f "$path" ] && [ ! -L "$path" ] && ! cmp -s -- "$path" "$restore_dir/files$path"; then
		case $(cd "${path%/*}" && git ls-files --error-unmatch -- "$path" 2>/dev/null) in
			'')
				echo "$path has changed since it was saved: it was not touched; undo again"
				exit 1
				;;
		esac
	fi
	put_back "$path"
	printf '%s\n' "$path" >>"$run_dir/changed-paths"
	echo "Put back $path"
	back=$((back + 1))
done <"$run_dir/files-that-differ"
files_since >"$run_dir/files-since"
while IFS= read -r path; do
	# Only those that this run's restore point has.
	[ -f "$restore_dir/files$path" ] || [ -L "$restore_dir/files$path" ] || {
		echo "$path did not exist before; it stays, because it could not be saved"
		continue
	}
	rm -f -- "$path" && echo "Removed $path, which did not exist before"
	back=$((back + 1))
done <"$run_dir/files-since"
[ "$back" != 0 ] || echo 'The saved files are as they were'
