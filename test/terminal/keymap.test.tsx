import { Box, Text } from 'ink';
import { useState } from 'react';
import { afterEach, expect, it } from 'vitest';
import { useBindings, useLiveBindings } from '../../src/components/keymap/keymap-provider.tsx';
import { TextInput } from '../../src/components/text-input.tsx';
import { type RenderedTerminal, renderTerminal } from '../helpers/terminal.ts';

let terminal: RenderedTerminal | undefined;
afterEach(async () => {
	await terminal?.close();
	terminal = undefined;
});
const start = async (app: React.ReactNode) => {
	terminal = await renderTerminal(app, { columns: 80, rows: 10 });
	return terminal;
};

const Confirm = ({ guardMs, answer }: { readonly guardMs?: number; readonly answer: (key: string) => void }) => {
	useBindings([{ keys: ['y', 'n', 'enter'], label: 'answer', run: answer }], { layer: 'dialog', modal: true, guardMs });
	return <Text>really?</Text>;
};

const Menu = ({ guardMs }: { readonly guardMs?: number }) => {
	const [log, setLog] = useState<readonly string[]>([]);
	const [open, setOpen] = useState<'confirm' | 'name' | undefined>();
	const [name, setName] = useState('');
	const say = (word: string) => setLog((before) => [...before, word]);
	useBindings([
		{ keys: ['j', 'down'], label: 'down', group: 'Move', run: say },
		{ keys: ['k'], label: 'up', group: 'Move', when: false, run: say },
		{ keys: ['y'], label: 'secret', hidden: true, run: say },
		{ keys: ['enter'], label: 'open', run: () => setOpen('confirm') },
		{ keys: ['/'], label: 'name', run: () => setOpen('name') },
		{ keys: ['pageUp', 'ctrl-d', 'esc', 'tab', 'shift-tab', 'space', 'G', 'é', 'backspace'], label: 'more', run: say },
	]);
	useBindings([{ keys: ['ctrl-c', 'q'], label: 'leave', run: (key) => say(`global ${key}`) }], { layer: 'global' });
	const live = useLiveBindings();
	return (
		<Box flexDirection="column">
			<Text>{`log: ${log.join(' ')}`}</Text>
			{open === 'confirm' && (
				<Confirm
					guardMs={guardMs}
					answer={(key) => {
						say(`answer ${key}`);
						setOpen(undefined);
					}}
				/>
			)}
			{open === 'name' && (
				<TextInput
					value={name}
					onChange={setName}
					width={10}
					onCancel={() => setOpen(undefined)}
					onSubmit={(value) => {
						say(`name ${value}`);
						setOpen(undefined);
					}}
				/>
			)}
			<Text>{`help: ${live.map(({ keys, label }) => `${keys[0]} ${label}`).join(', ')}`}</Text>
		</Box>
	);
};
const log = (shown: RenderedTerminal) => shown.screen()[0];

it('gives keys that come in one piece one by one', async () => {
	const shown = await start(<Menu />);
	await shown.send('jjjGé');
	expect(log(shown)).toBe('log: j j j G é');
});

it('names keys that are not characters', async () => {
	const shown = await start(<Menu />);
	await shown.press('down', 'pageUp', 'ctrl-d', 'tab', 'shift-tab', 'space', 'backspace', 'esc');
	expect(log(shown)).toBe('log: down pageUp ctrl-d tab shift-tab space backspace esc');
});

it('takes Esc and a key that a slow line delivers together for two keys', async () => {
	const shown = await start(<Menu />);
	await shown.send('\u001bj');
	expect(log(shown)).toBe('log: esc j');
});

it('does not let keys that came with the one that opened a dialog answer it', async () => {
	const shown = await start(<Menu />);
	await shown.send('j\ry\r');
	expect(shown.screen()[1]).toBe('really?');
	expect(log(shown)).toBe('log: j');
	await shown.press('y');
	expect(log(shown)).toBe('log: j answer y');
});

it('drops fast keys where a dialog is guarded', async () => {
	const shown = await start(<Menu guardMs={60_000} />);
	await shown.press('enter', 'y', 'enter');
	expect(shown.screen()[1]).toBe('really?');
	expect(log(shown)).toBe('log:');
	// What would be dropped is not offered either.
	expect(shown.screen().join('\n')).not.toContain('y answer');
});

it('offers the keys of a guarded dialog as soon as it takes them', async () => {
	const shown = await start(<Menu guardMs={50} />);
	await shown.press('enter');
	await shown.waitFor('y answer');
	await shown.press('y');
	expect(log(shown)).toBe('log: answer y');
});

it('keeps keys away from what lies under a modal layer, save ctrl keys of the program', async () => {
	const shown = await start(<Menu />);
	await shown.press('enter', 'j', 'q', 'ctrl-c');
	expect(log(shown)).toBe('log: global ctrl-c');
});

it('presses no key with a paste', async () => {
	const shown = await start(<Menu />);
	await shown.send('\u001b[200~j\ry\u001b[201~');
	expect(log(shown)).toBe('log:');
	await shown.press('enter');
	await shown.send('\u001b[200~y\r\u001b[201~');
	expect(shown.screen()[1]).toBe('really?');
});

it('types and pastes into a text field, and a pasted line end does not submit it', async () => {
	const shown = await start(<Menu />);
	await shown.press('/');
	await shown.send('prod');
	await shown.send('\u001b[200~uct\u001b[31mion\n\u001b[201~');
	await shown.press('j', 'backspace', 'left', 'left', 'x', 'ctrl-e', '!');
	await shown.press('enter');
	expect(log(shown)).toBe('log: name productixon!');
});

it('keeps the end of a long text in sight, within its width', async () => {
	const shown = await start(<Menu />);
	await shown.press('/');
	await shown.send('abcdefghijklmnop漢');
	expect(shown.screen()[1]).toBe('jklmnop漢');
});

it('knows what keys do at the moment, for help', async () => {
	const shown = await start(<Menu />);
	expect(shown.screen().slice(1).join('').trimEnd()).toBe(
		'help: j down, enter open, / name, pageUp more, ctrl-c leave',
	);
	await shown.press('enter');
	expect(shown.screen().slice(2).join('').trimEnd()).toBe('help: y answer, ctrl-c leave');
});
