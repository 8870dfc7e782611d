/** The most memory that this process has had so far (resident set), in MiB. */
export const peakMemory = (): number => process.resourceUsage().maxRSS / 1_024;
