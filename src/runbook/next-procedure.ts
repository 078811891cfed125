/** A thing with a title. */
interface Named {
	readonly id: string;
	readonly title: string;
}

/** The words for no suggestion. */
export const nothingFits = 'no procedure of the runbook fits what is seen now';

/**
 * Returns the procedure that the readings suggest after a run, with its title and reason in words; undefined if none fits. Text from
 * the host in the words is unsanitised.
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
