/** How a check, a precondition or a verification came out. */
export const checkStates = ['passed', 'failed', 'unknown'] as const;
