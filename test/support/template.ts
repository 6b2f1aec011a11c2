/** The files every Postgres of the tests begins with, where `bun run test` has made some; else each makes its own. */
export const template: string | undefined = process.env['DRACULA_TEST_TEMPLATE'] || undefined
