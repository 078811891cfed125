# shellcheck shell=sh
# The precondition of `backout with-lock`, and of a deployment by a command of the runbook: the command must not deploy a blocked version. It is
# refused if it names one or would pull one, and if one is checked out that does not run yet, unless the command shows that it leads to
# another version. While a blocked version runs, any other command is let through, so that a fix can be deployed: what it has deployed is known
# for certain only afterwards, when with-lock.sh and blocked-after.sh look again. Needs active-blocks.sh, say-blocked.sh, the function git and
# those of the engine. Reads: directory, state_dir, locked_command.

# shellcheck disable=SC2034 # read by the function git
git_timeout=10
[ -n "$(active_blocks "$state_dir")" ] || {
	echo 'no version is blocked'
	exit 0
}
refuse_blocked() {
	echo "$1: $blocked; \`backout unblock\` allows it again"
	exit 1
}

# tip_of REMOTE BRANCH: prints the commit that a fetch would get. Only asked: a fetch would change the clone. Nothing without an answer.
tip_of() { git ls-remote -- "$1" "refs/heads/$2" 2>/dev/null | cut -f 1; }

# tip_of_upstream BRANCH: the same, for the branch that a local one follows.
tip_of_upstream() {
	remote=$(git config "branch.$1.remote" 2>/dev/null) merge=$(git config "branch.$1.merge" 2>/dev/null)
	[ -z "$remote" ] || [ -z "$merge" ] || tip_of "$remote" "${merge#refs/heads/}"
}

# commit_of WORD: prints the commit that a word names; a branch that the command fetches first is asked of its remote.
commit_of() {
	named=$(git rev-parse --verify -q "$1^{commit}" 2>/dev/null) || return 1
	fresh=
	if [ -n "$fetches" ]; then
		full=$(git rev-parse --symbolic-full-name "$1" 2>/dev/null)
		case $full in
			refs/remotes/*/*) full=${full#refs/remotes/} fresh=$(tip_of "${full%%/*}" "${full#*/}") ;;
			refs/heads/*) [ -z "$pulls" ] || fresh=$(tip_of_upstream "${full#refs/heads/}") ;;
		esac
	fi
	printf '%s\n' "${fresh:-$named}"
}

GIT_SSH_COMMAND=${GIT_SSH_COMMAND:-ssh -o BatchMode=yes}
export GIT_SSH_COMMAND
# If the engine does not answer, only git tells.
images=$(running_images 2>/dev/null)
head=$(git rev-parse --verify -q HEAD 2>/dev/null)
# `runs` also where nothing tells whether the version that is checked out runs: its images are those of the version before.
state=none
if deployed=$(say_blocked '' "$images"); then
	state=runs
elif deployed=$(say_blocked "$head" ''); then
	state=checked-out
	! active_blocks "$state_dir" | awk -F '\t' -v commit="$head" '$6 == commit && $7 == "-" { hit = 1 } END { exit !hit }' || state=runs
fi

# The words of the command, also those inside a quoted one (sh -c '...').
eval "set -- $locked_command"
words=$(printf '%s' "$*" | tr "\"';()&|\n" '        ')
set -f
# shellcheck disable=SC2086 # split at blanks on purpose
set -- $words
set +f
pulls='' fetches='' uses_git=''
case " $* " in *' git '*) uses_git=1 ;; esac
case " $* " in
	*' git pull '* | *' git '*' pull '*) pulls=1 fetches=1 ;;
	*' git fetch '* | *' git '*' fetch '* | *' git remote update '*) fetches=1 ;;
esac

# What the command leads to, as far as its words tell.
other='' same='' after_pull='' from='' branch=''
for word; do
	case $word in
		pull)
			[ -z "$uses_git" ] || after_pull=remote
			continue
			;;
		'' | -* | */ | HEAD | @ | FETCH_HEAD) continue ;;
	esac
	case $after_pull in
		remote)
			after_pull=
			if git config "remote.$word.url" >/dev/null 2>&1; then
				from=$word after_pull=branch
				continue
			fi
			;;
		branch)
			branch=${branch:-$word} after_pull=
			continue
			;;
	esac
	if [ -f "$word" ] && [ -r "$word" ]; then
		if head -c 65536 "$word" | grep -qE '(^|[^[:alnum:]])git .*pull'; then pulls=1; fi
	elif [ -n "$head" ] && named=$(commit_of "$word"); then
		if blocked=$(say_blocked "$named" ''); then
			[ "$named" = "$head" ] || refuse_blocked "\"$word\" in the command"
			same=$word
		elif [ "$named" != "$head" ] && [ -n "$uses_git" ]; then
			other=$named
		fi
	fi
done
if [ -n "$pulls" ] && [ -n "$head" ]; then
	if [ -n "$from" ] && [ -n "$branch" ]; then
		tip=$(tip_of "$from" "$branch")
	elif current=$(git symbolic-ref -q --short HEAD 2>/dev/null); then
		from=$(git config "branch.$current.remote" 2>/dev/null)
		tip=$(tip_of_upstream "$current")
	else
		tip=
	fi
	if [ -n "$tip" ] && blocked=$(say_blocked "$tip" ''); then refuse_blocked "what git pull would get from $from"; fi
	[ "$tip" = "$head" ] || other=${tip:-$other}
fi

case $state in
	none) echo 'no blocked version is deployed, or named by the command' ;;
	*)
		blocked=$deployed
		if [ -n "$other" ]; then
			echo "the version that is deployed now is blocked ($blocked), and the command leads to commit $other"
		elif [ -n "$same" ]; then
			refuse_blocked "\"$same\" in the command"
		elif [ "$state" = checked-out ]; then
			refuse_blocked 'the version that is checked out does not run, and nothing in the command shows that it deploys another one'
		else
			echo "the version that is deployed now is blocked ($blocked); which one the command deploys is judged afterwards"
		fi
		;;
esac
