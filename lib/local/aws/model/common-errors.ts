/** Errors that every operation of a protocol may end with, which AWS' models therefore do not list. */

/** AWS Glue API reference, Athena API reference: "Common Errors", and what the protocol AWS JSON 1.1 itself refuses with. */
export const jsonErrors = [
  ...['AccessDeniedException', 'ExpiredTokenException', 'IncompleteSignature', 'InternalFailure'],
  ...['InvalidSignatureException', 'MissingAuthenticationTokenException', 'NotAuthorized', 'OptInRequired'],
  ...['RequestExpired', 'SerializationException', 'ServiceUnavailable', 'ThrottlingException'],
  ...['UnknownOperationException', 'UnrecognizedClientException', 'ValidationException'],
]

/**
 * Errors that no model declares of the operation, and a load is ready for all the same: no page says what StartCrawler
 * answers where a crawler is not ready yet, and where as many are at work as the account may have.
 */
export const undeclaredErrors: Readonly<Record<string, readonly string[]>> = {
  StartCrawler: ['InvalidInputException', 'ResourceNumberLimitExceededException'],
}

/** Codes that S3 answers with and its list of errors lacks: S3 API reference, PutObject and "Checking object integrity". */
export const s3Errors = [
  ...['ConditionalRequestConflict', 'MalformedTrailerError', 'NotModified', 'XAmzContentSHA256Mismatch'],
]

/** SNS API reference, "Common Errors" of the query protocol, which STS shares. */
export const queryErrors = ['AccessDenied', 'ExpiredToken', 'InternalFailure', 'InvalidAction', 'Throttling']
