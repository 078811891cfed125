import type { Plan } from './plan.ts';
import type { SilenceDefinition } from './runbook.ts';

/** The alerts that a run silences, and for how long at a time. */
export type PlannedSilence = NonNullable<Plan['silence']>;
type Matcher = PlannedSilence['matchers'][number];

/** Quotes a text for a regular expression in the syntax of RE2. */
const literal = (text: string): string => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&');

/** Returns what a run that interrupts these services silences; undefined if the runbook does not want it, or nothing is interrupted. */
export const silenceFor = (
	definition: SilenceDefinition | undefined,
	interrupts: readonly string[],
): PlannedSilence | undefined => {
	if (definition === undefined || interrupts.length === 0) {
		return undefined;
	}
	const { matchers, service, forMs } = definition;
	return {
		seconds: Math.ceil(forMs / 1000),
		matchers: [
			...matchers.map(
				({ name, value, matches, not }): Matcher => ({
					name,
					value: value ?? matches ?? '',
					isRegex: value === undefined,
					isEqual: !not,
				}),
			),
			...(service === undefined
				? []
				: [{ name: service, value: interrupts.map(literal).join('|'), isRegex: true, isEqual: true }]),
		],
	};
};

/** Writes the matchers as Alertmanager's page and amtool do: `job="shop", service=~"web|db"`. */
export const matchersInWords = ({ matchers }: PlannedSilence): string =>
	matchers
		.map(({ name, value, isRegex, isEqual }) => {
			const sign = isEqual ? (isRegex ? '=~' : '=') : isRegex ? '!~' : '!=';
			return `${name}${sign}${JSON.stringify(value)}`;
		})
		.join(', ');
