/** Sorted tables and their Bloom filters: what other rooms and users see. */
export {
  bestHashes,
  bloomFilter,
  falsePositiveRate,
  mayContain,
  type BloomFilter,
  type BloomFilterOptions,
} from './bloom-filter.ts';
export {
  lookUp,
  mergedRows,
  runToMerge,
  sortedTable,
  valueIn,
  type LookUp,
  type Run,
  type SortedTable,
} from './sorted-table.ts';
