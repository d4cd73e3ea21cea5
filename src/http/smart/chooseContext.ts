import {
  encountersOf,
  findPatients,
  isEncounterOf,
  patientChoice,
  storeOf,
  type ChartServer,
} from './chart.ts';
import type { Account } from './accounts.ts';
import { launchOf, type LaunchContext } from './launchContext.ts';
import type { Choice } from './page/pick.ts';
import type { Records } from '../../store/record.ts';

type Found = Awaited<ReturnType<typeof findPatients>>;

/** What is to be asked before an app can be opened, or what it is opened for. */
export type Chosen =
  | { readonly is: 'ask patient'; readonly found: Found; readonly asked: string }
  | { readonly is: 'ask encounter'; readonly patient: Choice; readonly encounters: readonly Choice[] }
  | { readonly is: 'unseen' } // the launch is for a patient whom the account does not see
  | { readonly is: 'chosen'; readonly patient: Choice | undefined; readonly context: LaunchContext };

interface Choosing {
  readonly account: Account;
  readonly scopes: readonly string[];
  readonly launched: LaunchContext;
  readonly form: URLSearchParams; // what was chosen on pages
}

/** The patient and visit that an app is to work with: as launched, the only one there is, or as chosen on a page. */
export async function chooseContext(
  server: ChartServer,
  { account, scopes, launched, form }: Choosing,
): Promise<Chosen> {
  const { store, own } = await storeOf(server, account);
  if (launched.patient !== undefined && !(await patientChoice(store, launched.patient)))
    return { is: 'unseen' };
  const needsPatient = scopes.some((scope) => scope === 'launch/patient' || scope.startsWith('patient/'));
  const only = own.length === 1 ? own[0] : undefined;
  const id = launched.patient ?? only ?? form.get('patient') ?? undefined;
  if (id === undefined && !needsPatient) return { is: 'chosen', patient: undefined, context: launched };
  const patient = id === undefined ? undefined : await patientChoice(store, id);
  if (!patient) {
    const asked = form.get('find') ?? '';
    const found = own.length > 1 ? await ownPatients(store, own) : await findPatients(store, asked);
    return { is: 'ask patient', found, asked };
  }
  const context = { ...launched, patient: patient.id };
  if (!scopes.includes('launch/encounter') || launched.encounter !== undefined)
    return { is: 'chosen', patient, context };
  const encounter = form.get('encounter');
  if (encounter === null) {
    const encounters = await encountersOf(store, patient.id);
    if (encounters.length > 0) return { is: 'ask encounter', patient, encounters };
  }
  const isKnown = encounter !== null && (await isEncounterOf(store, encounter, patient.id));
  return { is: 'chosen', patient, context: isKnown ? { ...context, encounter } : context };
}

async function ownPatients(
  store: Parameters<typeof patientChoice>[0],
  own: readonly string[],
): Promise<Found> {
  const found = await Promise.all(own.map((id) => patientChoice(store, id)));
  return { patients: found.filter((one) => one !== undefined), hasMore: false };
}

/** What the launch out of this server said, nothing for a standalone launch; undefined where it is not theirs. */
export async function launchedContext(
  { records }: { readonly records: Records },
  {
    launch: value,
    client,
    account,
  }: { readonly launch: unknown; readonly client: string; readonly account: string },
): Promise<LaunchContext | undefined> {
  if (typeof value !== 'string') return {};
  const launch = await launchOf(records, value);
  return launch?.client === client && launch.account === account ? launch.context : undefined;
}
