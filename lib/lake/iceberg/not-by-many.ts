/** What several machines are told that would load an Iceberg table together. */
import { Failure } from '../../failure/failure.ts'

export function notByMany(table: string): Failure {
  return new Failure({
    exit: 2,
    act: 'read by several machines',
    thing: table,
    reason: 'it is an Iceberg table, which one machine loads',
    advice: `Load it by one: bun scripts/${table}.ts`,
  })
}
