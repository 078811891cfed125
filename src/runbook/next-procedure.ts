/** What a procedure is called. */
interface Named {
	readonly id: string;
	readonly title: string;
}

/** What is said where no procedure is suggested. */
export const nothingFits = 'no procedure of the runbook fits what is seen now';

/**
 * The procedure that the readings suggest after a run, with its title and why in words; undefined where none fits. The texts
 * of the host in the words are as they came.
 *
 * @param after id of the procedure that was run
 */
export const nextProcedure = <P extends Named>(
	procedures: readonly P[],
	suggestion: { readonly procedure: string; readonly why: string } | undefined,
	after: string,
): { readonly procedure: P; readonly words: string } | undefined => {
	const procedure = procedures.find(({ id }) => id === suggestion?.procedure);
	if (procedure === undefined || suggestion === undefined) {
		return undefined;
	}
	const again = procedure.id === after ? ' once more, with another choice' : '';
	return { procedure, words: `“${procedure.title}”${again}: ${suggestion.why}` };
};
