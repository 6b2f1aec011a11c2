#!/usr/bin/env bun
/** `bun run help`: the commands of this project, with a few words each; `bun run` alone has Bun's own words around them. */
import packageFile from '../../package.json' with { type: 'json' }
import { textTable } from '../cli/text-table.ts'
import { commands } from './dracula/commands.ts'

/** What a project of somebody else's has no use for. */
const ofThisProject: readonly (readonly [string, string])[] = [
  ['demo', 'see all of it on this machine: Postgres filled, loaded, checked and asked'],
  ['test', 'run the tests'],
  ['bench', 'measure loads beside COPY and other tools'],
  ['picture', 'take the picture of a terminal that the README shows'],
  ['sbom', 'print the bill of materials: packages, licences, checksums'],
  ['matrix', 'run the tests that start a Postgres on each of its versions, from 12 on'],
  ['fuzz', 'load tables made at random for ten minutes'],
  ['completeness', 'look for rows that loads lose while others write'],
  ['models', "write anew what is known of AWS' models of its services"],
  ['conformance', 'run loads and commands against other implementations of AWS'],
  ['settings', 'load under each setting that a role may have'],
  ['torture', 'disturb loads in every way, and judge what readers see'],
  ['check:types', 'ask the compiler'],
  ['lint', 'ask the linter'],
]

const scripts = Object.keys(packageFile.scripts)
const here = commands.filter(({ name }) => scripts.includes(name)).map(({ name, words }) => [name, words])

console.log(
  [
    'bun run <command>, and --help after it says more:',
    '',
    textTable(here),
    '',
    'One table: bun scripts/<table>.ts. One check: bun checks/<check>.ts <table>.',
    '',
    textTable(ofThisProject),
  ].join('\n'),
)
