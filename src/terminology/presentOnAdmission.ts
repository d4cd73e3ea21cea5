/**
 * Was the diagnosis there at admission: yes, no, unknown, undeterminable, 1 for exempt. HI, Claim.diagnosis.onAdmission.
 * Source: CMS, Hospital-Acquired Conditions, coding; public.
 */
export const isPresentOnAdmission = (code: string): boolean => /^[YNUW1]$/.test(code);

/** The indicator of a diagnosis that is exempt from it. */
export const exemptFromPoa = '1';
