# shellcheck shell=sh
# Fills in the templates of notices (channel.ts). No value is an argument of a program, as it may be a secret.

# json_text TEXT: sets "json" to the inside of a JSON string (RFC 8259, 7).
json_text() {
	json='' json_rest=$1
	while :; do
		json_plain=${json_rest%%[\"\\[:cntrl:]]*}
		json=$json$json_plain
		[ "$json_plain" != "$json_rest" ] || return 0
		json_rest=${json_rest#"$json_plain"}
		json_char=${json_rest%"${json_rest#?}"}
		json_rest=${json_rest#?}
		case $json_char in
			\" | \\) json=$json\\$json_char ;;
			*) json=$json$(printf '\\u%04x' "'$json_char") ;;
		esac
	done
}

# value_of NAME: sets "value" to a value of the notice, or to a secret of the channel.
value_of() {
	secret=
	case $1 in
		text) value=$notice_text ;;
		short) value=$notice_short ;;
		event) value=$notice_event ;;
		words) value=$notice_words ;;
		target) value=$notice_target ;;
		host) value=$notice_host ;;
		run) value=$notice_run ;;
		procedure) value=$notice_procedure ;;
		title) value=$notice_title ;;
		state) value=$notice_state ;;
		reason) value=$notice_reason ;;
		action) value=$notice_action ;;
		severity) value=$notice_severity ;;
		priority) value=$notice_priority ;;
		urgency) value=$notice_urgency ;;
		verdict) value=$notice_verdict ;;
		started) value=$notice_started ;;
		ended) value=$notice_ended ;;
		*)
			secret=1
			value_of_secret "$1"
			;;
	esac
}

# value_of_secret NAME: sets "value" to the first line of the channel's file, or to what the supervisor was given; fails without one.
# Lines of notify_secrets: CHANNEL NAME VALUE. Reads: channel_name, channel_files (lines NAME PATH).
value_of_secret() {
	value=
	while IFS=' ' read -r of path; do
		[ "$of" = "$1" ] || continue
		{ IFS= read -r value <"$path"; } 2>/dev/null
		break
	done <<-END
		$channel_files
	END
	[ -z "$value" ] || return 0
	lines=$notify_secrets
	while [ -n "$lines" ]; do
		line=${lines%%
*}
		case $line in "$channel_name $1 "*) value=${line#"$channel_name $1 "} ;; esac
		case $lines in *"
"*) lines=${lines#*
} ;; *) lines= ;; esac
	done
	[ -n "$value" ]
}

# with_entities TEXT: prints it with &, < and > as entities.
with_entities() { printf '%s\n' "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'; }

# fill TEMPLATE [json]: sets "filled". Reads: channel_entities.
fill() {
	filled='' template=$1
	while :; do
		before=${template%%[@#]*}
		filled=$filled$before
		template=${template#"$before"}
		[ -n "$template" ] || return 0
		sign=${template%"${template#?}"}
		template=${template#?}
		name=${template%%[!a-z]*}
		case $name/$template in
			/*) filled=$filled$sign && continue ;;
			"$name/$name$sign"*) ;;
			*) filled=$filled$sign && continue ;;
		esac
		template=${template#"$name$sign"}
		value_of "$name"
		[ "$channel_entities/$secret" != 1/ ] || value=$(with_entities "$value")
		if [ "$sign" = @ ] && [ "${2:-}" = json ]; then
			json_text "$value"
			value=$json
		fi
		filled=$filled$value
	done
}
