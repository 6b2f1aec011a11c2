/** The objects of an installation as one YAML file, with what its reader must know as comments. */
import { Document, isMap } from 'yaml'
import { graceMs } from '../../cli/interruption.ts'
import { commandLine } from '../../failure/command-line.ts'
import { cronWorkflow } from './cron-workflow.ts'
import type { Installation } from './installation.ts'
import { serviceAccount } from './service-account.ts'
import { variantsOf } from './variant.ts'
import { workflowTemplate } from './workflow-template.ts'

type Path = readonly (string | number)[]

export function manifest(installation: Installation): string {
  const { role, schedules } = installation
  const template = workflowTemplate(installation)
  const objects = [
    ...(role === undefined ? [] : serviceAccount(installation, role)),
    template,
    ...schedules.map((schedule) => cronWorkflow(installation, schedule)),
  ]
  const documents = objects.map((object) => new Document(object, { aliasDuplicateObjects: false }))
  const [first] = documents
  if (first) first.commentBefore = introduction(installation)
  const commented = documents[objects.indexOf(template)]
  const inSlices = variantsOf(installation).some((variant) => variant.suffix === '' && variant.inSlices)
  const all = inSlices ? [...comments, ...commentsOfSlices] : comments
  if (commented) for (const [path, text] of all) comment(commented, path, text)
  return documents.map((document) => document.toString({ lineWidth: 0 })).join('---\n')
}

function introduction(installation: Installation): string {
  const { name, role, namespace, serviceAccount: account = name } = installation
  const identity =
    role === undefined
      ? `The service account "${account}" has to be there: annotated with the IAM role of the loads
(eks.amazonaws.com/role-arn), and allowed to create and patch workflowtaskresults. With --role it is made here.`
      : `The service account "${account}" takes on the IAM role it is annotated with.`
  const inNamespace = namespace === undefined ? '' : ` -n ${namespace}`
  const submit = `argo submit${inNamespace} --from workflowtemplate/${name}`
  const text = `Made by "${commandLine('argo')}" from scripts/: change it there, or give flags. For Argo Workflows 3.6 and later.

The ConfigMap "${name}" holds DRACULA_S3_URI, DRACULA_GLUE_DATABASE, AWS_REGION and what else is a setting;
the Secret "${name}" holds DATABASE_URL or PGPASSWORD and its like, and DATABASE_URL_BILLING for scripts that say
source: 'billing', DRACULA_HASH_KEY for hashed columns, and DRACULA_WEBHOOK. The ConfigMap "${name}-authorities" may
hold certificates, found in /etc/dracula: PGSSLROOTCERT=/etc/dracula/rds.pem.
${identity}

All tables now:   ${submit}
One table now:    ${submit} --entrypoint table -p table=<table>${byHand(installation, submit)}

A schedule that no script says any more goes away with:
kubectl apply${inNamespace} --prune -l app.kubernetes.io/instance=${name} --prune-allowlist argoproj.io/v1alpha1/CronWorkflow -f -`
  return text.replace(/^(?=.)/gm, ' ')
}

/** What else can be started, a line each: where a table has templates of its own, it need not be named. */
function byHand(installation: Installation, submit: string): string {
  const { slices: slicesOf, partitioned: parted, loadsOf } = installation
  const common = (tables: readonly string[]) => tables.find((table) => loadsOf[table] === undefined) ?? ''
  const inSlices = common(Object.keys(slicesOf))
  const lines = variantsOf(installation).flatMap((variant) => {
    const { suffix, table } = variant
    const start = (what: string, entrypoint: string, ...parameters: readonly string[]) =>
      `${what} ${submit} --entrypoint ${entrypoint}${suffix}${parameters.map((each) => ` -p ${each}`).join('')}`
    const own = (...parameters: readonly string[]) => (table === undefined ? parameters : [])
    const plain = start('This table now:  ', 'table')
    const sliced = own(`table=${inSlices}`, `slices=${slicesOf[inSlices]}`)
    const partitions = [...own(`table=${common(parted)}`), 'partitions=2026-03-01..2026-03-07']
    return [
      ...(table !== undefined && !variant.inSlices ? [plain] : []),
      ...(variant.inSlices ? [start('One by many pods:', 'table-in-slices', ...sliced)] : []),
      ...(variant.partitioned ? [start('Partitions alone:', 'partitions', ...partitions)] : []),
    ]
  })
  return lines.map((line) => `\n${line}`).join('')
}

/** In the WorkflowTemplate; a template's name stands for its place. */
const comments: readonly (readonly [Path, string])[] = [
  [['spec', 'parallelism'], 'Pods, and so tables, at a time.'],
  [
    ['spec', 'activeDeadlineSeconds'],
    'One that goes on for longer hangs; while it does, its schedule starts no other.',
  ],
  [
    ['spec', 'podSpecPatch'],
    `Longer than the ${graceMs / 1_000} s that a load may take to clean up when it is told to stop.`,
  ],
  [['spec', 'templates', 'all', 'dag', 'failFast'], 'A table that fails does not stop the others.'],
  [['spec', 'templates', 'table', 'synchronization'], 'One load of a table at a time, whoever started it.'],
  [['spec', 'templates', 'load', 'activeDeadlineSeconds'], 'The load itself stops at --deadline.'],
  [
    ['spec', 'templates', 'load', 'retryStrategy', 'expression'],
    'Exit codes 1 and 5 ask for it, and -1 is a pod that was lost. 2 to 4 need somebody to look.',
  ],
  [
    ['spec', 'templates', 'load', 'container', 'resources'],
    '256 MiB at any row count, and the lookups: at most 1 GiB, 180 MiB seen.',
  ],
]

/** Where a table is read by several pods. */
const commentsOfSlices: readonly (readonly [Path, string])[] = [
  [
    ['spec', 'templates', 'table-in-slices', 'synchronization'],
    'One load of a table at a time, whoever started it.',
  ],
  [
    ['spec', 'templates', 'hold', 'daemon'],
    'It holds locks and snapshot until the slices are written, commits when "finish" says so, and is told to stop then.',
  ],
  [
    ['spec', 'templates', 'slice', 'retryStrategy'],
    'One slice alone, while the snapshot lives; without it exit code 2 ends them all.',
  ],
  [
    ['spec', 'templates', 'slice', 'container', 'resources'],
    'As much as a load: every slice has the lookups in its own memory.',
  ],
]

function comment(document: Document, path: Path, text: string): void {
  const [last, ...before] = path.toReversed()
  const map = document.getIn(indexed(document, before.toReversed()), true)
  if (!isMap(map)) throw new Error(`Nothing to comment at ${path.join('.')}`)
  const pair = map.items.find(({ key }) => String(key) === last)
  if (pair === undefined) throw new Error(`Nothing to comment at ${path.join('.')}`)
  const key = document.createNode(pair.key)
  key.commentBefore = ` ${text}`
  pair.key = key
}

/** Template names become places in the list. */
function indexed(document: Document, path: Path): Path {
  const [spec, templates, name, ...rest] = path
  if (templates !== 'templates') return path
  const listed: { spec: { templates: { name: string }[] } } = document.toJS()
  const place = listed.spec.templates.findIndex((template) => template.name === name)
  return [String(spec), templates, place, ...rest]
}
