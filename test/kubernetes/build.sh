#!/usr/bin/env bash
# Builds kube-apiserver and kube-controller-manager from Kubernetes' Go module and fetches
# @kubernetes/client-node and KEDA's schema, once, into node_modules/.cache. Ten minutes of CPU time.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=1.36.3
cache=$(cd node_modules && pwd -P)/.cache/bailiwick/kubernetes-$version
[ -e "$cache" ] && exit 0
half=$cache.half
mkdir -p "$half/bin"
cd "$half"
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
printf '{"name":"kubernetes-client","private":true}\n' >package.json
npm install --silent --no-audit --no-fund @kubernetes/client-node@1.4.0
printf 'module kubetest\n\ngo 1.26.0\n' >go.mod
go mod download "k8s.io/kubernetes@v$version"
source=$(go env GOMODCACHE)/k8s.io/kubernetes@v$version
go mod edit -require "k8s.io/kubernetes@v$version"
grep -o 'k8s.io/[a-z-]* v0.0.0$' "$source/go.mod" | while read -r module _; do
  go mod edit -replace "$module=$module@v0.${version#1.}"
done
for program in apiserver controller-manager; do
  mkdir -p "cmd/kube-$program"
  cp "$source/cmd/kube-$program/$program.go" "cmd/kube-$program/main.go"
done
go mod tidy
flags="-s -w -X k8s.io/component-base/version.gitVersion=v$version"
flags="$flags -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36"
go build -trimpath -ldflags "$flags" -o bin/ ./cmd/kube-apiserver ./cmd/kube-controller-manager
keda=2.21.0
go mod download "github.com/kedacore/keda/v2@v$keda"
bases=$(go env GOMODCACHE)/github.com/kedacore/keda/v2@v$keda/config/crd/bases
install -m 644 "$bases/keda.sh_scaledobjects.yaml" .
mv "$half" "$cache"
