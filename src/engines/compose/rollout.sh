# shellcheck shell=sh
# The steps that take a deployment to a commit, or to an image: have every image, go to the commit, start what the plan
# says, and prove that Compose would now change nothing. Needs deployment.sh, tree.sh, fact.sh, before-start.sh, after-start.sh, and what every
# step has.
#
# Reads, from the plan (lists: one a line):
#   plan_images    SERVICE TAB IMAGE NAME, of every service that is to run
#   plan_build     services that are built from the commit
#   plan_start     services whose containers are made anew and started
#   plan_create    services whose containers are made anew and stay stopped, as they are now
#   plan_unproven  services whose image nothing proves to be of the commit: a name that moves, such as `latest`
#   plan_texts     services that have a config or secret that is no file: Compose copies its text into their containers
#   plan_keep      services whose containers stay, and fit the files
#   plan_differs   services whose containers stay, although they differed from the files before the run
#   build_contexts folders that builds get, relative to the top of the work tree

tab=$(printf '\t')

# needs_plan: fails when the plan did not compare anything, so nothing says what is to be done.
needs_plan() {
	[ -n "${plan_images:-}" ] || {
		echo 'this procedure of the runbook does not say what it recreates: add `recreates: { commit: INPUT }`'
		return 1
	}
}

# keep_names: notes which image each name stands for, so that a step that fails can restore the names.
keep_names() {
	printf '%s\n' "$plan_images" | cut -f 2 | sort -u | while IFS= read -r name; do
		[ -n "$name" ] || continue
		grep -q " $name\$" "$restore_dir/image-names" 2>/dev/null || printf '%s %s\n' "$(image_id "$name" || echo none)" "$name" >>"$restore_dir/image-names"
	done
}

# put_names_back: restores the names that keep_names noted; a name that did not exist is removed.
put_names_back() {
	[ -s "$restore_dir/image-names" ] || return 0
	while read -r id name; do
		if [ -z "$id" ] || [ "$id" = none ]; then
			engine image rm -- "$name" >/dev/null 2>&1
		elif [ "$(image_id "$name")" != "$id" ]; then
			engine tag -- "$id" "$name"
		fi
	done <"$restore_dir/image-names"
	echo 'The image names are as they were'
}

# build_key TREE SERVICE: prints a key of what an image is built from: the files of the tree that git does not keep, local changes, build
# arguments.
build_key() {
	{
		echo "$tree_commit"
		sort "$run_dir/brought"
		(cd -- "$tree_top" && sed -n 's/^with the local change of //p; s/^with a copy of \(.*\), which git does not keep$/\1/p; s/^with \(.*\), which git does not keep$/\1/p' "$run_dir/brought" |
			while IFS= read -r path; do find "$path" -type f -exec cksum {} + 2>/dev/null; done | sort)
		compose_in "$tree_top" "$1" config --format json "$2" 2>/dev/null </dev/null | sed "s|$tree_root/|/|g"
	} | cksum | tr ' ' -
}

# known_image SERVICE KEY: prints an image that is proven to be of the commit: one that backout built from the same files, or one whose
# label names the commit.
known_image() {
	{
		awk -v commit="$tree_commit" -v service="$1" -v key="$2" '$2 == commit && $3 == service && $4 == key { print $1 }' "$state_dir/built" 2>/dev/null | tail -n 3
		engine image ls -q --no-trunc --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1" \
			--filter "label=org.opencontainers.image.revision=$tree_commit"
	} | sort -u | while IFS= read -r id; do
		[ -z "$id" ] || image_id "$id"
	done | tail -n 1
}

name_of() { printf '%s\n' "$plan_images" | sed -n "s/^$1$tab//p" | head -n 1; }

# have_images COMMIT: builds, or finds, every image that the commit needs. Running containers and the deployment's files are not touched.
have_images() {
	case $1 in '' | *[!0-9a-f]*)
		printf 'not the hash of a commit: %s\n' "$1"
		return 1
		;;
	esac
	needs_plan || return
	tree_side=$run_dir/tree tree_root=$run_dir/tree.root
	umask "$(umask_of_files)"
	rm -rf -- "$tree_root" "$tree_side.index"
	trap 'cd / && rm -rf -- "$tree_root" "$tree_side.index"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	tree=$(git rev-parse --show-toplevel) && around "$tree_root" "$tree" || return
	tree=$tree_root$tree
	tree_of "$1" "$tree" >"$run_dir/brought" || return
	cat "$run_dir/brought"
	keep_names
	build=
	for service in $plan_build; do
		key=$(build_key "$tree" "$service")
		id=$(known_image "$service" "$key")
		if [ -n "$id" ]; then
			echo "An image of $service at this commit is still here: $id"
			[ "$(image_id "$(name_of "$service")")" = "$id" ] || engine tag -- "$id" "$(name_of "$service")" || return
		else
			build="$build $service"
		fi
	done
	if [ -n "$build" ]; then
		echo "Building$build from $(git --no-pager log -1 --no-color --format='%h %s' "$1")"
		# shellcheck disable=SC2086 # names of services have no blanks
		build_bases "$tree" $build && compose_in "$tree_top" "$tree" build $build </dev/null || {
			put_names_back
			return 1
		}
		for service in $build; do note_built "$tree" "$service" "$(name_of "$service")" || return; done
	fi
	have_other_images
}

# note_built TREE SERVICE NAME: notes of which commit, and of which files, the image is, unless it is built from something else.
note_built() {
	id=$(image_id "$3") || {
		echo "$2 was built, but there is no image $3"
		return 1
	}
	! printf '%s\n' "${plan_unproven:-}" | grep -qxF -e "$2" || return 0
	printf '%s %s %s %s %s\n' "$id" "$tree_commit" "$2" "$(build_key "$1" "$2")" "$run_id" >>"$state_dir/built"
	[ "$(id -u)" != 0 ] || chown -h "$(stat -L -c %u:%g -- "$state_dir")" "$state_dir/built"
}

# have_other_images: checks that the images that are not built here are on the host before anything is switched.
have_other_images() {
	printf '%s\n' "$plan_images" >"$run_dir/images"
	while IFS=$tab read -r service name; do
		[ -n "$service" ] || continue
		! printf '%s\n' "$plan_keep" | grep -qxF -e "$service" || continue
		id=$(image_id "$name")
		if [ -z "$id" ]; then
			echo "Pulling $name for $service"
			engine_timeout=1200 engine pull -q -- "$name" || {
				echo "$name is not on this host and cannot be pulled: nothing was changed"
				return 1
			}
			id=$(image_id "$name") || return
		fi
		# A moving name's image now says nothing about its image at the time of the commit.
		if ! printf '%s\n' "${plan_unproven:-}" | grep -qxF -e "$service"; then
			fact "built.$service" "$id"
			[ "$service" != "$main_service" ] || fact image "$id"
		fi
		[ "$service" != "$main_service" ] || echo "$service will run $id"
	done <"$run_dir/images"
	rm -f -- "$run_dir/images"
}

# go_to COMMIT: moves the work tree with `reset --keep`, which stays on its branch, keeps local edits, and stops without touching anything
# when one is in the way. Submodules that are checked out follow.
go_to() {
	case $1 in '' | *[!0-9a-f]*)
		printf 'not the hash of a commit: %s\n' "$1"
		return 1
		;;
	esac
	git update-index -q --refresh
	umask "$(umask_of_files)"
	if ! git_whole reset -q --keep "$1"; then
		put_names_back
		echo 'The work tree is as it was'
		return 1
	fi
	fact deployed_commit "$1"
	top=$(git rev-parse --show-toplevel)
	submodules_of "$top" "$1" >"$run_dir/modules"
	while read -r commit path; do
		(cd -- "$top/$path" && git_whole reset -q --keep "$commit") </dev/null || {
			echo "submodule $path could not be switched to $commit"
			return 1
		}
		echo "submodule $path is at $commit"
	done <"$run_dir/modules"
	git --no-pager log --no-color -1 --format='Now at %h %s (%cr)'
}

# keep_log SERVICE: saves its log, which a recreated container loses.
keep_log() {
	for id in $(containers_of -a "$1"); do
		engine logs --tail 5000 "$id" >>"$restore_dir/${1##*/}.log" 2>&1
	done
}

# joined_what_is_gone: prints the started services that use a namespace of a container that is gone. They name it by its container, so Compose
# does not know that it has to be recreated first.
joined_what_is_gone() (
	here=$(engine ps -aq --no-trunc) || exit 0
	for service in $plan_start; do
		for id in $(containers_of -a "$service"); do
			for mode in $(engine inspect --format '{{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}} {{.HostConfig.IpcMode}}' "$id"); do
				case $mode in container:*) printf '%s\n' "$here" | grep -qxF -e "${mode#container:}" || echo "$service" ;; esac
			done
		done
	done | sort -u
)

# start_as_planned: starts the containers of the plan, and no others. Compose starts them in their order. Without --no-deps: with it Compose
# leaves a service's dependencies out of its hash, and the next `up -d` would recreate it (seen with 2.26). A dependency stays as it is if
# it fits the files, and is part of the plan if it does not.
start_as_planned() {
	needs_plan || return
	[ "${folderless:-}" != 1 ] || {
		recreate_by_engine
		return
	}
	held=
	for service in $plan_start $plan_create; do
		keep_log "$service"
		for id in $(containers_of -a "$service"); do
			[ -z "$(held_policy "$id")" ] || held="$held $service"
			give_names "$id"
		done
	done
	failed=0
	stop_what_leaves || failed=1
	give_names_free || return
	# Docker does not show these texts, so an undo has to know of them.
	[ -z "${plan_texts:-}" ] || printf '%s\n' "$plan_texts" >"$restore_dir/texts"
	# shellcheck disable=SC2086 # names of services have no blanks
	[ -z "$plan_start" ] || compose up -d --no-build --pull never --force-recreate -- $plan_start </dev/null || failed=1
	again=$(joined_what_is_gone)
	[ -z "$again" ] || {
		echo "Once more, as the container that it names is another one now: $(printf '%s' "$again" | tr '\n' ' ')"
		failed=0
		# shellcheck disable=SC2086
		compose up -d --no-build --pull never --force-recreate -- $again </dev/null || failed=1
		# Their failure has kept others from starting.
		# shellcheck disable=SC2086
		compose up -d --no-build --pull never --no-recreate -- $plan_start </dev/null || failed=1
	}
	# shellcheck disable=SC2086
	[ -z "$plan_create" ] || compose up --no-start --no-build --pull never --force-recreate -- $plan_create </dev/null || failed=1
	# A service that stays stopped is held as before.
	for service in $plan_create; do
		case "$held " in *" $service "*) hold_again "$service" || failed=1 ;; esac
	done
	give_names_by_hand && restart_dependents || failed=1
	return "$failed"
}

# hold_again SERVICE: holds its new containers, which replace held ones.
# shellcheck disable=SC2046 # ids have no blanks
hold_again() {
	not_restarted $(containers_of -a "$1") && hold $(containers_of -a "$1") >/dev/null && take_names $(containers_of -a "$1") >/dev/null
}

# nothing_differs: checks that the containers are what Compose would create from the files, so that a plain `up -d` changes nothing.
# Services that stay stopped are as before.
nothing_differs() {
	# There is nothing to compare with: the checks say what runs.
	[ "${folderless:-}" != 1 ] || return 0
	hashes=$(compose config --hash '*' 2>/dev/null </dev/null) || {
		echo 'The Compose file can no longer be read'
		return 1
	}
	names_now=$(image_names | sort -u)
	# shellcheck disable=SC2046 # names have no blanks
	ids_now=$(ids_of_images $({ printf '%s\n' "$plan_images" | cut -f 2 && printf '%s\n' "$names_now"; } | sort -u))
	differs=
	for service in $plan_start $plan_create $plan_keep; do
		! would_recreate "$service" "$(printf '%s\n' "$hashes" | sed -n "s/^$service //p")" || differs="$differs
$service: Compose would make its container with other settings"
		image=$(printf '%s\n' "$ids_now" | awk -v name="$(name_of "$service")" '$2 == name { print $1 }')
		for has in $(printf '%s\n' "$up_containers" | awk -F '|' -v service="$service" '$1 == service { print $4 }'); do
			[ -z "$image" ] || [ "$has" = "$image" ] || differs="$differs
$service: its container has image $has, and $(name_of "$service") is now $image"
		done
	done
	[ -z "$differs" ] || {
		printf 'These do not match the files:%s\n' "$differs"
		return 1
	}
	# It creates no container of a service that is scaled to zero, and needs its image all the same.
	absent=
	for name in $names_now; do
		printf '%s\n' "$ids_now" | awk -v name="$name" '$2 == name { found = 1 } END { exit !found }' || absent="$absent $name"
	done
	before=$(printf '%s' "${plan_differs:-}" | tr '\n' ' ')
	echo "A plain \`up -d\` would change nothing${before:+ but what differed from the files before: $before}${absent:+, but it needs images that are not here:$absent}"
}
