#!/bin/sh
#SBATCH --job-name=cochlea-merge
#SBATCH --output=%x-%j.log
#SBATCH --cpus-per-task=1
#SBATCH --mem=1G
# Usage: sbatch slurm-merge.sh <features>

# 3 is done, with recordings named in errors.jsonl: no failure.
cochlea merge "$1" || [ $? -eq 3 ]
