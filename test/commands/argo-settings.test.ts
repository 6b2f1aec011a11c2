/** `bun run argo` as a cluster needs it: where pods run, what loads take and are told, and who is told of their end. */
import { describe, expect, test } from 'bun:test'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CronWorkflow } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/CronWorkflow'
import { WorkflowTemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/WorkflowTemplate'
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role'
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import { parseAllDocuments } from 'yaml'
import { loadCommand } from '../../lib/cli/load-flags.ts'
import { argoSchema, schemaIsThere, schemaPath } from '../support/argo-schema.ts'
import { runInProcess } from '../support/in-process.ts'
import { danglingReferences } from '../support/references.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { parseWorkflows, stepCommand, type Workflows } from '../support/workflows.ts'

const root = join(import.meta.dir, '../..')

async function argo(...args: string[]) {
  return await runInProcess(join(root, 'lib/commands/argo.ts'), args, {})
}

async function workflowsOf(...args: string[]): Promise<Workflows> {
  const { exit, stdout, stderr } = await argo(...args)
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
  const workflows = parseWorkflows(stdout)
  expect(danglingReferences(workflows)).toEqual([])
  return workflows
}

const named = ({ templates }: Workflows, name: string) => templates.find((each) => each.name === name)

const cluster = [
  ...['--namespace', 'lake', '--role', 'arn:aws:iam::111122223333:role/shop', '--service-account', 'loader'],
  ...[
    '--label',
    'team=data',
    '--label',
    'example.com/cost-centre=42',
    '--annotation',
    'linkerd.io/inject=disabled',
  ],
  ...['--pull-secret', 'registry', '--pull-secret', 'mirror.example', '--node-selector', 'pool=true'],
  ...['--toleration', 'dedicated=loads:NoSchedule', '--toleration', 'spot'],
]

const loads = [
  ...['--memory', '2Gi', '--memory', 'invoices=4Gi', '--cpu', 'invoices=2', '--cpu', 'orders=500m'],
  ...[
    '--load-flags',
    'events=--fingerprint --full',
    '--load-flags',
    '--retain 5',
    '--slices',
    'orders=4,notes=2',
  ],
]

describe('the objects of a cluster', () => {
  test('lie in its namespace, with its labels, run where it says, and are sound by their models', async () => {
    const { stdout } = await argo(...cluster, ...loads)
    const objects = parseAllDocuments(stdout).map((document) => document.toJS())
    const models = [ServiceAccount, Role, RoleBinding, WorkflowTemplate, CronWorkflow, CronWorkflow]
    expect(objects.map(({ kind }) => kind)).toEqual(models.map(({ name }) => name))
    for (const [at, Model] of models.entries()) new Model(objects[at]).validate()
    const labels = {
      'app.kubernetes.io/name': 'dracula',
      'app.kubernetes.io/instance': 'dracula',
      'example.com/cost-centre': '42',
      team: 'data',
    }
    for (const { metadata } of objects) {
      expect(metadata).toMatchObject({
        namespace: 'lake',
        labels,
        annotations: { 'linkerd.io/inject': 'disabled' },
      })
    }
    const [account, , binding, template] = objects
    expect(account.metadata.name).toBe('loader')
    expect(account.metadata.annotations).toMatchObject({
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/shop',
    })
    expect(binding.subjects).toEqual([{ kind: 'ServiceAccount', name: 'loader', namespace: 'lake' }])
    expect(template.spec).toMatchObject({
      serviceAccountName: 'loader',
      imagePullSecrets: [{ name: 'registry' }, { name: 'mirror.example' }],
      nodeSelector: { pool: 'true' },
      tolerations: [
        { key: 'dedicated', operator: 'Equal', value: 'loads', effect: 'NoSchedule' },
        { key: 'spot', operator: 'Exists' },
      ],
      podMetadata: { labels, annotations: { 'linkerd.io/inject': 'disabled' } },
      workflowMetadata: { labels },
    })
    expect(stdout).toContain('argo submit -n lake --from workflowtemplate/dracula')
  })

  test.skipIf(!schemaIsThere)(
    schemaIsThere
      ? 'are sound by the schema of Argo, made strict'
      : `NOT CHECKED by the schema of Argo, as ${schemaPath} is not there`,
    async () => {
      const { template, crons } = await workflowsOf(...cluster, ...loads)
      const problems = await argoSchema()
      for (const object of [template, ...crons]) expect(problems(object)).toEqual([])
      const { templates } = template.spec
      expect(problems({ ...template, spec: { templates, nodeselector: {} } } as never)).not.toEqual([])
    },
  )
})

describe('what loads take and are told', () => {
  test('is said of all tables and of some, whose templates are their own, on schedules and by hand', async () => {
    const of = await workflowsOf(...loads)
    const resources = (name: string) => named(of, name)?.container?.resources
    expect(resources('load')).toEqual({ requests: { cpu: '1', memory: '2Gi' }, limits: { memory: '2Gi' } })
    expect(resources('load-of-invoices')).toEqual({
      requests: { cpu: '2', memory: '4Gi' },
      limits: { memory: '4Gi' },
    })
    expect(resources('slice-of-orders')).toMatchObject({ requests: { cpu: '500m', memory: '2Gi' } })
    const templateOf = (table: string) =>
      of.templates.flatMap(({ dag }) => dag?.tasks ?? []).find(({ name }) => name === table)?.template
    expect(['invoices', 'orders', 'notes', 'events', 'taxes'].map(templateOf)).toEqual([
      'table-of-invoices',
      'table-in-slices-of-orders',
      'table-in-slices',
      'table-of-events',
      'table',
    ])
    expect(named(of, 'table-of-invoices')?.inputs?.parameters).toEqual([{ name: 'table', value: 'invoices' }])
    expect(named(of, 'table-in-slices-of-orders')?.inputs?.parameters).toEqual([
      { name: 'table', value: 'orders' },
      { name: 'slices', value: '4' },
    ])
    const mutexes = [
      'table',
      'table-of-invoices',
      'table-in-slices-of-orders',
      'table-in-slices',
      'partitions-of-events',
    ]
    for (const each of mutexes)
      expect(named(of, each)?.synchronization?.mutexes).toEqual([
        { name: 'dracula-{{inputs.parameters.table}}' },
      ])
  })

  test('is taken by loads as they are, and lookups never get the memory that a load needs itself', async () => {
    const of = await workflowsOf(...loads)
    const optionsOf = (step: string, table: string) => {
      const [, , ...flags] = stepCommand(of, step, { table, partitions: '2026-03-01..2026-03-07' })
      const own = flags.slice(0, flags.indexOf('--summary-file'))
      return loadCommand(table).exitOverride().parse(own, { from: 'user' }).opts()
    }
    expect(optionsOf('load', 'taxes')).toMatchObject({ retain: 5, maxLookupSize: 1.5 * 2 ** 30 })
    expect(optionsOf('load-of-invoices', 'invoices')).toMatchObject({
      retain: 5,
      maxLookupSize: 3.5 * 2 ** 30,
    })
    expect(optionsOf('load-of-events', 'events')).toMatchObject({ retain: 5, full: true, fingerprint: true })
    const partitions = optionsOf('load-partitions-of-events', 'events')
    expect(partitions).toMatchObject({ partitions: '2026-03-01..2026-03-07', fingerprint: true })
    expect(partitions).not.toHaveProperty('full')
    const inputs = { table: 'orders', slices: '4' }
    expect(stepCommand(of, 'hold-of-orders', inputs).join(' ')).toContain(
      ' --retain 5 --max-lookup-size 1536MiB ',
    )
  })

  test('leaves the size of lookups to who says it, and keeps some for a load of little memory', async () => {
    const of = await workflowsOf(
      ...['--memory', '512Mi', '--load-flags', 'taxes=--max-lookup-size 10MiB', '--memory', 'taxes=1G'],
    )
    expect(stepCommand(of, 'load', { table: 'orders' }).join(' ')).toContain(' --max-lookup-size 64MiB ')
    const flags = stepCommand(of, 'load-of-taxes', { table: 'taxes' })
    expect(flags.filter((flag) => /lookup|MiB/.test(flag))).toEqual(['--max-lookup-size', '10MiB'])
  })
})

describe('a project of somebody else', () => {
  const script = (name: string, more = '') => `import { integer, table } from '${root}/lib/table.ts'
export default table({ name: '${name}', columns: { id: integer }${more} })
`

  test('gives its installation and image their names, and may call tables as templates and their ends are', async () => {
    await using folder = await temporaryFolder()
    const write = (path: string, text: string) => Bun.write(join(folder.path, path), text)
    const names = ['partitions', 'in_slices', 'all', 'check', '_a', 'table_a']
    await write(
      'package.json',
      JSON.stringify({ name: '@org/My.Lake_', version: '1.2.0+b', dependencies: { 'dracula-etl': '1' } }),
    )
    await Promise.all(
      names.map((name) =>
        write(
          `scripts/${name}.ts`,
          script(name, `, partitionBy: ranges('id', 1000)`).replace('{ integer,', '{ integer, ranges,'),
        ),
      ),
    )
    const memory = names.flatMap((name) => ['--memory', `${name}=2Gi`])
    const child = Bun.spawn(
      [
        process.execPath,
        join(root, 'lib/commands/argo.ts'),
        '--scripts',
        join(folder.path, 'scripts'),
        ...memory,
      ],
      { env: {}, stdout: 'pipe' },
    )
    const { template, templates } = parseWorkflows(await child.stdout.text())
    expect(template.metadata.name).toBe('my-lake')
    expect(template.spec.arguments?.parameters?.[0]).toEqual({ name: 'image', value: 'my.lake:1.2.0-b' })
    const all = templates.map(({ name }) => name)
    expect(all.toSorted()).toEqual([...new Set(all)].toSorted())
    const tasks = templates.find(({ name }) => name === 'at-0-every12')?.dag?.tasks.map(({ name }) => name)
    expect(tasks?.toSorted()).toEqual(['0-a', 'all', 'check', 'in-slices', 'partitions', 'table-a'])
    for (const name of [...all, ...(tasks ?? [])]) expect(name).toMatch(/^[a-z0-9][-a-z0-9]*$/)
  })

  test.each([
    [
      '{ integer, table, schemas }',
      ", tenants: schemas('tenant_%')",
      'it is one of tenants, whose rows one machine reads',
    ],
    ['{ integer, table }', ", format: 'iceberg'", 'it is an Iceberg table, which one machine loads'],
  ])('has no pods share a table that one machine loads: %s%s', async (imports, more, reason) => {
    await using folder = await temporaryFolder()
    await Bun.write(
      join(folder.path, 'scripts/notes.ts'),
      script('notes', more).replace('{ integer, table }', imports),
    )
    const { exit, stdout, stderr } = await runInProcess(
      join(root, 'lib/commands/argo.ts'),
      ['--scripts', join(folder.path, 'scripts'), '--slices', 'notes=2'],
      {},
    )
    expect([exit, stdout]).toEqual([2, ''])
    expect(stderr).toBe(
      `Cannot have many pods load the table "notes": ${reason}. Leave it out of --slices: one pod reads it over several connections.\n`,
    )
  })

  test('has nothing to schedule where it has no scripts, and is told so', async () => {
    await using folder = await temporaryFolder()
    await mkdir(join(folder.path, 'scripts'))
    const command = [
      process.execPath,
      join(root, 'lib/commands/argo.ts'),
      '--scripts',
      join(folder.path, 'scripts'),
    ]
    const child = Bun.spawn(command, { env: {}, stdout: 'pipe', stderr: 'pipe' })
    expect([await child.exited, await child.stdout.text()]).toEqual([2, ''])
    expect(await child.stderr.text()).toMatch(
      /^Cannot schedule the tables of "[^\n]*": no script is there\. [^\n]*\n$/,
    )
  })
})

test('whoever is to be told hears of a table whose pods could not tell, each by its own task', async () => {
  const of = await workflowsOf()
  const scheduled = named(of, 'all')?.dag?.tasks.flatMap(
    ({ template = '' }) => named(of, template)?.dag?.tasks ?? [],
  )
  expect(scheduled?.length).toBeGreaterThan(20)
  for (const { name, arguments: given, hooks } of scheduled ?? []) {
    const [table] = given?.parameters ?? []
    expect(hooks?.['exit']).toEqual({
      template: 'tell',
      expression: `tasks['${name}'].status != 'Succeeded'`,
      arguments: { parameters: [table!, { name: 'status', value: `{{tasks.${name}.status}}` }] },
    })
  }
  const [bun, script = '', ...flags] = stepCommand(of, 'tell', { table: 'taxes', status: 'Failed' })
  expect([bun, ...flags]).toEqual([
    'bun',
    ...['--table', 'taxes', '--status', 'Failed', '--since', '{{workflow.creationTimestamp.RFC3339}}'],
  ])
  const help = await Bun.spawn([process.execPath, join(root, script), '--help'], {
    env: {},
    stdout: 'pipe',
  }).stdout.text()
  for (const flag of flags.filter((each) => each.startsWith('--'))) expect(help).toContain(`${flag} <`)
})

test('Prometheus is told of each table how its runs end, how long they take, and its rows', async () => {
  const metrics = named(await workflowsOf('--name', 'shop'), 'table')?.metrics?.prometheus ?? []
  expect(metrics.map(({ name }) => name)).toEqual(['dracula_runs', 'dracula_run_seconds', 'dracula_rows'])
  for (const { name, help, labels } of metrics) {
    expect(`${name}: ${help}`).toMatch(/^[a-z_]+: [A-Z][\w ,]+$/)
    expect(labels).toContainEqual({ key: 'table', value: '{{inputs.parameters.table}}' })
    expect(labels).toContainEqual({ key: 'installation', value: 'shop' })
  }
})

test.each([
  [['--namespace', 'My_Lake'], 'at most 63 lower-case'],
  [['--namespace', 'a'.repeat(64)], 'at most 63 lower-case'],
  [['--name', 'a'.repeat(39)], 'at most 38 lower-case'],
  [['--label', 'team'], 'a key with a value'],
  [['--label', '=data'], 'a key with a value'],
  [['--label', 'a/b/c=data'], 'a key with a value'],
  [['--label', 'Example.com/team=data'], 'a key with a value'],
  [['--label', `team=${'a'.repeat(64)}`], 'at most 63 letters'],
  [['--label', 'team=data engineering'], 'at most 63 letters'],
  [['--label', 'team={{workflow.name}}'], 'at most 63 letters'],
  [['--label', 'team=a', '--label', 'team=b'], 'given twice for team'],
  [['--label', 'app.kubernetes.io/instance=other'], "is the installation's own"],
  [['--annotation', 'note=a\tb'], 'one line'],
  [['--annotation', 'note={{x}}'], 'one line'],
  [['--pull-secret', 'Registry'], 'lower-case letters'],
  [['--pull-secret', 'a..b'], 'lower-case letters'],
  [['--service-account', 'my_loader'], 'lower-case letters'],
  [['--node-selector', 'pool'], 'a key with a value'],
  [['--toleration', 'spot:Never'], 'NoSchedule, PreferNoSchedule, NoExecute'],
  [['--toleration', ':NoSchedule'], 'such as dedicated=loads:NoSchedule'],
  [['--memory', '256Mi'], '512Mi or more'],
  [['--memory', '4GB'], '512Mi or more'],
  [['--memory', '4096'], '512Mi or more'],
  [['--memory', 'taxis=4Gi'], 'Known are: addresses'],
  [['--memory', '4Gi', '--memory', '2Gi'], 'given twice for all tables'],
  [['--memory', 'taxes=4Gi', '--memory', 'taxes=2Gi'], 'given twice for taxes'],
  [['--cpu', '0'], 'a number of cores'],
  [['--cpu', '0.0'], 'a number of cores'],
  [['--cpu', '1.5m'], 'a number of cores'],
  [['--cpu', 'two'], 'a number of cores'],
  [['--load-flags', 'taxes=--dry-run'], '--dry-run is not for loads of a schedule'],
  [['--load-flags', 'taxes=--new-source'], '--new-source is not for loads of a schedule'],
  [['--load-flags', 'taxes=--retain many'], 'a whole number, 1 or more'],
  [['--load-flags', 'taxes=--retain'], 'argument missing'],
  [['--load-flags', 'taxes=fingerprint'], 'too many arguments'],
  [['--load-flags', 'taxes=--fingerprint {{item}}'], 'too many arguments'],
  [['--load-flags', 'taxes='], 'too many arguments'],
  [['--load-flags', '--help'], '--help is not for loads of a schedule'],
])('a cluster or a load is not told %p', async (args, advice) => {
  const { exit, stdout, stderr } = await argo(...args)
  expect({ exit, stdout, lines: stderr.split('\n').length }).toEqual({ exit: 2, stdout: '', lines: 2 })
  expect(stderr).toContain(advice)
})
