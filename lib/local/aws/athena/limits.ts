/** What Athena allows in a request: lengths, patterns and enums. */
import { characters, type Limit, type Limits, line, same } from '../json/limits.ts'

const catalog: Limit = { min: 1, max: 256, pattern: line }
const workGroup: Limit = { pattern: /^[a-zA-Z0-9._-]{1,128}$/ }
const queryId: Limit = { min: 1, max: 128, pattern: /^\S+$/ }

const catalogStates = ['CREATE', 'DELETE'].flatMap((verb) =>
  ['IN_PROGRESS', 'COMPLETE', 'FAILED'].map((state) => `${verb}_${state}`),
)
const cleanUps = ['IN_PROGRESS', 'COMPLETE', 'FAILED'].map((state) => `CREATE_FAILED_CLEANUP_${state}`)

/**
 * Amazon Athena's limits, for every operation the stand-in has: from its service model
 * (`athena/2017-05-18/service-2.json` in botocore), which the API reference repeats.
 */
export const athenaLimits: Limits = {
  lengthOf: characters,
  members: {
    ...same(catalog, 'Catalog CatalogName DataCatalog.Name GetDataCatalogInput.Name'),
    ...same(workGroup, 'WorkGroup WorkGroup.Name WorkGroupSummary.Name'),
    ...same(queryId, 'QueryExecutionId'),
    ...same({ min: 1, max: 50, each: queryId }, 'QueryExecutionIds'),
    ...same({ min: 1, max: 262_144 }, 'QueryString Query'),
    ...same({ min: 1, max: 1024 }, 'NextToken'),
    ...same({ min: 1, max: 128 }, 'DatabaseName TableName Database.Name TableMetadata.Name Column.Name'),
    ...same({ min: 1, max: 128 }, 'SelectedEngineVersion EffectiveEngineVersion'),
    ...same({ min: 1, each: { min: 1, max: 1024 } }, 'ExecutionParameters'),
    ...same({ oneOf: ['ENABLED', 'DISABLED'] }, 'WorkGroup.State WorkGroupSummary.State'),
    ClientRequestToken: { min: 32, max: 128 },
    'QueryExecutionContext.Database': { min: 1, max: 255 },
    EncryptionOption: { oneOf: ['SSE_S3', 'SSE_KMS', 'CSE_KMS'] },
    ExpectedBucketOwner: { min: 12, max: 12, pattern: /^[0-9]+$/ },
    S3AclOption: { oneOf: ['BUCKET_OWNER_FULL_CONTROL'] },
    MaxAgeInMinutes: { min: 0, max: 10_080 },
    QueryResultType: { oneOf: ['DATA_MANIFEST', 'DATA_ROWS'] },
    Expression: { min: 0, max: 256 },
    TableType: { max: 255 },
    Parameters: { keys: { min: 1, max: 255, pattern: line }, values: { max: 51_200 } },
    'Database.Description': { min: 1, max: 1024 },
    ...same({ min: 0, max: 1024 }, 'WorkGroup.Description WorkGroupSummary.Description'),
    'DataCatalog.Description': { min: 1, max: 1024 },
    'Column.Type': { min: 0, max: 4096, pattern: line },
    'Column.Comment': { min: 0, max: 255, pattern: line },
    'GetQueryResultsInput.MaxResults': { min: 1, max: 1000 },
    ...same({ min: 1, max: 50 }, 'ListDatabasesInput.MaxResults ListTableMetadataInput.MaxResults'),
    'ListDataCatalogsInput.MaxResults': { min: 2, max: 50 },
    'ListQueryExecutionsInput.MaxResults': { min: 0, max: 50 },
    'ListWorkGroupsInput.MaxResults': { min: 1, max: 50 },
    'ListWorkGroupsOutput.WorkGroups': { min: 0, max: 50 },
    'UnprocessedQueryExecutionId.ErrorCode': { min: 1, max: 256 },
    ...same({ oneOf: [...catalogStates, ...cleanUps] }, 'DataCatalog.Status DataCatalogSummary.Status'),
    // In these the word means something else, and the model has no limits.
    ...same({}, 'ColumnInfo.CatalogName ColumnInfo.TableName GetWorkGroupOutput.WorkGroup'),
    'QueryExecution.StatementType': { oneOf: ['DDL', 'DML', 'UTILITY'] },
    'QueryExecutionStatus.State': { oneOf: ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] },
    'AthenaError.ErrorCategory': { min: 1, max: 3 },
    'AthenaError.ErrorType': { min: 0, max: 9999 },
    'ColumnInfo.Nullable': { oneOf: ['NOT_NULL', 'NULLABLE', 'UNKNOWN'] },
    'DataCatalog.Type': { oneOf: ['LAMBDA', 'GLUE', 'HIVE', 'FEDERATED'] },
    'DataCatalogSummary.Type': { oneOf: ['LAMBDA', 'GLUE', 'HIVE', 'FEDERATED'] },
  },
}
