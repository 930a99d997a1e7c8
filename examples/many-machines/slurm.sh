#!/bin/sh
# Features of a corpus by an array of 8: plan, one element for each part, merge once all of them are done.
# Usage: slurm.sh <corpus> <features> <spec.json>, all in a file system that the nodes share.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
features=$2

cochlea plan "$1" --shards 8 -o "$features" --spec "$3" --labels parent-folder
array=$(sbatch --parsable --array=0-7 "$here/slurm-part.sh" "$features")
# A cluster of several names its own after a semicolon.
sbatch --parsable --dependency="afterok:${array%%;*}" --kill-on-invalid-dep=yes "$here/slurm-merge.sh" "$features"

# One element again, say 3, then merge:
#   sbatch --array=3 slurm-part.sh <features>
#   sbatch slurm-merge.sh <features>
