# shellcheck shell=sh disable=SC2154 # project and service come from the environment
# Lists the commits that a deployment can be rolled back to, for an input of type commit: commits that were deployed here,
# then those that were only committed. A commit was deployed if the log of HEAD (git reflog) has it, or an image of the service
# was built while it was checked out. If HEAD is detached at a tag, tags are deployed, and only tags can be rolled back to.
#
# Needs deployment.sh.

# image_commits: prints the commits that images of the service were built from, judged by what was checked out at the time.
image_commits() {
	ids=$(engine image ls -q --no-trunc --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$service" | sort -u)
	[ -n "$ids" ] || return 0
	# shellcheck disable=SC2086 # ids
	engine image inspect --format '{{.Created}}' $ids 2>/dev/null | while IFS= read -r created; do
		built=$(seconds_of "$created") || continue
		commit=$(git rev-parse --verify --quiet "HEAD@{$built +0000}" 2>&1)
		case $commit in '' | *[!0-9a-f]*) continue ;; esac
		printf '%s\n' "$commit"
	done | sort -u
}

# tag_at COMMIT: prints its tag, the one with the highest version if there are several.
tag_at() { git tag --points-at "$1" --sort=-version:refname 2>/dev/null | head -n 1; }

# deployed_commits: the choices, a line each: hash TAB name TAB detail TAB marks. First what was deployed and is behind
# HEAD, newest first; then tags that were not; then what was merely committed; then what is ahead of HEAD, and HEAD itself.
# What is a way back by itself has the mark "fallback"; the first of them counts.
deployed_commits() {
	head=$(git rev-parse --verify HEAD) || return
	here=
	git symbolic-ref -q HEAD >/dev/null || here=$(tag_at "$head")
	built=$(image_commits)
	{
		git --no-pager log -g --no-color -n 300 --format='%H%x09%gd' --date=unix HEAD -- 2>/dev/null |
			awk -F '\t' '!seen[$1]++ { time = $2; gsub(/[^0-9]/, "", time); print "log\t" $1 "\t" time }' | head -n 25
		git tag --sort=-version:refname 2>/dev/null | head -n 30 | while IFS= read -r tag; do
			printf 'tag\t%s\t%s\n' "$(git rev-parse --verify --quiet "$tag^{commit}")" "$tag"
		done
		git --no-pager log --no-color --first-parent -n 40 --format='commit%x09%H%x09' HEAD --
		git --no-pager log --no-color --first-parent -n 10 --format='commit%x09%H%x09' 'HEAD..@{upstream}' -- 2>/dev/null
	} | awk -F '\t' '$2 != "" && !seen[$2]++' | while IFS='	' read -r source hash _; do
		tag=$(tag_at "$hash")
		where=behind
		if [ "$hash" = "$head" ]; then
			where=here
		elif git merge-base --is-ancestor "$head" "$hash"; then
			where=ahead
		fi
		rank=5 mark='' words=
		case $source in
			log)
				rank=2 words="was checked out here"
				if printf '%s\n' "$built" | grep -qxF -e "$hash"; then rank=1 words="was deployed here"; fi
				# Where tags are deployed, a commit without one was only passed on the way.
				[ -z "$here" ] || [ -n "$tag" ] || rank=6
				;;
			tag) rank=3 words="was never deployed here" ;;
			commit) words="committed, never deployed here" ;;
		esac
		if [ "$where" = here ]; then rank=9 mark=current words=here; fi
		if [ "$where" = ahead ]; then rank=8 words="$words, ahead of here"; fi
		# A tag that was never deployed is a way back only from a tag, and only if its version is older.
		if [ "$source" = tag ] && [ "$where" = behind ]; then
			[ -n "$here" ] && [ "$(printf '%s\n%s\n' "$tag" "$here" | sort -V | head -n 1)" = "$tag" ] || rank=6
		fi
		printf '%s\t%s\t%s\t%s\t%s\n' "$rank" "$hash" "$tag" "$words" "$mark"
	done | sort -s -n -k 1,1 | awk -F '\t' -v tags="$here" '
		# Mark every commit that was deployed, so that there is a next one after verification has failed on the first. Mark one that was only
		# committed if nothing else is known; but when a tag is deployed, never a commit without a tag.
		$5 == "" && ($1 <= 3 || ($1 == 5 && !found && tags == "")) { found = 1; $5 = "fallback" }
		{ printf "%s\t%s\t%s\t%s\n", $2, ($3 == "" ? "-" : $3), $4, $5 }' | while IFS='	' read -r hash tag words mark; do
		about=$(git --no-pager log --no-color -1 --format='%s, %cr' "$hash" -- | tr '\t' ' ')
		short=$(git rev-parse --short "$hash")
		[ "$tag" = - ] && name=$short || name="$tag ($short)"
		printf '%s\t%s\t%s, %s\t%s\n' "$hash" "$name" "$about" "$words" "$mark"
	done
}

# next_deployment: prints what deploys it again, and how; for notes and previews.
next_deployment() {
	if branch=$(git symbolic-ref -q --short HEAD); then
		echo "HEAD is on the branch $branch: the next pull, and so each deployment by a push, brings the newer commit again. Fix or revert it there first."
	else
		tag=$(tag_at HEAD)
		echo "HEAD is detached${tag:+ at the tag $tag}: no pull moves it. A deployment names the tag that it checks out: the next one brings what it names."
	fi
}
