/** The templates that load a table and check it: by one pod, by several, or some of its partitions alone. */
import type { ITemplate } from '@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/Template'
import { fanOutTemplates } from './fan-out.ts'
import { tableMetrics } from './metrics.ts'
import { container, loadHours, loadPodSeconds, resourcesOf, retryStrategy, summaryFile } from './pod.ts'
import { scriptProgram } from './programs.ts'
import type { Variant } from './variant.ts'

export type Task = NonNullable<ITemplate['dag']>['tasks'][number]

type Parameter = 'table' | 'slices' | 'partitions'

const passedOn = (...names: readonly Parameter[]) => ({
  parameters: names.map((name) => ({ name, value: `{{inputs.parameters.${name}}}` })),
})

/** @param installation its name */
export function tableTemplates(installation: string, variant: Variant): ITemplate[] {
  const { suffix, table, inSlices, partitioned } = variant
  // Where all of its tables are read by several pods there is still who loads one by hand.
  const plain = table === undefined || !inSlices
  return [
    ...(plain ? [loadAndCheck(installation, variant), load(installation, variant, 'load')] : []),
    ...(inSlices ? [inSlicesAndCheck(installation, variant), ...fanOutTemplates(installation, variant)] : []),
    ...(partitioned
      ? [partitionsAndCheck(installation, variant), load(installation, variant, 'load-partitions')]
      : []),
  ].map((template) => ({ ...template, name: `${template.name}${suffix}` }))
}

function loadAndCheck(installation: string, variant: Variant): ITemplate {
  return checked(installation, variant, {
    name: 'table',
    needs: ['table'],
    load: { template: `load${variant.suffix}`, arguments: passedOn('table') },
  })
}

function inSlicesAndCheck(installation: string, variant: Variant): ITemplate {
  return checked(installation, variant, {
    name: 'table-in-slices',
    needs: ['table', 'slices'],
    load: {
      template: `fan-out${variant.suffix}`,
      arguments: passedOn('table', 'slices'),
      hooks: { exit: { template: 'clear', arguments: passedOn('table') } },
    },
  })
}

/** No schedule runs it. */
function partitionsAndCheck(installation: string, variant: Variant): ITemplate {
  return checked(installation, variant, {
    name: 'partitions',
    needs: ['table', 'partitions'],
    load: { template: `load-partitions${variant.suffix}`, arguments: passedOn('table', 'partitions') },
  })
}

interface Checked {
  readonly name: string
  readonly needs: readonly Parameter[]
  readonly load: Omit<Task, 'name'>
}

function checked(
  installation: string,
  { table, slices }: Variant,
  { name, needs, load }: Checked,
): ITemplate {
  const summary = (path: string) => `jsonpath(tasks.load.outputs.parameters.summary, '$.${path}')`
  const known: Readonly<Record<Parameter, string | undefined>> = {
    table,
    slices: slices?.toString(),
    partitions: undefined,
  }
  return {
    name,
    inputs: {
      parameters: needs.map((each) => {
        const value = known[each]
        return { name: each, ...(value !== undefined && { value }) }
      }),
    },
    synchronization: { mutexes: [{ name: `${installation}-{{inputs.parameters.table}}` }] },
    metrics: tableMetrics(installation),
    dag: {
      tasks: [
        { name: 'load', ...load },
        { name: 'check', template: 'check', arguments: passedOn('table'), depends: 'load.Succeeded' },
      ],
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

function load(
  installation: string,
  { settings, flags }: Variant,
  name: 'load' | 'load-partitions',
): ITemplate {
  const ofPartitions = name === 'load-partitions'
  const args = [
    scriptProgram('{{inputs.parameters.table}}'),
    ...['--catalog', '{{workflow.parameters.catalog}}'],
    ...['--deadline', `${loadHours}h`],
    ...(ofPartitions
      ? ['--partitions', '{{inputs.parameters.partitions}}', ...flags.filter((flag) => flag !== '--full')]
      : flags),
    ...['--summary-file', summaryFile],
  ]
  return {
    name,
    inputs: { parameters: [{ name: 'table' }, ...(ofPartitions ? [{ name: 'partitions' }] : [])] },
    activeDeadlineSeconds: loadPodSeconds,
    retryStrategy,
    container: container(installation, args, resourcesOf(settings)),
    // A killed load leaves none; then its exit code decides, not the missing file.
    outputs: { parameters: [{ name: 'summary', valueFrom: { path: summaryFile, default: '{}' } }] },
  }
}
