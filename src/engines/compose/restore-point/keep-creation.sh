# shellcheck shell=sh
# keep_creation keeps how each container was created, in the form in which Docker's API takes it, so that an undo can create
# the same container where Compose cannot: of a service that its files do not have any more, or with a number that Compose
# would not give. A line each: SERVICE|NUMBER TAB, then one of
#   id ID NAME, config JSON, host JSON, volume NAME DESTINATION (one without a name of its own), network NAME JSON
# Environments are in it: it is for its owner, as the rest of the restore point. Needs inspect_kept of keep-images.sh.
# shellcheck disable=SC2016 # Go templates have variables of their own

creation_template='{{$labels := index .Config "Labels"}}{{$who := printf "%v|%v\t" (index $labels "com.docker.compose.service") (index $labels "com.docker.compose.container-number")}}{{$who}}id{{"\t"}}{{.Id}} {{.Name}}
{{$who}}config{{"\t"}}{{json .Config}}
{{$who}}host{{"\t"}}{{json .HostConfig}}
{{range .Mounts}}{{if eq .Type "volume"}}{{$who}}volume{{"\t"}}{{.Name}} {{.Destination}}
{{end}}{{end}}{{range $name, $at := .NetworkSettings.Networks}}{{$who}}network{{"\t"}}{{$name}} {"Aliases":{{json $at.Aliases}},"Links":{{json $at.Links}},"IPAMConfig":{{json $at.IPAMConfig}}}
{{end}}'

keep_creation() {
	tab=$(printf '\t')
	inspect_kept --format "$creation_template" 2>/dev/null | awk -F "$tab" '
		$2 == "volume" { name = $3; sub(/ .*/, "", name); if (name !~ /^[0-9a-f]+$/ || length(name) != 64) next }
		NF' >"$restore_dir/creation"
}
