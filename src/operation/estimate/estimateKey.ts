import type { Claim } from '@medplum/fhirtypes';
import type { UniqueKey } from '../uniqueKey.ts';

/** A good-faith estimate, by the hash of what it says. */
export const estimateKey = (hash: string): UniqueKey<Claim> => ({ type: 'Claim', text: `estimate|${hash}` });
