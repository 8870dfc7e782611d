/** The one generator of seedrandom that is used; @types/seedrandom declares only the package's default entry. */
declare module 'seedrandom/lib/alea.js' {
  interface Alea {
    /** Uniform in [0, 1), a multiple of 2⁻³². */
    (): number;
    /** Uniform in [0, 1), a multiple of 2⁻⁵³; two draws. */
    double(): number;
    /** Uniform signed 32-bit integer. */
    int32(): number;
  }
  export default function alea(seed: string): Alea;
}
