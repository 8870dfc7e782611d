/**
 * Isolation levels and what refutes them.
 *
 * From Adya, "Weak consistency: a generalized theory and optimistic implementations for distributed transactions", PhD thesis,
 * MIT 1999 (PL-1, PL-2, PL-2.99, PL-SI, PL-3); read atomic from Cerone, Bernardi and Gotsman, CONCUR 2015; the strong-session
 * and real-time variants as in Kingsbury and Alvaro, "Elle", VLDB 2020.
 */
export const LEVELS = [
  'read uncommitted',
  'read committed',
  'read atomic',
  'repeatable read',
  'snapshot isolation',
  'serializable',
  'strong session snapshot isolation',
  'strong session serializable',
  'strong snapshot isolation',
  'strict serializable',
] as const;

export type Level = (typeof LEVELS)[number];

/** The levels directly weaker than each. */
const WEAKER: Readonly<Record<Level, readonly Level[]>> = {
  'read uncommitted': [],
  'read committed': ['read uncommitted'],
  'read atomic': ['read committed'],
  'repeatable read': ['read atomic'],
  'snapshot isolation': ['read atomic'],
  serializable: ['repeatable read', 'snapshot isolation'],
  'strong session snapshot isolation': ['snapshot isolation'],
  'strong session serializable': ['serializable', 'strong session snapshot isolation'],
  'strong snapshot isolation': ['strong session snapshot isolation'],
  'strict serializable': ['strong session serializable', 'strong snapshot isolation'],
};

/** Whether whatever satisfies `level` satisfies `other`. */
export const implies = (level: Level, other: Level): boolean =>
  level === other || WEAKER[level].some((weaker) => implies(weaker, other));

/** `refuted` and everything stronger, weakest first. */
export const refutedBy = (refuted: readonly Level[]): Level[] =>
  LEVELS.filter((level) => refuted.some((weaker) => implies(level, weaker)));

/** Of `refuted`, those that do not follow from another of them. */
export const weakestOf = (refuted: readonly Level[]): Level[] =>
  LEVELS.filter(
    (level) => refuted.includes(level) && !refuted.some((other) => other !== level && implies(level, other)),
  );
