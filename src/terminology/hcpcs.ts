import { shippedCodes, type Codes } from './codeSystem.ts';
import { editionOn, type Edition } from './edition.ts';

/**
 * Services, supplies and drugs: HCPCS Level II of CMS, public, without the D codes of the ADA.
 * CPT (HCPCS Level I, AMA) is never shipped: it is accepted by its form alone.
 * Source: https://www.cms.gov/medicare/coding-billing/healthcare-common-procedure-system
 */
export interface HcpcsEdition extends Edition {
  readonly codes: () => Codes;
}

/** Every edition that is shipped. A newer one is a file made by script/makeCodeSets.ts and a line here. */
const hcpcsEditions: readonly [HcpcsEdition, ...HcpcsEdition[]] = [
  { name: '2025', from: '2025-01-01', through: '2025-12-31', codes: shippedCodes('hcpcs-2025') },
];

/** The edition a service of that day is looked up in; it need not be in force on the day. */
export const hcpcsEdition = (on: string): HcpcsEdition => editionOn(hcpcsEditions, on);

/** True when the edition for the day has the code (the newest edition, when no day is given). */
export const isHcpcs = (code: string, on = '9999-12-31'): boolean => hcpcsEdition(on).codes().has(code);

/** True for what looks like a HCPCS Level II code, whatever the edition. */
export const looksLikeHcpcs = (code: string): boolean => /^[A-CEGHJ-MP-V]\d{4}$/.test(code);

/** True for what looks like a CPT code; which of them exist only a licensed list can say. */
export const looksLikeCpt = (code: string): boolean => /^\d{4}[0-9FTUM]$/.test(code);

/** Ambulance services and mileage, whose modifiers are origin and destination (billing rule 29). */
export const isAmbulance = (code: string): boolean => /^A0\d{3}$/.test(code) && code >= 'A0021';

/** Codes paid by the mile, whose units may have a part (billing rule 29). */
export const isMileage = (code: string): boolean => mileage.has(code);
const mileage = new Set([
  'A0021',
  'A0080',
  'A0090',
  'A0380',
  'A0390',
  'A0425',
  'A0435',
  'A0436',
  'A0888',
  'S0209',
  'S0215',
]);

/** Codes that say only "something else": the line must say in words what was given (billing rule 26). */
export const isUnlisted = (code: string, on = '9999-12-31'): boolean => hasProperty(code, on, 'unlisted');

/** Services and supplies that are listed beside another one only, by their description (billing rule 32). */
export const isAddOn = (code: string, on = '9999-12-31'): boolean => hasProperty(code, on, 'add-on');

const hasProperty = (code: string, on: string, name: string): boolean =>
  hcpcsEdition(on)
    .codes()
    .get(code)
    ?.property?.some((p) => p.code === name) ?? false;
