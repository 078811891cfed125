# shellcheck shell=sh
# Preconditions of an undo that are about containers: each exits 0, or prints why not. Changes nothing. Needs undo-container-state.sh.

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

# comes_back PATH: succeeds if a file will exist after git and the kept files are restored.
comes_back() {
	[ ! -e "$from_dir/files$1" ] || return 0
	[ -z "$from_commit" ] || {
		top=$(git rev-parse --show-toplevel) && case $1 in "$top"/*) git cat-file -e "$from_commit:${1#"$top"/}" 2>/dev/null && return 0 ;; esac
	}
	case $1 in "${top:-/no/such}"/*) [ -e "$1" ] && ! git ls-files --error-unmatch -- "$1" >/dev/null 2>&1 ;; *) [ -e "$1" ] ;; esac
}

# look_compose: containers that are missing or differ are created by Compose, from the files of the restore point, or by Docker if there
# have never been any files.
look_compose() {
	look_at_facts
	again='' lost=''
	while IFS='|' read -r service number wanted image _ hash _; do
		[ -z "$(why_recreate "$(container_of "$service" "$number")" "$image" "$hash" "$service" "$number")" ] || {
			again="$again $service"
			[ "$wanted" != running ] || ! is_past_starting "$service" "$number" || lost="$lost $service"
		}
	done <<-END
		$from_containers
	END
	[ -n "$again" ] || {
		echo 'no container has to be recreated'
		exit 0
	}
	[ "${folderless:-}" != 1 ] || {
		echo "recreated by Docker as they were created:$again"
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
	[ -z "$lost" ] || echo "recreated, but not to be started again:$lost (used the network of a container that was stopped or removed before the run)"
}
