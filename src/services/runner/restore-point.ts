import type { PlanStep } from '../../runbook/plan.ts';

const script = `# Keeps what stands now, so that the run can be undone. Changes neither the work tree nor a container.
umask "\${run_umask:-077}"
kept=0

keep() { kept=$((kept + 1)); printf 'kept: %s\\n' "$*"; }
miss() { printf 'NOT KEPT: %s\\n' "$*"; }
fact() { printf '%s\\t%s\\n' "$1" "$2" >>"$run_facts"; }

mkdir -p "$restore_dir" || exit 1
if [ "\${folderless:-}" != 1 ]; then
	cd "$directory" || exit 1
	directory=$(pwd -P)
fi

# As root in somebody else's work tree git refuses ("dubious ownership"), and objects written by root would break the
# owner's next commit or pull. So git is run as the owner.
owner=$(stat -c %U .)
if [ "$(id -u)" = 0 ] && [ "$owner" != root ] && runuser -u "$owner" -- true 2>/dev/null; then
	home=$(getent passwd "$owner" | cut -d : -f 6)
	git() { HOME=$home runuser -u "$owner" -- git "$@"; }
else
	git() { command git -c "safe.directory=$directory" "$@"; }
fi

keep_git() {
	command -v git >/dev/null || { miss 'the commit: git is not installed'; return; }
	if ! commit=$(git rev-parse --verify --quiet 'HEAD^{commit}' 2>/dev/null); then
		miss "the commit: $(git rev-parse --verify 'HEAD^{commit}' 2>&1 | head -n 1)"
		return
	fi
	fact commit "$commit"
	if branch=$(git symbolic-ref --quiet --short HEAD); then
		fact branch "$branch"
	else
		branch='no branch (detached)'
	fi
	if git update-ref "refs/backout/$run_id/head" "$commit"; then
		keep "commit $commit on $branch, as refs/backout/$run_id/head"
	else
		keep "commit $commit on $branch, its id only"
	fi
	git status --porcelain=v1 >"$restore_dir/git-status" 2>/dev/null
	if git ls-files --others --exclude-standard >"$restore_dir/untracked" 2>/dev/null && [ -s "$restore_dir/untracked" ]; then
		miss "$(wc -l <"$restore_dir/untracked") untracked files: only their names are in $restore_dir/untracked"
	fi
	# "stash create" makes a commit of the local changes and leaves them where they are. An identity is given, for
	# a server often has none; no hook is run.
	if changes=$(git -c user.name=backout -c user.email=backout@localhost stash create "backout $run_id" 2>"$restore_dir/stash.err"); then
		if [ -z "$changes" ]; then
			echo 'no local changes'
		elif git update-ref "refs/backout/$run_id/changes" "$changes"; then
			fact local_changes "$changes"
			keep "local changes, as refs/backout/$run_id/changes"
		else
			miss 'local changes: the ref could not be written'
		fi
	# An index.lock or a merge half done stops stash; a difference needs neither.
	elif git diff --binary HEAD >"$restore_dir/local-changes.patch"; then
		keep "local changes, as $restore_dir/local-changes.patch ($(head -n 1 "$restore_dir/stash.err"))"
	else
		miss "local changes: $(head -n 1 "$restore_dir/stash.err")"
	fi
	rm -f "$restore_dir/stash.err"
}

# With its whole path under files/, so that two of a name do not meet.
keep_file() {
	[ -f "$1" ] || return
	[ ! -e "$restore_dir/files$1" ] || return
	mkdir -p "$restore_dir/files\${1%/*}"
	if cp "$1" "$restore_dir/files$1"; then
		stat -L -c '%a %u:%g %n' "$1" >>"$restore_dir/file-modes"
		keep "$1"
	else
		miss "$1"
	fi
}

keep_files() {
	for file in "$directory"/.env "$directory"/.env.* "$directory"/compose*.yaml "$directory"/compose*.yml \\
		"$directory"/docker-compose*.yaml "$directory"/docker-compose*.yml; do
		keep_file "$file"
	done
	# So that a .env made meanwhile is taken away again.
	[ -e "$directory/.env" ] || printf '%s\\n' "$directory/.env" >"$restore_dir/files-absent"
}

# A daemon that hangs must not hang us.
engine() { timeout -k 2 20 docker "$@" </dev/null; }

keep_images() {
	command -v docker >/dev/null || { miss 'images and containers: docker is not installed'; return; }
	if ! engine ps -a -q --no-trunc --filter "label=com.docker.compose.project=$project" >"$restore_dir/containers" 2>"$restore_dir/docker.err"; then
		miss "images and containers: $(head -n 1 "$restore_dir/docker.err")"
		return
	fi
	rm -f "$restore_dir/docker.err"
	[ -s "$restore_dir/containers" ] || { echo "no containers of project $project"; return; }
	engine ps -a --no-trunc --filter "label=com.docker.compose.project=$project" >"$restore_dir/containers.txt"
	# shellcheck disable=SC2046 # ids have no blanks
	engine inspect $(cat "$restore_dir/containers") >"$restore_dir/containers.json" || miss 'the state of some containers'
	# One by one: a container that has gone since, or a broken one, must not hide the others.
	while read -r container; do
		said=$(engine inspect --format '{{.Image}} {{index .Config.Labels "com.docker.compose.service"}}' "$container") || continue
		image=\${said%% *} service=\${said#* }
		# A repository's name is lower case, and its separators stand between letters and digits.
		name=$(printf '%s' "$service" | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9' '-' | sed 's/^-*//; s/-*$//')
		tag=backout/\${name:-service}:$run_id
		other=2
		while pinned=$(engine image inspect --format '{{.Id}}' "$tag" 2>/dev/null) && [ "$pinned" != "$image" ] && [ "$other" -le 99 ]; do
			tag=backout/\${name:-service}:$run_id-$other
			other=$((other + 1))
		done
		if [ "$pinned" = "$image" ]; then
			continue
		fi
		fact "image.$service\${tag#*:"$run_id"}" "$image"
		if engine tag "$image" "$tag"; then
			keep "image of $service, as $tag"
		else
			miss "the image of $service: $image"
		fi
	done <"$restore_dir/containers"
	# Where compose was told to read its files, wherever that is.
	while read -r container; do
		engine inspect --format '{{index .Config.Labels "com.docker.compose.project.config_files"}},{{index .Config.Labels "com.docker.compose.project.environment_file"}}' "$container"
	done <"$restore_dir/containers" | tr ',' '\\n' | sort -u >"$restore_dir/compose-files"
	while IFS= read -r file; do
		case $file in /*) keep_file "$file" ;; esac
	done <"$restore_dir/compose-files"
	keep "the state of $(wc -l <"$restore_dir/containers") containers"
}

keep_git
keep_files
keep_images
if [ "$kept" = 0 ]; then
	echo 'nothing could be kept, so nothing is changed'
	exit 1
fi
fact restore_point "$restore_dir"
exit 0`;

/**
 * The first step of every plan that changes something. It keeps, in the run's `restore/` folder, in git refs and in image
 * tags: the commit, the branch, local changes (`git stash create`: the work tree is not touched), the names of untracked
 * files, the image of each container (tagged `backout/SERVICE:RUN`, so that no prune takes it), the containers' state,
 * .env and the compose files. What cannot be kept is said; the step fails only when nothing could be.
 *
 * Its environment: `directory`, `project`, and what every step has. Facts it notes: `restore_point` (folder), `commit`,
 * `branch` (none when detached), `local_changes` (commit), `image.SERVICE` (id; `image.SERVICE-2` when the
 * containers of a service differ).
 */
export const restorePointStep = (options: { readonly timeoutSeconds?: number } = {}): PlanStep => ({
	id: 'restore-point',
	title: 'Keep what stands now',
	kind: 'run',
	script,
	timeoutSeconds: options.timeoutSeconds ?? 180,
});
