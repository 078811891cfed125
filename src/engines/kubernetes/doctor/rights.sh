# shellcheck shell=sh
# Prints a line for each right of rights (a line each: VERB, GROUP, RESOURCE, SUBRESOURCE, NAMESPACE; - for none): `yes` or `no`, and the same
# words. Asks the API server for all of them at once, by reviews of one's own access, which leave nothing behind. Needs kubectl.sh.

reviews() {
	printf '%s\n' "$rights" | while read -r verb group resource subresource namespace; do
		for one in group resource subresource namespace; do
			eval "[ \"\$$one\" != - ] || $one="
		done
		printf -- '---\napiVersion: authorization.k8s.io/v1\nkind: SelfSubjectAccessReview\nspec: {resourceAttributes: {verb: "%s", group: "%s", resource: "%s", subresource: "%s", namespace: "%s"}}\n' \
			"$verb" "$group" "$resource" "$subresource" "$namespace"
	done
}

find_kubectl || exit 127
reviews | kube_namespace='' kube create --request-timeout=20s --filename=- \
	--output='jsonpath={.status.allowed}{" "}{.spec.resourceAttributes.verb}{" "}{.spec.resourceAttributes.resource}{"/"}{.spec.resourceAttributes.subresource}{" "}{.spec.resourceAttributes.namespace}{"\n"}'
