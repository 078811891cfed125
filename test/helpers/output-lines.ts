import { type OutputType, outputLines } from '../../src/commands/output/events.ts';
import { reportSchema } from '../../src/runbook/report/report.ts';

/**
 * Standard output as NDJSON. Throws where a line is not what docs/json.md says of its type: a field that is missing, of
 * another kind, or unknown there.
 */
export const readLines = (stdout: string): readonly Record<string, unknown>[] =>
	stdout
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => {
			const value = JSON.parse(line) as Record<string, unknown>;
			// The report is a document, and says so by having no type.
			const schema = value.type === undefined ? reportSchema : outputLines[value.type as OutputType];
			const said = schema?.safeParse(value);
			if (said?.success !== true) {
				const problems = said?.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [
					'no such type',
				];
				throw new Error(`not as docs/json.md says: ${problems.join('; ')}\n${line.slice(0, 2000)}`);
			}
			return value;
		});
