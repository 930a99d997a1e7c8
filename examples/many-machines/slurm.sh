#!/bin/sh
# Features of a corpus by an array of 8: plan, one element for each part, merge once all of them are done.
# Usage: slurm.sh <corpus> <features> <spec.json> [more options for the plan]
# All of them lie in a file system that the nodes share.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
corpus=$1 features=$2 spec=$3
shift 3

cochlea plan "$corpus" --shards 8 -o "$features" --spec "$spec" --labels parent-folder "$@"
array=$(sbatch --parsable --array=0-7 "$here/slurm-part.sh" "$features")
# A cluster of several names its own after a semicolon.
sbatch --parsable --dependency="afterok:${array%%;*}" --kill-on-invalid-dep=yes "$here/slurm-merge.sh" "$features"

# One element again, say 3, then merge:
#   sbatch --array=3 slurm-part.sh <features>
#   sbatch slurm-merge.sh <features>
