/** The door of the reports: results in, text out. */
export type { BrokenEntry, ReportEntry, RunEntry } from './entry.ts';
export { isAsExpected, isBroken } from './entry.ts';
export { entryText, PLAIN, summaryText, textReport, type Paint, type TextOptions } from './text.ts';
export { JSON_SCHEMA_VERSION, jsonReport, type JsonOptions } from './json.ts';
export { junitReport } from './junit.ts';
export { githubReport } from './github.ts';
export { markdownReport } from './markdown.ts';
export { htmlReport, type HtmlOptions, type PageAssets } from './html.ts';
export { suiteIndex, type SuiteOptions } from './suite.ts';
export { headline, type Headline } from './headline.ts';
export { partlyRecorded, worthRecording } from './recording.ts';
export { stepsOf, type Step, type StepKind } from './steps.ts';
export type { FindingEntry, SearchEntry } from './search/search-entry.ts';
export { searchProgress, searchText, type ProgressOfSearch } from './search/search-text.ts';
export { searchMarkdown } from './search/search-markdown.ts';
export { searchPage } from './search/search-page.ts';
