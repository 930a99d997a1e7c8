#!/bin/sh
#SBATCH --job-name=cochlea-merge
#SBATCH --output=%x-%j.log
#SBATCH --cpus-per-task=1
#SBATCH --mem=1G
# Usage: sbatch slurm-merge.sh <features>

exec cochlea merge "$1"
