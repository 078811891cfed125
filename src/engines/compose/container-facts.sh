# shellcheck shell=sh
# facts_of_containers prints what each container of the project was made with, a line a fact, sorted: SERVICE|NUMBER TAB
# ASPECT TAB VALUE, values as JSON. The same facts as container-facts.ts knows, in a form that two looks at a host can be
# compared in, where there is nothing but a shell. The values of variables are in it: a file of them is for its owner.
# The template asks for what may be missing by `index`: Docker leaves out what is empty.
# Needs deployment.sh.
# shellcheck disable=SC2016 # Go templates have variables of their own

facts_of_containers() {
	tab=$(printf '\t')
	for container in $(containers_of -a); do
		engine inspect --format '{{index .Config.Labels "com.docker.compose.service"}}|{{index .Config.Labels "com.docker.compose.container-number"}}' "$container" 2>/dev/null | {
			IFS= read -r who || exit 0
			engine inspect --format '{{with .Image}}image{{"\t"}}{{.}}
{{end}}{{$config := .Config}}{{$host := .HostConfig}}entrypoint{{"\t"}}{{json (index $config "Entrypoint")}}
command{{"\t"}}{{json (index $config "Cmd")}}
user{{"\t"}}{{json (index $config "User")}}
working directory{{"\t"}}{{json (index $config "WorkingDir")}}
healthcheck{{"\t"}}{{json (index $config "Healthcheck")}}
stop signal{{"\t"}}{{json (index $config "StopSignal")}} {{json (index $config "StopTimeout")}}
restart policy{{"\t"}}{{or .HostConfig.RestartPolicy.Name "no"}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}
network mode{{"\t"}}{{.HostConfig.NetworkMode}}
ipc mode{{"\t"}}{{index $host "IpcMode"}}
pid mode{{"\t"}}{{index $host "PidMode"}}
privileged{{"\t"}}{{json (index $host "Privileged")}} {{json (index $host "ReadonlyRootfs")}}
capabilities{{"\t"}}{{json (index $host "CapAdd")}} {{json (index $host "CapDrop")}} {{json (index $host "SecurityOpt")}}
limits{{"\t"}}{{json (index $host "Memory")}} {{json (index $host "NanoCpus")}} {{json (index $host "Ulimits")}} {{json (index $host "PidsLimit")}}
extra hosts{{"\t"}}{{json (index $host "ExtraHosts")}}
tmpfs{{"\t"}}{{json (index $host "Tmpfs")}}
{{range .Config.Env}}environment{{"\t"}}{{json .}}
{{end}}{{range .Mounts}}mount{{"\t"}}{{.Destination}} {{.Type}} {{if eq .Type "volume"}}{{.Name}}{{else}}{{.Source}}{{end}} {{.RW}}
{{end}}{{range $port, $all := .HostConfig.PortBindings}}port{{"\t"}}{{$port}}{{range $all}} {{.HostIp}}:{{.HostPort}}{{end}}
{{end}}{{range $name, $network := .NetworkSettings.Networks}}network{{"\t"}}{{$name}}
{{end}}{{range $name, $value := .Config.Labels}}label{{"\t"}}{{$name}}={{json $value}}
{{end}}' "$container" 2>/dev/null | grep -v "^\$\|^label${tab}com\.docker\.compose\." | namespaces_by_service | sed "s#^#$who$tab#"
		}
	done | LC_ALL=C sort
}

# container:ID is the namespace of another container, which has another id after it was made again.
namespaces_by_service() {
	while IFS= read -r line; do
		case $line in
			*" mode${tab}container:"*)
				other=$(engine inspect --format '{{index .Config.Labels "com.docker.compose.service"}}' "${line##*container:}" 2>/dev/null)
				[ -z "$other" ] || line=${line%%container:*}service:$other
				;;
		esac
		printf '%s\n' "$line"
	done
}
