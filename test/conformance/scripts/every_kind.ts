#!/usr/bin/env bun
import { run } from '../../../lib/run.ts'
import {
  array,
  bigint,
  boolean,
  bytea,
  date,
  doublePrecision,
  integer,
  jsonb,
  nullable,
  numeric,
  real,
  smallint,
  table,
  text,
  timestamp,
  timestamptz,
  uuid,
} from '../../../lib/table.ts'

/** One row per number, with a value of every kind that has a form of its own in Parquet. */
const everyKind = table({
  name: 'every_kind',
  columns: {
    id: integer,
    small: nullable(smallint),
    large: nullable(bigint),
    price: nullable(numeric(14, 2)),
    exact: nullable(numeric(38, 10)),
    share: nullable(doublePrecision),
    ratio: nullable(real),
    flag: nullable(boolean),
    name: nullable(text),
    born: nullable(date),
    at: nullable(timestamp),
    seen: nullable(timestamptz),
    code: nullable(uuid),
    payload: nullable(bytea),
    document: nullable(jsonb),
    marks: nullable(array(integer)),
    words: nullable(array(text)),
  },
  expect: { unique: ['id'] },
})

export default everyKind

if (import.meta.main) await run(everyKind)
