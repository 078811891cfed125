import { expect, it } from 'vitest';
import { parseHistory, toLayers } from '../../src/engines/docker/history.ts';
import { historyTexts, layerCommand } from '../../src/screens/container/history-rows.ts';

const built = Date.UTC(2026, 0, 2);

it('reads the same from the Engine API and from docker history', () => {
	const layers = [
		{ createdAt: built, command: 'COPY . /app # buildkit', bytes: 4_000_000 },
		{ command: 'ADD rootfs', bytes: 30 },
	];
	expect(
		toLayers([
			{ Id: 'sha256:1', Created: built / 1000, CreatedBy: 'COPY . /app # buildkit', Size: 4_000_000, Tags: null },
			{ Id: '<missing>', Created: -62135596800, CreatedBy: 'ADD rootfs', Size: 30, Tags: null },
		]),
	).toEqual(layers);
	expect(
		parseHistory(
			[
				'{"Comment":"","CreatedAt":"2026-01-02T01:00:00+01:00","CreatedBy":"COPY . /app # buildkit","CreatedSince":"","ID":"sha256:1","Size":"4000000"}',
				'{"Comment":"","CreatedAt":"0001-01-01T00:00:00Z","CreatedBy":"ADD rootfs","CreatedSince":"","ID":"<missing>","Size":"30"}',
				'',
			].join('\n'),
		),
	).toEqual(layers);
});

it.each([
	['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
	['/bin/sh -c apt-get update', 'RUN apt-get update'],
	['RUN /bin/sh -c pip install   -r x # buildkit', 'RUN pip install -r x'],
	['RUN |1 VERSION=1.2 /bin/sh -c make # buildkit', 'RUN make'],
	['RUN echo /bin/sh -c x # buildkit', 'RUN echo /bin/sh -c x'],
	['ENV A=b', 'ENV A=b'],
])('says %j as the Dockerfile does', (command, words) => {
	expect(layerCommand(command)).toBe(words);
});

it('shows the newest layers, says how many there are besides, and keeps to the width', () => {
	const layers = Array.from({ length: 20 }, (_, index) => ({
		createdAt: built - index * 86_400_000,
		command: `RUN ${'x'.repeat(200)}`,
		bytes: index * 1_000_000,
	}));
	const texts = historyTexts(layers, built + 3_600_000, 60);
	expect(texts).toHaveLength(9);
	expect(texts[0]).toMatch(/^ {2}1h {5}– {2}RUN x+…$/);
	expect(texts.at(-1)).toBe('… 12 older layers');
	expect(texts.every((text) => text.length <= 60)).toBe(true);
});
