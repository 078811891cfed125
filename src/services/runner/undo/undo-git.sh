# shellcheck shell=sh
# Restores commit, branch, local changes and submodules. Current local changes stay; if one is in the way nothing is touched. Needs
# git-as-owner.sh and undo-state.sh. Reads: run_dir, run_id, run_facts.

cd "$(git rev-parse --show-toplevel)" || exit
top=$(pwd)
changed_then=$(then_changes)
other=$(printf '%s\n' "$changed_then" | sed -n 's/^other //p')
if [ -n "$other" ]; then
	echo "changed locally before, and differently now: $(echo "$other" | tr '\n' ' ')"
	echo 'Nothing in git was touched. Stash the change first (git stash), then undo again.'
	exit 1
fi
wanted=${from_branch:+refs/heads/$from_branch}
current=$(git symbolic-ref -q HEAD)
here=$(git rev-parse HEAD)
git update-index -q --refresh
# If another branch is checked out, HEAD is detached first, so that no branch but the old one is moved.
[ "$current" = "$wanted" ] || git checkout -q --detach || exit
umask "$(umask_of_files)"
if ! git_whole reset -q --keep "$from_commit"; then
	[ -z "$current" ] || git symbolic-ref HEAD "$current"
	echo 'Local changes are in the way; git is as it was. Stash them first (git stash), then undo again.'
	exit 1
fi
if [ "$current" != "$wanted" ] && [ -n "$wanted" ]; then
	was=$(git rev-parse -q --verify "$wanted")
	if [ -n "$was" ] && [ "$was" != "$from_commit" ]; then
		git update-ref "refs/backout/$run_id/branches/$from_branch" "$was" || exit
		echo "$from_branch was at $(short "$was"): kept as refs/backout/$run_id/branches/$from_branch"
	fi
	git update-ref "$wanted" "$from_commit" && git symbolic-ref HEAD "$wanted" || exit
fi
git diff --name-only --no-renames "$here" "$from_commit" -- | sed "s|^|$top/|" >>"$run_dir/changed-paths"
git --no-pager log --no-color -1 --format="At %h %s (%cr), ${from_branch:-detached}"
printf 'deployed_commit\t%s\n' "$from_commit" >>"$run_facts"

# The work tree has these as committed at the time, so the diff of that time applies as it is.
difference() { git diff --binary --no-color --no-ext-diff --no-renames --src-prefix=a/ --dst-prefix=b/ "$from_commit" "$1" -- "$2"; }
put_changes() {
	GIT_LITERAL_PATHSPECS=1
	export GIT_LITERAL_PATHSPECS
	printf '%s\n' "$changed_then" | sed -n 's/^gone //p' | while IFS= read -r path; do
		if [ -n "$(difference "$from_changes^2" "$path" | head -c 1)" ]; then
			difference "$from_changes^2" "$path" | git apply --cached --whitespace=nowarn || echo "$path: not staged as it was"
		fi
		difference "$from_changes" "$path" | git apply --whitespace=nowarn || exit 1
		printf '%s\n' "$top/$path" >>"$run_dir/changed-paths"
		echo "Restored the local change: $path"
	done
}
put_changes || {
	echo "A saved local change could not be restored. All of them are in git: git stash apply $from_changes"
	exit 1
}
patch=$from_dir/local-changes.patch
if [ -z "$from_changes" ] && [ -s "$patch" ] && ! git apply --reverse --check <"$patch" 2>/dev/null; then
	git apply --whitespace=nowarn <"$patch" || {
		echo "The saved local changes do not apply: they are in $patch"
		exit 1
	}
	echo 'Restored the saved local changes'
fi

submodules_that_differ | while read -r head path; do
	if git -C "$top/$path" checkout -q --detach "$head" 2>/dev/null; then
		echo "Submodule $path is at $(short "$head") again"
	else
		echo "Submodule $path could not go back to $head: it has its own changes, or the commit is gone"
		exit 1
	fi
done || exit
