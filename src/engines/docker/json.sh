# shellcheck shell=sh
# JSON without jq, which a host need not have. Whole values stay as the engine wrote them, byte for byte: a spec that goes back to the
# engine must not differ in a default that a client has filled in, or every task is made anew.

# json_tokens: prints the JSON of standard input with one token a line.
json_tokens() { LC_ALL=C grep -aoE '"([^"\\]|\\.)*"|[][{}:,]|[^][{}:,"[:space:]]+'; }

# json_rows PATH...: for each object of the array on standard input a line with the values at these paths, separated by tabs. A path is
# keys, or indexes from 0, with dots between. Objects and arrays are compact JSON; strings come without quotes and with their escapes; a
# missing or empty value is `-`. PATH!KEY,KEY leaves these members of the object out.
json_rows() {
	json_tokens | LC_ALL=C awk -v wanted="$*" '
		BEGIN {
			n = split(wanted, want, " ")
			for (w = 1; w <= n; w++) if (split(want[w], part, "!") == 2) { want[w] = part[1]; without[w] = part[2] }
		}
		function start(  w, p, i) {
			p = ""
			for (i = 2; i <= depth; i++) p = p (i > 2 ? "." : "") name[i]
			for (w = 1; w <= n; w++) {
				if (!at[w] && p == want[w] && depth > 1) at[w] = depth
				else if (at[w] && !skip[w] && depth == at[w] + 1 && index("," without[w] ",", "," name[depth] ",")) { skip[w] = depth; text[w] = text[w] "0" }
			}
		}
		function add(t,  w) { for (w = 1; w <= n; w++) if (at[w] && !skip[w]) text[w] = text[w] t }
		# A value at this depth is complete.
		function ended(  w) {
			for (w = 1; w <= n; w++) {
				if (skip[w] == depth) skip[w] = 0
				if (at[w] == depth) { at[w] = 0; done[w] = 1 }
			}
			if (depth == 1) row()
		}
		function row(  w, line, t, k, keys) {
			line = ""
			for (w = 1; w <= n; w++) {
				t = text[w]
				for (k = split(without[w], keys, ","); k > 0; k--) { sub("\"" keys[k] "\":0,", "", t); sub(",?\"" keys[k] "\":0", "", t) }
				if (t ~ /^"/) t = substr(t, 2, length(t) - 2)
				line = line (w > 1 ? "\t" : "") (t == "" ? "-" : t)
				text[w] = ""; at[w] = 0; skip[w] = 0
			}
			print line
		}
		$0 == "{" || $0 == "[" { if (depth) start(); add($0); depth++; kind[depth] = $0; name[depth] = 0; key = $0 == "{"; next }
		$0 == "}" || $0 == "]" { depth--; key = 0; add($0); if (depth) ended(); next }
		$0 == "," { add($0); if (kind[depth] == "[") name[depth]++; else key = 1; next }
		$0 == ":" { add($0); next }
		key { add($0); name[depth] = substr($0, 2, length($0) - 2); key = 0; next }
		{ start(); add($0); ended() }'
}

# json_row PATH...: the same for one object.
json_row() {
	{
		echo '['
		cat
		echo ']'
	} | json_rows "$@"
}

# json_lines: prints each text, number and word of the JSON on standard input with its path before it, a line each.
json_lines() {
	json_tokens | LC_ALL=C awk '
		$0 == "{" || $0 == "[" { depth++; kind[depth] = $0; name[depth] = 0; key = $0 == "{"; next }
		$0 == "}" || $0 == "]" { depth--; key = 0; next }
		$0 == "," { if (kind[depth] == "[") name[depth]++; else key = 1; next }
		$0 == ":" { next }
		key { name[depth] = substr($0, 2, length($0) - 2); key = 0; next }
		{ p = ""; for (i = 1; i <= depth; i++) p = p (i > 1 ? "." : "") name[i]; print p " " $0 }'
}

# json_set PATH VALUE [PATH VALUE]...: prints the JSON object of standard input with these values, JSON texts, in place of those at the
# paths. A path that is not there changes nothing.
json_set() {
	sets=
	while [ $# -gt 1 ]; do
		sets="$sets$1	$2
"
		shift 2
	done
	json_tokens | json_sets=$sets LC_ALL=C awk '
		BEGIN {
			n = split(ENVIRON["json_sets"], line, "\n")
			for (i = 1; i <= n; i++) if ((tab = index(line[i], "\t"))) value[substr(line[i], 1, tab - 1)] = substr(line[i], tab + 1)
		}
		# True when the value that starts here is replaced.
		function start(  p, i) {
			if (skip) return 1
			p = ""
			for (i = 1; i <= depth; i++) p = p (i > 1 ? "." : "") name[i]
			if (!(p in value) || !depth) return 0
			printf "%s", value[p]
			return 1
		}
		function add(t) { if (!skip) printf "%s", t }
		$0 == "{" || $0 == "[" { if (start() && !skip) skip = depth; add($0); depth++; kind[depth] = $0; name[depth] = 0; key = $0 == "{"; next }
		$0 == "}" || $0 == "]" { depth--; key = 0; add($0); if (skip && skip == depth) skip = 0; next }
		$0 == "," { add($0); if (kind[depth] == "[") name[depth]++; else key = 1; next }
		$0 == ":" { add($0); next }
		key { add($0); name[depth] = substr($0, 2, length($0) - 2); key = 0; next }
		{ if (!start()) add($0) }
		END { print "" }'
}

# json_text TEXT: prints it as a JSON string. For names and versions: one line without control characters.
json_text() { printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"; }
