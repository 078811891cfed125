import { createHash } from 'node:crypto';
import { dayAndTime, timeWithSeconds, zoneName } from '../../components/format-time.ts';
import { fromMasked, type Masked } from '../../runbook/masked.ts';
import { standingSigns } from '../../screens/targets/target-rows.ts';
import { targetStatuses } from '../../screens/targets/target-status.ts';
import { html, ownText } from './html.ts';
import type { PageFacts } from './page-facts.ts';
import { script } from './script.ts';
import { style } from './style.ts';
import { targetSection, targetsPanel } from './target-html.ts';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What the page may load and run (Content Security Policy Level 3): its own style and script, and itself again. */
export const pagePolicy = [
	"default-src 'none'",
	`style-src ${hashOf(style)}`,
	`script-src ${hashOf(script)}`,
	"connect-src 'self'",
	'img-src data:',
	"base-uri 'none'",
	"form-action 'none'",
].join('; ');

const endedText = 'backout has ended: nothing newer will come. Do not rely on this page.';

const render = ({ at, ended, targets }: PageFacts): string => {
	const worstFirst = targets.toSorted((a, b) => targetStatuses.indexOf(a.status) - targetStatuses.indexOf(b.status));
	const [worst] = worstFirst;
	const sign = worst === undefined ? undefined : standingSigns[worst.status];
	return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${pagePolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<noscript><meta http-equiv="refresh" content="5"></noscript>
<link rel="icon" href="data:,">
<title>${sign?.glyph ?? ''} ${worst?.name ?? ''} ${sign?.word ?? ''} - backout</title>
<style>${ownText(style)}</style>
</head>
<body>
<p id="stale" class="bar bad" role="alert" ${ended ? '' : 'hidden'}>${ended ? endedText : ''}</p>
<main data-at="${at}" data-ended="${ended ? endedText : ''}">
<div class="top"><h1>backout</h1><p class="muted">as of ${dayAndTime(at).replace(/ [\d:]+$/, '')} ${timeWithSeconds(at)} ${zoneName(at)}</p></div>
${targets.length < 2 ? undefined : targetsPanel(worstFirst)}
${worstFirst.map(targetSection)}
</main>
<script>${ownText(script)}</script>
</body>
</html>
`.text;
};

/** Returns the page: one HTML document that loads nothing. */
export const pageHtml = (facts: Masked<PageFacts>): Masked<string> => fromMasked(facts, render);
