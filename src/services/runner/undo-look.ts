/**
 * POSIX sh that only looks, for the plan of an undo and again under the lock. Environment: `directory`, `project`, and of
 * the restore point `from_run`, `from_dir` (its folder), `from_commit`, `from_branch` (empty: detached), `from_changes`
 * (commit of the local changes, empty: none), `from_containers` (a line a container:
 * service|number|running or stopped|image id|image name|config hash). `git` runs as the owner of the work tree.
 */
export const undoLibrary = `
engine() { timeout -k 2 60 docker "$@" </dev/null; }

short() { printf '%s' "\${1#sha256:}" | cut -c 1-12; }

# container_of SERVICE NUMBER: its id, or nothing.
container_of() {
	engine ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1" \\
		--filter "label=com.docker.compose.container-number=$2" --filter label=com.docker.compose.oneoff=False | head -n 1
}

# As running counts what is up or about to be; otherwise it stands still.
state_of() {
	case $(engine inspect --format '{{.State.Status}}' "$1") in
		running | restarting | paused) echo running ;;
		*) echo stopped ;;
	esac
}

# why_recreate ID IMAGE HASH: why the container is not the one of then; nothing when it is.
why_recreate() {
	[ -n "$1" ] || { echo 'it has no container'; return; }
	image_now=$(engine inspect --format '{{.Image}}' "$1")
	[ "$image_now" = "$2" ] || { echo "image $(short "$image_now") runs, then it was $(short "$2")"; return; }
	hash_now=$(engine inspect --format '{{index .Config.Labels "com.docker.compose.config-hash"}}' "$1")
	[ "$hash_now" = "$3" ] || echo 'its configuration was another'
}

# Services of now that had no container then.
services_since() {
	engine ps -a --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=False \\
		--format '{{.State}} {{.Label "com.docker.compose.service"}}' | sort -u | while read -r state service; do
		printf '%s\\n' "$from_containers" | grep -q "^$service|" || echo "$state $service"
	done
}

# What a file is now, as git would keep it; "none" when it is not there.
blob_now() {
	if [ -L "$1" ]; then
		printf '%s' "$(readlink -- "$1")" | git hash-object --stdin
	elif [ -f "$1" ]; then
		git hash-object -- "$1"
	else
		echo none
	fi
}

# What was changed locally then, a line each: "same", "gone" (now as committed) or "other", and the path from the top.
then_changes() {
	[ -n "$from_changes" ] || return 0
	(
		cd "$(git rev-parse --show-toplevel)" || exit
		git diff --name-only --no-renames -z "$from_commit" "$from_changes" -- | tr '\\0' '\\n' | while IFS= read -r path; do
			now=$(blob_now "$path")
			if [ "$now" = "$(git rev-parse -q --verify "$from_changes:$path" || echo none)" ]; then
				echo "same $path"
			elif [ "$now" = "$(git rev-parse -q --verify "$from_commit:$path" || echo none)" ] ||
				[ "$now" = "$(git rev-parse -q --verify "HEAD:$path" || echo none)" ]; then
				echo "gone $path"
			else
				echo "other $path"
			fi
		done
	)
}

# The paths of the kept files that differ now.
files_that_differ() {
	[ -d "$from_dir/files" ] || return 0
	find "$from_dir/files" -type f | sort | while IFS= read -r kept; do
		cmp -s "$kept" "\${kept#"$from_dir/files"}" || printf '%s\\n' "\${kept#"$from_dir/files"}"
	done
}

# What was not there then and is there now.
files_since() {
	[ -f "$from_dir/files-absent" ] || return 0
	while IFS= read -r path; do
		[ ! -f "$path" ] || printf '%s\\n' "$path"
	done <"$from_dir/files-absent"
}

git_differences() {
	[ -n "$from_commit" ] || return 0
	here=$(git rev-parse HEAD)
	branch=$(git symbolic-ref -q --short HEAD)
	[ "$here" = "$from_commit" ] || git --no-pager log --no-color -1 --format="commit: $(short "$here") is deployed, then it was %h %s (%cr)" "$from_commit"
	[ "$branch" = "$from_branch" ] || echo "branch: \${branch:-none (detached)}, then \${from_branch:-none (detached)}"
	then_changes | sed -n 's/^gone /local change that is gone: /p; s/^other /local change that is another now: /p'
}

service_differences() {
	[ -n "$from_containers" ] || return 0
	while IFS='|' read -r service number wanted image name hash; do
		id=$(container_of "$service" "$number")
		if [ -z "$id" ] && [ "$wanted" = stopped ]; then continue; fi
		why=$(why_recreate "$id" "$image" "$hash")
		[ -z "$why" ] || echo "$service: $why"
		if [ -n "$id" ] && [ "$(state_of "$id")" != "$wanted" ]; then echo "$service: $(state_of "$id"), then $wanted"; fi
	done <<-END
	$from_containers
	END
	services_since | sed -n 's/^\\(running\\|restarting\\) \\(.*\\)/\\2: had no container then/p'
}

differences() {
	git_differences
	files_that_differ | sed 's/^/file: /'
	files_since | sed 's/^/file that was not there: /'
	service_differences
}
`;

interface Look {
	readonly id: string;
	readonly title: string;
	readonly script: string;
}

const looking = (id: string, title: string, script: string): Look => ({
	id,
	title,
	script: `${undoLibrary}\n${script.trim()}\n`,
});

/** Id of the precondition that does not hold when there is nothing to undo. */
export const nothingDiffers = 'differs';

/** What must hold for an undo: each exits 0, or prints why not. */
export const undoPreconditions = ({
	git,
	docker,
	custom,
}: {
	readonly git: boolean;
	readonly docker: boolean;
	readonly custom: boolean;
}): readonly Look[] => [
	looking(
		'restore-point',
		'The restore point is there',
		`
[ -d "$from_dir" ] && [ -r "$from_dir" ] || { echo "$from_dir is not there any more: it was pruned"; exit 1; }
unread=$(find "$from_dir" -type f ! -readable 2>/dev/null | head -n 1)
[ -z "$unread" ] || { echo "$unread cannot be read by $(id -un)"; exit 1; }
echo "kept before $from_run"`,
	),
	...(docker
		? [
				looking(
					'docker',
					'Docker answers',
					`engine version --format 'Docker {{.Server.Version}}' || { echo 'Docker does not answer on the host'; exit 1; }`,
				),
				looking(
					'images',
					'The images that ran then are there',
					`
missing=
while IFS='|' read -r service number wanted image name hash; do
	engine image inspect --format '{{.Id}}' "$image" >/dev/null 2>&1 || missing="$missing $service ($(short "$image"))"
done <<-END
$from_containers
END
[ -z "$missing" ] || { echo "no longer on the host:$missing"; exit 1; }
echo 'all of them are kept'`,
				),
			]
		: []),
	...(git
		? [
				looking(
					'git',
					'The work tree is free and the commit is kept',
					`
git_dir=$(git rev-parse --absolute-git-dir) || { echo "$directory is not in a git work tree"; exit 1; }
[ ! -e "$git_dir/index.lock" ] || { echo "$git_dir/index.lock exists: another git is at work, or one died; remove the file if no git runs"; exit 1; }
for state in MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD rebase-merge rebase-apply; do
	[ ! -e "$git_dir/$state" ] || { echo "an unfinished $state stands in $directory: finish or abort it first"; exit 1; }
done
for commit in $from_commit $from_changes; do
	git cat-file -e "$commit^{commit}" 2>/dev/null || { echo "commit $commit is not in this repository any more"; exit 1; }
done
echo "$(short "$from_commit") on \${from_branch:-no branch}"`,
				),
				looking(
					'local-changes',
					'Local changes are not in the way',
					`
scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT
cd "$(git rev-parse --show-toplevel)" || exit
{ git diff --name-only HEAD --; git ls-files --others --exclude-standard; } | sort -u >"$scratch/here"
git diff --name-only HEAD "$from_commit" -- | sort -u >"$scratch/moved"
both=$(comm -12 "$scratch/here" "$scratch/moved")
[ -z "$both" ] || { echo "changed here and between the two commits: $(echo "$both" | tr '\\n' ' ')— put it away first (git stash)"; exit 1; }
other=$(then_changes | sed -n 's/^other //p')
[ -z "$other" ] || { echo "changed locally then, and otherwise now: $(echo "$other" | tr '\\n' ' ')— put it away first (git stash)"; exit 1; }
gone=$(then_changes | grep -c '^gone ')
[ "$gone" = 0 ] && echo 'they stay as they are' || echo "they stay as they are; $gone of then come back"`,
				),
			]
		: []),
	...(custom
		? []
		: [
				looking(
					nothingDiffers,
					'Something differs from then',
					`
found=$(differences)
[ -n "$found" ] || { echo "everything stands as it did before $from_run: there is nothing to put back"; exit 1; }
echo "$(printf '%s\\n' "$found" | wc -l) differences"`,
				),
			]),
];

/** What the plan of an undo shows. The differences of files still hold secrets: whoever shows them masks them. */
export const undoPreviews = ({ git }: { readonly git: boolean }): readonly { title: string; script: string }[] => [
	looking(
		'differences',
		'What differs from then',
		`found=$(differences); [ -n "$found" ] && printf '%s\\n' "$found" || echo 'nothing that is kept'`,
	),
	...(git
		? [
				looking(
					'commits',
					'Commits between',
					`
[ "$(git rev-parse HEAD)" != "$from_commit" ] || { echo 'none'; exit 0; }
git --no-pager log --no-color -n 20 --format='taken back: %h %s (%cr, %an)' "$from_commit..HEAD" --
git --no-pager log --no-color -n 20 --format='comes back: %h %s (%cr, %an)' "HEAD..$from_commit" --`,
				),
			]
		: []),
	looking(
		'files',
		'Files that change back (- now, + then)',
		`
files_that_differ | while IFS= read -r path; do
	[ -f "$path" ] || echo "$path is not there now"
	diff -u -L "now $path" -L "then $path" "$path" "$from_dir/files$path" 2>/dev/null | head -n 200
done
files_since | sed 's/^/taken away: /'
[ -n "$(files_that_differ; files_since)" ] || echo 'none'`,
	),
];
