import { expect, test } from 'bun:test'
import { join } from 'node:path'
import packageFile from '../../package.json' with { type: 'json' }

test('bun run help has a line for every command that people start', async () => {
  const help = Bun.spawn([process.execPath, 'run', '--silent', 'help'], {
    cwd: join(import.meta.dir, '../..'),
    stdout: 'pipe',
  })
  const listed = [...(await help.stdout.text()).matchAll(/^ {2}(\S+) {3,}\S/gm)].map(([, name]) => name)
  expect(await help.exited).toBe(0)
  const hooks = ['help', 'setup', 'prepack', 'postpack']
  const started = Object.keys(packageFile.scripts).filter((name) => !hooks.includes(name))
  expect(listed.toSorted()).toEqual(started.toSorted())
})
