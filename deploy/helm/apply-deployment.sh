#!/bin/sh
# Makes in a namespace what the chart refers to, out of a folder of `quorate init`: a Secret for each service, the Secret of
# `prepare`, and the ConfigMap of what everybody knows. Run it again after a change of the folder.
#
#   deploy/helm/apply-deployment.sh FOLDER NAMESPACE [KID ...]
#
# With KIDs: these services only, for a cluster where the others do not run. Contents go to kubectl through files and pipes: no
# command line shows them.
set -eu

[ $# -ge 2 ] || { echo "usage: $0 FOLDER NAMESPACE [KID ...]" >&2; exit 64; }
folder=$1 namespace=$2
shift 2
[ -f "$folder/deployment.json" ] || { echo "$folder is no folder of quorate init: it has no deployment.json" >&2; exit 66; }

# Server-side, because kubectl would keep a copy of the Secret in an annotation otherwise.
apply() {
  kubectl create "$@" --dry-run=client --output=yaml \
    | kubectl --namespace "$namespace" apply --server-side --force-conflicts --filename=-
}

prepare_secret() {
  set -- secret generic quorate-prepare \
    --from-file=deployment.json="$folder/deployment.json" \
    --from-file=superuser.url="$folder/postgres/superuser.url" \
    --from-file=operator.kafka.password="$folder/operator/kafka.password"
  # The administrator of Kafka logs in with a certificate (those of quorate init), or with a password of your cluster's.
  for name in admin.pem admin.key.pem admin.password; do
    [ ! -f "$folder/kafka/$name" ] || set -- "$@" --from-file=kafka-"$name"="$folder/kafka/$name"
  done
  for client in "$folder"/clients/*/; do
    kid=$(basename "$client")
    [ ! -f "$client/kafka.password" ] || set -- "$@" --from-file=client."$kid".kafka.password="${client}kafka.password"
  done
  apply "$@"
}

if [ $# -eq 0 ]; then
  for service in "$folder"/services/*/; do set -- "$@" "$(basename "$service")"; done
  prepare_secret
fi
apply configmap quorate-common --from-file="$folder/common"
for kid in "$@"; do
  [ -d "$folder/services/$kid" ] || { echo "$folder has no service $kid" >&2; exit 66; }
  apply secret generic "quorate-$kid" --from-file="$folder/services/$kid"
done
