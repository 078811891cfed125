# shellcheck shell=sh
# Sends a notice through a channel. URLs, tokens and bodies reach curl and wget through pipes, never as arguments, which every user of the
# host may see. Needs notice-record.sh, notice-text.sh. Reads: the channel (channel_*), notify_limit (s).
# shellcheck disable=SC2034 # read by notify.sh: answer, final

# find_sender: sets "sender" to curl or wget, or fails. Only GNU Wget takes headers and URLs from a file. Where printf is a program, as in
# some builds of mksh, what it prints would be seen.
find_sender() {
	sender=
	case $(command -v printf) in /*) return 1 ;; esac
	if command -v curl >/dev/null 2>&1; then
		sender=curl
	elif wget --version 2>/dev/null | head -n 1 | grep -q '^GNU Wget 1'; then
		sender=wget
	fi
	[ -n "$sender" ]
}

# quoted TEXT: prints it as a value between quotes in curl's config file (curl(1), --config).
quoted() { printf '%s\n' "$1" | sed 's/[\\"]/\\&/g'; }

# one_line TEXT: succeeds if it has no line end, which would begin another line of a config or another header.
one_line() {
	case $1 in *"
"* | *"$(printf '\r')"*) return 1 ;; esac
}

# post_by_curl: sets "answer" to the status of the response, or to what curl ended with. Reads: url, headers (lines), body.
post_by_curl() {
	answer=$({
		printf 'url = "%s"\n' "$(quoted "$url")"
		printf '%s\n' "$headers" | sed '/^$/d; s/[\\"]/\\&/g; s/.*/header = "&"/'
		printf 'data-binary = "%s"\n' "$(quoted "$body")"
	} | curl --config - --silent --globoff --request POST --proto '=http,https' --max-time "$notify_limit" --output /dev/null \
		--write-out '%{http_code}' 2>/dev/null || echo " curl $?")
	case $answer in *' curl 28') answer="no answer within $notify_limit s" ;; *' curl '*) answer="curl ended with ${answer##* }" ;; esac
}

# post_by_wget: like post_by_curl. wget takes its config only from a regular file: this one is in memory, and has no name any more when
# something is written to it. The URL comes on standard input.
post_by_wget() {
	clock_ms
	file=/dev/shm/backout-$$-$channel_name-$ms
	if ! (umask 077 && set -C && : >"$file") 2>/dev/null; then
		answer='wget needs /dev/shm'
		return
	fi
	answer=$({
		rm -f "$file"
		{
			printf '%s\n' "$headers" | sed '/^$/d; s/^/header = /'
			printf 'post_data = %s\n' "$body"
		} >&3
		printf '%s\n' "$url" | timeout "$notify_limit" wget --config=/dev/fd/3 --input-file=- --tries=1 --max-redirect=0 \
			--timeout="$notify_limit" --server-response --output-document=/dev/null 2>&1 || echo "wget $?"
	} 3<>"$file")
	code=$(printf '%s\n' "$answer" | sed -n 's,^ *HTTP/[0-9.]* \([0-9][0-9]*\).*,\1,p' | tail -n 1)
	case $code/$answer in
		[0-9]*) answer=$code ;;
		*'wget 124' | *'wget 143') answer="no answer within $notify_limit s" ;;
		*) answer="wget ended with ${answer##* }" ;;
	esac
}

# deliver: sends the notice once; fails and sets "answer" to why not. Sets "final" if another attempt would be refused, too.
deliver() {
	final=
	if [ -n "$channel_command" ]; then
		fill "$channel_body"
		printf '%s' "$filled" | timeout "$notify_limit" sh -c "$channel_command" >/dev/null 2>&1
		answer="the command ended with $?"
		[ "${answer##* }" = 0 ]
		return
	fi
	for name in $channel_secrets; do
		value_of_secret "$name" || {
			answer="the host does not have its $name" final=1
			return 1
		}
	done
	find_sender || {
		answer='the host has neither curl nor GNU wget' final=1
		return 1
	}
	fill "$channel_url"
	url=$filled
	fill "$channel_headers"
	headers=$filled
	fill "$channel_body" json
	body=$filled
	one_line "$url" || return 1
	"post_by_$sender"
	case $answer in
		2??) return 0 ;;
		408 | 429) ;;
		[34]??) final=1 ;;
	esac
	case $answer in ???) answer="answered $answer" ;; esac
	return 1
}
