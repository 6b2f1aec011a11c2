/** The WorkflowTemplate of an installation: its tasks, and a template for each schedule. */
import type { ITemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/Template'
import type { IWorkflowTemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/WorkflowTemplate'
import { clear } from './fan-out.ts'
import { type Installation, metadataOf } from './installation.ts'
import { checkResources, container, podSettings, retryStrategy } from './pod.ts'
import { ownProgram, scriptsArguments } from './programs.ts'
import type { Schedule } from './schedules.ts'
import { type Task, tableTemplates } from './table-templates.ts'
import { tell, tellOf } from './tell.ts'
import { ownSuffix, taskName, variantsOf } from './variant.ts'

const hour = 3_600

const checkSeconds = hour

/** Twice what the longest load may take, and then some for checks. */
const workflowSeconds = 11 * hour

/**
 * Every table of the installation: a load, then its check. Names are those of Argo's fields reference.
 * Expressions are of Argo 3.6 and later, as are lists of mutexes and schedules.
 */
export function workflowTemplate(installation: Installation): IWorkflowTemplate {
  const { name, image, parallel, schedules, slices } = installation
  const inSlices = Object.keys(slices).length
  const { labels, annotations } = metadataOf(installation, name)
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'WorkflowTemplate',
    metadata: metadataOf(installation, name),
    spec: {
      entrypoint: 'all',
      arguments: {
        parameters: [
          { name: 'image', value: image },
          { name: 'catalog', value: 'auto', enum: ['auto', 'crawler', 'declared'] },
          { name: 'max-count-diff', value: '1%' },
        ],
      },
      // Those that hold a snapshot wait for others: were they all that may run, nobody would ever come to an end.
      parallelism: Math.ceil(parallel) + inSlices,
      activeDeadlineSeconds: workflowSeconds,
      workflowMetadata: { labels, ...(annotations && { annotations }) },
      ...podSettings(installation),
      podGC: { strategy: 'OnWorkflowSuccess' },
      ttlStrategy: { secondsAfterSuccess: 72 * hour, secondsAfterFailure: 168 * hour },
      templates: [
        {
          name: 'all',
          dag: {
            failFast: false,
            tasks: schedules.map((each) => ({ name: each.name, template: each.name })),
          },
        },
        ...schedules.map((schedule) => scheduled(schedule, installation)),
        ...variantsOf(installation).flatMap((variant) => tableTemplates(name, variant)),
        ...(inSlices === 0 ? [] : [clear(name)]),
        check(name),
        tell(name),
      ],
    },
  }
}

function scheduled({ name, tables }: Schedule, { slices, loadsOf }: Installation): ITemplate {
  const tasks = tables.map((table): Task => {
    const parts = slices[table]
    const suffix = loadsOf[table] === undefined ? '' : ownSuffix(table)
    const inSlices = parts === undefined ? [] : [{ name: 'slices', value: String(parts) }]
    return {
      name: taskName(table),
      template: `${parts === undefined ? 'table' : 'table-in-slices'}${suffix}`,
      arguments: { parameters: [{ name: 'table', value: table }, ...inSlices] },
      hooks: tellOf(taskName(table), table),
    }
  })
  return { name, dag: { failFast: false, tasks } }
}

function check(installation: string): ITemplate {
  const args = [
    ownProgram('lib/commands/check.ts'),
    ...['--select', '{{inputs.parameters.table}}'],
    ...scriptsArguments(),
    ...['--max-count-diff', '{{workflow.parameters.max-count-diff}}'],
  ]
  return {
    name: 'check',
    inputs: { parameters: [{ name: 'table' }] },
    activeDeadlineSeconds: checkSeconds,
    retryStrategy,
    container: container(installation, args, checkResources),
  }
}
