/** Whose row the script's functions look at: what is looked up in the tables of tenants is that tenant's. */

let ask: () => unknown = nobody

function nobody(): unknown {
  throw new Error('There is no row whose tenant could be asked.')
}

/** @param tenant gives that of the row at hand, until another is told */
export function tellTenant(tenant: () => unknown): void {
  ask = tenant
}

export function tenantAtHand(): unknown {
  return ask()
}
