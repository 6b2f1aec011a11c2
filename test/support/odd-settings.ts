/** Every setting that a role may have, at values that are not its own: what pg_settings lists, in its bounds. */
import type postgres from 'postgres'

export interface OddSetting {
  readonly name: string
  /** Values as `alter role … set … to '…'` takes them, none of which is the server's own. */
  readonly values: readonly string[]
}

/** Whoever is to try a setting of text has to say what is odd. */
const texts: Readonly<Record<string, readonly string[]>> = {
  backtrace_functions: ['errfinish'],
  client_encoding: ['LATIN1', 'SQL_ASCII', 'EUC_JP', 'WIN1252', 'GB18030'],
  createrole_self_grant: ['set, inherit'],
  DateStyle: ['SQL, DMY', 'German', 'Postgres, MDY', 'ISO, YMD'],
  debug_io_direct: [''],
  default_table_access_method: ['heap'],
  default_tablespace: ['pg_default'],
  default_text_search_config: ['pg_catalog.simple', 'pg_catalog.turkish'],
  dynamic_library_path: ['/nowhere'],
  extension_control_path: ['/nowhere'],
  extra_float_digits: ['-15'],
  icu_validation_level: ['error'],
  lc_messages: ['C.utf8'],
  lc_monetary: ['C.utf8', 'de_DE.utf8'],
  lc_numeric: ['C.utf8', 'de_DE.utf8'],
  lc_time: ['C.utf8', 'de_DE.utf8'],
  local_preload_libraries: ['nothing'],
  log_connections: ['all'],
  restrict_nonsystem_relation_kind: ['view', 'foreign-table'],
  search_path: ['', 'hostile', 'hostile, pg_catalog', 'pg_catalog, hostile', '"$user"'],
  session_preload_libraries: ['nothing'],
  synchronized_standby_slots: [''],
  temp_tablespaces: ['pg_default'],
  TimeZone: [
    ...['Asia/Kathmandu', 'Pacific/Chatham', 'America/St_Johns', 'Africa/Monrovia', 'Europe/Dublin'],
    ...['right/UTC', 'posix/Asia/Kolkata', 'Antarctica/Troll', '-12:34:56', 'XYZ+5:45ABC,M3.2.0,M11.1.0'],
  ],
  timezone_abbreviations: ['Australia', 'India'],
  wal_consistency_checking: [''],
}

/** A session with one of them would only wait. */
const slow: Readonly<Record<string, readonly string[]>> = { post_auth_delay: ['1'] }

/** Settings of a transaction that has begun, which no session begins with. */
const ofTransactions = new Set(['transaction_isolation', 'transaction_read_only', 'transaction_deferrable'])

/** @param sql of a superuser, who sees all of them */
export async function oddSettings(sql: postgres.Sql): Promise<readonly OddSetting[]> {
  const rows = await sql<
    { name: string; vartype: string; setting: string; enumvals: string[] | null; min: string; max: string }[]
  >`
    select name, vartype, setting, enumvals, min_val as min, max_val as max from pg_settings
    where context in ('user', 'superuser', 'backend', 'superuser-backend') order by name`
  return rows
    .filter(({ name }) => !ofTransactions.has(name))
    .map(({ name, vartype, setting, enumvals, min, max }) => {
      const all =
        texts[name] ??
        slow[name] ??
        (vartype === 'bool'
          ? [setting === 'on' ? 'off' : 'on']
          : (enumvals ?? (vartype === 'string' ? ['', 'odd'] : [min, max, nearer(min, max)])))
      return { name, values: [...new Set(all)].filter((value) => value !== setting) }
    })
}

/** A small one that is neither. */
function nearer(min: string, max: string): string {
  return Number(min) < 1 && Number(max) > 1 ? '1' : min
}
