/** What a load would do in its lake, told by a dry run: a part of the versioned summary. */

/** `<load>` stands for the load's id, which a load has from its beginning. */
export interface PlannedLake {
  /** `s3://…`, the files' first, as many as were measured, and the load's record. */
  readonly objects: readonly string[]
  /** In this order, of a load that nothing disturbs; how often each is repeated, its answers decide. */
  readonly calls: readonly PlannedCall[]
}

export interface PlannedCall {
  /** `service:Operation`, as the API calls it; one of several: `glue:CreateTable or glue:UpdateTable` */
  readonly call: string
  /** The table, database, crawler, or `s3://…`: an object, or what it begins with. */
  readonly on: string
  /** null: always. */
  readonly when: string | null
}
