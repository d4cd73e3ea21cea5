/** Public codes that the generated records draw from: SNOMED CT, LOINC, ICD-10-CM, HCPCS, CVX. */
export const conditions = [
  ['44054006', 'E11.9', 'Diabetes mellitus type 2'],
  ['38341003', 'I10', 'Hypertension'],
  ['195662009', 'J02.9', 'Acute viral pharyngitis'],
  ['444814009', 'J01.90', 'Viral sinusitis'],
  ['10509002', 'J20.9', 'Acute bronchitis'],
  ['162864005', 'E66.9', 'Body mass index 30+ - obesity'],
  ['55822004', 'E78.5', 'Hyperlipidemia'],
  ['40055000', 'J32.9', 'Chronic sinusitis'],
  ['239873007', 'M17.9', 'Osteoarthritis of knee'],
  ['271737000', 'D64.9', 'Anemia'],
] as const;

export const observations = [
  ['8302-2', 'Body height', 'cm', 165, 20],
  ['29463-7', 'Body weight', 'kg', 75, 30],
  ['39156-5', 'Body mass index', 'kg/m2', 27, 8],
  ['8867-4', 'Heart rate', '/min', 74, 20],
  ['2339-0', 'Glucose', 'mg/dL', 98, 60],
  ['4548-4', 'Hemoglobin A1c', '%', 5.9, 3],
  ['2093-3', 'Cholesterol', 'mg/dL', 190, 70],
] as const;

export const procedures = [
  ['430193006', 'G0439', 'Medication reconciliation'],
  ['76601001', 'J3420', 'Intramuscular injection'],
  ['274804006', 'G0101', 'Evaluation of fetal position'],
  ['399208008', 'R0070', 'Plain chest X-ray'],
  ['23426006', 'G0237', 'Measurement of respiratory function'],
] as const;

export const medications = [
  ['860975', 'metformin hydrochloride 500 MG Extended Release Oral Tablet'],
  ['314076', 'lisinopril 10 MG Oral Tablet'],
  ['308136', 'amlodipine 2.5 MG Oral Tablet'],
  ['313782', 'acetaminophen 325 MG Oral Tablet'],
] as const;

export const families = [
  'Abbott', 'Baker', 'Castillo', 'Dhillon', 'Eriksen', 'Fontaine', 'Garcia', 'Hughes', 'Ivanova', 'Johnson',
  'Kowalski', 'Larsen', 'Moreau', 'Nguyen', 'Okafor', 'Petrov', 'Quillfeather', 'Rossi', 'Smith', 'Takahashi',
  'Underwood', 'Vasquez', 'Williams', 'Xu', 'Yilmaz', 'Zimmermann',
] as const; // prettier-ignore
export const givens = [
  'Ada', 'Benjamin', 'Camila', 'David', 'Elena', 'Felix', 'Grace', 'Hassan', 'Ingrid', 'James', 'Katarina',
  'Liam', 'Maria', 'Noah', 'Olivia', 'Priya', 'Quentin', 'Rosa', 'Samuel', 'Tara', 'Uma', 'Victor', 'Wen',
] as const; // prettier-ignore
export const cities = [
  ['Boston', '02118'],
  ['Worcester', '01608'],
  ['Springfield', '01103'],
  ['Lowell', '01852'],
  ['Cambridge', '02139'],
  ['Quincy', '02169'],
] as const;
