/** `bun run argo`: the workflows in the project are those of its scripts, and what Argo would take. */
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { CronWorkflow } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/CronWorkflow'
import { WorkflowTemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/WorkflowTemplate'
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role'
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import { parseAllDocuments } from 'yaml'
import { parseDuration } from '../../lib/cli/duration.ts'
import { graceMs } from '../../lib/cli/interruption.ts'
import { loadCommand } from '../../lib/cli/load-flags.ts'
import { mostLetters } from '../../lib/commands/argo/installation.ts'
import { schedulesOf, usualCron } from '../../lib/commands/argo/schedules.ts'
import { tableNames } from '../../lib/declare/find-tables.ts'
import { argoSchema, schemaIsThere, schemaPath } from '../support/argo-schema.ts'
import { runInProcess } from '../support/in-process.ts'
import { danglingReferences } from '../support/references.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { parseWorkflows, stepCommand, type Workflows, workflowsFile } from '../support/workflows.ts'

const root = join(import.meta.dir, '../..')
const text = await Bun.file(workflowsFile).text()
const workflows = parseWorkflows(text)
const { template, crons, templates } = workflows
const pods = templates.filter(({ container }) => container !== undefined)

async function argo(...args: string[]) {
  return await runInProcess(join(root, 'lib/commands/argo.ts'), args, {})
}

const templateOf = (name: string) => templates.find((each) => each.name === name)
const tablesOf = (name: string) =>
  templateOf(name)?.dag?.tasks.map(({ arguments: given }) => given?.parameters?.[0]?.value)

describe('the workflows', () => {
  test('are what scripts/ makes now; else: bun run argo --out lib/commands/argo/workflows.yaml', async () => {
    expect(await argo()).toEqual({ exit: 0, stdout: text, stderr: '' })
  })

  test('load every table, each on one schedule, and inventories when its script says', async () => {
    const scheduled = templateOf('all')?.dag?.tasks.map(({ template: name }) => name ?? '') ?? []
    expect(scheduled.flatMap(tablesOf).toSorted()).toEqual(await tableNames())
    expect(tablesOf('at-0-6')).toEqual(['inventories'])
    expect(crons.map(({ spec }) => spec.workflowSpec.entrypoint)).toEqual(scheduled)
  })

  test('refer to nothing that is not there', () => {
    expect(danglingReferences(workflows)).toEqual([])
  })

  test.each([
    ['entrypoint: all', 'entrypoint: al'],
    ['template: check', 'template: chekc'],
    ['value: wpcs', 'value: wcps'],
    ['depends: load.', 'depends: laod.'],
    ['entrypoint: at-0-6', 'entrypoint: at-0-7'],
    ['{{workflow.parameters.catalog}}', '{{workflow.parameters.catalogue}}'],
    ['{{workflow.parameters.image}}', '{{image}}'],
    ["tasks['orders'].status", "tasks['order'].status"],
    ['{{tasks.orders.status}}', '{{tasks.order.status}}'],
    ['{{outputs.parameters.rows}}', '{{outputs.parameters.row}}'],
    ['template: tell', 'template: tel'],
    ['tasks.load.outputs.parameters.summary', 'tasks.load.outputs.parameters.sumary'],
    ['lib/commands/check.ts', 'lib/commands/checks.ts'],
    ['{{inputs.parameters.table}}.ts', '{{inputs.parameters.name}}.ts'],
    ['- name: scratch\n            mountPath', '- name: tmp\n            mountPath'],
    ['name: at-0-6\n            template: at-0-6', 'name: at-0-6\n            template: table'],
  ])('and it would be noticed if for "%s" they said "%s"', (right, wrong) => {
    expect(text).toContain(right)
    expect(danglingReferences(parseWorkflows(text.replaceAll(right, wrong)))).not.toEqual([])
  })

  test.skipIf(!schemaIsThere)(
    schemaIsThere
      ? 'are sound by the schema of Argo, made strict'
      : `NOT CHECKED by the schema of Argo, as ${schemaPath} is not there`,
    async () => {
      const problems = await argoSchema()
      for (const object of [template, ...crons]) expect(problems(object)).toEqual([])
      const changed = (right: string, wrong: string) => {
        expect(text).toContain(right)
        const { template: object, crons: others } = parseWorkflows(text.replaceAll(right, wrong))
        return [object, ...others].flatMap(problems)
      }
      expect(changed('retryPolicy:', 'retrypolicy:').join()).toContain('retrypolicy')
      expect(changed('readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: "yes"')).not.toEqual([])
      expect(changed('limit: 2', 'limit: 2.5')).not.toEqual([])
      expect(changed('  timezone:', '  timeZone:').join()).toContain('timeZone')
    },
  )

  test('are sound by the models of Kubernetes and of Argo, and so is the account of a role', async () => {
    const { stdout } = await argo('--role', 'arn:aws:iam::111122223333:role/dracula')
    const objects = parseAllDocuments(stdout).map((document) => document.toJS())
    const models = [ServiceAccount, Role, RoleBinding, WorkflowTemplate, CronWorkflow, CronWorkflow]
    expect(objects.map(({ kind }) => kind)).toEqual(models.map(({ name }) => name))
    for (const [index, Model] of models.entries()) new Model(objects[index]).validate()
    expect(() => new WorkflowTemplate({ ...objects[3], spec: { templates: 1 } }).validate()).toThrow()
  })

  test('start loads and checks with flags that they have', async () => {
    const [bun, script, ...flags] = stepCommand(workflows, 'load', { table: 'orders' })
    expect([bun, script]).toEqual(['bun', 'scripts/orders.ts'])
    const own = flags.slice(0, flags.indexOf('--summary-file'))
    const load = loadCommand('orders').exitOverride().parse(own, { from: 'user' })
    expect(load.opts()).toMatchObject({ catalog: 'auto', deadline: parseDuration('5h') })
    const [, check = '', ...more] = stepCommand(workflows, 'check', { table: 'orders' })
    expect(more.slice(0, 2)).toEqual(['--select', 'orders'])
    const help = Bun.spawn([process.execPath, join(root, check), '--help'], { env: {}, stdout: 'pipe' })
    const known = await help.stdout.text()
    for (const flag of more.filter((each) => each.startsWith('--'))) expect(known).toContain(`${flag} <`)
  })

  test('repeat what ended with exit code 1 or 5 or was lost, and nothing else', () => {
    for (const { retryStrategy } of pods) {
      expect(retryStrategy).toMatchObject({
        retryPolicy: 'Always',
        expression: 'asInt(lastRetry.exitCode) in [-1, 1, 5]',
      })
    }
    const others = templates.filter(({ container }) => container === undefined)
    expect(others.flatMap(({ retryStrategy }) => retryStrategy ?? [])).toEqual([])
  })

  test('leave a load time to stop by itself, and to clean up', () => {
    const [, deadline = ''] = stepCommand(workflows, 'load', { table: 'orders' })
      .join(' ')
      .split('--deadline ')
    const loadSeconds = parseDuration(deadline.split(' ')[0] ?? '') / 1_000
    const { terminationGracePeriodSeconds } = JSON.parse(template.spec.podSpecPatch ?? '{}')
    expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThan(graceMs)
    expect(templateOf('load')?.activeDeadlineSeconds).toBeGreaterThan(loadSeconds + graceMs / 1_000)
    expect(template.spec.activeDeadlineSeconds).toBeLessThan(12 * 3_600)
  })

  test('run as the user of the image, who can write nowhere but to /tmp, and get secrets by reference', async () => {
    const containerfile = await Bun.file(join(root, 'Containerfile')).text()
    const { runAsUser, runAsGroup, runAsNonRoot } = template.spec.securityContext ?? {}
    expect(containerfile).toContain(`\nUSER ${runAsUser}:${runAsGroup}\n`)
    expect(runAsNonRoot).toBe(true)
    for (const { container } of pods) {
      expect(container?.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      const writable = container?.volumeMounts?.filter(({ readOnly }) => readOnly !== true)
      expect(writable?.map(({ mountPath }) => mountPath)).toEqual(['/tmp'])
      expect(container?.envFrom).toContainEqual({ secretRef: { name: 'dracula' } })
      expect(container?.env).toBeUndefined()
    }
  })

  test('let nobody load a table twice at a time', () => {
    expect(templateOf('table')?.synchronization?.mutexes?.[0]?.name).toContain('{{inputs.parameters.table}}')
    expect(crons.map(({ spec }) => spec.concurrencyPolicy)).toEqual(crons.map(() => 'Forbid'))
  })
})

describe('the workflows of a table in slices', () => {
  const sliced = async () => parseWorkflows((await argo('--slices', 'orders=8,wpcs=2')).stdout)
  const named = ({ templates: all }: Workflows, name: string) => all.find((each) => each.name === name)

  test('fan out that table alone, by as many pods as it is told', async () => {
    const of = await sliced()
    expect(danglingReferences(of)).toEqual([])
    const tasks = named(of, 'at-0-every12')?.dag?.tasks ?? []
    const inSlices = tasks.filter(({ template: name }) => name === 'table-in-slices')
    expect(inSlices.map(({ arguments: given }) => given?.parameters)).toEqual([
      [
        { name: 'table', value: 'orders' },
        { name: 'slices', value: '8' },
      ],
      [
        { name: 'table', value: 'wpcs' },
        { name: 'slices', value: '2' },
      ],
    ])
    const others = tasks.filter(({ template: name }) => name !== 'table-in-slices')
    expect(new Set(others.map(({ template: name }) => name))).toEqual(new Set(['table']))
  })

  test('hold the snapshot, read the slices, and publish; whatever comes of it, it is cleared away', async () => {
    const of = await sliced()
    const [hold, slice, finish] = named(of, 'fan-out')?.dag?.tasks ?? []
    expect(hold).toMatchObject({ template: 'hold' })
    expect(slice).toMatchObject({ depends: 'hold', withSequence: { count: '{{inputs.parameters.slices}}' } })
    expect(finish).toMatchObject({ depends: 'slice.Succeeded' })
    expect(named(of, 'hold')).toMatchObject({
      daemon: true,
      container: { readinessProbe: { exec: { command: ['test', '-e', '/tmp/ready'] } } },
    })
    const [load, check] = named(of, 'table-in-slices')?.dag?.tasks ?? []
    expect(load).toMatchObject({ template: 'fan-out', hooks: { exit: { template: 'clear' } } })
    expect(check).toMatchObject({ template: 'check', depends: 'load.Succeeded' })
    expect(named(of, 'table-in-slices')?.synchronization).toEqual(named(of, 'table')!.synchronization!)
  })

  test('leave room for those who read, however many hold a snapshot and wait for them', async () => {
    const { template: of } = await sliced()
    expect(of.spec.parallelism).toBe((template.spec.parallelism ?? 0) + 2)
  })

  test('give every step the id of the workflow, and flags that it has', async () => {
    const of = await sliced()
    for (const step of ['hold', 'slice', 'finish', 'clear']) {
      const [bun, script = '', name, table, ...flags] = stepCommand(
        of,
        step,
        { table: 'orders', slices: '8', slice: '0' },
        'b3c1f0de-4d52-4c7e-9d0b-0a3c5b0f7a11',
      )
      expect([bun, name, table]).toEqual(['bun', step, 'orders'])
      expect(flags.slice(0, 2)).toEqual(['--fan-out', 'b3c1f0de-4d52-4c7e-9d0b-0a3c5b0f7a11'])
      const command = [process.execPath, join(root, script), step, '--help']
      const help = await Bun.spawn(command, { env: {}, stdout: 'pipe' }).stdout.text()
      for (const flag of flags.filter((each) => each.startsWith('--'))) expect(help).toContain(`${flag} <`)
    }
  })

  test.each([
    ['template: clear', 'template: cleer'],
    ['depends: hold', 'depends: holder'],
    ['{{item}}', '{{items}}'],
    ['{{workflow.uid}}', '{{workflow.id}}'],
    ['tasks.finish.outputs', 'tasks.finnish.outputs'],
    ['lib/commands/fan-out.ts', 'lib/commands/fanout.ts'],
  ])('and it would be noticed if for "%s" they said "%s"', async (right, wrong) => {
    const { stdout } = await argo('--slices', 'orders=8')
    expect(stdout).toContain(right)
    expect(danglingReferences(parseWorkflows(stdout.replaceAll(right, wrong)))).not.toEqual([])
  })

  test.skipIf(!schemaIsThere)('are sound by the schema of Argo, and by its models', async () => {
    const { template: of } = await sliced()
    const problems = await argoSchema()
    expect(problems(of)).toEqual([])
    new WorkflowTemplate(of).validate()
  })

  test('repeat what ended with exit code 1 or 5 or was lost, and run as all pods do', async () => {
    for (const each of (await sliced()).templates.filter(({ container }) => container !== undefined)) {
      expect(each.retryStrategy?.expression).toBe('asInt(lastRetry.exitCode) in [-1, 1, 5]')
      expect(each.container?.securityContext).toEqual(templateOf('load')!.container!.securityContext!)
    }
  })
})

describe('the schedules of scripts', () => {
  const of = (...crons: readonly (string | undefined)[]) =>
    crons.map((schedule, at) => ({ name: `t${at}`, schedule }))

  test('are one for each time that is said, and the usual one first, of those that say none', () => {
    const given = of('0 6 * * *', undefined, '15 3 1,15 * *', '0 6 * * *', '30 1 * * 1-5', '*/20 * * * *')
    expect(schedulesOf(given, usualCron, 'dracula')).toEqual([
      { name: 'at-0-every12', cron: '0 */12 * * *', tables: ['t1'] },
      { name: 'at-every20', cron: '*/20 * * * *', tables: ['t5'] },
      { name: 'at-0-6', cron: '0 6 * * *', tables: ['t0', 't3'] },
      { name: 'at-15-3-1and15', cron: '15 3 1,15 * *', tables: ['t2'] },
      { name: 'at-30-1-all-all-1to5', cron: '30 1 * * 1-5', tables: ['t4'] },
    ])
  })

  test('are the usual one where a script says the same, in whatever letters', () => {
    const given = of('0 4 * * mon', undefined, '0 4 * * MON')
    expect(schedulesOf(given, '0 4 * * MON', 'dracula').map(({ tables }) => tables)).toEqual([
      ['t0', 't1', 't2'],
    ])
  })

  test('have names that no other time has, within what Kubernetes takes', () => {
    const crons = ['1-2 * * * *', '1 2 * * *', '1,2 * * * *', '1-59/2 * * * *', '0-30 * * * *', '0 30 * * *']
    const long = ['1,2,3,4,5,6,7,8 1,2,3,4,5,6,7,8 * * *', '1,2,3,4,5,6,7,8 1,2,3,4,5,6,7,9 * * *']
    const name = 'a'.repeat(mostLetters)
    const names = schedulesOf(of(...crons, ...long), usualCron, name).map((each) => each.name)
    expect(new Set(names).size).toBe(crons.length + long.length)
    for (const each of names) expect(`${name}-${each}`).toMatch(/^[a-z0-9-]{1,52}$/)
  })
})

describe('bun run argo', () => {
  test('makes another installation as it is told to, in a file', async () => {
    await using folder = await temporaryFolder()
    const out = join(folder.path, 'shop.yaml')
    const flags = ['--name', 'shop', '--image', 'registry.example/dracula@sha256:0', '--parallel', '2']
    const times = ['--schedule', '30 4 * * MON-FRI', '--timezone', 'Europe/Berlin']
    const role = 'arn:aws:iam::111122223333:role/shop'
    expect(await argo(...flags, ...times, '--role', role, '--out', out)).toEqual({
      exit: 0,
      stdout: '',
      stderr: '',
    })
    const made = await Bun.file(out).text()
    const shop = parseWorkflows(made)
    expect(danglingReferences(shop)).toEqual([])
    expect(shop.template.spec).toMatchObject({ serviceAccountName: 'shop', parallelism: 2 })
    expect(stepCommand(shop, 'check', { table: 'orders' })).toContain('orders')
    expect(shop.crons.map(({ metadata, spec }) => [metadata.name, spec.schedules, spec.timezone])).toEqual([
      ['shop-at-30-4-all-all-montofri', ['30 4 * * MON-FRI'], 'Europe/Berlin'],
      ['shop-at-0-6', ['0 6 * * *'], 'Europe/Berlin'],
    ])
    expect(Bun.YAML.parse(made)).toContainEqual({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: 'shop',
        labels: { 'app.kubernetes.io/name': 'dracula', 'app.kubernetes.io/instance': 'shop' },
        annotations: { 'eks.amazonaws.com/role-arn': role },
      },
    })
    expect(made).not.toMatch(/^[ -]*name: dracula(?!_)/m)
  })

  test.each([
    [['--slices', 'taxis=2'], 'Known are: addresses'],
    [['--slices', 'orders'], 'a number from 2 to 100'],
    [['--slices', 'orders=1'], 'a number from 2 to 100'],
    [['--name', 'Shop'], 'lower-case letters'],
    [['--role', 'admin'], 'arn:aws:iam::'],
    [['--schedule', 'tomorrow'], 'not five fields'],
    [['--schedule', '0 24 * * *'], 'takes 0 to 23'],
    [['--image', '- x'], 'by digest'],
    [['--timezone', 'Transylvania'], 'Europe/Berlin'],
    [['--out', '/nowhere/at/all.yaml'], 'Check that its folder exists'],
  ])('refuses %p', async (args, advice) => {
    expect(await argo(...args)).toEqual({ exit: 2, stdout: '', stderr: expect.stringContaining(advice) })
  })
})
