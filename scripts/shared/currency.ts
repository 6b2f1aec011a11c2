/** The currency of a document and its amounts in dollars: invoices, proposals and purchase orders have them alike. */
import { inUsd, type Rate, rateOf } from '../../lib/money.ts'
import { type Decimal, nullable, numeric, text } from '../../lib/table.ts'
import { belongsTo, type Document } from './document.ts'
import { latestRow } from './latest-row.ts'

/** Units of the currency for a dollar. */
const rate = nullable(numeric(18, 6))
const usd = nullable(numeric(18, 6))

/** The latest currency row of a document, by the document's id. */
export function currencyOf(document: Document) {
  return latestRow('currencies', 'exchangable_id', belongsTo(document, 'exchangable_type'), {
    currency: nullable(text),
    conversion_rate: rate,
  })
}

type Row = { readonly id: number }
type Lookups = { readonly currency: (id: number) => Rate | undefined }

/** The document's currency; USD where it has no currency row. */
export const currencyName = {
  type: nullable(text),
  value: ({ id }: Row, { currency }: Lookups) => rateOf(currency(id)).currency,
}

/** The rate that `inDollars` divides by; 1 where the document has no currency row. */
export const conversionRate = {
  type: rate,
  value: ({ id }: Row, { currency }: Lookups) => rateOf(currency(id)).conversion_rate,
}

/** An amount of the document in dollars, rounded to six digits after the point; it needs the column `conversion_rate`. */
export function inDollars<Amount extends string>(amount: Amount) {
  type Priced = { readonly [Name in Amount]: Decimal } & { readonly conversion_rate: Decimal | null }
  return { type: usd, value: (row: Priced) => inUsd(row[amount], row.conversion_rate) }
}
