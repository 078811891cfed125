import type { PlanStep } from '../../runbook/plan.ts';
import { undoLibrary } from './undo-look.ts';

const stopScript = `
for service in $from_interrupts; do
	ids=$(engine ps -q --no-trunc --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$service")
	[ -n "$ids" ] || { echo "$service is stopped already"; continue; }
	# By label, not by Compose: it stops nothing while .env or its file does not parse.
	timeout 90 docker stop -t 30 $ids >/dev/null </dev/null || exit
	echo "Stopped $service"
done
`;

const gitScript = `
cd "$(git rev-parse --show-toplevel)" || exit
top=$(pwd)
changed_then=$(then_changes)
other=$(printf '%s\\n' "$changed_then" | sed -n 's/^other //p')
if [ -n "$other" ]; then
	echo "changed locally then, and otherwise now: $(echo "$other" | tr '\\n' ' ')"
	echo 'Nothing of git was touched. Put it away first (git stash), then undo again.'
	exit 1
fi
wanted=\${from_branch:+refs/heads/$from_branch}
current=$(git symbolic-ref -q HEAD)
here=$(git rev-parse HEAD)
git update-index -q --refresh
# Where the branch is another, HEAD goes back without one, and no branch but the one of then is moved.
[ "$current" = "$wanted" ] || git checkout -q --detach || exit
if ! git reset -q --keep "$from_commit"; then
	[ -z "$current" ] || git symbolic-ref HEAD "$current"
	echo 'Local changes are in the way; git stands as it did. Put them away first (git stash), then undo again.'
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
git --no-pager log --no-color -1 --format="At %h %s (%cr), \${from_branch:-detached}"
printf 'deployed_commit\\t%s\\n' "$from_commit" >>"$run_facts"

# The work tree has these as committed then, so the difference of then fits as it is.
difference() { git diff --binary --no-color --no-ext-diff --no-renames --src-prefix=a/ --dst-prefix=b/ "$from_commit" "$1" -- "$2"; }
failed=
# shellcheck disable=SC2030
put_changes() {
	GIT_LITERAL_PATHSPECS=1
	export GIT_LITERAL_PATHSPECS
	printf '%s\\n' "$changed_then" | sed -n 's/^gone //p' | while IFS= read -r path; do
		if [ -n "$(difference "$from_changes^2" "$path" | head -c 1)" ]; then
			difference "$from_changes^2" "$path" | git apply --cached --whitespace=nowarn || echo "$path: not staged as it was"
		fi
		difference "$from_changes" "$path" | git apply --whitespace=nowarn || exit 1
		printf '%s\\n' "$top/$path" >>"$run_dir/changed-paths"
		echo "Local change is back: $path"
	done
}
put_changes || {
	echo "A local change of then could not be put back. All of them are in git: git stash apply $from_changes"
	exit 1
}
patch=$from_dir/local-changes.patch
if [ -z "$from_changes" ] && [ -s "$patch" ] && ! git apply --reverse --check <"$patch" 2>/dev/null; then
	git apply --whitespace=nowarn <"$patch" || { echo "Local changes of then do not fit: they are in $patch"; exit 1; }
	echo 'Local changes of then are back'
fi
`;

const filesScript = `
back=0
files_that_differ >"$run_dir/files-that-differ"
while IFS= read -r path; do
	kept=$from_dir/files$path
	# Through a link to the file itself.
	file=$(readlink -f -- "$path") || file=$path
	mkdir -p -- "\${file%/*}" || exit
	mode=$(while read -r mode owner name; do [ "$name" != "$path" ] || echo "$mode $owner"; done <"$from_dir/file-modes" 2>/dev/null | tail -n 1)
	[ -n "$mode" ] || [ ! -e "$file" ] || mode=$(stat -c '%a %u:%g' -- "$file")
	new=$file.backout-$run_id
	(umask 077 && cp -- "$kept" "$new") || exit
	if [ -n "$mode" ]; then
		[ "$(id -u)" != 0 ] || chown -- "\${mode#* }" "$new"
		chmod -- "\${mode%% *}" "$new"
	fi
	mv -f -- "$new" "$file" || exit
	printf '%s\\n' "$path" "$file" >>"$run_dir/changed-paths"
	echo "Put back $path"
	back=$((back + 1))
done <"$run_dir/files-that-differ"
files_since >"$run_dir/files-since"
while IFS= read -r path; do
	# Only what this run's restore point has.
	[ -f "$restore_dir/files$path" ] || { echo "$path was not there then; it stays, for it could not be kept"; continue; }
	rm -f -- "$path" && echo "Took away $path, which was not there then"
	back=$((back + 1))
done <"$run_dir/files-since"
[ "$back" != 0 ] || echo 'The kept files are as they were'
`;

const servicesScript = `
compose() { timeout 240 docker compose -p "$project" "$@" </dev/null; }

# Whether a service that this is about reads a file that was put back, through a bind mount.
reads_changed() {
	case " $from_interrupts " in *" $2 "*) ;; *) return 1 ;; esac
	[ -s "$run_dir/changed-paths" ] || return 1
	engine inspect --format '{{range .Mounts}}{{if eq .Type "bind"}}{{println .Source}}{{end}}{{end}}' "$1" | while IFS= read -r source; do
		[ -n "$source" ] || continue
		while IFS= read -r path; do
			case $path/ in "$source"/*) echo yes ;; esac
		done <"$run_dir/changed-paths"
	done | grep -q yes
}

parses=1
said=$(compose config -q 2>&1) || parses=
[ -n "$parses" ] || printf 'The Compose files of then do not parse: %s\\n' "$(printf '%s\\n' "$said" | tail -n 1)"
failed=0
done_for=' '
while IFS='|' read -r service number wanted image name hash; do
	id=$(container_of "$service" "$number")
	if [ -z "$id" ] && [ "$wanted" = stopped ]; then continue; fi
	case $name in
		sha256:* | *@* | '') ;;
		*)
			if [ "$(engine image inspect --format '{{.Id}}' "$name" 2>/dev/null)" != "$image" ]; then
				engine tag "$image" "$name" || { failed=1; continue; }
				echo "$name is $(short "$image") again"
			fi
			;;
	esac
	case $done_for in *" $service "*) continue ;; esac
	why=$(why_recreate "$id" "$image" "$hash")
	if [ -z "$why" ] && reads_changed "$id" "$service"; then why='it reads a file that was put back'; fi
	[ -n "$why" ] || continue
	done_for="$done_for$service "
	if [ -z "$parses" ]; then
		if [ -n "$id" ] && [ "$(engine inspect --format '{{.Image}}' "$id")" = "$image" ]; then
			echo "$service keeps its container ($why)"
		else
			echo "$service cannot be recreated: $why"
			failed=1
		fi
		continue
	fi
	# A recreated container loses its log.
	[ -z "$id" ] || timeout 20 docker logs --tail 5000 "$id" >"$restore_dir/$service.log" 2>&1 </dev/null
	echo "Recreating $service: $why"
	if [ "$wanted" = running ]; then
		compose up -d --no-deps --no-build --force-recreate "$service" || failed=1
	else
		compose up --no-start --no-deps --no-build --force-recreate "$service" || failed=1
	fi
done <<-END
$from_containers
END
[ "$done_for" != ' ' ] || echo 'Every service has the image and the configuration of then'
exit "$failed"
`;

const statesScript = `
failed=0 changed=0
while IFS='|' read -r service number wanted image name hash; do
	id=$(container_of "$service" "$number")
	if [ -z "$id" ]; then
		[ "$wanted" = stopped ] || { echo "$service has no container, then it was running"; failed=1; }
		continue
	fi
	[ "$(state_of "$id")" != "$wanted" ] || continue
	changed=1
	if [ "$wanted" = running ]; then
		engine start "$id" >/dev/null && echo "Started $service" || failed=1
	else
		timeout 90 docker stop -t 30 "$id" >/dev/null </dev/null && echo "Stopped $service" || failed=1
	fi
done <<-END
$from_containers
END
for service in $(services_since | sed -n 's/^\\(running\\|restarting\\) //p'); do
	ids=$(engine ps -q --no-trunc --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$service")
	changed=1
	timeout 90 docker stop -t 30 $ids >/dev/null </dev/null && echo "Stopped $service, which had no container then" || failed=1
done
[ "$changed" != 0 ] || echo 'Every container is in the state of then'
exit "$failed"
`;

const step = (id: string, title: string, script: string, summary: string, timeoutSeconds: number): PlanStep => ({
	id,
	title,
	kind: 'run',
	script: `${undoLibrary}${script}`,
	summary,
	timeoutSeconds,
});

/** A script that a step of the undone run left for its own undo: `NN-name.sh` and its text. */
export interface CustomUndo {
	readonly name: string;
	readonly script: string;
}

/** The steps of an undo that change something; what stands now has been kept before. The last custom script goes first. */
export const undoSteps = ({
	git,
	docker,
	custom,
}: {
	readonly git: boolean;
	readonly docker: boolean;
	readonly custom: readonly CustomUndo[];
}): readonly PlanStep[] => [
	...(docker && custom.length > 0
		? [
				step(
					'stop',
					'Stop the services that it interrupts',
					stopScript,
					'Stops them by their label; they are started again below if they ran then.',
					180,
				),
			]
		: []),
	...[...custom]
		.sort((a, b) => (a.name < b.name ? 1 : -1))
		.map(({ name, script }): PlanStep => {
			const id = name.replace(/\.sh$/, '');
			return {
				id: `undo-${id}`,
				title: `Undo what its own step noted: ${id}`,
				kind: 'run',
				script,
				timeoutSeconds: 1800,
			};
		}),
	...(git
		? [
				step(
					'git',
					'Put commit, branch and local changes back',
					gitScript,
					'git reset --keep to the kept commit, on the branch of then (or none); local changes stay, those of then that are gone come back.',
					120,
				),
			]
		: []),
	step(
		'files',
		'Put .env and the Compose files back',
		filesScript,
		'Only those that differ; each is written beside and renamed into place, with its mode of then.',
		120,
	),
	...(docker
		? [
				step(
					'services',
					'Put images back and recreate what differs',
					servicesScript,
					'Tags the kept images with their names again; docker compose up -d --no-deps --no-build --force-recreate for each service whose image or configuration differs.',
					900,
				),
				step(
					'states',
					'Put the state of the containers back',
					statesScript,
					'What ran then is started, what stood still is stopped.',
					600,
				),
			]
		: []),
];
