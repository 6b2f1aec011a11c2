#!/usr/bin/env bun
/** `dracula load`: loads the table of a script, as the script does that is started itself. */
import { loadProgram } from '../cli/load-program.ts'
import { runProgram } from '../cli/program.ts'
import { requireTypes } from '../cli/require-types.ts'
import { withScripts } from '../cli/scripts-flag.ts'
import { declarationIn } from '../declare/declaration-in.ts'
import { requireScripts, scriptFile } from '../declare/find-tables.ts'
import { commandLine } from '../failure/command-line.ts'

const [first = '--help', ...flags] = process.argv.slice(2)
const isNamed = !first.startsWith('-')
const name = isNamed ? first : '<table>'

const program = loadProgram({
  name,
  get script() {
    return scriptFile(name)
  },
  async table(warn) {
    if (!isNamed) program.command.error('error: the table comes first, then its flags')
    await requireScripts([name])
    const table = await declarationIn(scriptFile(name), name)
    await requireTypes(warn, scriptFile(name))
    return table
  },
})
withScripts(program.command.name(commandLine(`load ${name}`)))
await runProgram({ ...program, argv: isNamed ? flags : [first, ...flags] })
