// What JSON may hold as it is and a terminal would obey or hide: DEL, C1 controls, and what is invisible or turns the
// reading order round.
const steering = /[\u007f-\u009f\u2028\u2029]|\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}|[\ufff9-\ufffb]/gu;

/** JSON on one line in which everything that could steer a terminal is escaped: the same value to whoever parses it. */
export const jsonText = (value: unknown): string =>
	JSON.stringify(value).replace(steering, (character) =>
		Array.from(
			{ length: character.length },
			(_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
		).join(''),
	);
