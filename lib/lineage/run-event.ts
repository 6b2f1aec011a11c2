/** The form of an OpenLineage event, for a load, for all loads together and for a rollback. */
import packageFile from '../../package.json' with { type: 'json' }
import type { LineageConfig, ParentRun } from '../config/config.ts'
import { facets, producer } from './facets.ts'
import type { InputDataset } from './inputs.ts'
import type { OutputDataset } from './outputs.ts'

export interface RunEvent {
  readonly type: 'START' | 'COMPLETE' | 'FAIL' | 'ABORT'
  readonly time: Date
  /** A UUID. */
  readonly runId: string
  /** The name of the job. */
  readonly job: string
  readonly jobType: 'LOAD' | 'BATCH' | 'ROLLBACK'
  /** Why it failed, without secrets; undefined: it has not. */
  readonly message?: string | undefined
  readonly inputs?: readonly InputDataset[]
  readonly outputs?: readonly OutputDataset[]
}

export function runEvent(event: RunEvent, lineage: LineageConfig): object {
  const { type, time, runId, job, jobType, message, inputs = [], outputs = [] } = event
  const { name, version } = packageFile
  return {
    eventType: type,
    eventTime: time.toISOString(),
    producer,
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    run: {
      runId,
      facets: facets({
        processing_engine: { name, version, openlineageAdapterVersion: version },
        parent: parentOf(lineage),
        errorMessage: message === undefined ? undefined : { message, programmingLanguage: 'TypeScript' },
      }),
    },
    job: {
      namespace: lineage.namespace,
      name: job,
      facets: facets({ jobType: { processingType: 'BATCH', integration: 'DRACULA', jobType } }),
    },
    inputs,
    outputs,
  }
}

function parentOf({ parent, root = parent }: LineageConfig): object | undefined {
  if (parent === undefined || root === undefined) return undefined
  return { ...runOf(parent), root: runOf(root) }
}

function runOf({ runId, namespace, name }: ParentRun): object {
  return { run: { runId }, job: { namespace, name } }
}
