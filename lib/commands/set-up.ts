#!/usr/bin/env bun
/**
 * `bun run setup`: installs what the lock file says, packages of development too. It is what other commands begin
 * with, so it uses none of those packages itself, and says in one line why it cannot.
 */
import { join } from 'node:path'
import { Failure } from '../failure/failure.ts'

const root = join(import.meta.dir, '../..')

const install = Bun.spawn([process.execPath, 'install', '--frozen-lockfile', '--silent'], {
  cwd: root,
  stdin: 'ignore',
  stdout: 'ignore',
  stderr: 'pipe',
})
const [exit, stderr] = await Promise.all([install.exited, install.stderr.text()])
if (exit !== 0) {
  const [reason = ''] = stderr.split('\n').filter((line) => line.trim() !== '')
  const { message } = new Failure({
    exit: 2,
    act: 'install',
    thing: 'the packages of package.json',
    reason: reason.replace(/^error: /, '').replace(/[.\s]+$/, '') || `bun install ended with ${exit}`,
    advice: `Run it where ${root} can be written and the registry answers; an installation for production has what loads and checks need, and no more.`,
  })
  process.stderr.write(`${message}\n`)
  process.exitCode = 2
}
