/** The WorkflowTemplate of an installation: its tasks, and a template for each schedule. */
import type { ITemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/Template'
import type { IWorkflowTemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/WorkflowTemplate'
import { fanOutTemplates } from './fan-out.ts'
import type { Installation } from './installation.ts'
import {
  checkResources,
  container,
  labelsOf,
  loadHours,
  loadPodSeconds,
  loadResources,
  podSettings,
  retryStrategy,
  summaryFile,
} from './pod.ts'
import { ownProgram, scriptProgram, scriptsArguments } from './programs.ts'
import type { Schedule } from './schedules.ts'

const hour = 3_600

const checkSeconds = hour

/** Twice what the longest load may take, and then some for checks. */
const workflowSeconds = 11 * hour

const tableInput = { parameters: [{ name: 'table' }] }
const passedOn = { parameters: [{ name: 'table', value: '{{inputs.parameters.table}}' }] }

/**
 * Every table of the installation: a load, then its check. Names are those of Argo's fields reference.
 * Expressions are of Argo 3.6 and later, as are lists of mutexes and schedules.
 */
export function workflowTemplate(installation: Installation): IWorkflowTemplate {
  const { name, image, parallel, schedules, slices } = installation
  const inSlices = Object.keys(slices).length
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'WorkflowTemplate',
    metadata: { name, labels: labelsOf(name) },
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
      ...podSettings(name),
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
        ...schedules.map((schedule) => scheduled(schedule, slices)),
        loadAndCheck(name),
        load(name),
        ...(inSlices === 0 ? [] : [loadInSlicesAndCheck(name), ...fanOutTemplates(name)]),
        check(name),
      ],
    },
  }
}

function scheduled({ name, tables }: Schedule, slices: Installation['slices']): ITemplate {
  const tasks = tables.map((table) => {
    const parts = slices[table]
    const of = { name: 'table', value: table }
    return parts === undefined
      ? { name: taskName(table), template: 'table', arguments: { parameters: [of] } }
      : {
          name: taskName(table),
          template: 'table-in-slices',
          arguments: { parameters: [of, { name: 'slices', value: String(parts) }] },
        }
  })
  return { name, dag: { failFast: false, tasks } }
}

/** Argo takes no underscores in names of tasks, and neither would it a hyphen at the beginning. */
function taskName(table: string): string {
  return table.replaceAll('_', '-').replace(/^-/, 'table-')
}

function loadAndCheck(installation: string): ITemplate {
  return checked(installation, {
    name: 'table',
    inputs: tableInput,
    load: { name: 'load', template: 'load', arguments: passedOn },
  })
}

/** Several pods read it. */
function loadInSlicesAndCheck(installation: string): ITemplate {
  return checked(installation, {
    name: 'table-in-slices',
    inputs: { parameters: [...tableInput.parameters, { name: 'slices' }] },
    load: {
      name: 'load',
      template: 'fan-out',
      arguments: {
        parameters: [...passedOn.parameters, { name: 'slices', value: '{{inputs.parameters.slices}}' }],
      },
      hooks: { exit: { template: 'clear', arguments: passedOn } },
    },
  })
}

type Task = NonNullable<ITemplate['dag']>['tasks'][number]

function checked(
  installation: string,
  { load: loading, ...named }: Pick<ITemplate, 'name' | 'inputs'> & { readonly load: Task },
): ITemplate {
  const summary = (path: string) => `jsonpath(tasks.load.outputs.parameters.summary, '$.${path}')`
  return {
    ...named,
    synchronization: { mutexes: [{ name: `${installation}-{{inputs.parameters.table}}` }] },
    dag: {
      tasks: [loading, { name: 'check', template: 'check', arguments: passedOn, depends: 'load.Succeeded' }],
    },
    outputs: {
      parameters: [
        // Without asInt a million is 1e+06.
        { name: 'rows', valueFrom: { expression: `asInt(${summary('rows')})` } },
        { name: 'load', valueFrom: { expression: summary('load') } },
        { name: 'published', valueFrom: { expression: summary('published') } },
      ],
    },
  }
}

function load(installation: string): ITemplate {
  const args = [
    scriptProgram('{{inputs.parameters.table}}'),
    ...['--catalog', '{{workflow.parameters.catalog}}'],
    ...['--deadline', `${loadHours}h`],
    ...['--summary-file', summaryFile],
  ]
  return {
    name: 'load',
    inputs: tableInput,
    activeDeadlineSeconds: loadPodSeconds,
    retryStrategy,
    container: container(installation, args, loadResources),
    // A killed load leaves none; then its exit code decides, not the missing file.
    outputs: { parameters: [{ name: 'summary', valueFrom: { path: summaryFile, default: '{}' } }] },
  }
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
    inputs: tableInput,
    activeDeadlineSeconds: checkSeconds,
    retryStrategy,
    container: container(installation, args, checkResources),
  }
}
