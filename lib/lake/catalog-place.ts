/** Where the catalog of a lake is, as far as it is known. Types only. */

export interface CatalogPlace {
  readonly region: string | undefined
  /** Whose it is, in digits. */
  readonly account: string | undefined
}
