/** What the models of the training budgets are called. */
export const TRAINING_IDS = ['M1', 'M2', 'M3', 'M4', 'M5'] as const;
export type TrainingId = (typeof TRAINING_IDS)[number];
