/** What a document charges beside its price: shipping and retail tax. */
import { orZero } from '../../lib/money.ts'
import { type Decimal, numeric } from '../../lib/table.ts'
import { belongsTo, type Document } from './document.ts'
import { latestRow } from './latest-row.ts'

const money = numeric(14, 2)

/** The latest shipping of a document, by the document's id. */
export function shippingOf(document: Document) {
  return latestRow('shippings', 'shipable_id', belongsTo(document, 'shipable_type'), { cost: money })
}

/** The latest retail tax on a document, by the document's id. */
export function retailTaxOn(document: Document) {
  return latestRow('taxes', 'taxable_id', isRetailTax(document), { amount: money })
}

/** The same with its rate in percent. */
export function retailTaxRateOn(document: Document) {
  const columns = { amount: money, percent_rate: numeric(7, 4) }
  return latestRow('taxes', 'taxable_id', isRetailTax(document), columns)
}

function isRetailTax(document: Document): string {
  return `${belongsTo(document, 'taxable_type')} and type = 'Pg::RetailTax'`
}

type Find<Amount extends string> = (id: number | null) => { readonly [Name in Amount]: Decimal } | undefined

/**
 * A charge in the document's own row, or in its proposal's where that is none or zero, or else zero.
 * @param amount the column it is in, of the rows that both lookups find
 */
export function ownOrProposals<Amount extends string, Own extends string, Proposals extends string>(
  amount: Amount,
  own: Own,
  proposals: Proposals,
) {
  type Row = { readonly id: number; readonly proposal_id: number | null }
  type Lookups = { readonly [Name in Own | Proposals]: Find<Amount> }
  return {
    type: money,
    value: ({ id, proposal_id }: Row, lookups: Lookups): Decimal => {
      const charge = lookups[own](id)?.[amount]
      return charge === undefined || charge.isZero()
        ? orZero(lookups[proposals](proposal_id)?.[amount])
        : charge
    },
  }
}
