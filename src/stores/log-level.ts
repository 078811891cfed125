/** The level of a line of a log. */
export type LogLevel = 'error' | 'warning' | 'info' | 'debug';

/** Number of characters in which a line's level is searched for: it is at the start, and a line may be very long. */
const looked = 300;

/** Levels by the words that loggers write, among them the severities of syslog, Python, Java, Go, nginx and PostgreSQL. */
const words: Readonly<Record<string, LogLevel>> = Object.fromEntries(
	(
		[
			['error', 'error err eror critical crit fatal severe panic dpanic emerg emergency alert'],
			['warning', 'warning warn'],
			['info', 'info information notice log'],
			['debug', 'debug trace verbose fine'],
		] as const
	).flatMap(([level, all]) => all.split(' ').map((word) => [word, level])),
);

/** Returns the level for a value of a level field: a word in any case, or a number as pino and bunyan write it (50 is an error). */
export const levelOfValue = (value: unknown): LogLevel | undefined => {
	if (typeof value === 'number') {
		return value >= 50 ? 'error' : value >= 40 ? 'warning' : value >= 30 ? 'info' : 'debug';
	}
	return typeof value === 'string' ? words[value.toLowerCase()] : undefined;
};

const field = /(?:^|\s)(?:level|lvl|severity|loglevel)="?([a-z]+)/i;
// In capitals anywhere near the start, or in any case between brackets: a sentence about an error does not count.
const capitals =
	/(?:^|[\s[(|:<-])(EMERG|ALERT|CRIT(?:ICAL)?|FATAL|SEVERE|PANIC|ERR(?:OR)?|WARN(?:ING)?|INFO|NOTICE|LOG|DEBUG|TRACE)(?=$|[\s\])|:,>-])/;
const bracketed = /[[<(](emerg|alert|crit(?:ical)?|fatal|error|err|warn(?:ing)?|info|notice|debug|trace)[\])>]/i;
/** The header of glog and klog: `E0731 03:10:02`. */
const glog = /^([EFWI])\d{4} \d\d:/;
/** The last line of a traceback, and its first. */
const exception = /^(?:Traceback \(most recent call last\)|(?:[\w.]+\.)?\w*(?:Error|Exception)(?::|$)|panic: )/;
const glogLevels: Readonly<Record<string, LogLevel>> = { E: 'error', F: 'error', W: 'warning', I: 'info' };

/** Returns the level of a line of plain text or logfmt; undefined if it has none. `text` has no control characters. */
export const levelOfText = (text: string): LogLevel | undefined => {
	const head = text.length > looked ? text.slice(0, looked) : text;
	const word = (field.exec(head) ?? capitals.exec(head) ?? bracketed.exec(head))?.[1];
	if (word !== undefined && words[word.toLowerCase()] !== undefined) {
		return words[word.toLowerCase()];
	}
	const letter = glog.exec(head)?.[1];
	return letter === undefined ? (exception.test(head) ? 'error' : undefined) : glogLevels[letter];
};
