/**
 * Everything a script declares its table with. A column's type is the one it has in Postgres; it says what functions
 * see of a value, and what Athena reads:
 *
 * | type                      | in functions                                        | in Athena     |
 * | ------------------------- | --------------------------------------------------- | ------------- |
 * | `smallint` `integer`      | `number`                                            | int           |
 * | `bigint` `oid`            | `bigint`                                            | bigint        |
 * | `real` `doublePrecision`  | `number`                                            | float, double |
 * | `numeric(p, s)`           | `Decimal`: exact, never a `number`                  | decimal(p,s)  |
 * | `numericText`             | `string`: any numeric as Postgres prints it         | string        |
 * | `boolean`                 | `boolean`                                           | boolean       |
 * | `date`                    | `number` of days since 1970-01-01                   | date          |
 * | `timestamp` `timestamptz` | `bigint` of microseconds since 1970-01-01 00:00 UTC | timestamp     |
 * | `text` `uuid`             | `string`: `text` holds any type in its text form    | string        |
 * | `time` `timetz`           | `string` as Postgres prints it: `04:05:06.5+02`     | string        |
 * | `macaddr` `macaddr8`      | `string`: `08:00:2b:01:02:03`                       | string        |
 * | `json` `jsonb`            | `string`: the document, which `json.ts` reads       | string        |
 * | `bytea`                   | `Uint8Array`                                        | binary        |
 * | `array(type)`             | a list whose elements may be null                   | array<…>      |
 *
 * `nullable(type)`, `named('Name in Postgres', type)`, `lossy(type, policy)`, `hashed(type)` and `masked(type, keep)` wrap a
 * type; what the last two hide, functions see as it is. A declaration that cannot
 * be is a compile error where the compiler can see it, and a `DeclarationError` when the script starts where not.
 */

export { type Decimal, decimal } from './decimal/decimal.ts'
export { every } from './declare/incremental.ts'
export { lookup } from './declare/lookup.ts'
export { day, month, type PartitionBy, ranges, value, year } from './declare/partition-by.ts'
export type { Columns, Tenants } from './declare/selection.ts'
export { type RowOf, type Table, type TableOptions, table } from './declare/table.ts'
export { schemas } from './declare/tenants.ts'
export type { Column } from './types/type.ts'
export * from './types/types.ts'
