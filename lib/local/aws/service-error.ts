/** An error as an AWS service answers it: a code the SDK turns into the exception's name, and an HTTP status. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: string
  readonly status: number
  /** More elements of S3's `<Error>`. */
  readonly detail: Readonly<Record<string, string | number>>
  readonly headers: Record<string, string>

  constructor(
    code: string,
    message: string,
    status = 400,
    detail: Record<string, string | number> = {},
    headers: Record<string, string> = {},
  ) {
    super(message)
    this.code = code
    this.status = status
    this.detail = detail
    this.headers = headers
  }
}

/** What the stand-in lacks it says; it never pretends. */
export function notImplemented(what: string): ServiceError {
  return new ServiceError('NotImplemented', `The local stand-in does not implement ${what}.`, 501)
}
