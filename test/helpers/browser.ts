import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The Chromium of this machine; undefined if there is none. */
export const chromium = (process.env.PATH ?? '')
	.split(delimiter)
	.flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
	.find((file) => {
		try {
			accessSync(file, constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});

export interface Viewport {
	readonly width: number;
	readonly height: number;
	readonly dark?: boolean;
	readonly mobile?: boolean;
}

/** A tab of a real browser. */
export interface Tab {
	open(url: string): Promise<void>;
	view(viewport: Viewport): Promise<void>;
	/** Returns the value of a JavaScript expression on the page. */
	evaluate<T>(expression: string): Promise<T>;
	/** Writes a picture of what is in view, PNG. */
	picture(file: string): Promise<void>;
	/** What the browser has complained about: errors, exceptions, and what the policy of a page forbade. */
	readonly complaints: readonly string[];
	close(): Promise<void>;
}

interface Message {
	readonly id?: number;
	readonly method?: string;
	readonly params?: Readonly<Record<string, unknown>>;
	readonly result?: Readonly<Record<string, unknown>>;
	readonly error?: { readonly message: string };
}

/** Speaks the Chrome DevTools Protocol over one socket. */
const connect = async (url: string, onEvent: (message: Message) => void) => {
	const socket = new WebSocket(url);
	await new Promise((resolve, reject) => {
		socket.addEventListener('open', resolve, { once: true });
		socket.addEventListener('error', () => reject(new Error(`the browser does not answer at ${url}`)), { once: true });
	});
	const waiting = new Map<number, PromiseWithResolvers<Readonly<Record<string, unknown>>>>();
	socket.addEventListener('message', ({ data }) => {
		const message = JSON.parse(String(data)) as Message;
		const asked = message.id === undefined ? undefined : waiting.get(message.id);
		if (asked === undefined) {
			onEvent(message);
		} else if (message.error !== undefined) {
			asked.reject(new Error(message.error.message));
		} else {
			asked.resolve(message.result ?? {});
		}
	});
	let last = 0;
	return {
		ask: (method: string, params: Readonly<Record<string, unknown>> = {}) => {
			const id = ++last;
			const asked = Promise.withResolvers<Readonly<Record<string, unknown>>>();
			waiting.set(id, asked);
			socket.send(JSON.stringify({ id, method, params }));
			return asked.promise;
		},
		close: () => socket.close(),
	};
};

/** Starts Chromium without a window, with a profile of its own, and opens a tab. */
export const openBrowser = async (): Promise<Tab> => {
	const profile = mkdtempSync(join(tmpdir(), 'backout-browser-'));
	const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run'];
	const child = spawn(
		chromium ?? 'chromium',
		[...options, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
		{ stdio: ['ignore', 'ignore', 'pipe'] },
	);
	const ended = new Promise((resolve) => child.once('close', resolve));
	const port = await new Promise<string>((resolve, reject) => {
		let said = '';
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			said += text;
			const [, found] = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(said) ?? [];
			if (found !== undefined) {
				resolve(found);
			}
		});
		void ended.then(() => reject(new Error(`the browser ended: ${said}`)));
	});
	const pages = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
		readonly type: string;
		readonly webSocketDebuggerUrl: string;
	}[];
	const complaints: string[] = [];
	const loaded = new Set<() => void>();
	const { ask, close } = await connect(
		pages.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '',
		({ method, params = {} }) => {
			if (method === 'Page.loadEventFired') {
				for (const done of loaded) {
					done();
				}
				loaded.clear();
			} else if (method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown') {
				complaints.push(JSON.stringify(params));
			}
		},
	);
	await Promise.all(['Page.enable', 'Log.enable', 'Runtime.enable'].map((method) => ask(method)));
	return {
		complaints,
		open: async (url) => {
			const done = new Promise<void>((resolve) => loaded.add(resolve));
			await ask('Page.navigate', { url });
			await done;
		},
		view: async ({ width, height, dark = false, mobile = false }) => {
			await ask('Emulation.setDeviceMetricsOverride', { width, height, mobile, deviceScaleFactor: mobile ? 2 : 1 });
			await ask('Emulation.setEmulatedMedia', {
				features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
			});
		},
		evaluate: async <T>(expression: string) => {
			const { result, exceptionDetails } = (await ask('Runtime.evaluate', {
				expression,
				returnByValue: true,
				awaitPromise: true,
			})) as { readonly result?: { readonly value?: T }; readonly exceptionDetails?: { readonly text: string } };
			if (exceptionDetails !== undefined) {
				throw new Error(`${expression}: ${exceptionDetails.text}`);
			}
			return result?.value as T;
		},
		picture: async (file) => {
			const { data } = (await ask('Page.captureScreenshot')) as { readonly data: string };
			writeFileSync(file, Buffer.from(data, 'base64'));
		},
		close: async () => {
			close();
			child.kill('SIGTERM');
			await ended;
			rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
		},
	};
};
