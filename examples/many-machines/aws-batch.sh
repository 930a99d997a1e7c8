#!/bin/sh
# Features of a corpus by an array job of 8, on a file system that is mounted at /data here and in the containers.
# Usage: aws-batch.sh <job queue>, beside aws-batch.json
set -eu
here=$(cd "$(dirname "$0")" && pwd)
submit() { aws batch submit-job --job-queue "$queue" --job-definition cochlea --query jobId --output text "$@"; }
queue=$1

cochlea plan /data/corpus --shards 8 -o /data/features --spec /data/spec.json --labels parent-folder
aws batch register-job-definition --cli-input-json "file://$here/aws-batch.json"
array=$(submit --job-name cochlea-extract --array-properties size=8)
submit --job-name cochlea-merge --depends-on "jobId=$array" \
  --container-overrides '{"command": ["sh", "-c", "cochlea merge /data/features || [ $? -eq 3 ]"]}'

# One part again, say 3, then merge:
#   submit --job-name cochlea-extract-3 --container-overrides \
#     '{"command": ["sh", "-c", "cochlea extract /data/features/plan.jsonl --shard 3 || [ $? -eq 3 ]"]}'
