# shellcheck shell=sh
# Preconditions of an undo: each exits 0, or prints why not. Changes nothing. Needs undo-state.sh, undo-differences.sh.

look_restore_point() {
	[ -d "$from_dir" ] && [ -r "$from_dir" ] || {
		echo "$from_dir is not there any more: it was pruned"
		exit 1
	}
	unread=$(find "$from_dir" -type f ! -readable 2>/dev/null | head -n 1)
	[ -z "$unread" ] || {
		echo "$unread cannot be read by $(id -un)"
		exit 1
	}
	echo "saved before $from_run"
}

look_git() {
	git_dir=$(git rev-parse --absolute-git-dir) || {
		echo "$directory is not in a git work tree"
		exit 1
	}
	[ ! -e "$git_dir/index.lock" ] || {
		echo "$git_dir/index.lock exists: another git is at work, or one died; remove the file if no git runs"
		exit 1
	}
	for state in MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD rebase-merge rebase-apply; do
		[ ! -e "$git_dir/$state" ] || {
			echo "there is an unfinished $state in $directory: finish or abort it first"
			exit 1
		}
	done
	for commit in $from_commit $from_changes; do
		git cat-file -e "$commit^{commit}" 2>/dev/null || {
			echo "commit $commit is not in this repository any more"
			exit 1
		}
	done
	echo "$(short "$from_commit") on ${from_branch:-no branch}"
}

look_local_changes() {
	scratch=$(mktemp -d) || exit
	trap 'rm -rf "$scratch"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	cd "$(git rev-parse --show-toplevel)" || exit
	{
		git diff --name-only HEAD --
		git ls-files --others --exclude-standard
	} | sort -u >"$scratch/here"
	git diff --name-only HEAD "$from_commit" -- | sort -u >"$scratch/moved"
	both=$(comm -12 "$scratch/here" "$scratch/moved")
	[ -z "$both" ] || {
		echo "changed here and between the two commits: $(echo "$both" | tr '\n' ' ')— stash it first (git stash)"
		exit 1
	}
	other=$(then_changes | sed -n 's/^other //p')
	[ -z "$other" ] || {
		echo "changed locally before, and differently now: $(echo "$other" | tr '\n' ' ')— stash it first (git stash)"
		exit 1
	}
	gone=$(then_changes | grep -c '^gone ')
	[ "$gone" = 0 ] && echo 'they stay as they are' || echo "they stay as they are; $gone earlier ones are restored"
}

look_differs() {
	found=$(differences) || {
		printf '%s\n' "$found" | tail -n 1
		exit 1
	}
	[ -n "$found" ] || {
		echo "everything is as it was before $from_run: there is nothing to restore"
		exit 1
	}
	echo "$(printf '%s\n' "$found" | wc -l) differences"
}
