#!/bin/sh
# Plan, parts, merge: each Job starts when the one before it is complete. Usage: kubernetes.sh, beside kubernetes.yaml
set -eu
here=$(cd "$(dirname "$0")" && pwd)

kubectl apply -f "$here/kubernetes.yaml"
kubectl wait --for=condition=Complete --timeout=1h job/cochlea-plan
kubectl patch job cochlea-extract --patch '{"spec": {"suspend": false}}'
kubectl wait --for=condition=Complete --timeout=168h job/cochlea-extract
kubectl patch job cochlea-merge --patch '{"spec": {"suspend": false}}'
kubectl wait --for=condition=Complete --timeout=1h job/cochlea-merge

# One part again, say 3, in any pod that mounts the volume, then merge:
#   cochlea extract /data/features/plan.jsonl --shard 3
#   cochlea merge /data/features
