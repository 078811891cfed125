// Characters that could control a terminal or the reading order: C0 except tab and newline, C1, and bidirectional controls (Unicode TR 9).
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Removes characters that could control a terminal or the reading order; line ends stay. */
const withoutControls = (text: string): string => text.replace(/\r\n?/g, '\n').replace(steering, '\ufffd');

/**
 * Returns text as one line of Markdown that shows exactly this text: nothing in it is markup, a link, HTML, or the end of a table's cell
 * (CommonMark 0.31, "Backslash escapes"; GitHub Flavored Markdown, "Tables").
 */
export const inline = (text: string): string =>
	withoutControls(text)
		.replace(/\s+/g, ' ')
		.trim()
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replace(/[\\`*_{}[\]#!|~$]/g, '\\$&')
		// These begin a list, a rule or a heading only at the beginning of a line.
		.replace(/^([-+=:])/, '\\$1')
		.replace(/^(\d{1,9})([.)])/, '$1\\$2')
		// Bare addresses would become links to wherever the host says.
		.replace(/(https?|ftp|mailto|xmpp):/gi, '$1&#58;')
		.replace(/www\./gi, 'www&#46;');

/** Returns text as code within a line, valid in a table's cell too. Empty text gives nothing. */
export const code = (text: string): string => {
	const line = withoutControls(text).replace(/\s+/g, ' ').trim();
	if (line === '') {
		return '';
	}
	if (line.includes('|') || line.includes('\\')) {
		// In a table a bar ends the cell even within code, and an escaping backslash would be visible outside tables.
		return inline(line);
	}
	const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
	const ticks = '`'.repeat(longest + 1);
	const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
	return `${ticks}${pad}${line}${pad}${ticks}`;
};

/** Returns lines as a fenced block. Its fence is longer than any in the text, so the text cannot end the block. */
export const fenced = (text: string, language = 'text'): string => {
	const body = withoutControls(text).replace(/\n+$/, '');
	const longest = Math.max(2, ...[...body.matchAll(/`+/g)].map(([run]) => run.length));
	const fence = '`'.repeat(longest + 1);
	return `${fence}${language}\n${body}\n${fence}`;
};

/** Returns a table of cells that are Markdown already. */
export const markdownTable = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
	[heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
