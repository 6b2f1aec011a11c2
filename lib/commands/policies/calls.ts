/** All that an installation asks of AWS, whichever command is run. */

import { compareColumnsCalls } from '../../../checks/columns.ts'
import { countRowsCalls } from '../../../checks/row-counts.ts'
import type { Call } from '../../aws/calls.ts'
import { editObjectCalls } from '../../aws/edit-object.ts'
import { publishToTopicCalls } from '../../aws/sns.ts'
import { defaultPartBytes } from '../../aws/upload.ts'
import type { LakeConfig } from '../../config/config.ts'
import { fileName } from '../../lake/file-name.ts'
import { allLakeCalls } from '../../lake/hive/calls.ts'
import { liveTablesCalls } from '../../lake/hive/published.ts'
import { allIcebergCalls } from '../../lake/iceberg/calls.ts'
import { stateKey } from '../../lake/layout.ts'
import { publishPageCalls } from '../../lake/page.ts'
import { readFailingCalls } from '../../notify/failing.ts'
import { examineAthenaCalls } from '../examine/athena.ts'
import { examineGlueCalls } from '../examine/glue.ts'
import { examineIcebergCalls } from '../examine/iceberg.ts'
import { examineS3Calls } from '../examine/s3.ts'

export interface EncryptedTopic {
  readonly arn: string
  /** Id, alias or ARN of the KMS key that it is encrypted with; undefined: none, or one of SNS' own. */
  readonly key?: string | undefined
}

/**
 * The calls for any table, in each of the ways a load may go.
 * @param topic that of SNS which is told; undefined: none is
 */
export function allCalls(lake: LakeConfig, topic?: EncryptedTopic): Call[] {
  const table = '<table>'
  const files = [
    { name: fileName(table, 0), rows: 1, bytes: 0 },
    { name: fileName(table, 1), rows: 1, bytes: defaultPartBytes },
  ]
  const names = { lake, table, load: '<load>', catalog: 'auto', files } as const
  return [
    ...allLakeCalls(names),
    ...allIcebergCalls(names),
    ...liveTablesCalls(lake.glueDatabase),
    ...publishPageCalls(lake),
    ...readFailingCalls(lake, table),
    ...countRowsCalls(lake, table),
    ...compareColumnsCalls(lake, table),
    ...examineS3Calls(lake),
    ...examineGlueCalls(lake),
    ...examineAthenaCalls(lake),
    ...examineIcebergCalls(lake, table),
    ...editObjectCalls(lake.bucket, stateKey(lake.prefix, { table })),
    ...(topic === undefined ? [] : publishToTopicCalls(topic.arn, topic.key)),
  ]
}
