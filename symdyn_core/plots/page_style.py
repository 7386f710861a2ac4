"""The style sheet of pages that this package writes."""

STYLE = """
:root { color-scheme: light; --ink: #1b2026; --soft: #5b646e; --line: #dfe3e8; --accent: #0072b2; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f6f8; color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 48px; }
header { border-bottom: 3px solid var(--accent); margin-bottom: 20px; padding-bottom: 10px; }
.kind { margin: 0; color: var(--soft); font-size: 13px; letter-spacing: .08em;
  text-transform: uppercase; }
h1 { margin: 2px 0; font-size: 28px; line-height: 1.2; overflow-wrap: anywhere; }
.on { margin: 0; color: var(--soft); overflow-wrap: anywhere; }
h2 { margin: 0 0 10px; font-size: 19px; }
h3 { margin: 0 0 6px; font-size: 15px; }
section { background: #fff; border: 1px solid var(--line); border-radius: 8px;
  padding: 18px 20px; margin: 0 0 18px; }
section p { margin: 0 0 10px; max-width: 86ch; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 22px; }
dl { display: grid; grid-template-columns: auto minmax(7ch, 1fr); gap: 2px 14px; margin: 0;
  font-size: 13.5px; }
dl + h3 { margin-top: 18px; }
dt { color: var(--soft); }
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
figure { margin: 0; }
figure svg { display: block; width: 100%; height: auto; }
.wide { max-width: 820px; margin: 0 auto 14px; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); gap: 14px; }
.key span { margin-right: 16px; white-space: nowrap; }
.key i { display: inline-block; width: 18px; height: 4px; margin: 0 6px 3px 0;
  border-radius: 2px; }
section .key { color: var(--soft); font-size: 13.5px; max-width: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px;
  font-variant-numeric: tabular-nums; }
th, td { padding: 5px 10px; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; padding-left: 4px; }
code { font: 12.5px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
small { display: block; font-size: 11px; opacity: .8; }
.badge { background: #d9f2e8; color: #00664a; border-radius: 9px; padding: 1px 8px;
  font-size: 11.5px; }
.bars td, .bars th { text-align: left; }
.layers th { white-space: normal; min-width: 108px; }
.glance th { white-space: normal; }
.glance code { white-space: normal; overflow-wrap: anywhere; }
.layers .lost { outline: 3px solid #1b2026; outline-offset: -3px; font-weight: 700; }
.bar { position: relative; height: 11px; min-width: 170px; background: #f0f2f5;
  border-radius: 3px; overflow: hidden; }
.bar i, .bar b { position: absolute; left: 0; top: 0; bottom: 0; border-radius: 3px; }
.bar i { background: #9cc7e0; }
.bar b { background: var(--accent); }
.actions { width: auto; margin-bottom: 16px; }
.actions td { text-align: left; border: 0; padding: 2px 18px 2px 0; }
.actions svg, .formula svg { display: block; max-width: 100%; height: auto; }
.formula { padding: 4px 0 2px; }
td small { line-height: 1.3; }
details { margin: 4px 0; }
summary { cursor: pointer; font-weight: 600; }
footer { color: var(--soft); font-size: 12.5px; text-align: right; }
@media print {
  body { background: #fff; }
  section { border: 0; padding: 0; break-inside: avoid-page; }
}
"""
"""Plain, readable on paper, wide tables scroll by themselves; no fonts to load."""
