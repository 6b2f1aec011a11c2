/** The objects of an installation as one YAML file, with what its reader must know as comments. */
import { Document, isMap } from 'yaml'
import { graceMs } from '../../cli/interruption.ts'
import { commandLine } from '../../failure/command-line.ts'
import { cronWorkflow } from './cron-workflow.ts'
import type { Installation } from './installation.ts'
import { serviceAccount } from './service-account.ts'
import { workflowTemplate } from './workflow-template.ts'

type Path = readonly (string | number)[]

export function manifest(installation: Installation): string {
  const { name, role, schedules } = installation
  const template = workflowTemplate(installation)
  const objects = [
    ...(role === undefined ? [] : serviceAccount(name, role)),
    template,
    ...schedules.map((schedule) => cronWorkflow(installation, schedule)),
  ]
  const documents = objects.map((object) => new Document(object, { aliasDuplicateObjects: false }))
  const [first] = documents
  if (first) first.commentBefore = introduction(installation)
  const commented = documents[objects.indexOf(template)]
  const inSlices = Object.keys(installation.slices).length > 0
  const all = inSlices ? [...comments, ...commentsOfSlices] : comments
  if (commented) for (const [path, text] of all) comment(commented, path, text)
  return documents.map((document) => document.toString({ lineWidth: 0 })).join('---\n')
}

function introduction(installation: Installation): string {
  const { name, role } = installation
  const account =
    role === undefined
      ? `The service account "${name}" has to be there: annotated with the IAM role of the loads
(eks.amazonaws.com/role-arn), and allowed to create and patch workflowtaskresults. With --role it is made here.`
      : `The service account "${name}" takes on the IAM role it is annotated with.`
  const text = `Made by "${commandLine('argo')}" from scripts/: change it there, or give flags. For Argo Workflows 3.6 and later.

The ConfigMap "${name}" holds DRACULA_S3_URI, DRACULA_GLUE_DATABASE, AWS_REGION and what else is a setting;
the Secret "${name}" holds DATABASE_URL or PGPASSWORD and its like, and DATABASE_URL_BILLING for scripts that say
source: 'billing', and DRACULA_HASH_KEY for hashed columns. The ConfigMap "${name}-authorities" may hold certificates, found in /etc/dracula:
PGSSLROOTCERT=/etc/dracula/rds.pem.
${account}

All tables now:   argo submit --from workflowtemplate/${name}
One table now:    argo submit --from workflowtemplate/${name} --entrypoint table -p table=<table>`
  const prune = `
A schedule that no script says any more goes away with:
kubectl apply --prune -l app.kubernetes.io/instance=${name} --prune-allowlist argoproj.io/v1alpha1/CronWorkflow -f -`
  const [[table, slices] = []] = Object.entries(installation.slices)
  const inSlices = `
One by many pods:  argo submit --from workflowtemplate/${name} --entrypoint table-in-slices -p table=${table} -p slices=${slices}`
  return `${text}${table === undefined ? '' : inSlices}\n${prune}`.replace(/^(?=.)/gm, ' ')
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
