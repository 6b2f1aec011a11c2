/** Why Athena would end a query FAILED: `<code>: <words>`. */
export class QueryFailure extends Error {
  override readonly name = 'QueryFailure'
}
