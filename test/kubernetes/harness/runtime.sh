#!/bin/sh
# runtime.sh: runc, for machines on which a process may not protect itself from running out of memory (no CAP_SYS_RESOURCE). A kubelet asks
# for that for every pod, and no pod would start. Where it is allowed nothing that the tests look at is otherwise.
bundle=
last=
for word; do
	case $last in --bundle | -b) bundle=$word ;; esac
	last=$word
done
if [ -n "$bundle" ]; then
	jq 'if .process.oomScoreAdj < 0 then .process.oomScoreAdj = 0 else . end' "$bundle/config.json" >"$bundle/config.json.new" &&
		mv "$bundle/config.json.new" "$bundle/config.json"
fi
exec runc "$@"
