import { classify } from '../../src/adapters/errorCodes.ts'

test.each([
  ...['Throttling', 'Throttling.User', 'Throttling.Api', 'Throttling.AnythingNew', 'Rejected.Throttling', 'THROTTLING.USER'].map((code) => [code, 'throttled']),
  ...['ServiceUnavailable', 'InternalError', 'InternalError.Sub', 'ServerError', 'UnknownError', 'SystemError', 'ServiceBusy', 'RequestTimeout', 'SignatureNonceUsed'].map((code) => [code, 'server']),
  ...['InvalidTimeStamp.Expired', 'IllegalTimestamp'].map((code) => [code, 'clock']),
  ...[
    'SignatureDoesNotMatch',
    'IncompleteSignature',
    'InvalidTimeStamp.Format',
    'InvalidAccessKeyId',
    'InvalidAccessKeyId.NotFound',
    'InvalidAccessKeyId.Inactive',
    'Forbidden.AccessKeyDisabled',
    'InvalidSecurityToken.Expired',
    'InvalidSecurityToken.Malformed',
    'InvalidSecurityToken.MismatchWithAccessKey',
    'MissingSecurityToken',
    'SecurityTokenExpired',
    'MissingAccessKeyId',
  ].map((code) => [code, 'credentials']),
  ...['NoPermission', 'NoPermission.Sub', 'Forbidden', 'Forbidden.RAM', 'Forbidden.NotSupportRAM', 'Forbidden.RiskControl', 'ActionUnauthorized'].map((code) => [code, 'permission']),
  ...[
    'MissingParameter',
    'MissingTaskId',
    'InvalidParameter',
    'InvalidParameter.TaskId',
    'IllegalParam',
    'UnsupportedOperation',
    'InvalidAction',
    'InvalidAction.NotFound',
    'InvalidApi.NotFound',
    'NoSuchVersion',
    'InvalidVersion',
    'InvalidProduct.NotFound',
  ].map((code) => [code, 'request']),
  ...['', 'TaskNotExist', 'Success2', 'ThrottlingX', 'XThrottling', 'ServerErrors', 'constructor', 'NoPermissions', '500'].map((code) => [code, 'unknown-code']),
])('%s is %s', (code, cause) => {
  expect(classify(code as string)).toBe(cause)
})
