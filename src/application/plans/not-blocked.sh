# shellcheck shell=sh
# The precondition of `backout with-lock`: neither what is checked out and runs nor what the command names is a blocked version. What the
# command deploys is known for certain only afterwards, when with-lock.sh looks again. Needs active-blocks.sh, say-blocked.sh, the function
# git and those of the engine. Reads: directory, state_dir, locked_command.

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
# If the engine does not answer, only git tells.
images=$(running_images 2>/dev/null)
head=$(git rev-parse --verify -q HEAD 2>/dev/null)
if blocked=$(say_blocked "$head" "$images"); then refuse_blocked 'the version that is deployed now'; fi

# The words of the command, also those inside a quoted one (sh -c '...').
eval "set -- $locked_command"
set -f
# shellcheck disable=SC2048,SC2086 # split at blanks on purpose
set -- $*
set +f
pulls=
case " $* " in *' git pull '* | *' git '*' pull '*) pulls=1 ;; esac
for word; do
	word=$(printf '%s' "$word" | tr -d "\"';()&|")
	case $word in '' | -* | */) continue ;; esac
	if [ -f "$word" ] && [ -r "$word" ]; then
		! head -c 65536 "$word" | grep -qE '(^|[^[:alnum:]])git .*pull' || pulls=1
	elif [ -n "$head" ] && named=$(git rev-parse --verify -q "$word^{commit}" 2>/dev/null); then
		if blocked=$(say_blocked "$named" ''); then refuse_blocked "\"$word\" in the command"; fi
	fi
done
# Only asked: a fetch would change the clone. Without an answer the command may run; it is judged by what it deploys.
if [ -n "$pulls" ] && branch=$(git symbolic-ref -q --short HEAD 2>/dev/null); then
	remote=$(git config "branch.$branch.remote" 2>/dev/null) ref=$(git config "branch.$branch.merge" 2>/dev/null)
	if [ -n "$remote" ] && [ -n "$ref" ]; then
		GIT_SSH_COMMAND=${GIT_SSH_COMMAND:-ssh -o BatchMode=yes}
		export GIT_SSH_COMMAND
		tip=$(git ls-remote -- "$remote" "$ref" 2>/dev/null | cut -f 1)
		if [ -n "$tip" ] && blocked=$(say_blocked "$tip" ''); then refuse_blocked "what git pull would get from $remote"; fi
	fi
fi
echo 'no blocked version is deployed, or named by the command'
