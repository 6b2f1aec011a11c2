/** The page: one document that needs nothing else, neither a network nor, to be read, its script. */
import { join } from 'node:path'
import packageFile from '../../../package.json' with { type: 'json' }
import type { LakeFacts } from './facts.ts'
import { html, textOf, verbatim } from './html.ts'
import { lineageSection } from './lineage-graph.ts'
import { overview } from './overview.ts'
import { tableEntry } from './table-entry.ts'
import { formatMoment } from './words.ts'

/** A drop, as blood or Parquet has it. */
const icon = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#a61e38" d="M8 1c3 4 5 6.500 5 9a5 5 0 0 1-10 0c0-2.500 2-5 5-9z"/></svg>')}`

/** Later ones change what earlier ones say. */
const styles = [
  'style/frame.css',
  'style/overview.css',
  'style/tables.css',
  'style/charts.css',
  'style/elsewhere.css',
]

/** @returns the HTML of it */
export async function pageOf(facts: LakeFacts): Promise<string> {
  const [style, script] = await Promise.all([ownTexts(styles), ownTexts(['page.js'])])
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src '${hashOf(script)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const { name, place, at, tables } = facts
  return `<!doctype html>\n${textOf(html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Dracula ${packageFile.version}">
<title>${name}: what readers see</title>
<link rel="icon" href="${icon}">
<style>${verbatim(style)}</style>
</head>
<body>
<a class="skip" href="#tables">To the tables</a>
<header><p class="brand"><span class="drop" aria-hidden="true"></span><b>${name}</b> <span class="place">${place}</span></p>
<p class="made"><time id="made" datetime="${at}">${formatMoment(at)}</time> <button type="button" id="theme" hidden>Theme: automatic</button></p></header>
<main>
${overview(facts)}
<section aria-labelledby="tables"><div class="bar"><h2 id="tables" tabindex="-1">Tables</h2>
<div class="controls" id="controls" hidden><label><span class="hidden">Find a table, a column, an owner</span><input id="find" type="search" placeholder="Find a table, column, owner  /" autocomplete="off" spellcheck="false"></label>
<label class="check"><input id="problems" type="checkbox"> problems only</label>
<label><span class="hidden">Sort</span><select id="sort"><option value="name">by name</option><option value="age">stalest first</option><option value="rows">most rows first</option><option value="bytes">largest first</option><option value="seconds">slowest first</option></select></label></div></div>
<p class="hidden" id="found" role="status"></p>
<div class="head" aria-hidden="true"><span></span><span>table</span><span>rows, by load</span><span class="n">rows</span><span class="n">size</span><span class="n">age</span></div>
<ul class="tables" id="list">
${tables.map((table) => tableEntry(table, at))}
</ul><p class="note" id="nothing" hidden>Nothing is found.</p></section>
${lineageSection(facts)}
</main>
<footer><p>Made by Dracula ${packageFile.version} of Glue, the records of loads and the scripts. A load that is shown was counted: rows that Postgres sent, rows in the files and rows that Athena counts are the same.</p></footer>
<script>${verbatim(script)}</script>
</body>
</html>`)}\n`
}

async function ownTexts(names: readonly string[]): Promise<string> {
  const texts = await Promise.all(names.map((name) => Bun.file(join(import.meta.dir, name)).text()))
  return texts.join('')
}

function hashOf(text: string): string {
  return `sha256-${new Bun.CryptoHasher('sha256').update(text).digest('base64')}`
}
