import { quietGit } from '../host/quiet-git.ts';
import { locateState } from '../runner/host/state-folder.ts';

/**
 * Looks at the deployed commit, what verification said of commits and images, the backups and the disk in one go: each
 * process on the host costs it, and us a session. Gets `directory`, `configured` (the state folder), `commit`, `patterns`
 * (one a line), `disk`; an empty one is not looked at. Each part is said between `== name` and `== exit N`; no line of a
 * part can begin with `==`.
 *
 * Git: as in ../host/quiet-git.ts, and nothing is locked or refreshed.
 *
 * Patterns: with an empty IFS an unquoted expansion is matched against files but not split, so spaces are safe.
 */
export const hostFactsScript = `LC_ALL=C; export LC_ALL
part() { echo "== $1"; shift; "$@" 2>&1; echo "== exit $?"; }
echo '== host'; date +%s; echo '== exit 0'
${locateState}
# Beside a folder that is inside of the tool that manages the deployment there is the host's own disk.
cd -- "$directory" 2>/dev/null || { is_inside_a_tool "\${directory%/}" && cd /; } || exit 111
look_at_commit() {
	command -v git >/dev/null || is_in_a_clone || { echo 'not a git repository'; return 128; }
${quietGit}
	git --no-optional-locks log -1 --no-show-signature --no-color --format='commit %H %ct %s' || return
	git --no-optional-locks status --porcelain=v2 --branch --untracked-files=normal --ignore-submodules=all | head -n 5000
}
is_in_a_clone() (
	until [ -e .git ]; do [ "$(pwd -P)" != / ] && cd .. || exit; done
)
look_at_backups() {
	set --
	old=$IFS; IFS='
'
	set -f
	for pattern in $patterns; do
		IFS=; set +f
		for file in $pattern; do [ ! -f "$file" ] || set -- "$@" "$file"; done
		IFS='
'; set -f
	done
	set +f; IFS=$old
	echo "count $#"
	[ $# -eq 0 ] || stat -L -c 'file %Y %s %n' -- "$@" | sort -k2,2nr -k4 | head -n 1
}
# The newest word on each of the last few: what, good or bad, and of an image the commit it was made from.
look_at_marks() (
	locate_state
	[ -n "$state" ] || exit 0
	for file in commits images; do
		tail -n 500 "$state/$file" 2>/dev/null | awk -v file="$file" '
			{ at[$1] = NR; said[$1] = $2 " " $5 } END { for (what in at) print at[what], file, what, said[what] }' | sort -n | tail -n 50
	done
)
[ -z "$commit" ] || { part commit look_at_commit; part marks look_at_marks; }
[ -z "$patterns" ] || part backups look_at_backups
[ -z "$disk" ] || part disk df -Pk -- "$disk"`;

export interface Part {
	readonly exitCode: number;
	readonly lines: readonly string[];
}

/** Takes the parts apart; what comes before the first (noise of a login) is dropped. */
export const splitParts = (output: string): ReadonlyMap<string, Part> => {
	const parts = new Map<string, Part>();
	let name: string | undefined;
	let lines: string[] = [];
	for (const line of output.split('\n')) {
		const [, end, begin] = /^== (?:exit (\d+)|(\w+))$/.exec(line) ?? [];
		if (begin !== undefined) {
			name = begin;
			lines = [];
		} else if (end !== undefined && name !== undefined) {
			parts.set(name, { exitCode: Number(end), lines });
			name = undefined;
		} else if (line !== '') {
			lines.push(line);
		}
	}
	return parts;
};
