/** The only style sheet of the page. Colours have names; dark or light is the viewer's choice. */
export const style = `
:root {
	color-scheme: light dark;
	--back: #ffffff; --panel: #f4f5f7; --edge: #c9ced6; --text: #14181f; --muted: #4d5663;
	--good: #14602b; --warn: #7a4700; --bad: #a3101c; --accent: #0b4f8a;
	--on-bar: #ffffff; --bar-good: #14602b; --bar-warn: #7a4700; --bar-bad: #a3101c; --bar-busy: #0b4f8a;
}
@media (prefers-color-scheme: dark) {
	:root {
		--back: #0f1318; --panel: #181d24; --edge: #363e4a; --text: #e8ecf1; --muted: #a6afbb;
		--good: #6fd58a; --warn: #f2bd5c; --bad: #ff8f8f; --accent: #7cc0ff;
		--on-bar: #0b0e12; --bar-good: #6fd58a; --bar-warn: #f2bd5c; --bar-bad: #ff8f8f; --bar-busy: #7cc0ff;
	}
}
* { box-sizing: border-box; }
html { font-size: clamp(15px, 11.5px + 0.5vw, 24px); -webkit-text-size-adjust: 100%; }
body {
	margin: 0; padding: 0.6rem; background: var(--back); color: var(--text);
	font-family: system-ui, sans-serif; line-height: 1.4; overflow-wrap: anywhere;
}
h1, h2, h3, p, ol, ul, table, pre { margin: 0; padding: 0; }
ol, ul { list-style: none; }
h1 { font-size: 1rem; font-weight: 600; }
h2 { font-size: 1.3rem; }
h3 { font-size: 0.85rem; font-weight: 600; color: var(--muted); margin-bottom: 0.3rem; }
.top { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; align-items: baseline; justify-content: space-between; margin-bottom: 0.6rem; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); font-weight: 600; }
.accent, .busy { color: var(--accent); } .muted { color: var(--muted); } .strong { font-weight: 600; }
.bar { border-radius: 0.3rem; padding: 0.45rem 0.7rem; font-weight: 700; color: var(--on-bar); background: var(--bar-busy); font-size: 1.15rem; }
.bar.good, .bar.triumph { background: var(--bar-good); color: var(--on-bar); }
.bar.warn, .bar.doubt { background: var(--bar-warn); color: var(--on-bar); }
.bar.bad, .bar.alarm { background: var(--bar-bad); color: var(--on-bar); }
.bar.muted, .bar.plain, .bar.busy { background: var(--bar-busy); color: var(--on-bar); }
#stale { position: sticky; top: 0; z-index: 1; margin-bottom: 0.6rem; }
.badge { border-radius: 0.25rem; padding: 0.05rem 0.45rem; font-size: 0.8rem; font-weight: 700; background: var(--edge); color: var(--text); vertical-align: middle; }
.badge.production { background: var(--bar-bad); color: var(--on-bar); }
section.target { border-top: 2px solid var(--edge); padding-top: 0.6rem; margin-top: 0.8rem; }
.about { color: var(--muted); font-size: 0.9rem; margin: 0.15rem 0 0.6rem; }
.panels { display: grid; gap: 0.6rem; grid-template-columns: minmax(0, 1fr); }
.panel { background: var(--panel); border: 1px solid var(--edge); border-radius: 0.4rem; padding: 0.6rem; min-width: 0; }
@media (min-width: 1100px) {
	.panels { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); align-items: start; }
	.wide { grid-column: 1; grid-row: 1 / span 6; }
	.whole { grid-column: 1 / -1; }
}
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-size: 0.8rem; font-weight: 600; color: var(--muted); }
th, td { padding: 0.15rem 0.5rem 0.15rem 0; vertical-align: top; }
.number { text-align: right; white-space: nowrap; }
.once { white-space: nowrap; }
li { padding: 0.12rem 0; }
.row { display: grid; grid-template-columns: 1.4rem minmax(0, 1fr) auto; gap: 0 0.3rem; }
.row > .reason { grid-column: 2 / -1; }
.sign { text-align: center; }
pre {
	margin-top: 0.5rem; padding: 0.5rem; background: var(--back); border: 1px solid var(--edge); border-radius: 0.3rem;
	font: 0.8rem/1.45 ui-monospace, monospace; white-space: pre-wrap; max-height: 22rem; overflow-y: auto;
}
.reason { color: var(--muted); font-size: 0.9rem; }
.gap { margin-top: 0.5rem; }
@media (max-width: 640px) { .spare { display: none; } pre { max-height: 15rem; } }
`;
