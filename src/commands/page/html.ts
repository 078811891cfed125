import { sanitiseText } from '../../terminal/sanitise.ts';

/** Text that is HTML already. Only `html` makes it. */
class Markup {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

export type { Markup };

/** Parts of a piece of HTML; `undefined` and `false` are left out. */
export type Part = string | number | Markup | undefined | false | readonly Part[];

const entities: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

const textOf = (part: Part): string => {
	if (part === undefined || part === false) {
		return '';
	}
	if (part instanceof Markup) {
		return part.text;
	}
	return typeof part === 'object'
		? part.map(textOf).join('')
		: sanitiseText(String(part)).replace(/[&<>"']/g, (character) => entities[character] ?? '');
};

/**
 * Returns HTML from a template. Every value in it is sanitised and escaped, for text and for attributes in double quotes, unless it is a
 * result of this function itself. Nothing else belongs into a `style` or `script` element, or into an address.
 */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
	new Markup(strings.map((text, index) => `${text}${textOf(parts[index])}`).join(''));

/** Returns the program's own style or script, which is not escaped. */
export const ownText = (text: string): Markup => new Markup(text);
