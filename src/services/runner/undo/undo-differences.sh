# shellcheck shell=sh
# differences: prints what differs from the restore point, one per line. Fails, with the reason as its last line, when the engine does not
# say what is there. Needs undo-state.sh, and the engine's service_differences.

git_differences() {
	[ -n "$from_commit" ] || return 0
	here=$(git rev-parse HEAD)
	branch=$(git symbolic-ref -q --short HEAD)
	[ "$here" = "$from_commit" ] || git --no-pager log --no-color -1 --format="commit: $(short "$here") is deployed, then it was %h %s (%cr)" "$from_commit"
	[ "$branch" = "$from_branch" ] || echo "branch: ${branch:-none (detached)}, then ${from_branch:-none (detached)}"
	then_changes | sed -n 's/^gone /local change that is gone: /p; s/^other /local change that is another now: /p'
	submodules_that_differ | while read -r head path; do echo "submodule $path: then at $(short "$head")"; done
}

differences() {
	git_differences
	files_that_differ | sed 's/^/file: /'
	folders_gone | sed 's/^/folder that is gone: /'
	files_since | sed 's/^/file that was not there: /'
	service_differences
}
