import type { Route } from '../../gateway/gateway.ts';
import type { Job } from '../../store/job.ts';

/** What a job of this kind is about; kept as JSON, without anything from the chart. */
export interface Delivery {
  readonly gateway: string; // its code
  readonly transmission: string;
  readonly controlNumber: string;
  readonly round: number; // 1, and one more each time it is sent for another reason
  readonly claim: string; // Claim/1/_history/2: what is sent
  readonly coverage: string;
  readonly payer: string; // Organization/1
  readonly on: string; // business date of the submission
  readonly answeredOn?: string;
  readonly satisfied: boolean;
  readonly notes: readonly string[]; // warnings of our scrub, for display
  readonly route?: Route;
}

export const deliveryKind = 'claim-submission';
export const deliveryOf = (job: Job): Delivery => JSON.parse(job.payload) as Delivery;
