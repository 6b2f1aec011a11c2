#!/usr/bin/env bun
import { run } from '../../../lib/run.ts'
import { bytea, integer, table } from '../../../lib/table.ts'

/** One row per document; nothing compresses them, so that its file goes up in parts. */
const documents = table({ name: 'documents', columns: { id: integer, content: bytea } })

export default documents

if (import.meta.main) await run(documents)
