import { expect, test } from 'vitest';
import { animationOf } from '../helpers/animation.ts';

const picture = (...parts: readonly string[]) =>
	`<svg viewBox="0 0 10 10">\n<title>t</title>\n<rect width="10" height="10"/>\n${parts.join('\n')}\n</svg>\n`;
const text = (said: string) => `<text x="1">${said}</text>`;

test('writes what does not change once, and each part for its frames', () => {
	const svg = animationOf([
		{ picture: picture(text('always'), text('first')), ms: 1000 },
		{ picture: picture(text('always'), '<rect x="1" y="1"/>', text('then')), ms: 3000 },
	]);
	expect(svg.match(/always/g)).toHaveLength(1);
	expect(svg).toContain(`<g class="f0-1 past">\n${text('first')}\n</g>`);
	expect(svg).toContain(`<g class="f1-2 last">\n${text('then')}\n</g>`);
	expect(svg).toContain('@keyframes f0-1{0%{visibility:visible}25.000%{visibility:hidden}}');
	expect(svg).toContain('@keyframes f1-2{0%{visibility:hidden}25.000%{visibility:visible}}');
	expect(svg).toContain('4000ms step-end infinite');
	// Fills are below the texts.
	expect(svg.indexOf('<rect x=')).toBeLessThan(svg.indexOf('<text'));
	expect(svg.startsWith('<svg viewBox="0 0 10 10">\n<title>t</title>\n<rect width="10" height="10"/>\n<style>')).toBe(
		true,
	);
	expect(svg.trim().endsWith('</svg>')).toBe(true);
});

test('a part that comes again is there again', () => {
	const [with_, without] = [picture(text('a'), text('b')), picture(text('b'))];
	const svg = animationOf([
		{ picture: with_, ms: 100 },
		{ picture: without, ms: 100 },
		{ picture: with_, ms: 100 },
	]);
	expect(svg.match(/>a</g)).toHaveLength(2);
});
