import { unfinishedKids } from '../../identities/finish';
import { listThings } from '../../identities/list';
import { placesOf } from '../../identities/places';
import { RotationFile } from '../../identities/rotation';
import { partiesIn } from '../../identities/units';
import { type Stack } from '../../stack/stack-file';
import { broken, type Finding, finding, ok, warning } from '../finding';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long before a certificate ends it is time to replace it. */
const EXPIRY_WARNING_DAYS = 30;

/** Certificates that end soon, and rotations that somebody began and did not complete (docs/rotation.md). */
export function checkRotation(stack: Stack, now = new Date()): Promise<Finding[]> {
  return finding('certificates', 'docs/rotation.md', async () => {
    const places = placesOf(stack);
    const ends = listThings(places, partiesIn(stack)).flatMap(({ kid, until }) =>
      until === null ? [] : [{ kid, days: Math.floor((Date.parse(until) - now.getTime()) / DAY_MS) }],
    );
    return [...certificateFindings(ends), ...rotationFindings(places)];
  });
}

function certificateFindings(ends: readonly { kid: string; days: number }[]): Finding[] {
  const soon = ends.filter(({ days }) => days < EXPIRY_WARNING_DAYS);
  if (soon.length === 0) {
    const first = Math.min(...ends.map(({ days }) => days));
    return ends.length === 0 ? [] : [ok('certificates', `${ends.length}, the first ends in ${first} days`)];
  }
  return soon.map(({ kid, days }) => {
    const remedy = `quorate identities rotate ${kid} --only tls`;
    const part = `certificate ${kid}`;
    return days < 0 ? broken(part, 'has ended', remedy) : warning(part, `ends in ${days} days`, remedy);
  });
}

function rotationFindings(places: ReturnType<typeof placesOf>): Finding[] {
  const units = new RotationFile(places.rotation).load()?.units ?? [];
  const open = units.filter(({ phase }) => phase !== 'done').flatMap(({ kids }) => kids);
  if (open.length > 0) {
    return [warning('rotation', `not complete: ${open.join(', ')}`, 'quorate identities rotate')];
  }
  const kids = unfinishedKids(places);
  return kids.length === 0
    ? []
    : [
        warning(
          'rotation',
          `former keys of ${kids.join(', ')} have no end in the audit log yet`,
          'quorate identities rotate --finish, once everybody has the new ones',
        ),
      ];
}
