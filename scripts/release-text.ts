// The parts of a release that are only text.

const version = /^(\d+)\.(\d+)\.(\d+)$/;

const partsOf = (text: string): readonly number[] | undefined => version.exec(text)?.slice(1).map(Number);

/**
 * Returns the reason why `next` cannot be released after `current`, both like 1.2.3; undefined when it can. The same version is allowed:
 * it may be the first.
 */
export const objectionTo = (next: string, current: string): string | undefined => {
	const [wanted, present] = [partsOf(next), partsOf(current)];
	if (wanted === undefined) {
		return `${JSON.stringify(next)} is not a version like 1.2.3`;
	}
	const at = wanted.findIndex((part, index) => part !== present?.[index]);
	return at >= 0 && (wanted[at] ?? 0) < (present?.[at] ?? 0) ? `${next} is older than ${current}` : undefined;
};

const heading = '## Unreleased\n';

/**
 * Turns the changelog's Unreleased section into one with a version and a date (YYYY-MM-DD), under a new, empty one. Returns the whole
 * text, and the notes of the release alone. Throws when there is no such section, or it is empty.
 */
export const released = (
	changelog: string,
	next: string,
	date: string,
): { readonly changelog: string; readonly notes: string } => {
	const at = changelog.indexOf(heading);
	if (at < 0) {
		throw new Error('CHANGELOG.md has no section "Unreleased"');
	}
	const from = at + heading.length;
	const end = changelog.indexOf('\n## ', from);
	const notes = changelog.slice(from, end < 0 ? undefined : end + 1).trim();
	if (!/^- /m.test(notes)) {
		throw new Error('CHANGELOG.md says nothing under "Unreleased"');
	}
	const rest = end < 0 ? '' : `\n${changelog.slice(end + 1)}`;
	return { changelog: `${changelog.slice(0, at)}${heading}\n## ${next}, ${date}\n\n${notes}\n${rest}`, notes };
};
