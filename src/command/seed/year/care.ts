/** What is done at a visit. Services are HCPCS Level II, diagnoses ICD-10-CM. */
export interface Care {
  readonly visit: string; // code of the visit itself
  readonly diagnoses: readonly string[];
  readonly drugs?: readonly { readonly code: string; readonly dose: number; readonly unit: string }[];
  readonly devices?: readonly string[];
  readonly services?: readonly string[]; // procedures
  readonly vaccine?: string; // CVX
  readonly accident?: boolean;
}

const clinicVisit = 'T1015';

export const cares = {
  cold: { visit: clinicVisit, diagnoses: ['J06.9'] },
  hypertension: { visit: clinicVisit, diagnoses: ['I10'] },
  diabetes: { visit: clinicVisit, diagnoses: ['E11.9'], services: ['G0447'] },
  influenza: { visit: clinicVisit, diagnoses: ['Z23'], vaccine: '141' },
  knee: { visit: clinicVisit, diagnoses: ['M17.11'], drugs: [{ code: 'J3301', dose: 40, unit: 'mg' }] },
  gel: { visit: clinicVisit, diagnoses: ['M17.12'], drugs: [{ code: 'J7325', dose: 48, unit: 'mg' }] },
  back: { visit: clinicVisit, diagnoses: ['M54.50'], drugs: [{ code: 'J1885', dose: 30, unit: 'mg' }] },
  vitamin: { visit: clinicVisit, diagnoses: ['D51.0'], drugs: [{ code: 'J3420', dose: 1000, unit: 'ug' }] },
  skin: { visit: clinicVisit, diagnoses: ['L03.115'], drugs: [{ code: 'J0696', dose: 1000, unit: 'mg' }] },
  bones: { visit: clinicVisit, diagnoses: ['M81.0'], drugs: [{ code: 'J0897', dose: 60, unit: 'mg' }] },
  asthma: {
    visit: clinicVisit,
    diagnoses: ['J45.41'],
    drugs: [{ code: 'J7613', dose: 5, unit: 'mg' }],
    devices: ['S8101'],
  },
  ankle: { visit: clinicVisit, diagnoses: ['S93.401A', 'W01.0XXA'], devices: ['E0114'], accident: true },
  wellness: { visit: 'G0439', diagnoses: ['Z00.00'], services: ['G0444'] },
  /** A service that no ConceptMap and no price knows: it waits for a coder. */
  unmapped: { visit: clinicVisit, diagnoses: ['R05.1'], services: ['local-spirometry'] },
} as const satisfies Readonly<Record<string, Care>>;

export type CareName = keyof typeof cares;

export const careOf = (name: CareName): Care => cares[name];
