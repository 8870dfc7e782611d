/** Version of the engine: part of every result and repro. Equal to package.json's (a test holds them together). */
export const VERSION = '0.1.0';
