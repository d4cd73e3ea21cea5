import type { Coding } from '@medplum/fhirtypes';
import { system } from '../../terminology/system.ts';

/** A SNOMED CT identifier: 6 to 18 digits. See https://www.snomed.org, SCTID */
const sctid = /^[1-9]\d{5,17}$/;

/** Whether a code can be one of its system at all: codes padded with letters call themselves SNOMED CT and are not. */
export const isWellFormed = (coding: Coding | undefined): boolean =>
  coding?.code !== undefined &&
  coding.code !== '' &&
  (coding.system !== system.snomed || sctid.test(coding.code));
