/** A source as Postgres describes it. */
import type { SourceComments } from '../declare/documentation.ts'

export interface SourceColumn {
  readonly name: string
  /** The name that `format_type()` gives: `numeric(18,6)`, `character varying(20)`. A domain's is its own name. */
  readonly type: string
  /**
   * `pg_type.typname`, of the base type for a domain: `numeric`, `int4`. A type of another schema than
   * `pg_catalog` is written with its schema, so that none of a user's own passes for a built-in one.
   */
  readonly typname: string
  /**
   * The base type of an array's elements; `typname` then says only that it is an array. Precision and
   * scale are those of its elements.
   */
  readonly element?: { readonly typname: string; readonly output?: string }
  /**
   * Its output function as SQL calls it, `pg_catalog.inet_out`, where a cast to text need not give the same: what
   * `textExpression` of copy-query.ts is made of.
   */
  readonly output?: string
  /** What it is in the tables of several tenants, `tenant_a.mood`, of which it is made; absent: those have what it has. */
  readonly typnames?: readonly string[]
  /** undefined: nobody enforces it, so nobody knows (views, foreign tables). */
  readonly notNull: boolean | undefined
  /** Only a numeric may have them; the scale may be negative, or greater than the precision. */
  readonly precision?: number
  readonly scale?: number
}

export type SourceKind =
  | 'table'
  | 'partitioned'
  | 'view'
  | 'materialised view'
  | 'foreign table'
  | 'query'
  /** One table or view of each tenant. */
  | 'tenants'

export interface Source {
  readonly kind: SourceKind
  /** Whether the server computes what it gives, as a view does, so that the session's settings may show in it. */
  readonly evaluated: boolean
  /** In the table's order. */
  readonly columns: readonly SourceColumn[]
  /** What `COMMENT ON` says of it; of a query nothing. */
  readonly comments?: SourceComments
  /** What the planner would guess; undefined if nothing is known. */
  readonly estimatedRows: number | undefined
  /** Heap and TOAST, partitions included; undefined for what stores nothing itself. */
  readonly estimatedBytes: number | undefined
}
