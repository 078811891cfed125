# shellcheck shell=sh
# The preconditions of an undo: each exits 0, or prints why not. Changes nothing. Needs undo-state.sh, undo-differences.sh.

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
	echo "kept before $from_run"
}

look_docker() {
	engine version --format 'Docker {{.Server.Version}}' || {
		echo 'Docker does not answer on the host'
		exit 1
	}
}

look_images() {
	missing=
	while IFS='|' read -r service _ _ image _; do
		found=$(image_named "$image") || {
			echo 'Docker does not say which images there are'
			exit 1
		}
		[ "$found" != none ] || missing="$missing $service ($(short "$image"))"
	done <<-END
		$from_containers
	END
	[ -z "$missing" ] || {
		echo "no longer on the host:$missing"
		exit 1
	}
	echo 'all of them are kept'
}

# comes_back PATH: whether a file will be there after git and the kept files are back.
comes_back() {
	[ ! -e "$from_dir/files$1" ] || return 0
	[ -z "$from_commit" ] || {
		top=$(git rev-parse --show-toplevel) && case $1 in "$top"/*) git cat-file -e "$from_commit:${1#"$top"/}" 2>/dev/null && return 0 ;; esac
	}
	case $1 in "${top:-/no/such}"/*) [ -e "$1" ] && ! git ls-files --error-unmatch -- "$1" >/dev/null 2>&1 ;; *) [ -e "$1" ] ;; esac
}

# Containers that have to be made again are made by Compose, from its files of then.
look_compose() {
	look_at_facts
	again=
	while IFS='|' read -r service number _ image _ hash _; do
		[ -z "$(why_recreate "$(container_of "$service" "$number")" "$image" "$hash" "$service" "$number")" ] || again="$again $service"
	done <<-END
		$from_containers
	END
	[ -n "$again" ] || {
		echo 'no container has to be made again'
		exit 0
	}
	gone=$(printf '%s\n' "${compose_files:-}" "${compose_env_files:-}" "${compose_command:-}" | while IFS= read -r file; do
		[ -z "$file" ] || comes_back "$file" || printf '%s ' "$file"
	done)
	[ -z "$gone" ] || {
		echo "these have to be recreated:$again; but their files are gone: $gone"
		exit 1
	}
	echo "recreated from the saved Compose files:$again"
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
	[ "$gone" = 0 ] && echo 'they stay as they are' || echo "they stay as they are; $gone of then come back"
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
