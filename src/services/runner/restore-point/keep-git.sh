# shellcheck shell=sh
# keep_git keeps the commit, the branch and the local changes, staged ones as staged, in refs/backout/RUN; the heads and
# local changes of submodules in theirs; and the names of untracked files. Changes neither work tree nor index.
# Needs git-as-owner.sh and keep-path.sh, and to be in the deployment's directory. Reads: restore_dir, run_id.

# "stash create" makes a commit of the local changes and leaves them in place. An identity is given, as a server often has none; no hook is
# run.
stash_of() { git -C "$1" -c user.name=backout -c user.email=backout@localhost stash create "backout $run_id"; }

keep_git() {
	command -v git >/dev/null || {
		miss 'the commit: git is not installed'
		return
	}
	if ! head=$(git rev-parse --verify --quiet 'HEAD^{commit}' 2>/dev/null); then
		why=$(LC_ALL=C git rev-parse --verify 'HEAD^{commit}' 2>&1 | head -n 1)
		case $why in *'not a git repository'*) why="$PWD is in no git repository" ;; esac
		miss "the commit: $why"
		return
	fi
	fact commit "$head"
	if branch=$(git symbolic-ref --quiet --short HEAD); then
		fact branch "$branch"
	else
		branch='no branch (detached)'
	fi
	if git update-ref "refs/backout/$run_id/head" "$head"; then
		keep "commit $head on $branch, as refs/backout/$run_id/head"
	else
		keep "commit $head on $branch, its id only"
	fi
	git status --porcelain=v1 >"$restore_dir/git-status" 2>/dev/null
	if git ls-files --others --exclude-standard >"$restore_dir/untracked" 2>/dev/null && [ -s "$restore_dir/untracked" ]; then
		miss "$(wc -l <"$restore_dir/untracked") untracked files: only their names are in $restore_dir/untracked"
	fi
	keep_changes
	keep_submodules
}

keep_changes() {
	if changes=$(stash_of . 2>"$restore_dir/stash.err"); then
		if [ -z "$changes" ]; then
			echo 'no local changes'
		elif git update-ref "refs/backout/$run_id/changes" "$changes"; then
			fact local_changes "$changes"
			keep "local changes, as refs/backout/$run_id/changes"
		else
			miss 'local changes: the ref could not be written'
		fi
	# An index.lock or an unfinished merge stops stash, but not a diff.
	elif git diff --binary HEAD >"$restore_dir/local-changes.patch"; then
		keep "local changes, as $restore_dir/local-changes.patch ($(head -n 1 "$restore_dir/stash.err"))"
	else
		miss "local changes: $(head -n 1 "$restore_dir/stash.err")"
	fi
	rm -f "$restore_dir/stash.err"
}

# Writes a line each to $restore_dir/submodules: commit, and path from the top. git keeps only their recorded commit.
keep_submodules() {
	top=$(git rev-parse --show-toplevel)
	[ -e "$top/.gitmodules" ] || return 0
	# shellcheck disable=SC2016 # for the shell that git starts
	git -C "$top" submodule --quiet foreach --recursive 'printf "%s %s\n" "$(git rev-parse HEAD)" "$displaypath"' \
		>"$restore_dir/submodules" 2>/dev/null
	while read -r commit_there path; do
		git -C "$top/$path" update-ref "refs/backout/$run_id/head" "$commit_there" ||
			miss "commit $commit_there of the submodule $path: its id only"
		changes=$(stash_of "$top/$path" 2>/dev/null)
		if [ -n "$changes" ]; then
			git -C "$top/$path" update-ref "refs/backout/$run_id/changes" "$changes" &&
				keep "local changes of the submodule $path, as its refs/backout/$run_id/changes"
		fi
	done <"$restore_dir/submodules"
	[ ! -s "$restore_dir/submodules" ] || keep "the commits of $(wc -l <"$restore_dir/submodules") submodules"
}
