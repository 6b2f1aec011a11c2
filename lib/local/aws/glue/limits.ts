/** What Glue allows in a request: lengths, patterns and enums. */
import { type Limit, type Limits, line, lines, same, utf8Bytes } from '../json/limits.ts'

const name: Limit = { min: 1, max: 255, pattern: line }
const description: Limit = { min: 0, max: 2048, pattern: lines }
const partitionValue: Limit = { min: 1, max: 1024 }
const positive: Limit = { min: 0 }
const tableAttributes: Limit = {
  each: { oneOf: ['NAME', 'TABLE_TYPE', 'DEFAULT', 'LATEST_ICEBERG_METADATA'] },
}

/**
 * AWS Glue's limits, for every operation the stand-in has: from its service model (`glue/2017-03-31/service-2.json`
 * in botocore), which the API reference repeats.
 */
export const glueLimits: Limits = {
  lengthOf: utf8Bytes,
  members: {
    ...same(name, 'CatalogId DatabaseName TableName Name Owner VersionId CreatedBy ColumnName FunctionName'),
    ...same(name, 'SerializationLibrary IndexName Region ErrorCode ImportedBy Column'),
    ...same(description, 'Description ErrorMessage'),
    ...same({ each: name }, 'Classifiers BucketColumns SkewedColumnNames'),
    ...same({ min: 0, max: 128 }, 'TablePrefix CrawlerSecurityConfiguration'),
    ...same({ max: 128, pattern: line }, 'InputFormat OutputFormat'),
    ...same({ max: 409_600 }, 'ViewOriginalText ViewExpandedText'),
    ...same({ each: partitionValue }, 'Values PartitionValues'),
    Location: { max: 2056, pattern: lines },
    AdditionalLocations: { each: { max: 2056, pattern: lines } },
    LocationUri: { min: 1, max: 1024, pattern: lines },
    Parameters: { keys: name, values: { max: 512_000 } },
    Retention: positive,
    TableType: { max: 255 },
    SortOrder: { min: 0, max: 1 },
    Expression: { min: 0, max: 2048, pattern: line },
    Pattern: name,
    'Column.Comment': { min: 0, max: 255, pattern: line },
    'Column.Type': { min: 0, max: 131_072, pattern: line },
    'GetPartitionsRequest.Expression': { min: 0, max: 2048, pattern: lines },
    'Segment.SegmentNumber': positive,
    'Segment.TotalSegments': { min: 1, max: 10 },
    'PartitionError.PartitionValues': { each: partitionValue },
    'BatchCreatePartitionRequest.PartitionInputList': { min: 0, max: 100 },
    'BatchDeletePartitionRequest.PartitionsToDelete': { min: 0, max: 25 },
    'BatchGetPartitionRequest.PartitionsToGet': { min: 0, max: 1000 },
    'BatchDeleteTableRequest.TablesToDelete': { min: 0, max: 100, each: name },
    PartitionValueList: { min: 0, max: 100, each: partitionValue },
    'BatchUpdatePartitionRequest.Entries': { min: 1, max: 100 },
    'GetDatabasesRequest.MaxResults': { min: 1, max: 100 },
    'GetTablesRequest.MaxResults': { min: 1, max: 100 },
    'GetTableVersionsRequest.MaxResults': { min: 1, max: 100 },
    'GetUserDefinedFunctionsRequest.MaxResults': { min: 1, max: 100 },
    'GetPartitionsRequest.MaxResults': { min: 1, max: 1000 },
    'SearchTablesRequest.MaxResults': { min: 1, max: 1000 },
    'SearchTablesRequest.SearchText': { min: 1, max: 1024 },
    ...same({ min: 0, max: 100, each: name }, 'ColumnNames'),
    ...same({ oneOf: ['LOG', 'UPDATE_IN_DATABASE'] }, 'UpdateBehavior'),
    ...same({ oneOf: ['LOG', 'DELETE_FROM_DATABASE', 'DEPRECATE_IN_DATABASE'] }, 'DeleteBehavior'),
    RecrawlBehavior: { oneOf: ['CRAWL_EVERYTHING', 'CRAWL_NEW_FOLDERS_ONLY', 'CRAWL_EVENT_MODE'] },
    'Crawler.State': { oneOf: ['READY', 'RUNNING', 'STOPPING'] },
    'LastCrawlInfo.Status': { oneOf: ['SUCCEEDED', 'CANCELLED', 'FAILED'] },
    'LastCrawlInfo.LogGroup': { min: 1, max: 512, pattern: /^[.\-_/#A-Za-z0-9]+$/ },
    'LastCrawlInfo.LogStream': { min: 1, max: 512, pattern: /^[^:*]*$/ },
    MessagePrefix: name,
    'BatchGetPartitionResponse.UnprocessedKeys': { min: 0, max: 1000 },
    'GetTablesRequest.AttributesToGet': tableAttributes,
    'GetTableRequest.AttributesToGet': tableAttributes,
    'GetDatabasesRequest.AttributesToGet': { each: { oneOf: ['NAME', 'TARGET_DATABASE'] } },
    'GetTablesRequest.ResourceShareType': { oneOf: ['FEDERATED', 'ALL'] },
    ResourceShareType: { oneOf: ['FOREIGN', 'ALL', 'FEDERATED'] },
    FunctionType: { oneOf: ['REGULAR_FUNCTION', 'AGGREGATE_FUNCTION', 'STORED_PROCEDURE'] },
    ...same({ min: 0, max: 20_000, pattern: line }, 'ColumnType'),
    ...same(
      positive,
      'NumberOfNulls NumberOfDistinctValues MaximumLength AverageLength NumberOfTrues NumberOfFalses',
    ),
    'ColumnStatisticsData.Type': {
      oneOf: ['BOOLEAN', 'DATE', 'DECIMAL', 'DOUBLE', 'LONG', 'STRING', 'BINARY'],
    },
    ...same(
      { min: 0, max: 25 },
      'UpdateColumnStatisticsForTableRequest.ColumnStatisticsList UpdateColumnStatisticsForPartitionRequest.ColumnStatisticsList',
    ),
    // The model has none for a crawler's database.
    ...same({}, 'Crawler.DatabaseName CreateCrawlerRequest.DatabaseName UpdateCrawlerRequest.DatabaseName'),
  },
}
