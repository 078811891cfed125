import { rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { AuthPrompt, Prompter } from '../auth-prompt.ts';
import askPass from './ask-pass.sh';

/** The helper's program: sends the question, prints the answer. Ends with 1 when there is none. */
const helper = `
const socket = require('node:net').connect(process.env.BACKOUT_ASK_SOCKET);
let answer = '';
socket.on('data', (piece) => { answer += piece; });
socket.on('error', () => process.exit(1));
socket.on('close', () => {
	if (!answer.endsWith('\\n')) process.exit(1);
	process.stdout.write(answer);
});
socket.end(JSON.stringify({ prompt: process.argv[1] ?? '', kind: process.env.SSH_ASKPASS_PROMPT ?? '' }) + '\\n');
`;

/** Answers of the operator that may be reused, by ssh's question: those of a successful login. */
export type Answers = Map<string, string>;

/** Answers ssh's questions on backout's own screen. */
export interface Answerer {
	/** The environment that makes ssh ask here. */
	readonly env: NodeJS.ProcessEnv;
	/** True while the operator is being asked. */
	readonly asking: boolean;
	/** The answered questions, as the end of "offered: …". */
	readonly answered: readonly string[];
	/** Must be called after a successful login: its answers are kept for the next one. */
	keep(): void;
	close(): Promise<void>;
}

/** True for a question with a lasting answer: a passphrase or a password, not a code. */
const isLasting = (kind: AuthPrompt['kind'], prompt: string): boolean =>
	kind !== 'keyboard-interactive' || (/password/i.test(prompt) && !/one-time|otp|code/i.test(prompt));

const kindOf = (prompt: string): AuthPrompt['kind'] => {
	if (/passphrase/i.test(prompt)) {
		return 'passphrase';
	}
	return /'s (old )?password:\s*$/i.test(prompt) ? 'password' : 'keyboard-interactive';
};

/** Rewrites ssh's question as the ssh2 transport asks it. */
const wordsFor = (prompt: string, kind: AuthPrompt['kind']): string => {
	const path = kind === 'passphrase' ? /^Enter passphrase for (?:key )?'?(.+?)'?:\s*$/.exec(prompt)?.[1] : undefined;
	const who = kind === 'password' ? /^(.+)'s password:\s*$/.exec(prompt)?.[1] : undefined;
	return path ? `Passphrase for ${path}` : who ? `Password for ${who}` : prompt;
};

/** True for a question about a host key, or another one that wants a yes: backout never gives it. */
const wantsConsent = (prompt: string, kind: string): boolean =>
	kind === 'confirm' || /\(yes\/no|continue connecting|fingerprint\b.*\?/is.test(prompt);

interface Question {
	readonly prompt: string;
	readonly kind: string;
}

const parse = (line: string): Question => JSON.parse(line) as Question;

/**
 * Listens in a folder for ssh's questions, and asks the operator.
 *
 * @param folder a folder that only this user may enter (0700)
 * @param host the target's host, shown with the question
 */
export const startAnswering = async (
	folder: string,
	host: string,
	ask: Prompter,
	answers: Answers,
	signal: AbortSignal,
): Promise<Answerer> => {
	const path = join(folder, 'ask');
	const program = join(folder, 'ask-pass');
	const given = new Map<string, string>();
	const declined = new Set<string>();
	const answered: string[] = [];
	const sockets = new Set<Socket>();
	let asking = 0;

	const answerTo = async ({ prompt, kind: about }: Question, gone: AbortSignal): Promise<string | undefined> => {
		const kind = kindOf(prompt);
		// A declined question is not asked again: neither that of a method, nor that of a key.
		const topic = kind === 'passphrase' ? prompt : kind;
		if (wantsConsent(prompt, about) || declined.has(topic)) {
			return undefined;
		}
		const lasting = isLasting(kind, prompt);
		const known = lasting && !given.has(prompt) ? answers.get(prompt) : undefined;
		const wrong = given.has(prompt) && kind === 'passphrase' ? 'Wrong passphrase. ' : '';
		asking++;
		try {
			const answer = known ?? (await ask({ kind, prompt: wrong + wordsFor(prompt, kind), host }, gone));
			if (answer === undefined) {
				declined.add(topic);
			} else if (lasting) {
				given.set(prompt, answer);
			}
			if (answer !== undefined && kind !== 'passphrase') {
				answered.push(kind === 'password' ? 'a password' : kind);
			}
			return answer;
		} finally {
			asking--;
		}
	};

	const server = createServer({ allowHalfOpen: true }, (socket) => {
		const gone = new AbortController();
		let text = '';
		sockets.add(socket);
		socket.on('error', () => {});
		socket.once('close', () => {
			sockets.delete(socket);
			gone.abort();
		});
		socket.on('data', (piece: Buffer) => {
			text += piece.toString('utf8');
			if (text.endsWith('\n')) {
				answerTo(parse(text), AbortSignal.any([gone.signal, signal])).then(
					(answer) => socket.end(answer === undefined ? '' : `${answer}\n`),
					() => socket.destroy(),
				);
			}
		});
	});
	await writeFile(program, askPass, { mode: 0o700 });
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen({ path, readableAll: false, writableAll: false }, resolve);
	});
	return {
		env: {
			SSH_ASKPASS: program,
			SSH_ASKPASS_REQUIRE: 'force',
			BACKOUT_ASK_NODE: process.execPath,
			BACKOUT_ASK_PROGRAM: helper,
			BACKOUT_ASK_SOCKET: path,
		},
		get asking() {
			return asking > 0;
		},
		answered,
		keep: () => {
			for (const [prompt, answer] of given) {
				answers.set(prompt, answer);
			}
		},
		close: async () => {
			for (const socket of sockets) {
				socket.destroy();
			}
			await new Promise((resolve) => server.close(resolve));
			await rm(program, { force: true });
		},
	};
};
