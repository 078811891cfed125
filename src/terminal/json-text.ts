// Characters that JSON may contain and a terminal would obey or hide: DEL, C1 controls, and those that are invisible or reverse the reading
// order.
const steering = /[\u007f-\u009f\u2028\u2029]|\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}|[\ufff9-\ufffb]/gu;

/** Returns JSON on one line in which everything that could control a terminal is escaped: a parser reads the same value. */
export const jsonText = (value: unknown): string =>
	JSON.stringify(value).replace(steering, (character) =>
		Array.from(
			{ length: character.length },
			(_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
		).join(''),
	);
