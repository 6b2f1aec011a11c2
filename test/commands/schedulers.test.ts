/** Schedulers that the README shows beside Argo: what it says to them is sound, and repeats what may be repeated. */
import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { CronJob } from 'kubernetes-models/batch/v1/CronJob'
import { parse } from 'yaml'
import { graceMs } from '../../lib/cli/interruption.ts'
import { wrongSchedule } from '../../lib/declare/schedule.ts'
import { exitCodes } from '../../lib/failure/exit-code.ts'
import packageFile from '../../package.json' with { type: 'json' }
import { temporaryFolder } from '../support/temporary.ts'

const root = join(import.meta.dir, '../..')
const readme = await Bun.file(join(root, 'README.md')).text()
const [, section = ''] = /^### Elsewhere\n([\s\S]*?)^##+ /m.exec(readme) ?? []
const [cronJob = '', taskDefinition = '', schedule = '', workflow = '', crontab = '', dag = ''] = [
  ...section.matchAll(/^```\w+\n([\s\S]*?)^```$/gm),
].map(([, text = '']) => text)

/** What it starts of the project is there. */
function expectProgram([bun, program = '']: readonly string[]): void {
  expect(bun).toBe('bun')
  expect(program).toMatch(/^lib\/commands\/\w+\.ts$/)
  expect(existsSync(join(root, program))).toBe(true)
}

const mayHelp: number[] = exitCodes.flatMap(({ code, retry }) =>
  retry === '' || retry === 'no' ? [] : [code],
)

test('the CronJob is sound by the model of Kubernetes, and fails for good by what a retry does not help', () => {
  const object = parse(cronJob)
  new CronJob(object).validate()
  expect(() => new CronJob({ ...object, spec: { ...object.spec, schedule: 6 } }).validate()).toThrow()
  const { jobTemplate, schedule: cron } = object.spec
  expect(wrongSchedule(cron)).toBeUndefined()
  const { podFailurePolicy, template } = jobTemplate.spec
  expect(podFailurePolicy.rules).toEqual([
    { action: 'FailJob', onExitCodes: { operator: 'In', values: [2, 3, 4] } },
  ])
  expect(
    [1, 2, 3, 4, 5].filter((code) => !podFailurePolicy.rules[0].onExitCodes.values.includes(code)),
  ).toEqual(mayHelp)
  // Kubernetes takes such a policy for pods alone that it does not start again.
  expect(template.spec.restartPolicy).toBe('Never')
  expect(template.spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(graceMs)
  expectProgram(template.spec.containers[0].command)
})

test('the task of ECS and its schedule are JSON that names one task, which has time to clean up', () => {
  const { family, containerDefinitions, cpu, memory } = JSON.parse(taskDefinition)
  const [{ command, stopTimeout }] = containerDefinitions
  expectProgram(command)
  expect(stopTimeout * 1_000).toBeGreaterThan(graceMs)
  // Fargate waits no longer.
  expect(stopTimeout).toBeLessThanOrEqual(120)
  expect(Number(memory) / Number(cpu)).toBeGreaterThanOrEqual(2)
  const { ScheduleExpression, Target } = JSON.parse(schedule)
  expect(Target.EcsParameters.TaskDefinitionArn).toEndWith(`:task-definition/${family}`)
  const [, fields = '', year] = /^cron\((\S+ \S+ \S+ \S+ \?) (\*)\)$/.exec(ScheduleExpression) ?? []
  expect(wrongSchedule(fields.replace('?', '*'))).toBeUndefined()
  expect(year).toBe('*')
})

test('the workflow of GitHub has all that one needs, and the Bun of the project', () => {
  const { on, jobs, permissions } = parse(workflow)
  for (const { cron } of on.schedule) expect(wrongSchedule(cron)).toBeUndefined()
  // Without it there is no token that AWS would take.
  expect(permissions['id-token']).toBe('write')
  for (const { 'runs-on': runner, steps } of Object.values<Record<string, unknown>>(jobs)) {
    expect(runner).toMatch(/^ubuntu-/)
    for (const step of Array.isArray(steps) ? steps : [])
      expect(Object.keys(step).filter((key) => ['uses', 'run'].includes(key))).toHaveLength(1)
  }
  expect(workflow).toContain(`bun-version: ${packageFile.packageManager.slice('bun@'.length)} `)
})

test.each([0, 1, 2, 3, 4, 5])(
  'its line ends with exit code %d as the load does, and repeats 1 and 5 once',
  async (code) => {
    const [, line = ''] = /- run: (bun run all .*)/.exec(workflow) ?? []
    await using folder = await temporaryFolder()
    const bin = (name: string) => join(folder.path, name)
    await Bun.write(bin('bun'), `#!/bin/sh\necho "$@" >> ${bin('said')}\nexit ${code}\n`)
    await Bun.write(bin('sleep'), `#!/bin/sh\necho "sleep $1" >> ${bin('said')}\n`)
    for (const name of ['bun', 'sleep']) await chmod(bin(name), 0o755)
    const child = Bun.spawn(['sh', '-e', '-c', line], { env: { PATH: `${folder.path}:/usr/bin:/bin` } })
    expect(await child.exited).toBe(code)
    const said = (await Bun.file(bin('said')).text()).trim().split('\n')
    expect(said).toEqual(mayHelp.includes(code) ? ['run all', 'sleep 120', 'run all'] : ['run all'])
  },
)

test('the line of cron has a schedule and a command of the project', () => {
  const [, cron = '', program = ''] =
    /^((?:\S+ ){4}\S+) cd \S+ && bun --env-file=\S+ (\S+) 2>> \S+\n$/.exec(crontab) ?? []
  expect(wrongSchedule(cron)).toBeUndefined()
  expectProgram(['bun', program])
  // cron makes lines of what stands after such a sign.
  expect(crontab).not.toContain('%')
})

const python = Bun.which('python3')

test.skipIf(python === null)(
  python === null
    ? 'NOT READ by Python, which is not there: the DAG of Airflow'
    : 'the DAG of Airflow is Python, and repeats what may be repeated',
  async () => {
    // Airflow itself is not there: what the file asks of it is, in its place.
    const stub = `
import sys, types
def module(name, **has):
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(has)
class Retried(Exception): pass
class Failed(Retried): pass
loads, dags = [], []
class Load:
    def __init__(self, work): self.work = work
    def expand(self, table): loads.extend((self.work, each) for each in table)
module('airflow')
module('airflow.exceptions', AirflowException=Retried, AirflowFailException=Failed)
module('airflow.sdk', task=lambda **options: Load, dag=lambda **options: lambda make: dags.append(options) or make)
exec(compile(sys.stdin.read(), 'dag.py', 'exec'))
import json, subprocess
ends = {}
for code in range(6):
    subprocess.run = lambda args, cwd: types.SimpleNamespace(returncode=code)
    try:
        loads[0][0](loads[0][1]); ends[code] = 'done'
    except Retried as error: ends[code] = type(error).__name__
print(json.dumps({'schedule': dags[0]['schedule'], 'tables': [each for _, each in loads], 'ends': ends}))
`
    const child = Bun.spawn([python ?? '', '-c', stub], { stdin: new Blob([dag]), stdout: 'pipe', env: {} })
    const { schedule: cron, tables, ends } = JSON.parse(await child.stdout.text())
    expect(wrongSchedule(cron)).toBeUndefined()
    for (const table of tables) expect(existsSync(join(root, `scripts/${table}.ts`))).toBe(true)
    expect(ends).toEqual({ 0: 'done', 1: 'Retried', 2: 'Failed', 3: 'Failed', 4: 'Failed', 5: 'Retried' })
  },
)
