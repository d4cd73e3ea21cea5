import type { Records } from '../../store/record.ts';
import { hashed, newSecret, sealed, unsealed } from './sealed.ts';

/** What an app is told of where it was launched. */
export interface LaunchContext {
  readonly patient?: string; // an id
  readonly encounter?: string;
  readonly fhirContext?: readonly { readonly reference: string }[];
  readonly needPatientBanner?: boolean;
  readonly intent?: string;
}

const contextKind = 'launch-context';
const launchKind = 'launch';
const launchLasts_ms = 10 * 60_000;

/** Keeps what a grant was given for: it goes with the grant, and every token of it answers with it. */
export async function keepContext(
  records: Records,
  grant: string,
  context: LaunchContext,
  expires: number,
): Promise<void> {
  await records.keep({ kind: contextKind, key: grant, value: JSON.stringify(context), grant, expires });
}

export async function contextOfGrant(records: Records, grant: string): Promise<LaunchContext> {
  const found = await records.find(contextKind, grant);
  return found ? (JSON.parse(found.value) as LaunchContext) : {};
}

/** What a launch of an app out of this server carries: for which app and by whom, and what is open on their screen. */
export interface Launch {
  readonly client: string;
  readonly account: string;
  readonly context: LaunchContext;
}

/** Makes the opaque `launch` parameter of an EHR launch; whoever finds it in a log can do nothing with it. */
export async function makeLaunch(records: Records, now: () => string, launch: Launch): Promise<string> {
  const value = newSecret();
  await records.keep({
    kind: launchKind,
    key: hashed(value),
    value: JSON.stringify(sealed(JSON.stringify(launch), value)),
    expires: Date.parse(now()) + launchLasts_ms,
  });
  return value;
}

export async function launchOf(records: Records, value: string): Promise<Launch | undefined> {
  const found = await records.find(launchKind, hashed(value));
  return found && (JSON.parse(unsealed(JSON.parse(found.value) as string, value)) as Launch);
}

/** The launch context as members of a token answer. See https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html */
export function contextMembers(
  { patient, encounter, fhirContext, needPatientBanner, intent }: LaunchContext,
  isFirstVersion: boolean,
): Readonly<Record<string, unknown>> {
  const references = isFirstVersion ? fhirContext?.map(({ reference }) => reference) : fhirContext;
  return {
    ...(patient === undefined ? {} : { patient, need_patient_banner: needPatientBanner ?? true }),
    ...(encounter === undefined ? {} : { encounter }),
    ...(intent === undefined ? {} : { intent }),
    ...(references === undefined ? {} : { fhirContext: references }),
  };
}
