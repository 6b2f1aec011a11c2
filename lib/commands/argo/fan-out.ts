/**
 * The templates of a table whose load several pods read at once: one holds the snapshot, n read a slice each, one
 * publishes what they have written, and one clears away what is left, however it ends.
 */
import type { ITemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/Template'
import {
  checkResources,
  container,
  loadHours,
  loadPodSeconds,
  resourcesOf,
  retryStrategy,
  summaryFile,
} from './pod.ts'
import { ownProgram, scriptsArguments } from './programs.ts'
import type { Variant } from './variant.ts'

const program = () => [ownProgram('lib/commands/fan-out.ts'), ...scriptsArguments()]

/** It is there once the snapshot is open, and the pod ready. */
const readyFile = '/tmp/ready'

const hour = 3_600

/** The workflow's own id: no two fan-outs have the same, and all pods of one know it. */
const byName = ['{{inputs.parameters.table}}', '--fan-out', '{{workflow.uid}}'] as const

const table = { name: 'table', value: '{{inputs.parameters.table}}' }
const slices = { name: 'slices', value: '{{inputs.parameters.slices}}' }
const inputs = (...names: readonly string[]) => ({ parameters: names.map((name) => ({ name })) })

/** @param installation its name */
export function fanOutTemplates(installation: string, variant: Variant): ITemplate[] {
  return [fanOut(variant), hold(installation, variant), slice(installation, variant), finish(installation)]
}

function fanOut({ suffix }: Variant): ITemplate {
  return {
    name: 'fan-out',
    inputs: inputs('table', 'slices'),
    dag: {
      tasks: [
        { name: 'hold', template: `hold${suffix}`, arguments: { parameters: [table, slices] } },
        {
          name: 'slice',
          template: `slice${suffix}`,
          arguments: { parameters: [table, { name: 'slice', value: '{{item}}' }] },
          depends: 'hold',
          withSequence: { count: slices.value },
        },
        {
          name: 'finish',
          template: `finish${suffix}`,
          arguments: { parameters: [table] },
          depends: 'slice.Succeeded',
        },
      ],
    },
    outputs: {
      parameters: [
        { name: 'summary', valueFrom: { parameter: '{{tasks.finish.outputs.parameters.summary}}' } },
      ],
    },
  }
}

/** A daemon: the others go on once it is ready, and it is told to stop when the fan-out is over. */
function hold(installation: string, { flags }: Variant): ITemplate {
  const args = [
    ...program(),
    ...['hold', ...byName],
    ...['--slices', slices.value],
    ...['--catalog', '{{workflow.parameters.catalog}}'],
    ...['--deadline', `${loadHours}h`],
    ...flags,
    ...['--ready-file', readyFile],
  ]
  return {
    name: 'hold',
    inputs: inputs('table', 'slices'),
    daemon: true,
    activeDeadlineSeconds: loadPodSeconds,
    retryStrategy,
    container: {
      ...container(installation, args, checkResources),
      readinessProbe: { exec: { command: ['test', '-e', readyFile] }, periodSeconds: 2 },
    },
  }
}

function slice(installation: string, { settings }: Variant): ITemplate {
  const args = [...program(), 'slice', ...byName, '--slice', '{{inputs.parameters.slice}}']
  return {
    name: 'slice',
    inputs: inputs('table', 'slice'),
    activeDeadlineSeconds: loadPodSeconds,
    retryStrategy,
    container: container(installation, args, resourcesOf(settings)),
  }
}

function finish(installation: string): ITemplate {
  const args = [...program(), 'finish', ...byName, '--summary-file', summaryFile]
  return {
    name: 'finish',
    inputs: inputs('table'),
    activeDeadlineSeconds: 2 * hour,
    retryStrategy,
    container: container(installation, args, checkResources),
    outputs: { parameters: [{ name: 'summary', valueFrom: { path: summaryFile, default: '{}' } }] },
  }
}

export function clear(installation: string): ITemplate {
  return {
    name: 'clear',
    inputs: inputs('table'),
    activeDeadlineSeconds: hour,
    retryStrategy,
    container: container(installation, [...program(), 'clear', ...byName], checkResources),
  }
}
