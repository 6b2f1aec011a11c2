/** The one account there is, whose catalog is the default one. */
export const account = '000000000000'
