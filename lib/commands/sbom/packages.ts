/** What a bill of materials is made with, which production has no use for. */
export const billPackages = [
  '@cyclonedx/cyclonedx-library',
  'packageurl-js',
  'spdx-expression-parse',
] as const
