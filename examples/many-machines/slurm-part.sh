#!/bin/sh
#SBATCH --job-name=cochlea-part
#SBATCH --output=%x-%A_%a.log
#SBATCH --cpus-per-task=4
#SBATCH --mem=2G
#SBATCH --time=24:00:00
#SBATCH --requeue
# One part of a plan: that of the element's number in --array. Usage: sbatch --array=0-7 slurm-part.sh <features>

cochlea extract "$1/plan.jsonl" --shard auto --workers "$SLURM_CPUS_PER_TASK" --quiet
code=$?
# 3 is done, with recordings named in errors.jsonl: no failure that holds up the merge.
if [ "$code" -eq 3 ]; then exit 0; fi
exit "$code"
