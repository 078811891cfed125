#!/bin/sh
# build.sh FOLDER: builds the programs of a Kubernetes cluster from Debian's source package, which has all that it needs with it, into
# FOLDER. For Debian 12, as root, with a network: about ten minutes of two processors, and 3 GB meanwhile. Does nothing where they are.
# No package and no image of a Kubernetes server is needed, and none is in Debian 12.
set -eu
folder=$1
programs='kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl'

is_whole() { for program in $programs; do [ -x "$folder/$program" ] || return 1; done; }

! is_whole || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo 'installing what builds and runs it'
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
	golang-go etcd-server jq rsync make gcc libc6-dev dpkg-dev bsdextrautils >/dev/null

# Beside the machine's own lists, which are left alone.
mirror=$(apt-get indextargets --format "\$(REPO_URI)" "Codename: bookworm" "Component: main" "Created-By: Packages" | head -n 1)
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm main" >"$work/sources.list"
apt() {
	apt-get -q -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$work/lists" \
		-o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root "$@"
}
echo 'fetching the source'
apt update >/dev/null
cd "$work"
apt source --download-only kubernetes >/dev/null
dpkg-source --no-check -x kubernetes_*.dsc source >/dev/null

echo 'building: this takes ten minutes and more'
cd source
mkdir -p .go/src/k8s.io
ln -s "$PWD" .go/src/k8s.io/kubernetes
# As debian/rules builds kubectl. `go build` alone fails: make writes files that are compiled, too.
env GOPATH="$PWD/.go" GO111MODULE=off GOCACHE="$work/go-cache" CGO_ENABLED=0 KUBE_GIT_VERSION=v1.20.2 KUBE_GIT_COMMIT=debian KUBE_GIT_TREE_STATE=archive \
	make WHAT='cmd/kube-apiserver cmd/kube-controller-manager cmd/kube-scheduler cmd/kubelet cmd/kubectl' >"$work/make.log" 2>&1 || {
	tail -n 30 "$work/make.log" >&2
	exit 1
}
mkdir -p "$folder"
for program in $programs; do cp "_output/bin/$program" "$folder/$program.new" && mv "$folder/$program.new" "$folder/$program"; done
echo "built into $folder"
