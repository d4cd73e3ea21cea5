import { ndcOf } from './ndc.ts';
import { system } from './system.ts';

/** The systems that charts code a service of a bill with; dispensed drugs apart. */
export const serviceSystems: readonly string[] = [system.hcpcs, system.cpt, system.cdt, system.chargeMaster];

/** The systems that a line of a claim is coded with: services, dispensed drugs by NDC, and the compound drug. */
export const lineSystems: readonly string[] = [...serviceSystems, system.ndc, system.c4bbCompound];

/** The same as others may write them. */
export const acceptedLineSystems: readonly string[] = [...lineSystems, system.hcpcsHttp];

/** True for the form of a CDT number (D0120); which of them exist only a licensed list of the ADA can say. */
export const looksLikeCdt = (code: string): boolean => /^D\d{4}$/.test(code);

/** True for a line that stands for a dispensed drug. */
export const isDrugSystem = (uri: string | undefined): boolean =>
  uri === system.ndc || uri === system.c4bbCompound;

/** A code as it is compared: an NDC by its eleven digits, however it is written. */
export function plainCode(uri: string, code: string): string {
  if (uri !== system.ndc) return code;
  const found = ndcOf(code);
  return 'ndc' in found ? found.ndc : code;
}
