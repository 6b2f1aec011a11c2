/** Values that functions of a script return, appended to their columns' vectors with the levels that Parquet asks for. */
import type { HashKey } from './hash-key.ts'
import { listAppender } from './list-values.ts'
import type { AppendValue, Column } from './type.ts'

/** Appends one value of a row, null or not; there is room for it, but for elements of a list and for bytes. */
export function valueAppender(column: Column, key?: HashKey): AppendValue {
  const { element, nullable, values } = column
  if (element !== undefined) return listAppender(column, element.values.appender(element))
  const append = values.appender(column, key)
  return function appendValueOf(vector, value) {
    if (value === null) {
      if (!nullable) return 'null, where the column is not nullable'
      vector.definitionLevels[vector.levelCount] = 0
    } else {
      const reason = append(vector, value)
      if (reason !== undefined) return reason
      if (nullable) vector.definitionLevels[vector.levelCount] = 1
    }
    vector.levelCount++
    vector.rowCount++
    return undefined
  }
}
