import { authorizationWatch } from '../authorization/authorizationWatch.ts';
import { automationWork } from '../automation/automationWork.ts';
import { collectionWork } from '../collection/collectionWork.ts';
import { latePayWork } from '../contract/latePayWork.ts';
import { eligibilityWork } from '../eligibility/nightlyCheck.ts';
import { chargesWork } from '../followUp/chargesWork.ts';
import { followUpWork } from '../followUp/followUpWork.ts';
import { estimatesWork } from '../estimate/estimatesWork.ts';
import { statementWork } from '../statement/statementWork.ts';
import type { NightlyWork } from './nightly.ts';

/** Every kind of nightly work of this server. Add yours here, and its code to CodeSystem/nightly. */
export const nightlyWorks: readonly NightlyWork[] = [
  authorizationWatch,
  eligibilityWork,
  collectionWork,
  statementWork,
  automationWork,
  estimatesWork,
  latePayWork,
  chargesWork,
  followUpWork,
];
