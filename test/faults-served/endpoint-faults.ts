import * as answers from './answers.ts';
import type { Certificates } from './certificates.ts';
import type { Answer } from './faulty-server.ts';

/** A fault of a host's endpoint. */
export interface EndpointFault {
	readonly name: string;
	readonly answer: Answer;
	/** The monitor's reason. */
	readonly says: RegExp;
	/** The certificate it shows; `plain`: asked by TLS, it knows none. */
	readonly tls?: keyof Omit<Certificates, 'authority'> | 'plain';
}

const tooMuch = /more than (256 kB|4 MB|5 MB)/;
export const timeOut = /no answer within 1\.5 s/;
const notHttp = /the answer is not HTTP/;

/** Against each kind of endpoint: health, metrics, Alertmanager. */
export const endpointFaults: readonly EndpointFault[] = [
	{ name: 'hangs', answer: answers.hangs, says: timeOut },
	{ name: 'drips a byte a second', answer: answers.drips, says: timeOut },
	{ name: 'drips its body', answer: answers.dripsBody, says: timeOut },
	{ name: 'redirects to itself', answer: answers.says('302 Found', '', ['Location: /health']), says: /status 302/ },
	{
		name: 'redirects elsewhere',
		answer: answers.says('301 Moved', '', ['Location: http://192.0.2.1/\u001b]0;title']),
		says: /status 301|not HTTP/,
	},
	{ name: 'body of 10 MB', answer: answers.pours('x'.repeat(65_536), 10_000_000), says: tooMuch },
	{ name: 'endless body', answer: answers.pours('x'.repeat(65_536)), says: tooMuch },
	{ name: 'endless body without a line end', answer: answers.pours(Buffer.alloc(65_536)), says: tooMuch },
	{ name: 'unpacks to 100 MB', answer: answers.unpacksToTooMuch, says: tooMuch },
	{ name: 'cannot be unpacked', answer: answers.cannotBeUnpacked, says: /cannot be decompressed/ },
	{ name: 'reset before the answer', answer: answers.resetsAtOnce, says: /connection reset/ },
	{ name: 'reset in the middle', answer: answers.resetsInTheMiddle, says: /connection reset|ended early/ },
	{ name: 'less than its Content-Length', answer: answers.promisesMore, says: /connection reset|ended early/ },
	{
		name: 'more than its Content-Length',
		answer: answers.promisesLess,
		says: /does not match|not metrics|not what Alertmanager|not HTTP/,
	},
	{ name: 'closed without a word', answer: answers.blurts(''), says: /connection reset/ },
	{ name: 'garbage instead of a status line', answer: answers.blurts('SSH-2.0-OpenSSH_9.2\r\n\r\n'), says: notHttp },
	{ name: 'binary garbage', answer: answers.blurts(answers.badUtf8), says: notHttp },
	{ name: 'header of 1 MB', answer: answers.longHeader, says: /header is too long/ },
	{ name: '100 Continue for ever', answer: answers.neverComesToThePoint, says: timeOut },
	{ name: '204', answer: answers.blurts('HTTP/1.1 204 No Content\r\n\r\n'), says: /status 204/ },
	{ name: '500', answer: answers.says('500 Oops', '{"status": "well"}'), says: /status 500/ },
	{
		name: 'invalid UTF-8',
		answer: answers.says('200 OK', answers.badUtf8),
		says: /does not match|not metrics|not what Alertmanager/,
	},
	{ name: 'TLS: another name', answer: answers.hangs, tls: 'wrongName', says: /certificate is for another name/ },
	{ name: 'TLS: expired', answer: answers.hangs, tls: 'expired', says: /certificate has expired/ },
	{
		name: 'TLS: unknown authority',
		answer: answers.hangs,
		tls: 'unknown',
		says: /certificate is from an authority that this machine does not trust/,
	},
	{
		name: 'plain HTTP where TLS is asked for',
		answer: answers.blurts('HTTP/1.1 400 Bad Request\r\n\r\n'),
		tls: 'plain',
		says: /does not speak TLS/,
	},
];
