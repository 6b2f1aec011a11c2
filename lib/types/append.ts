/** Values that functions of a script return, appended to their columns' vectors with the levels that Parquet asks for. */
import { reserveLevels, reserveValues } from '../batch/vector.ts'
import { listAppender } from './list-values.ts'
import type { AppendValue, Column } from './type.ts'

/** Appends one value of a row, null or not. */
export function valueAppender(column: Column): AppendValue {
  const { element, nullable, values } = column
  if (element !== undefined) return listAppender(column, element.values.appender(element))
  const append = values.appender(column)
  return (vector, value) => {
    if (value === null) {
      if (!nullable) return 'null, where the column is not nullable'
      reserveLevels(vector, 1)
      vector.definitionLevels[vector.levelCount] = 0
    } else {
      reserveValues(vector, 1)
      const reason = append(vector, value)
      if (reason !== undefined) return reason
      if (nullable) {
        reserveLevels(vector, 1)
        vector.definitionLevels[vector.levelCount] = 1
      }
    }
    vector.levelCount++
    vector.rowCount++
    return undefined
  }
}
