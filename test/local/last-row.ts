/** Words of SQL that the queries for awkward rows share. Purchase orders have rows of two types. */
export const purchaseOrderTypes = `('Pg::PurchaseOrderBase', 'Pg::PurchaseOrderBaseInit')`

/** Which purchase orders leave the database. */
export const exported = `type in ('Pg::CustomerPurchaseOrder', 'Pg::PurchaseOrder') and po_number is not null and po_created_at is not null`

/** The row that counts, of the several that a document has: that of the greatest id. */
export const last = {
  currency: (
    types: string,
    id: string,
  ) => `(select currencies from currencies where exchangable_type in ${types}
    and exchangable_id = ${id} order by currencies.id desc limit 1)`,
  shipping: (types: string, id: string) => `(select shippings from shippings where shipable_type in ${types}
    and shipable_id = ${id} order by shippings.id desc limit 1)`,
  tax: (
    types: string,
    id: string,
  ) => `(select taxes from taxes where taxable_type in ${types} and taxable_id = ${id}
    and taxes.type = 'Pg::RetailTax' order by taxes.id desc limit 1)`,
}
