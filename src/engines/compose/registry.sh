# shellcheck shell=sh disable=SC2154 # the environment of deployment.sh
# Lists the versions of an image that its registry has, as the host may: with the credentials that `docker login` has left there, or without
# any. The registry is asked by curl, or else GNU wget. Credentials are on no command line, in no file that others can read, and in no output.
#
# Needs deployment.sh and version.sh. Changes nothing.

# json_strings: prints the strings of JSON on standard input: KEY TAB KEY... TAB VALUE; the key of what is in a list is empty.
json_strings() {
	LC_ALL=C awk -v RS='"' '
		function path(  n, text) { text = ""; for (n = 1; n <= depth; n++) text = text key[n] "\t"; return text }
		function plain(text) {
			gsub(/\\\//, "/", text); gsub(/\\u0026/, "\\&", text); gsub(/\\u003c/, "<", text); gsub(/\\u003e/, ">", text); gsub(/\\u003d/, "=", text)
			gsub(/\\\\/, "\\", text); gsub(/\t/, " ", text)
			return text
		}
		inside {
			part = part $0
			if (match(part, /\\+$/) && RLENGTH % 2) { part = substr(part, 1, length(part) - 1) "\""; next }
			has = 1; inside = 0; next
		}
		{
			rest = $0
			if (has) {
				if (rest ~ /^[ \t\r\n]*:/) key[depth] = plain(part)
				else print path() plain(part)
				has = 0
			}
			while (match(rest, /[][{}]/)) {
				if (substr(rest, RSTART, 1) ~ /[[{]/) key[++depth] = ""
				else depth--
				rest = substr(rest, RSTART + 1)
			}
			part = ""; inside = 1
		}'
}

# registry_of NAME, path_in_registry NAME: print the parts of an image name as Docker understands it: shop/web is on Docker Hub.
registry_of() {
	case $1 in
		docker.io/* | index.docker.io/*) ;;
		*/*)
			case ${1%%/*} in
				*.* | *:* | localhost)
					printf '%s\n' "${1%%/*}"
					return
					;;
			esac
			;;
	esac
	echo registry-1.docker.io
}
path_in_registry() {
	path=$(repository_of "$1")
	case ${path%%/*} in *.* | *:* | localhost) case $path in */*) path=${path#*/} ;; esac ;; esac
	case $(registry_of "$1") in registry-1.docker.io) case $path in */*) ;; *) path=library/$path ;; esac ;; esac
	printf '%s\n' "$path"
}

# credentials REGISTRY: prints what docker's config has for this registry, or what the program says that it names for it: `basic` and user and
# password as the header has them, or `token` and an identity token, which some registries give in place of a password. Prints nothing if
# there is neither.
credentials() {
	key=$1
	[ "$1" != registry-1.docker.io ] || key=https://index.docker.io/v1/
	said=$(json_strings <"${DOCKER_CONFIG:-$HOME/.docker}/config.json" 2>/dev/null) || return 0
	helper=$(printf '%s\n' "$said" | awk -F '\t' -v key="$key" '$1 == "credHelpers" && $2 == key { print $3; exit }')
	[ -n "$helper" ] || helper=$(printf '%s\n' "$said" | awk -F '\t' '$1 == "credsStore" { print $2; exit }')
	case $helper in
		'' | *[!A-Za-z0-9._-]*) ;;
		*)
			answer=$(printf '%s' "$key" | timeout -k 1 3 "docker-credential-$helper" get 2>/dev/null | json_strings | awk -F '\t' '
				$1 == "Username" { user = $2 } $1 == "Secret" { secret = $2 } END { if (secret != "") printf "%s:%s", user, secret }')
			case $answer in
				'') ;;
				'<token>:'*)
					printf 'token %s' "${answer#'<token>:'}"
					return
					;;
				*)
					printf 'basic %s' "$(printf '%s' "$answer" | base64 | tr -d '\n')"
					return
					;;
			esac
			;;
	esac
	# Beside an identity token, `auth` has no password.
	printf '%s\n' "$said" | awk -F '\t' -v key="$key" '
		$1 == "auths" && ($2 == key || $2 == "https://" key || $2 == "https://" key "/v1/" || $2 == "https://" key "/v2/") {
			if ($3 == "identitytoken" && token == "") token = $4
			if ($3 == "auth" && auth == "") auth = $4
		}
		END { if (token != "") print "token " token; else if (auth != "") print "basic " auth }'
}

# ask_registry URL [AUTHORIZATION [FORM]]: leaves the answer in $scratch/body and its headers in $scratch/head; prints the status, which is 000
# when nothing answered within what is left of the time. The content of the file FORM is posted.
ask_registry() {
	left=$((registry_ends - $(date +%s)))
	[ "$left" -gt 0 ] || left=1
	# The registry says where its tokens are: nothing that could be read as another option gets into the config of the program.
	case "$1${2:-}" in *[!A-Za-z0-9./:?\&=_~,%+\ -]*) echo 000 && return ;; esac
	: >"$scratch/body"
	: >"$scratch/head"
	if command -v curl >/dev/null 2>&1; then
		{
			printf 'url = "%s"\nmax-time = %s\nconnect-timeout = %s\n' "$1" "$left" "$left"
			[ -z "${2:-}" ] || printf 'header = "Authorization: %s"\n' "$2"
			[ -z "${3:-}" ] || printf 'data = "@%s"\n' "$3"
		} | curl -q -s -K - -D "$scratch/head" -o "$scratch/body" -w '%{http_code}\n' 2>/dev/null
	elif wget --version 2>/dev/null | grep -q GNU; then
		{
			printf 'timeout = %s\ntries = 1\nmax_redirect = 0\nserver_response = on\ncontent_on_error = on\n' "$left"
			[ -z "${2:-}" ] || printf 'header = Authorization: %s\n' "$2"
			[ -z "${3:-}" ] || printf 'post_file = %s\n' "$3"
		} >"$scratch/wgetrc"
		WGETRC=$scratch/wgetrc wget -nv -O "$scratch/body" "$1" >/dev/null 2>"$scratch/head"
		rm -f -- "$scratch/wgetrc"
		sed -n 's|^ *HTTP/[0-9.]* \([0-9][0-9][0-9]\).*|\1|p' "$scratch/head" | tail -n 1 | grep . || echo 000
	else
		echo 000
	fi
}

# header NAME: prints a header of the last answer; header_part NAME: a part of the one that asks for credentials.
header() { tr -d '\r' <"$scratch/head" | sed -n "s/^ *$1: *//p" | tail -n 1; }
header_part() { header '[Ww][Ww][Ww]-[Aa]uthenticate' | grep -o "$1=\"[^\"]*\"" | head -n 1 | cut -d '"' -f 2; }

# form_value TEXT: prints it as a value of a form; fails if it is not made of the characters that tokens are made of (RFC 6750).
form_value() {
	case $1 in '' | *[!A-Za-z0-9._~+/=:-]*) return 1 ;; esac
	printf '%s' "$1" | sed 's/+/%2B/g; s|/|%2F|g; s/=/%3D/g; s/:/%3A/g'
}

# log_in_to_registry REGISTRY PATH: prints the header by which the registry lets the host in, as its refusal says: Basic, or a token, for
# which the password is sent along, or an identity token is exchanged (OAuth2).
log_in_to_registry() {
	has=$(credentials "$1")
	case $(header '[Ww][Ww][Ww]-[Aa]uthenticate') in
		[Bb]asic*) case $has in 'basic '*) printf 'Basic %s\n' "${has#* }" ;; esac ;;
		[Bb]earer*)
			realm=$(header_part realm)
			# A password goes to nobody without encryption, except on this host.
			case $realm in https://* | http://127.* | http://localhost[:/]*) ;; *) return 0 ;; esac
			service=$(header_part service)
			case $has in
				'token '*)
					token=$(form_value "${has#* }") || return 0
					(umask 077 && printf 'grant_type=refresh_token&client_id=backout&service=%s&scope=%s&refresh_token=%s' \
						"$(printf '%s' "$service" | sed 's/ /+/g; s/&/%26/g')" "$(form_value "repository:$2:pull")" "$token" >"$scratch/form")
					status_of_token=$(ask_registry "$realm" '' "$scratch/form")
					rm -f -- "$scratch/form"
					;;
				*)
					case $realm in *\?*) realm="$realm&" ;; *) realm="$realm?" ;; esac
					basic=${has#basic }
					status_of_token=$(ask_registry "${realm}service=$(printf '%s' "$service" | sed 's/ /%20/g')&scope=repository:$2:pull" "${basic:+Basic $basic}")
					;;
			esac
			[ "$status_of_token" = 200 ] || return 0
			json_strings <"$scratch/body" | awk -F '\t' '$1 == "token" || $1 == "access_token" { print "Bearer " $2; exit }'
			;;
	esac
}

# registry_tags NAME: prints the tags that the registry of an image has, at most some thousand. Fails, and says why on standard error, when it
# does not answer within $registry_seconds (4) or does not let the host in.
registry_tags() (
	scratch=$(umask 077 && mktemp -d) || return
	trap 'rm -rf -- "$scratch"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	registry_ends=$(($(date +%s) + ${registry_seconds:-4}))
	registry=$(registry_of "$1") path=$(path_in_registry "$1")
	for scheme in https http; do
		base=$scheme://$registry url="$scheme://$registry/v2/$path/tags/list?n=1000"
		status=$(ask_registry "$url")
		[ "$status" = 000 ] || break
		# As Docker does it: without encryption only to this host.
		case $registry in 127.* | localhost | localhost:*) ;; *) break ;; esac
	done
	authorization='' pages=0
	if [ "$status" = 401 ]; then
		authorization=$(log_in_to_registry "$registry" "$path")
		[ -z "$authorization" ] || status=$(ask_registry "$url" "$authorization")
	fi
	while [ "$status" = 200 ]; do
		pages=$((pages + 1))
		json_strings <"$scratch/body" | awk -F '\t' '$1 == "tags" && $2 == "" { print $3 }'
		next=$(header '[Ll]ink' | sed -n 's/^<\([^>]*\)>.*rel="*next.*/\1/p')
		case $next in
			/*) url=$base$next ;;
			"$base"/*) url=$next ;;
			*) break ;;
		esac
		[ "$pages" -lt 10 ] && [ "$(date +%s)" -lt "$registry_ends" ] || break
		status=$(ask_registry "$url" "$authorization")
	done
	[ "$pages" = 0 ] || return 0
	case $status in
		000) if command -v curl >/dev/null 2>&1 || wget --version 2>/dev/null | grep -q GNU; then echo "the registry $registry does not answer"; else echo 'there is neither curl nor GNU wget'; fi ;;
		401 | 403) echo "the registry $registry does not let this host in" ;;
		*) echo "the registry $registry answers $status" ;;
	esac >&2
	return 1
)

# versions_in_registry NAME: prints the names of the versions like this one that its registry has, the highest first, at most fifty: those with as
# many numbers, and the same text around them (-alpine).
versions_in_registry() {
	tags=$(registry_tags "$1") || return
	printf '%s\n' "$tags" | LC_ALL=C awk -v tag="$(tag_of "$1")" -v repository="$(repository_of "$1")" '
		function shape(text) { gsub(/[0-9]+/, "0", text); return text }
		/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/ && shape($0) == shape(tag) {
			sorted = $0
			gsub(/[^0-9]+/, " ", sorted)
			count = split(sorted, part, " ")
			sorted = ""
			for (n = 1; n <= count; n++) sorted = sorted sprintf("%012d", substr(part[n], 1, 12))
			print sorted "\t" repository ":" $0
		}' | sort -r | cut -f 2 | head -n 50
}
