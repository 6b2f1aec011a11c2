/** How the commands of a bench are told where the database is: never in argv, where everybody sees a password. */
import postgres from 'postgres'

/** @returns `DATABASE_URL`, and the same for what reads libpq's variables */
export function connectionEnvironment(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(url)
  return {
    DATABASE_URL: url,
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
  }
}

/** The same database by another port of this machine. */
export function throughPort(url: string, port: number): string {
  const through = new URL(url)
  through.port = String(port)
  return through.href
}

/** Another database of that server, made where it is not there. @returns its URL */
export async function databaseBeside(url: string, name: string): Promise<string> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const [there] = await sql`select from pg_database where datname = ${name}`
    if (there === undefined) await sql`create database ${sql(name)}`
  } finally {
    await sql.end()
  }
  const beside = new URL(url)
  beside.pathname = `/${name}`
  return beside.href
}
