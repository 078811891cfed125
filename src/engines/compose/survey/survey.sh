# shellcheck shell=sh
# Surveys a project without changing anything; each part begins with a line `== name`. Needs deployment.sh. Backups are searched for two
# levels deep: deeper folders are rarely dumps, and often somebody's data.

print_survey() {
	enter_folder || {
		echo "there is no directory $directory" >&2
		exit 4
	}
	echo '== config'
	if said=$(compose config --format json 2>&1 >/dev/null </dev/null); then
		compose config --format json 2>/dev/null </dev/null
	else
		printf '%s\n' "$said" | sed -e 's/quoted value .*/quoted value/' -e 's/ near .*//' | tail -n 1 >&2
	fi
	echo
	# The containers show images and health as well as the files do, and no secret is printed.
	echo '== containers'
	for id in $(containers_of -a); do
		engine inspect --format '{{index .Config.Labels "com.docker.compose.service"}}{{"\t"}}{{.Config.Image}}{{"\t"}}{{if .State.Health}}health{{end}}{{"\t"}}{{range .Config.Env}}{{println .}}{{end}}' "$id" |
			awk -F '\t' 'NR == 1 { head = $1 "\t" $2 "\t" $3; $0 = $4 } /^POSTGRES_(DB|USER)=/ { kept = kept "\t" $0 } END { print head kept }'
	done
	echo '== published'
	engine ps --filter "label=com.docker.compose.project=$project" --format '{{.Label "com.docker.compose.service"}}{{"\t"}}{{.Ports}}'
	[ "${folderless:-}" != 1 ] || return 0
	echo '== git'
	if git --no-optional-locks rev-parse --verify -q HEAD >/dev/null 2>&1; then
		printf '%s\t%s\n' "$(git symbolic-ref -q --short HEAD)" "$(git rev-parse --abbrev-ref --symbolic-full-name '@{upstream}' 2>/dev/null)"
	fi
	echo '== backups'
	find . -mindepth 2 -maxdepth 3 -path ./.git -prune -o -type f \( -name '*.sql' -o -name '*.sql.gz' -o -name '*.dump' -o -name '*.tar.gz' \) -print 2>/dev/null | head -n 1000
}
