# shellcheck shell=sh
# How a guard on the host asks for itself. Each function takes the number of a check, prints the reason as its last line, and returns 0 when
# the check passes, 1 when it fails, and 75 when nothing can be known. Needs the engine's list_watched. Reads: watch_dir, run_dir, and for
# check N: guard_N_seconds, its time limit, and the values of its kind.

# value N NAME: prints a value of check N.
value() { eval "printf '%s' \"\${guard_$1_$2:-}\""; }

# ask_script N: runs a script of the runbook, whose exit codes mean the same everywhere (services/checks/script.ts).
ask_script() {
	# shellcheck disable=SC2016 # for the other shell
	timeout -k 2 "$(value "$1" seconds)" sh -c '. "$1/library.sh" && enter_folder || exit 75; eval "$2"' check "$run_dir" "$(value "$1" script)" </dev/null >"$watch_dir/said" 2>"$watch_dir/complained"
	code=$?
	said=$(grep -v '^[[:space:]]*$' "$watch_dir/said" | tail -n 1)
	[ -n "$said" ] || said=$(grep -v '^[[:space:]]*$' "$watch_dir/complained" | tail -n 1)
	case $said in [Uu]nknown:*) code=75 said=${said#*:} ;; esac
	case $code in
		0) said=${said:-the script passed} ;;
		75 | 124) code=75 said=${said:-the script does not say} ;;
		*) said=${said:-exit code $code} code=1 ;;
	esac
	printf '%s\n' "${said# }"
	return "$code"
}

# ask_http N: makes one request, with curl or, without TLS, by a program that connects.
ask_http() {
	rm -f "$watch_dir/head" "$watch_dir/body"
	pieces=
	if command -v curl >/dev/null 2>&1; then
		request_by_curl "$1" || return
	else
		pieces=1
		request_by_relay "$1" || return
	fi
	status=$(tr -d '\r' <"$watch_dir/head" | sed -n 's|^HTTP/[0-9.]* \([0-9][0-9][0-9]\).*|\1|p' | tail -n 1)
	[ -n "$status" ] || {
		echo 'the answer is not HTTP'
		return 1
	}
	as_expected=
	for one in $(value "$1" status); do
		# A pattern: 2??
		# shellcheck disable=SC2254
		case $status in $one) as_expected=1 ;; esac
	done
	[ -n "$as_expected" ] || {
		echo "status $status instead of $(value "$1" status | tr '?' x)"
		return 1
	}
	pattern=$(value "$1" body)
	[ -n "$pattern" ] || {
		echo "status $status"
		return 0
	}
	grep -aqE -e "$pattern" "$watch_dir/body" 2>/dev/null
	case $? in
		0) echo "status $status" ;;
		1)
			# Pieces of an answer that nobody has put together.
			if [ -n "$pieces" ] && grep -aqi '^transfer-encoding:.*chunked' "$watch_dir/head"; then
				echo 'the body comes in pieces, which only curl puts together'
				return 75
			fi
			echo "the body does not match /$pattern/"
			return 1
			;;
		*)
			echo 'grep cannot tell whether the body matches'
			return 75
			;;
	esac
}

# request_by_curl N: leaves the answer in head and body; returns 1 or 75 with a reason when there is none.
request_by_curl() {
	set -- "$1" --max-time "$(value "$1" seconds)" --noproxy '*' --user-agent backout
	number=$1
	shift
	socket=$(value "$number" socket)
	[ -z "$socket" ] || set -- "$@" --unix-socket "$socket"
	while IFS= read -r header; do
		[ -z "$header" ] || set -- "$@" -H "$header"
	done <<END
$(value "$number" headers)
END
	{
		# -q: not what the user has set for curl.
		curl -q -sS -g "$@" -D "$watch_dir/head" -- "$(value "$number" url)" 2>"$watch_dir/complained"
		echo $? >"$watch_dir/code"
	} | head -c 262144 >"$watch_dir/body"
	[ ! -s "$watch_dir/head" ] || return 0
	read -r code <"$watch_dir/code"
	case $code in
		7) echo 'refuses the connection' ;;
		28) echo "no answer within $(value "$number" seconds) s" ;;
		52 | 56) echo 'closes the connection without an answer' ;;
		*)
			# Whatever curl itself cannot do, such as finding the name or trusting the certificate, is no proof against the service.
			printf 'curl cannot tell: %s\n' "$(head -n 1 "$watch_dir/complained")"
			return 75
			;;
	esac
	return 1
}

# request_by_relay N: the same by relay.sh, in $guard_relay.
request_by_relay() {
	rm -f "$watch_dir/fifo"
	mkfifo "$watch_dir/fifo" || return 75
	{
		printf 'GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: backout\r\nConnection: close\r\n' "$(value "$1" path)" "$(value "$1" authority)"
		value "$1" headers | sed "s/\$/$(printf '\r')/"
		printf '\r\n'
		# The relay ends when its input does.
		exec sleep "$(value "$1" seconds)"
	} >"$watch_dir/fifo" &
	holder=$!
	host=$(value "$1" host) port=$(value "$1" port) timeout -k 1 "$(value "$1" seconds)" sh -c "$guard_relay" <"$watch_dir/fifo" >"$watch_dir/answer" 2>"$watch_dir/complained"
	code=$?
	kill "$holder" 2>/dev/null
	wait "$holder" 2>/dev/null
	# Its first line is the name of the program.
	tail -n +2 "$watch_dir/answer" >"$watch_dir/body"
	sed '/^\r*$/q' "$watch_dir/body" >"$watch_dir/head"
	if [ -s "$watch_dir/head" ]; then return 0; fi
	case $code in
		124 | 137 | 143) echo "no answer within $(value "$1" seconds) s" ;;
		127)
			echo 'the host has no program that can connect'
			return 75
			;;
		*) grep -qi 'refused' "$watch_dir/complained" && echo 'refuses the connection' || {
			printf 'cannot tell: %s\n' "$(tail -n 1 "$watch_dir/complained")"
			return 75
		} ;;
	esac
	return 1
}

# ask_tcp N: connects with curl, which knows whether it was connected before the other side said anything.
ask_tcp() {
	connected=$(sleep 2 | curl -q -sS -o "$watch_dir/body" --max-time 1 --connect-timeout "$(value "$1" seconds)" -w '%{time_connect}' "telnet://$(value "$1" address)" 2>"$watch_dir/complained")
	code=$?
	case $connected/$code in
		*[1-9]*/28) echo 'accepts the connection' ;;
		*/7) echo 'refuses the connection' && return 1 ;;
		*/28) echo 'no connection in time' && return 1 ;;
		*[1-9]*/*)
			[ -s "$watch_dir/body" ] && echo 'accepts the connection' || {
				echo 'accepts the connection, and closes it at once: nothing listens behind it'
				return 1
			}
			;;
		*)
			printf 'curl cannot tell: %s\n' "$(head -n 1 "$watch_dir/complained")"
			return 75
			;;
	esac
}
