/** Whether the tests take their time: `npm run test:long`. */
export const isLong = process.env['CLAIMWRIGHT_TEST_LONG'] === '1';

/** How many cases a test generates. */
export interface Runs {
  readonly usual: number; // in npm test
  readonly long: number;
}

export const runsOf = ({ usual, long }: Runs): number => (isLong ? long : usual);

/** The same for a store: MongoDB answers from processes of its own, and gets a fifth of the cases. */
export const runsOn = (store: string, runs: Runs): number => runsOf(runs) / (store === 'mongodb' ? 5 : 1);
