/** The documents that currencies, shippings and taxes belong to, by the class names in their `*_type` columns. */
const types = {
  invoice: ['Pg::Invoice'],
  proposal: ['Pg::ProposalBase'],
  purchaseOrder: ['Pg::PurchaseOrderBase', 'Pg::PurchaseOrderBaseInit'],
} as const

export type Document = keyof typeof types

/** SQL condition of the rows that belong to such a document: `taxable_type in ('Pg::Invoice')`. */
export function belongsTo(document: Document, column: string): string {
  return `${column} in (${types[document].map((type) => `'${type}'`).join(', ')})`
}
