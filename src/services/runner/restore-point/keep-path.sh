# shellcheck shell=sh
# keep TEXT and miss TEXT print what is kept and what is not. keep_path PATH copies a file, a symbolic link (as a link) or an empty folder
# of that absolute path to $restore_dir/files/PATH, and notes mode and owner; one that is kept already is left. Fails when it could not be
# kept. must_keep_path PATH is for what a later step overwrites: its failure fails the restore point. Needs fact.sh, as every step has it.
# Reads: restore_dir, run_facts, run_umask.

kept=0 lost=0

keep() {
	kept=$((kept + 1))
	printf 'kept: %s\n' "$*"
}
miss() { printf 'NOT KEPT: %s\n' "$*"; }

keep_path() {
	copy=$restore_dir/files$1
	[ ! -L "$copy" ] && [ ! -f "$copy" ] || return 0
	mkdir -p -- "${copy%/*}" || return
	if [ -L "$1" ]; then
		cp -P -- "$1" "$copy" || return
	elif [ -d "$1" ]; then
		mkdir -p -- "$copy" || return
	elif [ -f "$1" ]; then
		# A copy that shares its blocks, if the file system can. A hard link would change with the file.
		if ! cp -p --reflink=auto -- "$1" "$copy" 2>/dev/null && ! cp -p -- "$1" "$copy"; then
			rm -f -- "$copy"
			return 1
		fi
		# With the permissions of the run's other files; the mode of the file itself is noted.
		case $run_umask in *07) chmod 660 -- "$copy" ;; *) chmod 600 -- "$copy" ;; esac
	else
		echo "$1 is neither a file nor a folder"
		return 1
	fi
	stat -c '%a %u:%g %n' -- "$1" >>"$restore_dir/file-modes"
}

must_keep_path() {
	if keep_path "$1"; then
		keep "$1"
	else
		miss "$1, which a later step would overwrite"
		lost=$((lost + 1))
	fi
}

# was_absent PATH: notes a file that does not exist now, so that an undo removes it if it exists then.
was_absent() { printf '%s\n' "$1" >>"$restore_dir/files-absent"; }
