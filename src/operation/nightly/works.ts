import { collectionWork } from '../collection/collectionWork.ts';
import type { NightlyWork } from './nightly.ts';

/** Every kind of nightly work of this server. Add yours here, and its code to CodeSystem/nightly. */
export const nightlyWorks: readonly NightlyWork[] = [collectionWork];
