# shellcheck shell=sh
# git: as root in another user's work tree git refuses ("dubious ownership"), and objects or refs that root writes would break the owner's
# next commit or pull. So root runs git as the owner of `directory`, if runuser can; other users run it unchanged. With git_timeout
# (seconds, or as timeout(1) takes it) git is ended when it takes longer. Reads: directory, git_timeout.
git() {
	if [ -z "${git_owner+set}" ]; then
		git_owner='' git_home=''
		if [ "$(id -u)" = 0 ]; then
			git_owner=$(stat -L -c %U -- "$directory" 2>/dev/null)
			if [ "$git_owner" = root ] || ! runuser -u "$git_owner" -- true 2>/dev/null; then
				git_owner=''
			else
				git_home=$(getent passwd "$git_owner" | cut -d : -f 6)
			fi
		fi
	fi
	if [ -n "$git_owner" ]; then
		HOME=$git_home ${git_timeout:+timeout -k 2 "$git_timeout"} runuser -u "$git_owner" -- git "$@"
	elif [ -n "${git_timeout:-}" ]; then
		timeout -k 2 "$git_timeout" git "$@"
	else
		command git "$@"
	fi
}

# in_work_tree: succeeds if the directory is in a git work tree; else it prints what is missing, and what to do.
in_work_tree() {
	why=$(git rev-parse --show-toplevel 2>&1) && return
	case $why in
		*'not a git repository'*) echo "there is no .git in $directory, nor above it, so there are no commits to go back to. If a hook of a bare repository checks the files out there, connect the folder with that repository (docs/troubleshooting.md, \"A bare repository deploys the folder\"); else deploy from a git clone" ;;
		*) printf '%s\n' "$why" | tail -n 1 ;;
	esac
	return 1
}

# umask_of_files: prints the umask that most files of the work tree were written with: that of this login may be another one, and a container
# that does not run as root could not read what git writes now.
umask_of_files() {
	git ls-files -s 2>/dev/null | sed -n 's/^100644 [0-9a-f]* 0	//p' | head -n 200 | while IFS= read -r path; do
		stat -c %a -- "$path" 2>/dev/null
	done | sort | uniq -c | sort -rn | awk '
		function digit(bits) { return bits < 4 ? 7 : (bits % 4 > 1 ? 0 : 2) }
		$2 ~ /^[0-7][0-7][0-7]$/ { print "0" (substr($2, 1, 1) < 6 ? 0 : digit(substr($2, 1, 1))) digit(substr($2, 2, 1)) digit(substr($2, 3, 1)); found = 1; exit }
		END { exit !found }' || umask
}

# git_whole ARGUMENT...: git that writes the content of files in Git LFS, also where it is told to leave it out (git lfs install
# --skip-smudge), as on hosts that call `git lfs pull` afterwards.
git_whole() {
	GIT_LFS_SKIP_SMUDGE=0
	export GIT_LFS_SKIP_SMUDGE
	# Where there is a process git does not call the other.
	case $(git config filter.lfs.process)/$(git config filter.lfs.smudge) in
		*--skip*/*) git -c filter.lfs.process='git-lfs filter-process' -c filter.lfs.required=true "$@" ;;
		/*--skip*) git -c filter.lfs.smudge='git-lfs smudge -- %f' -c filter.lfs.required=true "$@" ;;
		*) git "$@" ;;
	esac
}
