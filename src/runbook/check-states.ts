/** The results of a check, a precondition or a verification. */
export const checkStates = ['passed', 'failed', 'unknown'] as const;
